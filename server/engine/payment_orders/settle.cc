// SPDX-License-Identifier: Apache-2.0
// Bookings: the only thing that settles a payment, or takes it back. A payment is found by ids that
// nobody but us put on the wire, and proven by account, amount and currency; what is not proven is
// left to people.
#include <algorithm>

#include "server/engine/banks/rows.h"
#include "server/engine/payment_orders/internal/loop.h"
#include "server/model/validate.h"

namespace kontor::payment_orders {
namespace {

using model::OperationState;
using ports::Booking;
using ports::BookingMatch;

constexpr std::string_view kNoId = "NOTPROVIDED";

struct Found {
  Flow flow;
  std::vector<int64_t> numbers;  ///< Of the payments that it is about.
};

absl::StatusOr<std::optional<std::string>> FlowWith(ports::ReadView& view, const char* space,
                                                    const std::string& key) {
  if (key.empty() || key == kNoId) return std::optional<std::string>();
  KONTOR_ASSIGN_OR_RETURN(const auto ids, view.FlowsByKey(space, key, 1));
  if (ids.empty()) return std::optional<std::string>();
  return std::optional(ids.front());
}

absl::StatusOr<std::optional<std::string>> OrderOf(ports::ReadView& view, const Booking& booking) {
  KONTOR_ASSIGN_OR_RETURN(auto id, FlowWith(view, kEndToEndSpace, booking.end_to_end_id));
  if (!id && !booking.uetr.empty()) {
    KONTOR_ASSIGN_OR_RETURN(id, FlowWith(view, kTraceSpace, booking.uetr));
  }
  if (!id) {
    KONTOR_ASSIGN_OR_RETURN(id, FlowWith(view, kBatchSpace, booking.payment_information_id));
  }
  return id;
}

model::Money SumOf(const Flow& flow, const std::vector<int64_t>& numbers) {
  model::Money sum(TotalOf(flow).currency(), 0);
  for (const Line& line : flow.lines) {
    if (std::ranges::find(numbers, line.number) == numbers.end()) continue;
    if (auto next = sum.Add(line.transfer.amount); next.ok()) sum = *std::move(next);
  }
  return sum;
}

/// The payments whose ids it repeats; a booking of a whole batch has the batch's id alone.
std::vector<int64_t> NumbersOf(const Flow& flow, const Booking& booking) {
  std::vector<int64_t> numbers;
  for (const Line* line : LiveLines(flow)) {
    const bool own = line->transfer.end_to_end_id == booking.end_to_end_id ||
                     (!booking.uetr.empty() && line->transfer.uetr == booking.uetr);
    if (own) return {line->number};
    const bool no_id = booking.end_to_end_id.empty() || booking.end_to_end_id == kNoId;
    // What the bank refused is not in the sum that it books.
    if (no_id && line->batch == booking.payment_information_id &&
        line->state != LineState::kRejected) {
      numbers.push_back(line->number);
    }
  }
  return numbers;
}

absl::StatusOr<std::optional<Found>> Find(Loop& loop, ports::ReadView& view,
                                          const Booking& booking) {
  KONTOR_ASSIGN_OR_RETURN(const auto id, OrderOf(view, booking));
  if (!id) return std::optional<Found>();
  Found found;
  KONTOR_ASSIGN_OR_RETURN(found.flow, LoadFlow(view, *id));
  const auto account = banks::FindAccount(view, found.flow.body.account, "account");
  if (base::Is(account.status(), Reason::kOwnAccountUnknown)) return std::optional<Found>();
  KONTOR_RETURN_IF_ERROR(account.status());
  found.numbers = NumbersOf(found.flow, booking);
  if (account->iban != booking.account_iban || found.numbers.empty() ||
      SumOf(found.flow, found.numbers) != booking.amount) {
    loop.Log("payment_order.booking_not_proven",
             {{"subject", *id}, {"statement", booking.statement_id}});
    return std::optional<Found>();
  }
  return std::optional(std::move(found));
}

/// Whether the bank says that it paid an account that nobody approved. What it masks, or writes in
/// another way than as an IBAN, says nothing.
bool PaysElsewhere(const Found& found, const Booking& booking) {
  if (!booking.debit || found.numbers.size() != 1) return false;
  const std::string paid = model::NormalAccountNumber(booking.other_account);
  return std::ranges::any_of(found.flow.lines, [&](const Line& line) {
    const std::string approved = model::NormalAccountNumber(line.transfer.creditor.account.number);
    return line.number == found.numbers.front() && model::CheckIban(approved).ok() &&
           model::CheckIban(paid).ok() && paid != approved;
  });
}

/// The file was altered after it was handed over, or the bank erred: nothing is settled.
absl::Status TellElsewhere(Loop& loop, ports::Unit& unit, Found& found) {
  Flow& flow = found.flow;
  const Line& line = *flow.FindLine(found.numbers.front());
  KONTOR_RETURN_IF_ERROR(
      PutCase(loop, unit, flow,
              {MakeFinding(Reason::kFileAltered, FieldOf(line, "creditor"),
                           "The bank paid another account than the approved one; its booking "
                           "settles nothing")},
              false));
  return WriteFlow(loop, unit, flow, flow.state(), {});
}

bool Has(const Line& line, const std::string& key) {
  return std::ranges::find(line.bookings, key) != line.bookings.end();
}

/// A booking of an order that never left here: this store is older than what the bank knows.
absl::Status HoldUnsent(Loop& loop, ports::Unit& unit, Flow& flow) {
  const std::string why = "The bank booked a payment of this order, and here it has not been sent";
  auto& reasons = flow.body.hold_reasons;
  if (std::ranges::find(reasons, why) != reasons.end()) return absl::OkStatus();
  reasons.push_back(why);
  VoidApprovals(flow, why);
  flow.body.held_from = flow.row.state;
  flow.body.submission = Submission::kNone;
  KONTOR_RETURN_IF_ERROR(
      PutCase(loop, unit, flow, {MakeFinding(Reason::kBankOutcomeUnknown, "", why)}, false));
  KONTOR_RETURN_IF_ERROR(CloseLate(loop, unit, flow, "the bank has booked it"));
  flow.row.due = absl::InfiniteFuture();
  return WriteFlow(loop, unit, flow, State::kHeld, {"held"});
}

/// Keeps which line of which statement it was.
absl::Status Note(ports::Unit& unit, Flow& flow, Line& line, const Booking& booking) {
  flow.Touch(line).bookings.push_back(booking.line_key);
  if (booking.statement_id.empty()) return absl::OkStatus();
  return unit.ShareFlowKey({kStatementSpace, flow.row.id, booking.statement_id});
}

absl::Status Settle(Loop& loop, ports::Unit& unit, Flow& flow, Line& line, const Booking& booking,
                    std::vector<Finding>& findings) {
  if (Has(line, booking.line_key)) return absl::OkStatus();
  KONTOR_RETURN_IF_ERROR(Note(unit, flow, line, booking));
  if (line.state == LineState::kSettled) {
    findings.push_back(MakeFinding(Reason::kPaymentDuplicate, FieldOf(line),
                                   "The bank booked this payment a second time"));
    return absl::OkStatus();
  }
  // Statements overtake each other: that of its return was here first, and the money is back.
  if (line.state == LineState::kReturned && line.bookings.size() == 2) return absl::OkStatus();
  if (line.state == LineState::kRejected || line.state == LineState::kReturned) {
    findings.push_back(MakeFinding(Reason::kBankRejected, FieldOf(line),
                                   "The bank booked a payment that it had not paid before"));
  }
  line.state = LineState::kSettled;
  return AppendLineEvent(loop, unit, flow, line, "settled");
}

absl::Status Return(Loop& loop, ports::Unit& unit, Flow& flow, Line& line, const Booking& booking,
                    std::vector<Finding>& findings) {
  if (Has(line, booking.line_key)) return absl::OkStatus();
  KONTOR_RETURN_IF_ERROR(Note(unit, flow, line, booking));
  if (line.state == LineState::kReturned) return absl::OkStatus();
  line.state = LineState::kReturned;
  line.undo_wanted = true;
  std::string why(model::WordsOfReason(booking.reason_code));
  if (!booking.reason_code.empty()) {
    base::StrAppend(&why, why.empty() ? "" : " ", "(", booking.reason_code, ")");
  }
  if (why.empty()) why = "the bank gives no reason";
  line.reasons = {why};
  Finding finding =
      MakeFinding(Reason::kPaymentReturned, FieldOf(line), StrCat("The money came back: ", why));
  finding.severity = model::Severity::kWarning;
  findings.push_back(std::move(finding));
  return AppendLineEvent(loop, unit, flow, line, "returned");
}

/// What it changes; nothing when it was told before.
absl::Status ApplyBooking(Loop& loop, ports::Unit& unit, Found& found, const Booking& booking) {
  Flow& flow = found.flow;
  std::vector<std::string> events;
  if (flow.state() == State::kReleased) {
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, flow, "the bank booked it"));
    KONTOR_RETURN_IF_ERROR(EnterSubmitted(loop, unit, flow, "the bank booked it"));
    events.emplace_back("submitted");
  }
  const State before = flow.state();
  std::vector<Finding> findings;
  bool told_before = true;
  for (const int64_t number : found.numbers) {
    Line& line = *flow.FindLine(number);
    told_before = told_before && Has(line, booking.line_key);
    KONTOR_RETURN_IF_ERROR(booking.debit ? Settle(loop, unit, flow, line, booking, findings)
                                         : Return(loop, unit, flow, line, booking, findings));
  }
  if (told_before) return absl::OkStatus();
  if (!findings.empty()) KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, flow, findings, false));
  KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, booking.statement_id));
  KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, booking.bank_reference));
  const State after = FoldState(flow, before);
  for (std::string& event : EventsOf(before, after)) events.push_back(std::move(event));
  flow.row.due = loop.Now();
  KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, after, events));
  return ReleaseKeys(unit, flow);
}

/// Odoo's payments to reconcile with. UNAVAILABLE while they are being made.
absl::Status NamePayments(Loop& loop, const Found& found, BookingMatch& match) {
  return loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    match.odoo_payments.clear();
    for (const Line& line : found.flow.lines) {
      if (std::ranges::find(found.numbers, line.number) == found.numbers.end()) continue;
      if (line.partner_id <= 0 || line.undo_wanted) continue;
      if (line.odoo_payment_id > 0) {
        match.odoo_payments.push_back(StrCat("account.payment,", line.odoo_payment_id));
        continue;
      }
      std::optional<model::Operation> operation;
      if (!line.operation_id.empty()) {
        KONTOR_ASSIGN_OR_RETURN(operation, view.FindOperation(line.operation_id));
      }
      const bool posted = operation && operation->state == OperationState::kPosted;
      const bool stuck = operation && (operation->state == OperationState::kException ||
                                       operation->state == OperationState::kHeld ||
                                       operation->state == OperationState::kParked ||
                                       operation->state == OperationState::kCancelled);
      if (posted) {
        match.odoo_payments.push_back(operation->external_id);
      } else if (!stuck) {
        return Error(Reason::kOdooBusy)
            .RetryAfter(loop.settings.books_interval)
            .Says("Odoo's payment is being registered");
      } else {
        base::StrAppend(&match.explanation, " Odoo has no payment to reconcile it with yet.");
      }
    }
    return absl::OkStatus();
  });
}

BookingMatch MatchOf(const Found& found, const Booking& booking) {
  BookingMatch match;
  match.payment_order_id = found.flow.row.id;
  for (const int64_t number : found.numbers) {
    match.transfer_ids.push_back(StrCat(number));
  }
  const bool one = found.numbers.size() == 1;
  match.explanation = StrCat(
      booking.debit ? "The bank paid " : "The bank gave back ",
      one ? StrCat("payment ", found.numbers.front()) : StrCat(found.numbers.size(), " payments"),
      " of the order ", found.flow.row.id, ": account, amount and our own id agree.");
  return match;
}

/// Runs `work` on the payments that a booking proves; again when they changed meanwhile.
absl::StatusOr<std::optional<Found>> OnFound(
    Loop& loop, const Booking& booking,
    const std::function<absl::Status(ports::Unit&, Found&)>& work) {
  constexpr int kTriesMax = 5;
  std::optional<Found> result;
  absl::Status done;
  for (int i = 0; i < kTriesMax; ++i) {
    done = loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(result, Find(loop, unit, booking));
      return result ? work(unit, *result) : absl::OkStatus();
    });
    if (!base::Is(done, Reason::kVersionConflict)) break;
  }
  KONTOR_RETURN_IF_ERROR(done);
  return result;
}

}  // namespace

absl::StatusOr<std::optional<BookingMatch>> TakeBooking(Loop& loop, const Booking& booking) {
  if (!booking.booked) return std::optional<BookingMatch>();
  bool unsent = false;
  bool elsewhere = false;
  KONTOR_ASSIGN_OR_RETURN(
      const auto found, OnFound(loop, booking, [&](ports::Unit& unit, Found& now) -> absl::Status {
        const Submission submission = now.flow.body.submission;
        unsent = submission == Submission::kNone || submission == Submission::kGenerated ||
                 submission == Submission::kShadowed;
        if (submission == Submission::kShadowed) return absl::OkStatus();
        if (unsent) return HoldUnsent(loop, unit, now.flow);
        elsewhere = PaysElsewhere(now, booking);
        if (elsewhere) return TellElsewhere(loop, unit, now);
        return ApplyBooking(loop, unit, now, booking);
      }));
  if (!found || unsent || elsewhere) return std::optional<BookingMatch>();
  loop.Failpoint("payment_order.after_booking");
  BookingMatch match = MatchOf(*found, booking);
  if (booking.debit) KONTOR_RETURN_IF_ERROR(NamePayments(loop, *found, match));
  return std::optional(std::move(match));
}

absl::Status RevokeBooking(Loop& loop, const Booking& booking) {
  return OnFound(
             loop, booking,
             [&](ports::Unit& unit, Found& found) -> absl::Status {
               Flow& flow = found.flow;
               const State before = flow.state();
               std::vector<Finding> findings;
               for (const int64_t number : found.numbers) {
                 Line& line = *flow.FindLine(number);
                 if (std::erase(line.bookings, booking.line_key) == 0) continue;
                 flow.Touch(line);
                 if (line.state == LineState::kSettled && booking.debit && line.bookings.empty()) {
                   line.state = LineState::kAccepted;
                 }
                 findings.push_back(MakeFinding(Reason::kBankOutcomeUnknown, FieldOf(line),
                                                "The bank took back what it had booked"));
               }
               if (findings.empty()) return absl::OkStatus();
               KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, flow, findings, false));
               const State after = FoldState(flow, before);
               flow.row.due = loop.Now();
               return WriteFlow(loop, unit, flow, after, EventsOf(before, after));
             })
      .status();
}

}  // namespace kontor::payment_orders
