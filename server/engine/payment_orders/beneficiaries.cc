// SPDX-License-Identifier: Apache-2.0
// Creditors' accounts: seen in bills and lists, and confirmed by somebody other than who wrote
// them. What is confirmed is an account under a holder's name, a BIC and a partner. The same
// account under another name is to be confirmed by itself, and takes no confirmation away.
#include <algorithm>

#include "server/base/ids.h"
#include "server/base/text.h"
#include "server/engine/flow_events.h"
#include "server/engine/flow_json.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using nlohmann::json;

constexpr int kOrdersMax = 1000;
constexpr int kHoldersMax = 10'000;  ///< Of one account: a payment service's has many.

std::string KeyOf(const std::string& entity, const std::string& account) {
  return StrCat(entity, "\x1f", account);
}

/// Logins are often mail addresses, names of principals never: the part before the sign counts.
bool IsSamePerson(const std::string& editor, const ports::Actor& actor) {
  const std::string login = base::ToLower(editor);
  const std::string name = base::ToLower(actor.name);
  return login == name || login.substr(0, login.find('@')) == name;
}

/// What is written through kontor bears the name of kontor's own user in Odoo, so that nobody can
/// tell who wrote it: whoever could have done it confirms no account.
absl::Status CheckWritesNoAccounts(const ports::Actor& actor) {
  if (!actor.Has(ports::Role::kSubmitter) && !actor.Has(ports::Role::kAccountant)) {
    return absl::OkStatus();
  }
  return Error(Reason::kDutiesNotSeparate)
      .Says(StrCat(actor.name, " can write partners' accounts through kontor and confirms none"));
}

absl::StatusOr<Beneficiary> FindAccountFor(ports::ReadView& view, const ports::Actor& actor,
                                           const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(id));
  if (!row.has_value() || row->kind != kBeneficiaryKind || !actor.MaySee(row->entity)) {
    return Error(Reason::kNotFound).Field("id").Says("there is no such creditor's account");
  }
  return BeneficiaryOf(*std::move(row));
}

absl::Status Audit(Loop& loop, ports::Unit& unit, const ports::Actor& actor,
                   const Beneficiary& beneficiary, std::string_view action,
                   const std::string& before, const std::string& reason) {
  ports::AuditEntry audit;
  audit.time = loop.Now();
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(ports::Role::kPaymentApprover));
  audit.action = StrCat("beneficiary.", action);
  audit.subject = beneficiary.row.id;
  audit.entity = beneficiary.row.entity;
  audit.before = json{{"state", before}}.dump();
  audit.after = json{{"state", beneficiary.row.state}, {"digest", beneficiary.digest}}.dump();
  audit.reason = reason;
  return unit.AppendAudit(std::move(audit));
}

Beneficiary MakeBeneficiary(Loop& loop, const Flow& flow, const Line& line) {
  Beneficiary fresh;
  fresh.row.kind = kBeneficiaryKind;
  fresh.row.id = loop.deps.ids.Next(kBeneficiaryPrefix);
  fresh.row.entity = flow.row.entity;
  fresh.row.created = loop.Now();
  fresh.name = line.transfer.creditor.name;
  fresh.account = line.transfer.creditor.account.number;
  fresh.bic = line.transfer.creditor.agent.bic;
  fresh.partner_id = line.partner_id;
  fresh.digest = BeneficiaryDigest(loop, flow.row.entity, line);
  if (line.account_id > 0) {
    fresh.editor = line.editor;
  } else {
    fresh.editor = flow.body.preparer;
    fresh.editor_id = flow.body.preparer_id;
  }
  return fresh;
}

/// The account under every name, BIC and partner that it was seen under, oldest first.
absl::StatusOr<std::vector<Beneficiary>> HoldersOf(ports::ReadView& view, const std::string& entity,
                                                   const std::string& account) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto ids, view.FlowsByKey(kBeneficiarySpace, KeyOf(entity, account), kHoldersMax + 1));
  if (ids.size() > kHoldersMax) {
    return Error(Reason::kTooLarge)
        .Says(StrCat("an account has more than ", kHoldersMax, " holders' names"));
  }
  std::vector<Beneficiary> out;
  for (const std::string& id : ids) {
    KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(id));
    if (!row.has_value()) continue;
    KONTOR_ASSIGN_OR_RETURN(out.emplace_back(), BeneficiaryOf(*std::move(row)));
  }
  return out;
}

/// What is known of the account under other names goes over to a new one: it is no better for
/// having another name.
void Inherit(const std::vector<Beneficiary>& holders, Beneficiary& fresh) {
  auto largest = base::Decimal::Parse("0");
  for (const Beneficiary& known : holders) {
    const auto amount = base::Decimal::Parse(known.largest.empty() ? "0" : known.largest);
    if (amount.ok() && largest.ok() && *amount > *largest) {
      largest = amount;
      fresh.largest = known.largest;
    }
    if (known.row.state == kBlocked) fresh.block_reason = known.block_reason;
  }
}

struct Ensured {
  Beneficiary beneficiary;
  bool told = false;  ///< Subscribers were told that it is another than before.
};
/// Finds or makes the account of a line.
absl::StatusOr<Ensured> Ensure(Loop& loop, ports::Unit& unit, const Flow& flow, const Line& line) {
  KONTOR_ASSIGN_OR_RETURN(auto known, FindBeneficiary(loop, unit, flow, line));
  // What another program wrote without changing the account makes nobody its editor.
  if (known) return Ensured{*std::move(known)};
  Beneficiary fresh = MakeBeneficiary(loop, flow, line);
  KONTOR_ASSIGN_OR_RETURN(const auto holders, HoldersOf(unit, fresh.row.entity, fresh.account));
  Inherit(holders, fresh);
  const bool blocked = !fresh.block_reason.empty();
  if (!holders.empty()) fresh.changed_at = base::FormatInstant(loop.Now());
  KONTOR_RETURN_IF_ERROR(WriteBeneficiary(loop, unit, fresh, blocked ? kBlocked : kUnconfirmed,
                                          holders.empty() ? "" : "beneficiary.changed"));
  KONTOR_RETURN_IF_ERROR(
      unit.ShareFlowKey({kBeneficiarySpace, KeyOf(fresh.row.entity, fresh.account), fresh.row.id}));
  KONTOR_RETURN_IF_ERROR(unit.ReserveFlowKey({kHolderSpace, fresh.digest, fresh.row.id}).status());
  return Ensured{std::move(fresh), !holders.empty()};
}

absl::Status Block(Loop& loop, ports::Unit& unit, const ports::Actor& actor, Beneficiary& holder,
                   const std::string& reason) {
  const std::string before = holder.row.state;
  holder.confirmed_by.clear();
  holder.confirmer_id.clear();
  holder.confirmed_at.clear();
  holder.block_reason = reason;
  KONTOR_RETURN_IF_ERROR(WriteBeneficiary(loop, unit, holder, kBlocked, "beneficiary.blocked"));
  return Audit(loop, unit, actor, holder, "block", before, reason);
}

void Judge(const Loop& loop, const Beneficiary& beneficiary, const Line& line,
           const model::CheckRules& rules, std::vector<Finding>& findings) {
  const std::string field = FieldOf(line, "creditor");
  if (beneficiary.row.state == kBlocked) {
    findings.push_back(
        MakeFinding(Reason::kBeneficiaryUnconfirmed, field,
                    StrCat("The creditor's account was blocked: ", beneficiary.block_reason)));
    return;
  }
  if (beneficiary.row.state != kConfirmed) {
    Finding finding = MakeFinding(Reason::kBeneficiaryUnconfirmed, field,
                                  StrCat("Nobody has confirmed the creditor's account ",
                                         beneficiary.row.id, " as it is now"));
    finding.got = beneficiary.row.id;
    findings.push_back(std::move(finding));
  }
  if (rules.hold_new_accounts && beneficiary.payments == 0) {
    findings.push_back(MakeFinding(
        Reason::kFraudRule, field,
        beneficiary.largest.empty() ? "This is the first payment to this account"
                                    : "This is the first payment to this account under this name"));
  }
  const auto changed = base::ParseInstant(beneficiary.changed_at);
  const bool was_used = !beneficiary.largest.empty();
  if (was_used && rules.changed_account_days > 0 && changed.ok() &&
      loop.Now() - *changed < absl::Hours(24) * rules.changed_account_days) {
    findings.push_back(MakeFinding(
        Reason::kFraudRule, field,
        StrCat("The creditor's account changed within ", rules.changed_account_days, " days")));
  }
  if (rules.unusual_factor.IsZero() || beneficiary.largest.empty()) return;
  const auto largest = base::Decimal::Parse(beneficiary.largest);
  if (!largest.ok()) return;
  const auto limit = largest->Multiply(rules.unusual_factor, base::Decimal::Rounding::kDown);
  if (limit.ok() && line.transfer.amount.ToDecimal() > *limit) {
    findings.push_back(MakeFinding(
        Reason::kFraudRule, FieldOf(line, "amount"),
        StrCat(line.transfer.amount.ToString(), " is more than ", rules.unusual_factor.ToString(),
               " times the largest payment to this account so far")));
  }
}

}  // namespace

std::string BeneficiaryDigest(const Loop& loop, const std::string& entity, const Line& line) {
  const model::BankParty& creditor = line.transfer.creditor;
  return loop.deps.crypto.Sha256Hex(StrCat("beneficiary1\x1f", entity, "\x1f", creditor.name,
                                           "\x1f", creditor.account.number, "\x1f",
                                           creditor.agent.bic, "\x1f", line.partner_id));
}

absl::StatusOr<std::optional<Beneficiary>> FindBeneficiary(const Loop& loop, ports::ReadView& view,
                                                           const Flow& flow, const Line& line) {
  const std::string digest = BeneficiaryDigest(loop, flow.row.entity, line);
  KONTOR_ASSIGN_OR_RETURN(const auto ids, view.FlowsByKey(kHolderSpace, digest, 1));
  if (!ids.empty()) {
    KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(ids.front()));
    if (!row.has_value()) return std::optional<Beneficiary>();
    KONTOR_ASSIGN_OR_RETURN(Beneficiary found, BeneficiaryOf(*std::move(row)));
    return std::optional<Beneficiary>(std::move(found));
  }
  // Made when an account was one whatever its holder's name: there is no key of its own.
  KONTOR_ASSIGN_OR_RETURN(auto holders,
                          HoldersOf(view, flow.row.entity, line.transfer.creditor.account.number));
  for (Beneficiary& known : holders) {
    if (known.digest == digest) return std::optional<Beneficiary>(std::move(known));
  }
  return std::optional<Beneficiary>();
}

absl::Status WriteBeneficiary(Loop& loop, ports::Unit& unit, Beneficiary& beneficiary,
                              std::string_view state, std::string_view event) {
  beneficiary.row.state = std::string(state);
  beneficiary.row.open = true;
  beneficiary.row.due = absl::InfiniteFuture();
  beneficiary.row.updated = loop.Now();
  beneficiary.row.body = ToJson(beneficiary);
  KONTOR_RETURN_IF_ERROR(unit.PutFlow(beneficiary.row));
  if (event.empty()) return absl::OkStatus();
  json data = json::parse(ViewOf(beneficiary));
  data["type"] = "BENEFICIARY";
  data["state"] = beneficiary.row.state;
  return engine::AppendFlowEvent(
      loop.Desk(), unit,
      {std::string(event), beneficiary.row.entity, beneficiary.row.id, std::string()}, data);
}

absl::StatusOr<std::vector<Finding>> TakeBeneficiaries(Loop& loop, ports::Unit& unit, Flow& flow,
                                                       const model::CheckRules& rules) {
  std::vector<Finding> findings;
  for (Line& line : flow.lines) {
    if (line.state == LineState::kCancelled || line.transfer.creditor.account.IsEmpty()) continue;
    KONTOR_ASSIGN_OR_RETURN(Ensured ensured, Ensure(loop, unit, flow, line));
    Beneficiary& beneficiary = ensured.beneficiary;
    const bool is_other = !line.beneficiary_id.empty() && line.beneficiary_id != beneficiary.row.id;
    if (is_other && !ensured.told) {
      // The creditor has another account than before: that is told even where it is a known one.
      const std::string state = beneficiary.row.state;
      KONTOR_RETURN_IF_ERROR(
          WriteBeneficiary(loop, unit, beneficiary, state, "beneficiary.changed"));
    }
    line.beneficiary_id = beneficiary.row.id;
    line.beneficiary_digest = beneficiary.digest;
    flow.Touch(line);
    Judge(loop, beneficiary, line, rules, findings);
  }
  return findings;
}

absl::Status NotePaid(Loop& loop, ports::Unit& unit, const Flow& flow, const Line& line) {
  KONTOR_ASSIGN_OR_RETURN(auto known, FindBeneficiary(loop, unit, flow, line));
  if (!known) return absl::OkStatus();
  ++known->payments;
  const auto largest = base::Decimal::Parse(known->largest.empty() ? "0" : known->largest);
  if (largest.ok() && line.transfer.amount.ToDecimal() > *largest) {
    known->largest = line.transfer.amount.ValueText();
  }
  const std::string state = known->row.state;
  return WriteBeneficiary(loop, unit, *known, state, "");
}

absl::Status WakeOrders(Loop& loop, ports::Unit& unit, const std::string& entity,
                        const std::string& account) {
  KONTOR_ASSIGN_OR_RETURN(const auto ids,
                          unit.FlowsByKey(kCreditorSpace, KeyOf(entity, account), kOrdersMax));
  for (const std::string& id : ids) {
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
    if (!row.has_value() || !row->open || row->kind != kOrderKind) continue;
    KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowOf(*std::move(row)));
    if (!IsBeforeRelease(flow.state())) continue;
    flow.body.refresh_wanted = true;
    flow.row.due = loop.Now();
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, flow.state(), {}));
  }
  return absl::OkStatus();
}

std::string ViewOf(const Beneficiary& beneficiary) {
  json out = {{"id", beneficiary.row.id},
              {"entity", beneficiary.row.entity},
              {"state", StrCat("STATE_", beneficiary.row.state)},
              {"holder_name", beneficiary.name},
              {"account_number", beneficiary.account},
              {"editor", beneficiary.editor},
              {"digest", beneficiary.digest},
              {"create_time", base::FormatInstant(beneficiary.row.created)}};
  if (!beneficiary.changed_at.empty()) out["change_time"] = beneficiary.changed_at;
  if (!beneficiary.bic.empty()) out["bic"] = beneficiary.bic;
  if (beneficiary.partner_id > 0) out["odoo_partner_id"] = StrCat(beneficiary.partner_id);
  if (!beneficiary.confirmed_by.empty()) out["confirmed_by"] = beneficiary.confirmed_by;
  if (!beneficiary.confirmed_at.empty()) out["confirm_time"] = beneficiary.confirmed_at;
  if (!beneficiary.block_reason.empty()) out["block_reason"] = beneficiary.block_reason;
  return engine::DumpLine(out);
}

absl::StatusOr<View> ConfirmBeneficiary(Loop& loop, const ports::Actor& actor,
                                        const std::string& id, const std::string& digest,
                                        const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  KONTOR_RETURN_IF_ERROR(CheckPerson(actor, ports::Role::kPaymentApprover));
  KONTOR_RETURN_IF_ERROR(CheckWritesNoAccounts(actor));
  View view;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(Beneficiary found, FindAccountFor(unit, actor, id));
    if (found.digest != digest) {
      return Error(Reason::kBeneficiaryChanged)
          .Field("digest")
          .Says("the account is not the one that was compared");
    }
    if (found.editor_id == actor.principal_id || IsSamePerson(found.editor, actor)) {
      return Error(Reason::kDutiesNotSeparate)
          .Says(StrCat(actor.name, " wrote this account and cannot confirm it"));
    }
    if (found.row.state != kConfirmed) {
      const std::string before = found.row.state;
      found.confirmed_by = actor.name;
      found.confirmer_id = actor.principal_id;
      found.confirmed_at = base::FormatInstant(loop.Now());
      found.block_reason.clear();
      KONTOR_RETURN_IF_ERROR(
          WriteBeneficiary(loop, unit, found, kConfirmed, "beneficiary.confirmed"));
      KONTOR_RETURN_IF_ERROR(Audit(loop, unit, actor, found, "confirm", before, reason));
      KONTOR_RETURN_IF_ERROR(WakeOrders(loop, unit, found.row.entity, found.account));
    }
    view = {found.row.id, found.row.entity, ViewOf(found)};
    return absl::OkStatus();
  }));
  return view;
}

absl::StatusOr<View> BlockBeneficiary(Loop& loop, const ports::Actor& actor, const std::string& id,
                                      const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  KONTOR_RETURN_IF_ERROR(CheckPerson(actor, ports::Role::kPaymentApprover));
  View view;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(Beneficiary found, FindAccountFor(unit, actor, id));
    if (found.row.state != kBlocked) {
      // No other name makes a refused account a good one: each is confirmed anew.
      KONTOR_ASSIGN_OR_RETURN(auto holders, HoldersOf(unit, found.row.entity, found.account));
      for (Beneficiary& holder : holders) {
        if (holder.row.state == kBlocked) continue;
        KONTOR_RETURN_IF_ERROR(Block(loop, unit, actor, holder, reason));
      }
      KONTOR_RETURN_IF_ERROR(WakeOrders(loop, unit, found.row.entity, found.account));
      KONTOR_ASSIGN_OR_RETURN(found, FindAccountFor(unit, actor, id));
    }
    view = {found.row.id, found.row.entity, ViewOf(found)};
    return absl::OkStatus();
  }));
  return view;
}

}  // namespace kontor::payment_orders
