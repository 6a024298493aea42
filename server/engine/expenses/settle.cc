// SPDX-License-Identifier: Apache-2.0
// The end of the loop: the platform hears how a report ended, exactly once, and later that it is
// paid. A receipt is marked on disk before it leaves, and sent again only where the platform takes
// a repetition for the same.
#include <algorithm>

#include "server/engine/codec.h"
#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {
namespace {

using base::Reason;
using base::StrCat;

constexpr char kPaid[] = "paid";

/// A case, and a later look.
absl::StatusOr<Stepped> Ask(Loop& loop, Flow& flow, model::Finding finding, bool technical,
                            std::string_view event_type) {
  LookAgain(loop, flow);
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, copy, {finding}, technical));
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, copy, copy.state(), ""));
    if (event_type.empty()) return absl::OkStatus();
    return AppendEvent(loop, unit, copy, std::string(event_type));
  }));
  return Stepped{};
}

/// Documents with their numbers and dates, as Odoo booked them.
absl::StatusOr<std::vector<ports::ReceiptDocument>> DocumentsOf(Loop& loop, const Flow& flow) {
  std::vector<ports::ReceiptDocument> out;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    out.clear();
    for (const Part& part : flow.body.parts) {
      if (part.name == "employee" || part.document_id.empty()) continue;
      KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindDocument(part.document_id));
      if (!row.has_value()) continue;
      ports::ReceiptDocument document;
      document.number = row->record.name;
      document.document = row->id;
      if (row->date) document.date = *row->date;
      if (const auto booked = engine::SnapshotFromJson(row->booked); booked.ok()) {
        if (booked->date) document.date = *booked->date;
        if (!booked->record.name.empty()) document.number = booked->record.name;
      }
      out.push_back(std::move(document));
    }
    return absl::OkStatus();
  }));
  return out;
}

/// Runs `call` once for `mark`; the flow stands at `state` meanwhile.
absl::StatusOr<bool> Tell(Loop& loop, Flow& flow, CallState Body::* mark, ports::Repeat repeat,
                          State state,
                          const std::function<absl::StatusOr<ports::ItemOutcome>()>& call,
                          Stepped* stepped) {
  if (flow.body.*mark == CallState::kSending && repeat == ports::Repeat::kNever) {
    KONTOR_ASSIGN_OR_RETURN(
        *stepped, Ask(loop, flow,
                      model::MakeFinding(
                          Reason::kReceiptUnknown, "report",
                          "Whether the platform took the receipt is unknown, and it would count a "
                          "second one"),
                      true, ""));
    return false;
  }
  flow.body.*mark = CallState::kSending;
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, state));
  loop.Failpoint("expense.after_receipt_marked");
  const auto outcome = call();
  loop.Failpoint("expense.after_receipt");
  if (outcome.ok()) {
    flow.body.*mark = CallState::kDone;
    flow.body.attempts = 0;
    ++flow.body.receipts;
    return true;
  }
  const base::Outcome known = base::OutcomeOf(outcome.status());
  if (known == base::Outcome::kRefused) {
    KONTOR_ASSIGN_OR_RETURN(
        *stepped, Ask(loop, flow, model::FindingOf(outcome.status()), true, ""));
    return false;
  }
  // Certainly not sent: the mark goes, so that even a platform that counts twice may be asked
  // again.
  if (known == base::Outcome::kNotApplied) flow.body.*mark = CallState::kNone;
  if (flow.body.attempts + 1 >= loop.settings.attempts_max) {
    flow.body.attempts = 0;
    KONTOR_ASSIGN_OR_RETURN(
        *stepped, Ask(loop, flow, model::FindingOf(outcome.status()), true, ""));
    return false;
  }
  RetryLater(loop, flow, base::InfoOf(outcome.status()).retry_after);
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, state));
  return false;
}

/// After the posting receipt: the end, or the wait for the payment.
absl::StatusOr<Stepped> AfterPosting(Loop& loop, Flow& flow, const model::Source& source) {
  flow.row.due = loop.Now();
  const bool waits = flow.state() == State::kPosted && source.expense.watch_reimbursement;
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, waits ? State::kPosted : State::kConfirmed));
  return Stepped{waits, {}};
}

}  // namespace

absl::StatusOr<Stepped> TellPosting(Loop& loop, Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  const ports::ExpenseCapabilities& can = adapter->capabilities();
  if (!flow.body.told || !can.confirms_posting) {
    flow.body.receipt = CallState::kDone;
    return AfterPosting(loop, flow, source);
  }
  if (flow.body.receipt == CallState::kDone) return AfterPosting(loop, flow, source);
  ports::PostingReceipt receipt;
  receipt.ref = flow.body.ref;
  receipt.external_id = flow.body.external_id;
  receipt.key = loop.RequestIdOf(flow.body, "posting-receipt");
  receipt.posted = flow.state() == State::kPosted;
  receipt.company = source.platform.company;
  if (receipt.posted) {
    KONTOR_ASSIGN_OR_RETURN(receipt.documents, DocumentsOf(loop, flow));
  }
  for (const model::Finding& finding : flow.body.findings) {
    receipt.messages.push_back(finding.message);
  }
  if (!receipt.posted && receipt.messages.empty()) {
    receipt.messages.push_back("An accountant rejected the report.");
  }
  Stepped stepped;
  KONTOR_ASSIGN_OR_RETURN(
      const bool told,
      Tell(loop, flow, &Body::receipt, can.posting_repeat, flow.state(),
           [&] {
             return adapter->ConfirmPosting(receipt, loop.Now() + loop.settings.call_timeout);
           },
           &stepped));
  if (!told) return stepped;
  return AfterPosting(loop, flow, source);
}

absl::StatusOr<Stepped> LookAtPayment(Loop& loop, Flow& flow, const model::Source& source) {
  if (!source.expense.watch_reimbursement) return AfterPosting(loop, flow, source);
  bool bills = false;
  bool paid = true;
  std::string state;
  std::string date;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    bills = false;
    paid = true;
    for (const Part& part : flow.body.parts) {
      if (part.name != "bill" && part.name != "claim") continue;
      bills = true;
      KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindDocument(part.document_id));
      const auto booked = row.has_value() ? engine::SnapshotFromJson(row->booked)
                                          : absl::StatusOr<ports::ErpSnapshot>(
                                                absl::NotFoundError("no document"));
      state = booked.ok() ? booked->payment_state : "";
      paid = paid && state == kPaid;
    }
    return absl::OkStatus();
  }));
  if (!bills) {
    // Only company cards: nobody is owed anything.
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kConfirmed));
    return Stepped{};
  }
  if (paid) {
    flow.body.payment_state = kPaid;
    flow.body.paid_date = model::Date::Of(loop.Now()).ToString();
    flow.row.due = loop.Now();
    KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
      Flow copy = flow;
      KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "the report was paid"));
      return WriteFlow(loop, unit, copy, State::kReimbursed, "reimbursed");
    }));
    return Stepped{true, {}};
  }
  const bool begun = flow.body.payment_state == "in_payment" ||
                     flow.body.payment_state == "partial";
  const bool undone = state == "not_paid" || state == "reversed";
  if (begun && undone) {
    flow.body.payment_state = state;
    return Ask(
        loop, flow,
        model::MakeFinding(
            Reason::kReimbursementFailed, "report",
            StrCat("Odoo had a payment of the report and has it no more; it is ", state, " now")),
        false, "reimbursement.failed");
  }
  flow.body.payment_state = state;
  LookAgain(loop, flow);
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kPosted));
  return Stepped{};
}

absl::StatusOr<Stepped> TellPayment(Loop& loop, Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  const ports::ExpenseCapabilities& can = adapter->capabilities();
  if (flow.body.told && can.confirms_payment && flow.body.payment != CallState::kDone) {
    ports::PaymentReceipt receipt;
    receipt.ref = flow.body.ref;
    receipt.external_id = flow.body.external_id;
    receipt.key = loop.RequestIdOf(flow.body, "payment-receipt");
    receipt.company = source.platform.company;
    KONTOR_ASSIGN_OR_RETURN(receipt.date, model::Date::Parse(flow.body.paid_date));
    KONTOR_ASSIGN_OR_RETURN(receipt.documents, DocumentsOf(loop, flow));
    Stepped stepped;
    KONTOR_ASSIGN_OR_RETURN(
        const bool told,
        Tell(loop, flow, &Body::payment, can.payment_repeat, State::kReimbursed,
             [&] {
               return adapter->ConfirmPayment(receipt, loop.Now() + loop.settings.call_timeout);
             },
             &stepped));
    if (!told) return stepped;
  }
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kConfirmed));
  return Stepped{};
}

}  // namespace kontor::expenses
