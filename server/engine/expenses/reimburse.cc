// SPDX-License-Identifier: Apache-2.0
// Whether and when the employee has the money, as Odoo says. A payment that a bank sends back days
// later is one that failed, so what was paid is looked after for a while.
#include <algorithm>
#include <array>
#include <optional>

#include <nlohmann/json.hpp>

#include "server/engine/codec.h"
#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {
namespace {

using base::Reason;
using base::StrCat;

constexpr char kPaid[] = "paid";
constexpr int kEventsMax = 100;
/// Payment states in which money is on its way or there.
constexpr std::array<std::string_view, 3> kBegun = {"in_payment", "partial", kPaid};
/// Payment states in which there is none.
constexpr std::array<std::string_view, 2> kNothing = {"not_paid", "reversed"};

template <size_t N>
bool IsOneOf(const std::array<std::string_view, N>& states, std::string_view state) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

/// What Odoo says of what the employee is owed.
struct Owed {
  bool any = false;      ///< False: company cards paid it all.
  bool paid = true;      ///< All of it.
  bool begun = false;    ///< A payment was seen since the last look.
  std::string state;     ///< Of the part that is not paid, if there is one.
  int64_t sequence = 0;  ///< Of the last event about it.
  std::optional<absl::Time> seen_paid;  ///< When Odoo was first seen to have it so.
};

std::string PaymentStateIn(const model::Event& event) {
  const auto data = nlohmann::json::parse(event.data, nullptr, false);
  const auto booked = data.find("booked");
  if (!data.is_object() || booked == data.end() || !booked->is_object()) return "";
  return booked->value("payment_state", "");
}

/// Payments that came and went between two looks stand in the feed alone.
absl::Status ReadEvents(ports::ReadView& view, const std::string& document, Owed& owed) {
  ports::EventFilter filter;
  filter.after = owed.sequence;
  filter.subject = document;
  KONTOR_ASSIGN_OR_RETURN(const auto events, view.ListEvents(filter, kEventsMax));
  for (const model::Event& event : events) {
    const std::string state = PaymentStateIn(event);
    owed.begun = owed.begun || IsOneOf(kBegun, state);
    if (state != kPaid) owed.seen_paid.reset();
    if (state == kPaid && !owed.seen_paid) owed.seen_paid = event.time;
    owed.sequence = std::max(owed.sequence, event.sequence);
  }
  return absl::OkStatus();
}

absl::StatusOr<Owed> ReadOwed(Loop& loop, const Flow& flow) {
  Owed owed;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    owed = {};
    owed.begun = IsOneOf(kBegun, flow.body.payment_state);
    owed.sequence = flow.body.payment_sequence;
    for (const Part& part : flow.body.parts) {
      if (part.name != "bill" && part.name != "claim") continue;
      owed.any = true;
      KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindDocument(part.document_id));
      const auto booked = row.has_value() ? engine::SnapshotFromJson(row->booked)
                                          : absl::StatusOr<ports::ErpSnapshot>(
                                                absl::NotFoundError("no document"));
      const std::string state = booked.ok() ? booked->payment_state : "";
      if (owed.paid) owed.state = state;
      owed.paid = owed.paid && state == kPaid;
      KONTOR_RETURN_IF_ERROR(ReadEvents(view, part.document_id, owed));
    }
    return absl::OkStatus();
  }));
  return owed;
}

/// Odoo does not say of a bill when it was paid: the day is the one on which it was seen.
absl::StatusOr<Stepped> WriteReimbursed(Loop& loop, Flow& flow, const Owed& owed) {
  flow.body.payment_state = kPaid;
  flow.body.paid_date = model::Date::Of(owed.seen_paid.value_or(loop.Now())).ToString();
  ++flow.body.reimbursements;
  flow.row.due = loop.Now();
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "the report was paid"));
    return WriteFlow(loop, unit, copy, State::kReimbursed, "reimbursed");
  }));
  return Stepped{true, {}};
}

/// Back to POSTED: it is waited for the money again, and the platform hears of it again.
absl::StatusOr<Stepped> WriteFailed(Loop& loop, Flow& flow, const std::string& state) {
  flow.body.payment_state = state;
  flow.body.payment = CallState::kNone;
  flow.body.paid_watched_until.clear();
  LookAgain(loop, flow);
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    const model::Finding finding = model::MakeFinding(
        Reason::kReimbursementFailed, "report",
        StrCat("Odoo had a payment of the report and has it no more; it is ", state, " now"));
    KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, copy, {finding}, false));
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, copy, State::kPosted, ""));
    return AppendEvent(loop, unit, copy, "reimbursement.failed");
  }));
  return Stepped{};
}

/// CONFIRMED for good, or as long as somebody still looks after the payment.
absl::StatusOr<Stepped> Confirm(Loop& loop, Flow& flow) {
  flow.body.paid_watched_until = base::FormatInstant(loop.Now() + kPaidWatch);
  flow.row.due = loop.Now() + kPaidLookInterval;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "the platform was told"));
    if (!copy.body.recall_reason.empty()) copy.row.due = loop.Now();
    return WriteFlow(loop, unit, copy, State::kConfirmed, "");
  }));
  return Stepped{!flow.body.recall_reason.empty(), {}};
}

}  // namespace

absl::StatusOr<Stepped> LookAtPayment(Loop& loop, Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const Owed owed, ReadOwed(loop, flow));
  if (!owed.any) {
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kConfirmed));
    return Stepped{};
  }
  flow.body.payment_sequence = owed.sequence;
  if (owed.paid) return WriteReimbursed(loop, flow, owed);
  if (owed.begun && IsOneOf(kNothing, owed.state)) return WriteFailed(loop, flow, owed.state);
  flow.body.payment_state = owed.state;
  if (!owed.begun && WantsOrder(flow, source)) return OrderPayment(loop, flow, source);
  LookAgain(loop, flow);
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kPosted));
  return Stepped{};
}

absl::StatusOr<Stepped> LookAfterPayment(Loop& loop, Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const Owed owed, ReadOwed(loop, flow));
  flow.body.payment_sequence = owed.sequence;
  // In payment means that the payment still stands; partial, that some of it is gone.
  const bool was_paid = flow.body.payment_state == kPaid;
  const bool lost = IsOneOf(kNothing, owed.state) || (was_paid && owed.state == "partial");
  if (!owed.paid && lost) return WriteFailed(loop, flow, owed.state);
  flow.body.payment_state = owed.state;
  const auto until = base::ParseInstant(flow.body.paid_watched_until);
  if (!until.ok() || *until <= loop.Now()) flow.body.paid_watched_until.clear();
  flow.row.due = loop.Now() + kPaidLookInterval;
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kConfirmed));
  return Stepped{};
}

absl::StatusOr<Stepped> TellPayment(Loop& loop, Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  const ports::ExpenseCapabilities& can = adapter->capabilities();
  if (!flow.body.told || !can.confirms_payment || flow.body.payment == CallState::kDone) {
    return Confirm(loop, flow);
  }
  ports::PaymentReceipt receipt;
  receipt.ref = flow.body.ref;
  receipt.external_id = flow.body.external_id;
  // Paid again after it failed it is another payment.
  receipt.key = loop.RequestIdOf(
      flow.body, flow.body.reimbursements > 1
                     ? StrCat("payment-receipt-", flow.body.reimbursements)
                     : "payment-receipt");
  receipt.company = source.platform.company;
  KONTOR_ASSIGN_OR_RETURN(receipt.date, model::Date::Parse(flow.body.paid_date));
  KONTOR_ASSIGN_OR_RETURN(receipt.documents, DocumentsOf(loop, flow));
  const PlatformCall call{&Body::payment, can.payment_repeat, "expense.after_receipt_marked",
                          "expense.after_receipt", [&](absl::Time deadline) {
                            return adapter->ConfirmPayment(receipt, deadline);
                          }};
  Stepped stepped;
  KONTOR_ASSIGN_OR_RETURN(const auto outcome, TellOnce(loop, flow, call, &stepped));
  if (!outcome) return stepped;
  if (*outcome == ports::ItemOutcome::kGone) {
    // The money is paid and the posting was told: there is nothing to decide any more.
    loop.Log("expense.payment_receipt_gone", {{"report", flow.row.id}});
    flow.body.payment = CallState::kDone;
  }
  return Confirm(loop, flow);
}

}  // namespace kontor::expenses
