// SPDX-License-Identifier: Apache-2.0
// What people decide about names that are alike: two of them clear a hit, one confirms it.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/text.h"
#include "server/engine/engine.h"
#include "server/engine/payment_orders/internal/screen.h"

namespace kontor::payment_orders {
namespace {

using nlohmann::json;

constexpr size_t kWordsNeeded = 2;
constexpr size_t kNameMax = 300;

absl::StatusOr<ports::FlowRow> FindHitFor(ports::ReadView& view, const ports::Actor& actor,
                                          const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(id));
  if (!row || row->kind != kHitKind || !actor.MaySee(row->entity)) {
    return Error(Reason::kNotFound).Field("id").Says("there is no such hit");
  }
  return *std::move(row);
}

bool Contains(const json& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

void Say(const Loop& loop, const ports::Actor& actor, const std::string& reason, json& body) {
  body["said_ids"].push_back(actor.principal_id);
  body["said"].push_back(
      {{"name", actor.name}, {"reason", reason}, {"time", base::FormatInstant(loop.Now())}});
}

void Forget(json& body) {
  body["said_ids"] = json::array();
  body["said"] = json::array();
}

/// The state after what the actor says; none: nothing changes.
absl::StatusOr<std::optional<std::string>> Decide(const Loop& loop, const ports::Actor& actor,
                                                  HitDecision decision, const std::string& reason,
                                                  const std::string& state, json& body) {
  using Next = std::optional<std::string>;
  if (decision == HitDecision::kReopen) {
    if (state == kHitOpen && body["said_ids"].empty()) return Next();
    Forget(body);
    return Next(kHitOpen);
  }
  if (decision == HitDecision::kConfirm) {
    if (state == kHitConfirmed) return Next();
    Forget(body);
    Say(loop, actor, reason, body);
    return Next(kHitConfirmed);
  }
  if (state == kHitConfirmed) {
    return Error(Reason::kStateConflict)
        .With("state", state)
        .Says("a person confirmed that it is the listed party; reopen it first");
  }
  if (Contains(body["barred"], actor.principal_id)) {
    return Error(Reason::kDutiesNotSeparate)
        .Says(StrCat(actor.name, " prepared an order to this creditor and cannot clear the hit"));
  }
  if (state == kHitCleared || Contains(body["said_ids"], actor.principal_id)) return Next();
  Say(loop, actor, reason, body);
  return Next(body["said"].size() >= kWordsNeeded ? kHitCleared : kHitOpen);
}

std::string_view NameOf(HitDecision decision) {
  constexpr std::string_view kNames[] = {"clear", "confirm", "reopen"};
  return kNames[static_cast<size_t>(decision)];
}

absl::Status Audit(const Loop& loop, ports::Unit& unit, const ports::Actor& actor,
                   const ports::FlowRow& row, HitDecision decision, const std::string& before,
                   const json& body, const std::string& reason) {
  ports::AuditEntry audit;
  audit.time = loop.Now();
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(ports::Role::kPaymentApprover));
  audit.action = StrCat("screening_hit.", NameOf(decision));
  audit.subject = row.id;
  audit.entity = row.entity;
  audit.before = json{{"state", before}}.dump();
  audit.after = json{{"state", row.state},
                     {"list", body.value("list", "")},
                     {"entry_id", body.value("entry_id", "")},
                     {"entry_digest", body.value("entry_digest", "")},
                     {"creditor_digest", body.value("creditor_digest", "")}}
                    .dump();
  audit.reason = reason;
  return unit.AppendAudit(std::move(audit));
}

}  // namespace

absl::StatusOr<View> GetHit(Loop& loop, const ports::Actor& actor, const std::string& id) {
  View view;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& read) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const ports::FlowRow row, FindHitFor(read, actor, id));
    view = {row.id, row.entity, ViewOfHit(row)};
    return absl::OkStatus();
  }));
  return view;
}

absl::StatusOr<View> DecideHit(Loop& loop, const ports::Actor& actor, const std::string& id,
                               HitDecision decision, const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  KONTOR_RETURN_IF_ERROR(CheckPerson(actor, ports::Role::kPaymentApprover));
  View view;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(ports::FlowRow row, FindHitFor(unit, actor, id));
    json body = json::parse(row.body, nullptr, false);
    if (!body.is_object()) return Error(Reason::kInternal).Says(StrCat(id, " is unreadable"));
    const std::string before = row.state;
    KONTOR_ASSIGN_OR_RETURN(const auto next, Decide(loop, actor, decision, reason, before, body));
    if (next) {
      row.state = *next;
      row.updated = loop.Now();
      row.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
      KONTOR_RETURN_IF_ERROR(unit.PutFlow(row));
      KONTOR_RETURN_IF_ERROR(Audit(loop, unit, actor, row, decision, before, body, reason));
      if (row.state != before) {
        KONTOR_RETURN_IF_ERROR(
            WakeOrders(loop, unit, row.entity, body.value("account_number", "")));
      }
    }
    view = {row.id, row.entity, ViewOfHit(row)};
    return absl::OkStatus();
  }));
  return view;
}

absl::StatusOr<std::vector<ports::ScreeningHit>> CheckName(Loop& loop, const std::string& name) {
  if (name.empty() || name.size() > kNameMax) {
    return Error(Reason::kFieldInvalid).Field("name").Says("a name has 1 to 300 characters");
  }
  KONTOR_ASSIGN_OR_RETURN(const InForce lists, loop.PolicyInForce(model::PolicyKind::kLists));
  if (lists.content.empty() || !loop.deps.screening) {
    return Error(Reason::kListStale).Says("no screening list is in force");
  }
  KONTOR_ASSIGN_OR_RETURN(const auto screening, loop.ScreeningOf(lists.content));
  const ports::ScreenedParty party{name, ""};
  return screening->Screen({&party, 1});
}

}  // namespace kontor::payment_orders
