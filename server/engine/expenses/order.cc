// SPDX-License-Identifier: Apache-2.0
// A posted report's bill becomes a payment order, where its source names the account that pays.
// People check, approve and release it like any other; how it ended is read from Odoo.
#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {
namespace {

using base::Reason;
using base::StrCat;

/// The order that is wanted for the bill; NOT_FOUND while the bill has no record.
absl::StatusOr<OrderWanted> WantedFor(Loop& loop, const Flow& flow, const model::Source& source) {
  OrderWanted wanted;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    for (const Part& part : flow.body.parts) {
      if (part.name != "bill") continue;
      KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindDocument(part.document_id));
      if (!row) continue;
      wanted.move_id = row->record.id;
      wanted.currency_code = row->currency_code;
    }
    return absl::OkStatus();
  }));
  if (wanted.move_id == 0) {
    return base::Error(Reason::kNotFound).Says("the report has no bill in Odoo");
  }
  wanted.actor = Loop::ActorOf(source);
  // With the account, since it may be changed between a crash and the next try.
  wanted.request_id = loop.RequestIdOf(
      flow.body, StrCat("payment-order-", flow.body.payment_orders + 1, "-",
                        source.expense.reimburse_from));
  wanted.entity = source.entity;
  wanted.account = source.expense.reimburse_from;
  wanted.description = StrCat("Expense report ", flow.body.external_id);
  return wanted;
}

absl::StatusOr<std::string> MakeOrder(Loop& loop, const Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const OrderWanted wanted, WantedFor(loop, flow, source));
  if (!loop.deps.order) {
    return base::Error(Reason::kNotFound).Says("payment orders are not served here");
  }
  return loop.deps.order(wanted);
}

absl::StatusOr<Stepped> AfterRefusal(Loop& loop, Flow& flow, const absl::Status& refused) {
  if (!IsForPerson(refused)) {
    RetryLater(loop, flow, base::InfoOf(refused).retry_after);
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kPosted));
    return Stepped{};
  }
  std::vector<model::Finding> findings = {
      model::MakeFinding(Reason::kReimbursementFailed, kPayerField,
                         "The report is posted, and no payment order could be made of it")};
  std::vector<model::Finding> why = model::FindingsOf(refused);
  if (why.empty()) why = {model::FindingOf(refused)};
  findings.insert(findings.end(), why.begin(), why.end());
  return AskPerson(loop, flow, std::move(findings), false);
}

}  // namespace

bool WantsOrder(const Flow& flow, const model::Source& source) {
  return !source.expense.reimburse_from.empty() && flow.body.payment_order_id.empty() &&
         !flow.body.order_declined;
}

bool IsAboutOrder(const std::vector<model::Finding>& findings) {
  return !findings.empty() && findings.front().field == kPayerField &&
         Concerns(findings, {Reason::kReimbursementFailed});
}

absl::StatusOr<Stepped> OrderPayment(Loop& loop, Flow& flow, const model::Source& source) {
  const auto made = MakeOrder(loop, flow, source);
  loop.Failpoint("expense.after_ordered");
  if (!made.ok()) return AfterRefusal(loop, flow, made.status());
  flow.body.payment_order_id = *made;
  ++flow.body.payment_orders;
  flow.body.attempts = 0;
  LookAgain(loop, flow);
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "a payment order was made"));
    return WriteFlow(loop, unit, copy, State::kPosted, "");
  }));
  return Stepped{};
}

}  // namespace kontor::expenses
