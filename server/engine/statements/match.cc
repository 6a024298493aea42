// SPDX-License-Identifier: Apache-2.0
// One statement forward: first payment orders hear of each booking, then Odoo gets the lines. Both
// go on where an earlier try stopped, and both may be told the same twice.
#include <algorithm>

#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::Reason;
using base::StrCat;
using model::Resolution;

constexpr char kBetween = '\x1f';

/// Stable over formats and re-issues: what names the payment itself comes first.
std::string LineKeyOf(const Loop& loop, const Flow& flow, const Line& line,
                      const Payment& payment, const model::Money& amount) {
  std::string words = StrCat(flow.body.account_id, kBetween, amount.ToString(), kBetween,
                             payment.returned || line.returned ? "R" : "", kBetween);
  if (!payment.uetr.empty()) {
    base::StrAppend(&words, "uetr", kBetween, payment.uetr);
  } else if (!payment.end_to_end_id.empty()) {
    base::StrAppend(&words, "e2e", kBetween, payment.end_to_end_id);
  } else if (!line.payment_information_id.empty() && line.payment_count > 1) {
    base::StrAppend(&words, "batch", kBetween, line.payment_information_id);
  } else {
    base::StrAppend(&words, "line", kBetween, line.key);
  }
  return loop.Hash(words);
}

void Take(Line& line, const ports::BookingMatch& match) {
  const auto add = [](std::vector<std::string>& to, const std::string& text) {
    if (std::ranges::find(to, text) == to.end()) to.push_back(text);
  };
  if (!match.payment_order_id.empty()) add(line.payment_order_ids, match.payment_order_id);
  for (const std::string& name : match.odoo_payments) add(line.odoo_payments, name);
  if (!match.account.empty()) line.account = match.account;
  if (line.explanation.empty()) line.explanation = match.explanation;
}

/// The line's payments where each says what it was for; else the line as one, by its batch.
std::vector<Payment> PaymentsOf(const Line& line) {
  const bool each = !line.payments.empty() &&
                    static_cast<int64_t>(line.payments.size()) == line.payment_count &&
                    std::ranges::all_of(line.payments, [](const Payment& payment) {
                      return !payment.amount.currency().IsNone() && !payment.amount.IsZero() &&
                             !(payment.end_to_end_id.empty() && payment.uetr.empty());
                    });
  if (each) return line.payments;
  Payment whole;
  if (line.payments.size() == 1) whole = line.payments.front();
  whole.amount = line.amount;
  if (line.payments.size() > 1) whole.end_to_end_id.clear();
  return {whole};
}

absl::Status MatchLine(Loop& loop, const Flow& flow, const model::OwnAccount& account,
                       Line& line) {
  if (line.amount.IsZero()) return absl::OkStatus();
  for (const Payment& payment : PaymentsOf(line)) {
    const ports::Booking booking = BookingOf(flow, line, payment, account,
                                             LineKeyOf(loop, flow, line, payment, payment.amount));
    KONTOR_ASSIGN_OR_RETURN(const auto match, loop.deps.settlement->OnBooking(booking));
    if (match) Take(line, *match);
  }
  return absl::OkStatus();
}

/// Whether people must decide first. What they decided is taken into the body, and the case is
/// forgotten. An overlap goes on by ACCEPT or REJECT alone, however else its case ended.
absl::StatusOr<bool> MustWait(Loop& loop, Flow& flow) {
  const bool overlap = IsOverlap(flow);
  const bool stopped = IsStopped(flow);
  if (flow.body.exception_id.empty()) return overlap;
  KONTOR_ASSIGN_OR_RETURN(const auto decision,
                          engine::DecisionOf(loop.deps.store, flow.body.exception_id));
  if (!decision) return stopped;
  const bool decided = *decision == Resolution::kAccept || *decision == Resolution::kReject;
  if (overlap && !decided) return true;
  if (overlap && *decision == Resolution::kAccept) {
    Decide(flow.body, "Two people let the lines that are new into Odoo.");
  }
  if (stopped && *decision == Resolution::kReject) flow.body.left_out = true;
  flow.body.exception_id.clear();
  flow.body.findings.clear();
  flow.body.attempts = 0;
  return false;
}

/// Looks again later. A case about an overlap stands for as long as nobody decided it.
absl::Status Wait(Loop& loop, Flow& flow) {
  flow.row.due = loop.Now() + loop.settings.look_interval;
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    if (IsOverlap(copy)) KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, copy));
    return WriteFlow(loop, unit, copy, State::kImported);
  });
}

absl::StatusOr<std::optional<model::OwnAccount>> AccountOf(Loop& loop, const Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const auto accounts, loop.Accounts());
  for (const model::OwnAccount& account : accounts) {
    if (account.id == flow.body.account_id) return std::optional(account);
  }
  return std::optional<model::OwnAccount>();
}

absl::Status Later(Loop& loop, Flow& flow, absl::Duration at_least) {
  flow.row.due = loop.RetryAt(flow.body.attempts++, at_least);
  return SaveFlow(loop, flow, flow.state());
}

/// Odoo said no: a person looks; everything else is tried again.
absl::Status Stumble(Loop& loop, Flow& flow, const absl::Status& why) {
  if (base::Is(why, Reason::kLeaseLost) || base::Is(why, Reason::kVersionConflict)) return why;
  if (base::OutcomeOf(why) != base::Outcome::kRefused &&
      why.code() != absl::StatusCode::kInvalidArgument &&
      why.code() != absl::StatusCode::kFailedPrecondition) {
    loop.Log("statement.postponed",
             {{"subject", flow.row.id}, {"reason", base::InfoOf(why).reason}});
    return Later(loop, flow, base::InfoOf(why).retry_after);
  }
  model::Finding finding = model::FindingOf(why);
  if (finding.reason != base::EntryOf(Reason::kPeriodLocked).name) {
    finding.reason = std::string(base::EntryOf(Reason::kOdooRefused).name);
  }
  flow.row.due = loop.Now() + loop.settings.look_interval;
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    const bool known = std::ranges::find(copy.body.findings, finding) != copy.body.findings.end();
    if (!known) copy.body.findings.push_back(finding);
    KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, copy));
    return WriteFlow(loop, unit, copy, copy.state());
  });
}

absl::Status End(Loop& loop, Flow& flow, State state, std::string_view event) {
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, copy, state));
    return event.empty() ? absl::OkStatus()
                         : AppendEvent(loop, unit, copy, std::string(event));
  });
}

absl::StatusOr<bool> Post(Loop& loop, Flow& flow, const model::OwnAccount& account) {
  auto book = loop.deps.open_book(flow.row.entity);
  if (!book.ok()) {
    KONTOR_RETURN_IF_ERROR(Later(loop, flow, base::InfoOf(book.status()).retry_after));
    return false;
  }
  if (book->shadow || book->bank == nullptr) {
    Decide(flow.body, book->shadow ? "The entity is in shadow: nothing was put into Odoo."
                                   : "This connection takes no statements.");
    KONTOR_RETURN_IF_ERROR(End(loop, flow, State::kViewed, ""));
    return false;
  }
  const auto more = PostLines(loop, flow, account, *book);
  if (!more.ok()) {
    KONTOR_RETURN_IF_ERROR(Stumble(loop, flow, more.status()));
    return false;
  }
  if (*more) return true;
  const absl::Status grouped = PostStatement(loop, flow, *book);
  if (!grouped.ok()) {
    KONTOR_RETURN_IF_ERROR(Stumble(loop, flow, grouped));
    return false;
  }
  KONTOR_RETURN_IF_ERROR(End(loop, flow, State::kPosted, "statement.posted"));
  loop.Failpoint("statement.after_posted");
  return false;
}

}  // namespace

ports::Booking BookingOf(const Flow& flow, const Line& line, const Payment& payment,
                         const model::OwnAccount& account, std::string line_key) {
  ports::Booking booking;
  const model::Money amount =
      payment.amount.currency().IsNone() || payment.amount.IsZero() ? line.amount : payment.amount;
  booking.statement_id = flow.row.id;
  booking.line_key = std::move(line_key);
  booking.account_iban = account.iban;
  booking.message_id = payment.message_id.empty() ? line.message_id : payment.message_id;
  booking.payment_information_id = payment.payment_information_id.empty()
                                       ? line.payment_information_id
                                       : payment.payment_information_id;
  booking.end_to_end_id = payment.end_to_end_id;
  booking.uetr = payment.uetr;
  booking.bank_reference =
      payment.bank_reference.empty() ? line.bank_reference : payment.bank_reference;
  if (line.payments.size() <= 1) booking.other_account = line.account_number;
  booking.amount = amount.IsNegative() ? -amount : amount;
  booking.debit = amount.IsNegative();
  booking.returned = payment.returned || line.returned;
  booking.reason_code = payment.reason;
  if (const auto day = base::Date::Parse(line.booking_date); day.ok()) booking.booking_date = *day;
  if (const auto day = base::Date::Parse(line.value_date); day.ok()) booking.value_date = *day;
  return booking;
}

absl::Status MatchLines(Loop& loop, Flow& flow, const model::OwnAccount& account) {
  if (loop.deps.settlement == nullptr) return absl::OkStatus();
  while (true) {
    std::vector<ports::FlowLineRow> rows;
    KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(rows, view.FlowLines(flow.row.id, flow.body.matched_to,
                                                   loop.settings.lines_a_unit));
      return absl::OkStatus();
    }));
    if (rows.empty()) return absl::OkStatus();
    std::vector<ports::FlowLineRow> matched;
    for (ports::FlowLineRow& row : rows) {
      if (row.state != kStored) continue;
      KONTOR_ASSIGN_OR_RETURN(Line line, LineOf(row.body));
      if (line.status != NameOf(model::LineStatus::kBooked)) continue;
      KONTOR_RETURN_IF_ERROR(MatchLine(loop, flow, account, line));
      if (line.payment_order_ids.empty()) continue;
      row.state = kMatched;
      row.body = ToJson(line);
      matched.push_back(std::move(row));
    }
    const int64_t to = rows.back().number;
    Flow written;
    KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
      written = flow;
      written.body.matched_to = to;
      written.body.matched += static_cast<int64_t>(matched.size());
      for (const ports::FlowLineRow& row : matched) {
        KONTOR_RETURN_IF_ERROR(unit.UpdateFlowLine(row));
      }
      return WriteFlow(loop, unit, written, State::kImported);
    }));
    flow = std::move(written);
    loop.Failpoint("statement.after_match");
  }
}

absl::StatusOr<bool> StepStatement(Loop& loop, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(Flow flow, LoadFlow(loop, id));
  // What is being imported is in the hands of its file.
  if (flow.state() != State::kImported) return false;
  KONTOR_ASSIGN_OR_RETURN(const bool wait, MustWait(loop, flow));
  if (wait) {
    KONTOR_RETURN_IF_ERROR(Wait(loop, flow));
    return false;
  }
  KONTOR_ASSIGN_OR_RETURN(const auto account, AccountOf(loop, flow));
  if (!account) {
    KONTOR_RETURN_IF_ERROR(Later(loop, flow, loop.settings.look_interval));
    return false;
  }
  const absl::Status matched = MatchLines(loop, flow, *account);
  if (!matched.ok()) {
    KONTOR_RETURN_IF_ERROR(Stumble(loop, flow, matched));
    return false;
  }
  if (flow.body.kind != NameOf(model::StatementKind::kEndOfDay)) {
    KONTOR_RETURN_IF_ERROR(End(loop, flow, State::kViewed, ""));
    return false;
  }
  if (flow.body.left_out) {
    Decide(flow.body, "A person left its lines out of Odoo.");
    KONTOR_RETURN_IF_ERROR(End(loop, flow, State::kViewed, ""));
    return false;
  }
  return Post(loop, flow, *account);
}

}  // namespace kontor::statements
