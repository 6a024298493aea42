// SPDX-License-Identifier: Apache-2.0
// Bills become payments, one each, so that the creditor sees what was paid for.
#include <algorithm>

#include "server/engine/payment_orders/internal/loop.h"
#include "server/model/payment_json.h"
#include "server/model/validate.h"

namespace kontor::payment_orders {
namespace {

using model::Money;
using ports::Payable;

absl::StatusOr<Money> ResidualOf(const Payable& payable) {
  KONTOR_ASSIGN_OR_RETURN(const auto currency, model::Currency::Parse(payable.bill.currency_code));
  return Money::FromDecimal(currency, payable.bill.residual.Abs());
}

/// What the creditor reads: their own reference where there is one, else the numbers of the bill.
void SetRemittance(const Payable& payable, model::Remittance& out) {
  out = {};
  if (SetReference(payable.bill.payment_reference, out)) return;
  std::string text = !payable.bill.reference.empty()           ? payable.bill.reference
                     : !payable.bill.payment_reference.empty() ? payable.bill.payment_reference
                                                               : payable.bill.record.name;
  if (!payable.bill.record.name.empty() && text != payable.bill.record.name &&
      text.size() + payable.bill.record.name.size() + 1 <= size_t{kRemittanceMax}) {
    base::StrAppend(&text, " ", payable.bill.record.name);
  }
  out.unstructured = {text};
}

/// What keeps a bill from being paid; empty: nothing.
std::vector<Finding> FindingsOf(const Payable& payable, const std::string& currency,
                                const std::string& field) {
  std::vector<Finding> findings;
  const ports::ErpSnapshot& bill = payable.bill;
  const auto add = [&](Reason reason, std::string what) {
    findings.push_back(MakeFinding(reason, field, std::move(what)));
  };
  const std::string name = bill.record.name.empty() ? StrCat("bill ", bill.record.id)
                                                    : StrCat("bill ", bill.record.name);
  if (bill.state != "posted") {
    add(Reason::kInvoiceNotPosted, StrCat("The ", name, " is ", bill.state, " in Odoo"));
  } else if (bill.residual.IsZero()) {
    add(Reason::kNothingToPay, StrCat("Nothing is left to pay of the ", name));
  }
  if (bill.currency_code != currency) {
    add(Reason::kFieldConflict,
        StrCat("The ", name, " is in ", bill.currency_code, ", the order in ", currency));
  }
  for (Finding& finding : CheckPayeeAccount(payable, name, field)) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

absl::StatusOr<Line> LineFor(const Payable& payable, const std::optional<Money>& wanted) {
  Line line;
  KONTOR_ASSIGN_OR_RETURN(const Money residual, ResidualOf(payable));
  Bill bill;
  bill.move_id = payable.bill.record.id;
  bill.name = payable.bill.record.name;
  bill.reference = payable.bill.reference;
  bill.residual = residual.ValueText();
  bill.whole = !wanted.has_value();
  bill.amount = wanted.value_or(residual);
  line.transfer.amount = bill.amount;
  line.bills = {bill};
  line.of_bill = true;
  SetCreditor(payable, line);
  SetRemittance(payable, line.transfer.remittance);
  return line;
}

std::map<int64_t, const Payable*> ById(const std::vector<Payable>& payables) {
  std::map<int64_t, const Payable*> by_id;
  for (const Payable& payable : payables) by_id[payable.bill.record.id] = &payable;
  return by_id;
}

absl::Status CheckAmount(const std::optional<Money>& wanted, const Payable& payable,
                         const std::string& field) {
  if (!wanted) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const Money residual, ResidualOf(payable));
  if (wanted->currency() != residual.currency()) {
    return Error(Reason::kFieldConflict)
        .Field(field + ".amount")
        .Says(StrCat("the bill is in ", residual.currency().code()));
  }
  if (wanted->IsZero() || wanted->IsNegative() || wanted->minor() > residual.minor()) {
    return Error(Reason::kOverpayment)
        .Field(field + ".amount")
        .Says(StrCat(wanted->ToString(), " of ", residual.ToString(), " that are left"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Line>> LinesOfQuery(Loop& loop, const CreateRequest& request,
                                               const std::string& currency) {
  ports::PayableQuery query = *request.query;
  query.currency_code = currency;
  KONTOR_ASSIGN_OR_RETURN(
      const auto payables,
      loop.deps.engine.ReadPayables(request.entity, query, loop.settings.transfers_max));
  if (payables.empty()) {
    return Error(Reason::kNothingToPay).Field("filter").Says("no open bill fits");
  }
  std::vector<Line> lines;
  for (const Payable& payable : payables) {
    KONTOR_ASSIGN_OR_RETURN(Line line, LineFor(payable, std::nullopt));
    lines.push_back(std::move(line));
  }
  return lines;
}

absl::StatusOr<std::vector<Payable>> ReadByIds(Loop& loop, const std::string& entity,
                                               std::vector<int64_t> ids) {
  constexpr size_t kAtOnce = 500;
  std::vector<Payable> all;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  for (size_t at = 0; at < ids.size(); at += kAtOnce) {
    ports::PayableQuery query;
    query.move_ids.assign(ids.begin() + static_cast<int64_t>(at),
                          ids.begin() + static_cast<int64_t>(std::min(ids.size(), at + kAtOnce)));
    KONTOR_ASSIGN_OR_RETURN(auto page, loop.deps.engine.ReadPayables(entity, query, kAtOnce));
    for (Payable& payable : page) all.push_back(std::move(payable));
  }
  return all;
}

absl::StatusOr<std::vector<Line>> LinesOfBills(Loop& loop, const CreateRequest& request,
                                               const std::string& currency) {
  std::vector<int64_t> ids;
  for (const BillChoice& choice : request.bills) ids.push_back(choice.move_id);
  KONTOR_ASSIGN_OR_RETURN(const auto payables, ReadByIds(loop, request.entity, ids));
  const auto by_id = ById(payables);
  std::vector<Line> lines;
  for (size_t i = 0; i < request.bills.size(); ++i) {
    const BillChoice& choice = request.bills[i];
    const std::string field = StrCat("bills[", i, "]");
    const auto it = by_id.find(choice.move_id);
    if (it == by_id.end()) {
      return Error(Reason::kNotFound)
          .Field(field)
          .Says(StrCat("the entity has no vendor bill ", choice.move_id));
    }
    if (it->second->bill.state != "posted" || it->second->bill.residual.IsZero()) {
      return model::StatusOf(FindingsOf(*it->second, currency, field));
    }
    KONTOR_RETURN_IF_ERROR(CheckAmount(choice.amount, *it->second, field));
    KONTOR_ASSIGN_OR_RETURN(Line line, LineFor(*it->second, choice.amount));
    lines.push_back(std::move(line));
  }
  return lines;
}

absl::StatusOr<std::vector<Line>> LinesOfList(Loop& loop, const CreateRequest& request) {
  std::vector<Line> lines;
  std::vector<int64_t> ids;
  for (const FreePayment& payment : request.payments) {
    for (const BillChoice& choice : payment.bills) ids.push_back(choice.move_id);
  }
  std::vector<Payable> payables;
  if (!ids.empty()) {
    KONTOR_ASSIGN_OR_RETURN(payables, ReadByIds(loop, request.entity, ids));
  }
  const auto by_id = ById(payables);
  for (size_t i = 0; i < request.payments.size(); ++i) {
    const FreePayment& payment = request.payments[i];
    Line line;
    line.transfer = payment.transfer;
    line.partner_id = payment.partner_id;
    for (size_t k = 0; k < payment.bills.size(); ++k) {
      const std::string field = StrCat("payments[", i, "].bills[", k, "]");
      const auto it = by_id.find(payment.bills[k].move_id);
      if (it == by_id.end()) return Error(Reason::kNotFound).Field(field).Says("no such bill");
      KONTOR_RETURN_IF_ERROR(CheckAmount(payment.bills[k].amount, *it->second, field));
      KONTOR_ASSIGN_OR_RETURN(Line of_bill, LineFor(*it->second, payment.bills[k].amount));
      line.bills.push_back(of_bill.bills.front());
      line.partner_id = of_bill.partner_id;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

/// The bill as Odoo has it now, and what is wrong with it.
absl::Status RefreshBill(const Payable& payable, const std::string& currency, const Line& line,
                         Bill& bill, std::vector<Finding>& findings) {
  for (Finding& finding : FindingsOf(payable, currency, FieldOf(line))) {
    // A free list names accounts of its own.
    const bool about_account = finding.reason == base::EntryOf(Reason::kBankAccountUnknown).name ||
                               finding.reason == base::EntryOf(Reason::kBankAccountUntrusted).name;
    if (line.of_bill || !about_account) findings.push_back(std::move(finding));
  }
  KONTOR_ASSIGN_OR_RETURN(const Money residual, ResidualOf(payable));
  bill.residual = residual.ValueText();
  bill.name = payable.bill.record.name;
  bill.reference = payable.bill.reference;
  if (bill.whole && !residual.IsZero()) bill.amount = residual;
  if (!bill.whole && residual.currency() == bill.amount.currency() &&
      bill.amount.minor() > residual.minor()) {
    findings.push_back(MakeFinding(Reason::kBillChanged, FieldOf(line, "amount"),
                                   StrCat(bill.amount.ToString(), " was to be paid of ", bill.name,
                                          ", and only ", residual.ToString(), " is left")));
  }
  return absl::OkStatus();
}

}  // namespace

bool SetReference(std::string_view text, model::Remittance& out) {
  std::string reference = base::ToUpper(text);
  std::erase(reference, ' ');
  const auto type = model::ReferenceTypeOf(reference);
  if (type.empty()) return false;
  model::StructuredRemittance& part = out.structured.emplace_back();
  part.reference_type = type;
  part.reference = reference;
  return true;
}

void SetCreditor(const ports::Payee& payee, Line& line) {
  model::BankParty& creditor = line.transfer.creditor;
  creditor = {};
  creditor.name = payee.partner_name;
  // Without a town and a country it is no address to a bank, and banks refuse halves: left out, so
  // that only a dialect that asks for addresses says that one is missing.
  if (!payee.address.town.empty() && !payee.address.country_code.empty()) {
    creditor.address = payee.address;
  }
  line.partner_id = payee.partner_id;
  line.account_id = 0;
  line.editor.clear();
  if (!payee.account) return;
  const ports::PayableAccount& account = *payee.account;
  if (!account.holder.empty()) creditor.name = account.holder;
  creditor.account.number = account.number;
  if (model::LooksLikeIban(account.number)) creditor.account.scheme = "IBAN";
  creditor.agent.bic = account.bic;
  creditor.agent.name = account.bank_name;
  line.account_id = account.id;
  line.editor = account.editor;
}

std::vector<Finding> CheckPayeeAccount(const ports::Payee& payee, const std::string& what,
                                       const std::string& field) {
  if (!payee.account) {
    return {MakeFinding(
        Reason::kBankAccountUnknown, field,
        payee.accounts > 1
            ? StrCat("The ", what, " names no account, and its vendor has ", payee.accounts)
            : StrCat("The ", what, " names no account, and its vendor has none"))};
  }
  if (payee.account->trusted) return {};
  return {MakeFinding(
      Reason::kBankAccountUntrusted, field,
      StrCat("Nobody has confirmed in Odoo that money may be sent to the account of the ", what))};
}

absl::StatusOr<std::vector<Line>> BuildLines(Loop& loop, const CreateRequest& request,
                                             const std::string& currency,
                                             std::string_view order_id) {
  absl::StatusOr<std::vector<Line>> lines = std::vector<Line>();
  if (request.query) {
    lines = LinesOfQuery(loop, request, currency);
  } else if (!request.bills.empty()) {
    lines = LinesOfBills(loop, request, currency);
  } else if (!request.odoo_payments.empty()) {
    lines = LinesOfPayments(loop, request, currency);
  } else {
    lines = LinesOfList(loop, request);
  }
  KONTOR_RETURN_IF_ERROR(lines.status());
  const std::string_view stem = order_id.substr(kOrderPrefix.size());
  for (size_t i = 0; i < lines->size(); ++i) {
    Line& line = (*lines)[i];
    line.number = static_cast<int64_t>(i) + 1;
    line.transfer.end_to_end_id = StrCat(stem, "-", line.number);
    line.transfer.instruction_id = line.transfer.end_to_end_id;
  }
  return lines;
}

absl::StatusOr<std::vector<Finding>> RefreshLines(Loop& loop, Flow& flow) {
  std::vector<int64_t> ids;
  for (const Line* line : LiveLines(flow)) {
    for (const Bill& bill : line->bills) ids.push_back(bill.move_id);
  }
  KONTOR_ASSIGN_OR_RETURN(std::vector<Finding> findings, RefreshPayments(loop, flow));
  if (ids.empty()) return findings;
  KONTOR_ASSIGN_OR_RETURN(const auto payables, ReadByIds(loop, flow.row.entity, ids));
  const auto by_id = ById(payables);
  for (Line& line : flow.lines) {
    if (line.state == LineState::kCancelled || line.bills.empty()) continue;
    for (Bill& bill : line.bills) {
      const auto it = by_id.find(bill.move_id);
      if (it == by_id.end()) {
        findings.push_back(MakeFinding(Reason::kDeletedInOdoo, FieldOf(line),
                                       StrCat("The bill ", bill.name, " is gone from Odoo")));
        continue;
      }
      KONTOR_RETURN_IF_ERROR(RefreshBill(*it->second, flow.body.currency, line, bill, findings));
      if (!line.of_bill) continue;
      SetCreditor(*it->second, line);
      SetRemittance(*it->second, line.transfer.remittance);
    }
    if (line.of_bill) line.transfer.amount = line.bills.front().amount;
    flow.Touch(line);
  }
  return findings;
}

}  // namespace kontor::payment_orders
