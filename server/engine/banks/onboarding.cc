// SPDX-License-Identifier: Apache-2.0
#include "server/engine/banks/onboarding.h"

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"
#include "server/engine/banks/rows.h"

namespace kontor::banks {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Channel;
using model::ChannelState;
using nlohmann::json;

constexpr std::array<std::string_view, kPoints.size()> kNames = {"KEYS", "TEST_PAYMENT", "STATUS",
                                                                 "STATEMENT"};

/// What the points were proven of.
std::string WayOf(const Channel& channel) {
  constexpr char kBetween = '\x1f';
  return crypto::Sha256(StrCat(channel.kind, kBetween, channel.settings, kBetween, channel.secret))
      .Hex();
}

std::string BodyOf(const Channel& channel, const Proofs& proofs) {
  json out = {{"way", WayOf(channel)}, {"points", json::object()}};
  for (const Point point : kPoints) {
    const auto& proof = proofs[static_cast<size_t>(point)];
    if (!proof) continue;
    out["points"][std::string(NameOf(point))] = {{"reference", proof->reference},
                                                 {"who", proof->who},
                                                 {"time", base::FormatInstant(proof->time)}};
  }
  return out.dump();
}

absl::StatusOr<Proofs> ProofsFrom(const std::string& body, const Channel& channel) {
  Proofs proofs;
  try {
    const json in = json::parse(body);
    if (in.at("way") != WayOf(channel)) return proofs;
    for (const Point point : kPoints) {
      const auto it = in.at("points").find(std::string(NameOf(point)));
      if (it == in.at("points").end()) continue;
      Proof& proof = proofs[static_cast<size_t>(point)].emplace();
      it->at("reference").get_to(proof.reference);
      it->at("who").get_to(proof.who);
      const auto time = base::ParseInstant(it->at("time").get<std::string>());
      if (!time.ok()) return time.status();
      proof.time = *time;
    }
  } catch (const json::exception&) {
    return Error(Reason::kInternal).Says("the row of an onboarding is unreadable");
  }
  return proofs;
}

}  // namespace

std::string_view NameOf(Point point) { return kNames[static_cast<size_t>(point)]; }

absl::StatusOr<Proofs> ProofsOf(ports::ReadView& view, const Channel& channel) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(kOnboardingKind, channel.id));
  if (!row) return Proofs();
  return ProofsFrom(row->body, channel);
}

std::string MissingOf(const Proofs& proofs) {
  std::vector<std::string> names;
  for (const Point point : kPoints) {
    if (!proofs[static_cast<size_t>(point)]) names.emplace_back(NameOf(point));
  }
  return base::StrJoin(names, ", ");
}

absl::Status Prove(ports::Unit& unit, base::IdSource& ids, const Channel& channel, Point point,
                   const Proof& proof) {
  const bool open = channel.state == ChannelState::kTest || channel.state == ChannelState::kShadow;
  if (!open) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(auto found, unit.FindObject(kOnboardingKind, channel.id));
  Proofs proofs;
  if (found) {
    KONTOR_ASSIGN_OR_RETURN(proofs, ProofsFrom(found->body, channel));
  }
  auto& known = proofs[static_cast<size_t>(point)];
  if (known) return absl::OkStatus();
  known = proof;
  ports::ObjectRow row = found.value_or(ports::ObjectRow());
  if (!found) {
    row.kind = kOnboardingKind;
    row.id = ids.Next(kOnboardingPrefix);
    row.name = channel.id;
    row.created = proof.time;
  }
  row.updated = proof.time;
  row.body = BodyOf(channel, proofs);
  KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
  ports::AuditEntry audit;
  audit.time = proof.time;
  audit.actor = proof.who;
  audit.action = "bank_channel.onboarding";
  audit.subject = channel.id;
  audit.after = json{{"point", std::string(NameOf(point))}, {"reference", proof.reference}}.dump();
  return unit.AppendAudit(std::move(audit));
}

absl::Status ProveFor(ports::Unit& unit, base::IdSource& ids, const std::string& name, Point point,
                      const Proof& proof) {
  const auto channel = FindChannel(unit, name, "channel");
  if (base::Is(channel.status(), Reason::kChannelUnknown)) return absl::OkStatus();
  KONTOR_RETURN_IF_ERROR(channel.status());
  return Prove(unit, ids, *channel, point, proof);
}

}  // namespace kontor::banks
