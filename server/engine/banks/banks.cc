// SPDX-License-Identifier: Apache-2.0
// Each thing is read, changed and written within one unit.
#include "server/engine/banks/banks.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/banks/rows.h"

namespace kontor::banks {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Channel;
using model::ChannelState;
using model::OwnAccount;

constexpr int kReasonMax = 500;
constexpr size_t kSigners = 2;

template <typename Thing>
ports::ObjectRow ToRow(const Thing& thing, const char* kind, std::string body) {
  ports::ObjectRow row;
  row.kind = kind;
  row.id = thing.id;
  row.name = thing.name;
  row.body = std::move(body);
  row.created = thing.created;
  row.updated = thing.updated;
  row.version = thing.version;
  return row;
}

absl::Status CheckAccount(ports::ReadView& view, const OwnAccount& account) {
  const auto findings = model::ValidateOwnAccount(account);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  KONTOR_ASSIGN_OR_RETURN(const auto entity, view.FindObject("entity", account.entity));
  if (!entity) {
    return Error(Reason::kEntityUnknown)
        .Field("account.entity")
        .Says(StrCat("there is no entity '", account.entity, "'"));
  }
  if (!account.channel.empty()) {
    KONTOR_RETURN_IF_ERROR(FindChannel(view, account.channel, "account.channel").status());
  }
  // Two names for one account would book its statements twice.
  KONTOR_ASSIGN_OR_RETURN(const auto others, AllAccounts(view));
  for (const OwnAccount& other : others) {
    if (other.id == account.id || other.iban != account.iban) continue;
    if (!(other.currency == account.currency)) continue;
    return Error(Reason::kAlreadyExists)
        .Field("account.iban")
        .Says(StrCat("the account '", other.name, "' has this number and currency"));
  }
  return absl::OkStatus();
}

/// The name of the thing that an earlier request with this id made.
absl::StatusOr<std::string> Earlier(ports::Unit& unit, const ports::Actor& actor,
                                    const RequestKey& key) {
  if (key.request_id.empty()) {
    return Error(Reason::kFieldMissing).Field("request_id").Says("no request_id is given");
  }
  KONTOR_ASSIGN_OR_RETURN(const auto known, unit.FindRequest(actor.source, key.request_id));
  if (!known) return std::string();
  if (known->digest == key.digest) return known->document_id;
  return Error(Reason::kRequestIdReused)
      .Field("request_id")
      .Says("this request_id was used with other content");
}

absl::Status Audit(ports::Unit& unit, const ports::Actor& actor, absl::Time now,
                   std::string_view action, const std::string& subject, std::string after,
                   const std::string& reason) {
  ports::AuditEntry audit;
  audit.time = now;
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(ports::Role::kAdministrator));
  audit.action = std::string(action);
  audit.subject = subject;
  audit.after = std::move(after);
  audit.reason = reason;
  return unit.AppendAudit(std::move(audit));
}

absl::Status CheckVersion(int64_t asked, int64_t found) {
  if (asked == 0 || asked == found) return absl::OkStatus();
  return Error(Reason::kVersionConflict).Says("it was changed meanwhile");
}

/// Whether nobody could tell after a restore that a file was handed over.
bool IsBlind(ports::BankChannel& channel) {
  return channel.capabilities().has_outbox && !channel.capabilities().sees_outbox;
}

model::Finding BlindFinding() {
  return model::MakeFinding(
      Reason::kChannelInvalid, "channel.settings.sent",
      "A channel with an outbox needs a folder `sent`: without it nobody could tell after a "
      "restore of kontor whether a file was handed over, and it might be sent twice");
}

/// What two persons would sign for must have been seen.
absl::Status CheckOnboarded(ports::ReadView& view, const Channel& channel) {
  KONTOR_ASSIGN_OR_RETURN(const Proofs proofs, ProofsOf(view, channel));
  const std::string missing = MissingOf(proofs);
  if (channel.state == ChannelState::kTest && missing.empty()) return absl::OkStatus();
  return Error(Reason::kChannelPaused)
      .Field("name")
      .With("missing", missing)
      .Says(channel.state == ChannelState::kTest
                ? StrCat("the channel's onboarding misses ", missing)
                : StrCat("the channel's onboarding was not begun: `kontorctl bank onboard ",
                         channel.name, "`"));
}

/// For the trail: the number's last four characters are enough.
std::string AuditView(OwnAccount account) {
  account.iban = base::Masked(account.iban);
  return model::WriteOwnAccount(account);
}

}  // namespace

absl::Status Banks::TryChannel(const Channel& channel) {
  const auto findings = model::ValidateChannel(channel);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return base::AtField(
      deps_.channels(channel.kind, channel.settings, channel.secret).status(), "channel");
}

absl::Status Banks::CheckSight(const Channel& channel) {
  KONTOR_ASSIGN_OR_RETURN(const auto open,
                          deps_.channels(channel.kind, channel.settings, channel.secret));
  const model::Finding blind = BlindFinding();
  if (IsBlind(*open)) return model::StatusOf({blind});
  return absl::OkStatus();
}

absl::StatusOr<Channel> Banks::CreateChannel(const ports::Actor& actor, const RequestKey& key,
                                             Channel channel) {
  KONTOR_RETURN_IF_ERROR(TryChannel(channel));
  KONTOR_RETURN_IF_ERROR(CheckSight(channel));
  channel.id = deps_.ids.Next(model::kChannelPrefix);
  channel.state = channel.before_pause = ChannelState::kShadow;
  channel.signers.clear();
  channel.created = channel.updated = deps_.clock.Now();
  channel.version = 0;
  Channel stored;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const std::string earlier, Earlier(unit, actor, key));
    if (!earlier.empty()) {
      KONTOR_ASSIGN_OR_RETURN(stored, FindChannel(unit, earlier, "name"));
      return absl::OkStatus();
    }
    stored = channel;
    ports::ObjectRow row = ToRow(stored, model::kChannelKind, model::ChannelBody(stored));
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    stored.version = row.version;
    KONTOR_RETURN_IF_ERROR(
        unit.InsertRequest({actor.source, key.request_id, key.digest, 1, "", stored.name}));
    return Audit(unit, actor, deps_.clock.Now(), "bank_channel.create", stored.id,
                 model::WriteChannel(stored), "");
  }));
  return stored;
}

absl::StatusOr<Channel> Banks::GetChannel(const std::string& name) {
  absl::StatusOr<Channel> found = absl::UnknownError("");
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    found = FindChannel(view, name, "name");
    return found.status();
  }));
  return found;
}

absl::StatusOr<std::vector<Channel>> Banks::ListChannels() {
  std::vector<Channel> out;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(out, AllChannels(view));
    return absl::OkStatus();
  }));
  std::ranges::sort(out, {}, &Channel::name);
  return out;
}

absl::StatusOr<Channel> Banks::ChangeChannel(const ports::Actor& actor, const std::string& name,
                                             std::string_view action, const std::string& reason,
                                             const Change& change) {
  Channel channel;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(channel, FindChannel(unit, name, "name"));
    const std::string before = model::ChannelBody(channel);
    KONTOR_RETURN_IF_ERROR(change(unit, channel));
    if (model::ChannelBody(channel) == before) return absl::OkStatus();
    channel.updated = deps_.clock.Now();
    ports::ObjectRow row = ToRow(channel, model::kChannelKind, model::ChannelBody(channel));
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    channel.version = row.version;
    return Audit(unit, actor, deps_.clock.Now(), action, channel.id,
                 model::WriteChannel(channel), reason);
  }));
  return channel;
}

absl::StatusOr<Channel> Banks::UpdateChannel(
    const ports::Actor& actor, const std::string& name, int64_t version,
    const std::function<absl::Status(Channel&)>& change) {
  return ChangeChannel(actor, name, "bank_channel.update", "",
                       [&](ports::Unit&, Channel& channel) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(CheckVersion(version, channel.version));
    const Channel before = channel;
    KONTOR_RETURN_IF_ERROR(change(channel));
    channel.id = before.id;
    channel.name = before.name;
    channel.state = before.state;
    channel.before_pause = before.before_pause;
    channel.signers = before.signers;
    channel.created = before.created;
    channel.version = before.version;
    if (model::NeedsSigningAgain(before, channel)) {
      channel.signers.clear();
      channel.before_pause = ChannelState::kShadow;
      if (channel.state != ChannelState::kPaused) channel.state = ChannelState::kShadow;
      KONTOR_RETURN_IF_ERROR(TryChannel(channel));
      return CheckSight(channel);
    }
    return TryChannel(channel);
  });
}

absl::StatusOr<Channel> Banks::SignChannel(const ports::Actor& actor, const std::string& name,
                                           const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
  KONTOR_ASSIGN_OR_RETURN(const auto findings, CheckChannel(name));
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  KONTOR_ASSIGN_OR_RETURN(const Channel asked, GetChannel(name));
  const std::string waived = WaivedBy(asked);
  const std::string said = waived.empty()
                               ? reason
                               : StrCat(reason, " (onboarding waived by ", waived, ")");
  return ChangeChannel(actor, name, "bank_channel.sign", said,
                       [&](ports::Unit& unit, Channel& channel) -> absl::Status {
    if (channel.state == ChannelState::kLive || channel.state == ChannelState::kPaused) {
      return absl::OkStatus();
    }
    // What was looked at must be what is signed for.
    if (model::NeedsSigningAgain(asked, channel)) {
      return Error(Reason::kVersionConflict).Says("the channel was changed meanwhile");
    }
    if (waived.empty()) KONTOR_RETURN_IF_ERROR(CheckOnboarded(unit, channel));
    const bool known =
        std::ranges::find(channel.signers, actor.principal_id) != channel.signers.end();
    if (!known) channel.signers.push_back(actor.principal_id);
    if (channel.signers.size() >= kSigners) channel.state = ChannelState::kLive;
    return absl::OkStatus();
  });
}

absl::StatusOr<Channel> Banks::PauseChannel(const ports::Actor& actor, const std::string& name,
                                            const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
  return ChangeChannel(actor, name, "bank_channel.pause", reason,
                       [](ports::Unit&, Channel& channel) {
    if (channel.state != ChannelState::kPaused) channel.before_pause = channel.state;
    channel.state = ChannelState::kPaused;
    return absl::OkStatus();
  });
}

absl::StatusOr<Channel> Banks::ResumeChannel(const ports::Actor& actor, const std::string& name,
                                             const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
  return ChangeChannel(actor, name, "bank_channel.resume", reason,
                       [](ports::Unit&, Channel& channel) {
    if (channel.state == ChannelState::kPaused) channel.state = channel.before_pause;
    return absl::OkStatus();
  });
}

std::string Banks::WaivedBy(const Channel& channel) {
  if (deps_.onboarding_waived_by.empty()) return "";
  const auto open = deps_.channels(channel.kind, channel.settings, channel.secret);
  if (!open.ok() || !(*open)->capabilities().stays_here) return "";
  return deps_.onboarding_waived_by;
}

absl::StatusOr<Onboarding> Banks::StartOnboarding(const ports::Actor& actor,
                                                  const std::string& name,
                                                  const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
  KONTOR_ASSIGN_OR_RETURN(const Channel asked, GetChannel(name));
  KONTOR_ASSIGN_OR_RETURN(const auto findings, CheckChannel(name));
  // A warning says that something could not be tried: that proves nothing.
  const bool ready = findings.empty();
  const auto start = [&](ports::Unit& unit, Channel& channel) -> absl::Status {
    if (channel.state != ChannelState::kShadow && channel.state != ChannelState::kTest) {
      return Error(Reason::kStateConflict)
          .With("state", std::string(model::NameOf(channel.state)))
          .Says(StrCat("the channel is ", model::NameOf(channel.state), " and not in onboarding"));
    }
    channel.state = ChannelState::kTest;
    const bool same = !model::NeedsSigningAgain(asked, channel);
    if (!ready || !same) return absl::OkStatus();
    return Prove(unit, deps_.ids, channel, Point::kKeys,
                 {"", actor.principal_id, deps_.clock.Now()});
  };
  KONTOR_RETURN_IF_ERROR(
      ChangeChannel(actor, name, "bank_channel.onboard", reason, start).status());
  KONTOR_ASSIGN_OR_RETURN(Onboarding onboarding, GetOnboarding(name));
  onboarding.findings = findings;
  return onboarding;
}

absl::StatusOr<Onboarding> Banks::GetOnboarding(const std::string& name) {
  Onboarding onboarding;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(onboarding.channel, FindChannel(view, name, "name"));
    KONTOR_ASSIGN_OR_RETURN(onboarding.proofs, ProofsOf(view, onboarding.channel));
    KONTOR_ASSIGN_OR_RETURN(const auto accounts, AllAccounts(view));
    const auto ours = std::ranges::find(accounts, onboarding.channel.name, &OwnAccount::channel);
    if (ours == accounts.end()) return absl::OkStatus();
    onboarding.test_account = ours->name;
    onboarding.test_entity = ours->entity;
    return absl::OkStatus();
  }));
  onboarding.waived_by = WaivedBy(onboarding.channel);
  return onboarding;
}

absl::StatusOr<std::vector<model::Finding>> Banks::CheckChannel(const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const Channel channel, GetChannel(name));
  KONTOR_ASSIGN_OR_RETURN(const auto open,
                          deps_.channels(channel.kind, channel.settings, channel.secret));
  auto findings = open->Check();
  if (!findings.ok()) return std::vector<model::Finding>{model::FindingOf(findings.status())};
  if (IsBlind(*open)) findings->push_back(BlindFinding());
  return findings;
}

absl::StatusOr<OwnAccount> Banks::CreateAccount(const ports::Actor& actor, const RequestKey& key,
                                                OwnAccount account) {
  account.id = deps_.ids.Next(model::kOwnAccountPrefix);
  account.created = account.updated = deps_.clock.Now();
  account.version = 0;
  OwnAccount stored;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const std::string earlier, Earlier(unit, actor, key));
    if (!earlier.empty()) {
      KONTOR_ASSIGN_OR_RETURN(stored, FindAccount(unit, earlier, "name"));
      return absl::OkStatus();
    }
    stored = account;
    KONTOR_RETURN_IF_ERROR(CheckAccount(unit, stored));
    ports::ObjectRow row =
        ToRow(stored, model::kOwnAccountKind, model::OwnAccountBody(stored));
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    stored.version = row.version;
    KONTOR_RETURN_IF_ERROR(
        unit.InsertRequest({actor.source, key.request_id, key.digest, 1, "", stored.name}));
    return Audit(unit, actor, deps_.clock.Now(), "bank_account.create", stored.id,
                 AuditView(stored), "");
  }));
  return stored;
}

absl::StatusOr<OwnAccount> Banks::GetAccount(const std::string& name) {
  absl::StatusOr<OwnAccount> found = absl::UnknownError("");
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    found = FindAccount(view, name, "name");
    return found.status();
  }));
  return found;
}

absl::StatusOr<std::vector<OwnAccount>> Banks::ListAccounts() {
  std::vector<OwnAccount> out;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(out, AllAccounts(view));
    return absl::OkStatus();
  }));
  std::ranges::sort(out, {}, &OwnAccount::name);
  return out;
}

absl::StatusOr<OwnAccount> Banks::UpdateAccount(
    const ports::Actor& actor, const std::string& name, int64_t version,
    const std::function<absl::Status(OwnAccount&)>& change) {
  OwnAccount account;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(account, FindAccount(unit, name, "name"));
    KONTOR_RETURN_IF_ERROR(CheckVersion(version, account.version));
    const OwnAccount before = account;
    KONTOR_RETURN_IF_ERROR(change(account));
    account.id = before.id;
    account.name = before.name;
    account.created = before.created;
    account.version = before.version;
    KONTOR_RETURN_IF_ERROR(CheckAccount(unit, account));
    account.updated = deps_.clock.Now();
    ports::ObjectRow row =
        ToRow(account, model::kOwnAccountKind, model::OwnAccountBody(account));
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    account.version = row.version;
    return Audit(unit, actor, deps_.clock.Now(), "bank_account.update", account.id,
                 AuditView(account), "");
  }));
  return account;
}

}  // namespace kontor::banks
