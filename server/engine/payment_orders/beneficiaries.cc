// SPDX-License-Identifier: Apache-2.0
// Creditors' accounts: seen in bills and lists, confirmed by somebody other than who wrote them,
// and doubted again when they change.
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

/// The account as the line has it; answers whether it is another than before.
bool TakeOver(const Loop& loop, const Flow& flow, const Line& line, Beneficiary& out) {
  const std::string digest = BeneficiaryDigest(loop, flow.row.entity, line);
  const bool changed = out.digest != digest;
  out.name = line.transfer.creditor.name;
  out.account = line.transfer.creditor.account.number;
  out.bic = line.transfer.creditor.agent.bic;
  out.partner_id = line.partner_id;
  out.digest = digest;
  if (line.account_id > 0) {
    // What another program wrote without changing the account makes nobody its editor.
    if (changed || out.editor.empty()) {
      out.editor = line.editor;
      out.editor_id.clear();
    }
  } else if (changed) {
    out.editor = flow.body.preparer;
    out.editor_id = flow.body.preparer_id;
  }
  return changed;
}

/// Finds or makes the account of a line, and brings it up to date.
absl::StatusOr<Beneficiary> Ensure(Loop& loop, ports::Unit& unit, const Flow& flow,
                                   const Line& line) {
  KONTOR_ASSIGN_OR_RETURN(
      auto known, FindBeneficiary(unit, flow.row.entity, line.transfer.creditor.account.number));
  if (!known) {
    Beneficiary fresh;
    fresh.row.kind = kBeneficiaryKind;
    fresh.row.id = loop.deps.ids.Next(kBeneficiaryPrefix);
    fresh.row.entity = flow.row.entity;
    fresh.row.created = loop.Now();
    TakeOver(loop, flow, line, fresh);
    KONTOR_RETURN_IF_ERROR(WriteBeneficiary(loop, unit, fresh, kUnconfirmed, ""));
    KONTOR_RETURN_IF_ERROR(
        unit.ReserveFlowKey(
                {kBeneficiarySpace, KeyOf(fresh.row.entity, fresh.account), fresh.row.id})
            .status());
    return fresh;
  }
  const std::string state = known->row.state;
  if (!TakeOver(loop, flow, line, *known)) return *std::move(known);
  known->changed_at = base::FormatInstant(loop.Now());
  known->confirmed_by.clear();
  known->confirmer_id.clear();
  known->confirmed_at.clear();
  const std::string next = state == kBlocked ? kBlocked : kUnconfirmed;
  KONTOR_RETURN_IF_ERROR(WriteBeneficiary(loop, unit, *known, next, "beneficiary.changed"));
  return *std::move(known);
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
    findings.push_back(
        MakeFinding(Reason::kFraudRule, field, "This is the first payment to this account"));
  }
  const auto changed = base::ParseInstant(beneficiary.changed_at);
  const bool was_used = beneficiary.payments > 0;
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

absl::StatusOr<std::optional<Beneficiary>> FindBeneficiary(ports::ReadView& view,
                                                           const std::string& entity,
                                                           const std::string& account) {
  KONTOR_ASSIGN_OR_RETURN(const auto ids,
                          view.FlowsByKey(kBeneficiarySpace, KeyOf(entity, account), 1));
  if (ids.empty()) return std::optional<Beneficiary>();
  KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(ids.front()));
  if (!row.has_value()) return std::optional<Beneficiary>();
  KONTOR_ASSIGN_OR_RETURN(Beneficiary found, BeneficiaryOf(*std::move(row)));
  return std::optional<Beneficiary>(std::move(found));
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
  std::map<std::string, std::string> digests;  // by account: one order, one word on each
  for (Line& line : flow.lines) {
    if (line.state == LineState::kCancelled || line.transfer.creditor.account.IsEmpty()) continue;
    const std::string digest = BeneficiaryDigest(loop, flow.row.entity, line);
    const auto [it, fresh] = digests.emplace(line.transfer.creditor.account.number, digest);
    if (!fresh && it->second != digest) {
      findings.push_back(
          MakeFinding(Reason::kFieldConflict, FieldOf(line, "creditor"),
                      "Another payment of this order names somebody else at the same account"));
      continue;
    }
    KONTOR_ASSIGN_OR_RETURN(Beneficiary beneficiary, Ensure(loop, unit, flow, line));
    if (!line.beneficiary_id.empty() && line.beneficiary_id != beneficiary.row.id) {
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
  KONTOR_ASSIGN_OR_RETURN(
      auto known, FindBeneficiary(unit, flow.row.entity, line.transfer.creditor.account.number));
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
  KONTOR_ASSIGN_OR_RETURN(
      const auto ids,
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
      const std::string before = found.row.state;
      found.confirmed_by.clear();
      found.confirmer_id.clear();
      found.confirmed_at.clear();
      found.block_reason = reason;
      KONTOR_RETURN_IF_ERROR(WriteBeneficiary(loop, unit, found, kBlocked, "beneficiary.blocked"));
      KONTOR_RETURN_IF_ERROR(Audit(loop, unit, actor, found, "block", before, reason));
      KONTOR_RETURN_IF_ERROR(WakeOrders(loop, unit, found.row.entity, found.account));
    }
    view = {found.row.id, found.row.entity, ViewOf(found)};
    return absl::OkStatus();
  }));
  return view;
}

}  // namespace kontor::payment_orders
