// SPDX-License-Identifier: Apache-2.0
// What holds a payment: duplicates, unusual payments, new or changed accounts, odd hours. Each says
// why; listed parties have a room of their own (screen.cc).
#include <algorithm>
#include <charconv>
#include <iterator>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

constexpr int kKeysMax = 1000;

std::string LookOf(const Loop& loop, const Flow& flow, const Line& line) {
  const model::CreditTransfer& transfer = line.transfer;
  std::string text;
  for (const std::string& part : transfer.remittance.unstructured) base::StrAppend(&text, part);
  for (const auto& part : transfer.remittance.structured) base::StrAppend(&text, part.reference);
  return loop.deps.crypto.Sha256Hex(StrCat(flow.row.entity, "\x1f",
                                           transfer.creditor.account.number, "\x1f",
                                           transfer.amount.ToString(), "\x1f", text));
}

std::string BillKey(const Flow& flow, int64_t move_id) {
  return StrCat(flow.row.entity, "\x1f", move_id);
}

/// Bills that the payment pays, or that Odoo's own payment has paid already.
std::vector<std::pair<int64_t, std::string>> PaidBy(const Line& line) {
  std::vector<std::pair<int64_t, std::string>> paid;
  for (const Bill& bill : line.bills) paid.emplace_back(bill.move_id, bill.name);
  for (const ports::PaidMove& move : line.paid_moves) paid.emplace_back(move.id, move.name);
  return paid;
}

/// Whether another order pays, or may yet.
absl::StatusOr<bool> Pays(const ports::FlowRow& row) {
  KONTOR_ASSIGN_OR_RETURN(const Flow flow, FlowOf(row));
  const State state = flow.state();
  return state != State::kCancelled && state != State::kRejected && state != State::kReturned &&
         flow.body.submission != Submission::kShadowed;
}

/// Another order of the window with the same look.
absl::Status FindTwin(ports::Unit& unit, const Flow& flow, const Line& line,
                      const std::string& look, int window_days, std::vector<Finding>& findings) {
  KONTOR_ASSIGN_OR_RETURN(const auto ids, unit.FlowsByKey(kLookSpace, look, kKeysMax));
  for (const std::string& id : ids) {
    if (id == flow.row.id) continue;
    KONTOR_ASSIGN_OR_RETURN(const auto row, unit.FindFlow(id));
    if (!row.has_value()) continue;
    KONTOR_ASSIGN_OR_RETURN(const bool pays, Pays(*row));
    if (!pays) continue;
    if (flow.row.created - row->created > absl::Hours(24) * window_days) continue;
    Finding finding = MakeFinding(
        Reason::kPaymentDuplicate, FieldOf(line),
        StrCat("The order ", id, " pays the same amount to the same account with the same text"));
    finding.got = id;
    findings.push_back(std::move(finding));
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

/// Two payments of this very order that look alike.
void FindOwnTwins(const Line& line, const std::string& look, std::map<std::string, int64_t>& seen,
                  std::vector<Finding>& findings) {
  const auto [it, fresh] = seen.emplace(look, line.number);
  if (fresh) return;
  findings.push_back(
      MakeFinding(Reason::kPaymentDuplicate, FieldOf(line),
                  StrCat("Payment ", it->second, " of this order is just like this one")));
}

absl::Status TakeBills(ports::Unit& unit, const Flow& flow, const Line& line,
                       std::map<std::string, int64_t>& own, std::vector<Finding>& findings) {
  for (const auto& [move_id, name] : PaidBy(line)) {
    const std::string key = BillKey(flow, move_id);
    if (const auto [it, fresh] = own.emplace(key, line.number); !fresh) {
      // Two of Odoo's payments may each have paid a part of it.
      if (line.odoo_payment_id > 0) continue;
      findings.push_back(
          MakeFinding(Reason::kFieldConflict, FieldOf(line),
                      StrCat("Payment ", it->second, " pays the bill ", name, " too")));
      continue;
    }
    KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                            unit.ReserveFlowKey({kBillSpace, key, flow.row.id}));
    if (holder == flow.row.id) continue;
    Finding finding = MakeFinding(Reason::kStateConflict, FieldOf(line),
                                  StrCat("The open order ", holder, " pays the bill ", name));
    finding.suggestion = "Take the payment out of one of the two orders.";
    finding.got = holder;
    findings.push_back(std::move(finding));
  }
  return absl::OkStatus();
}

/// Minutes of the day of "HH:MM", which the policy's rules have checked.
int MinutesOf(const std::string& text) {
  constexpr int kMinutesPerHour = 60;
  return ((text[0] - '0') * 10 + (text[1] - '0')) * kMinutesPerHour + (text[3] - '0') * 10 +
         (text[4] - '0');
}

/// Orders made while nobody should be at work.
void CheckHour(const Flow& flow, const model::CheckRules& rules, std::vector<Finding>& findings) {
  if (rules.hours_from.empty()) return;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(rules.time_zone, &zone)) return;  // the rules were checked
  const absl::CivilMinute made = absl::ToCivilMinute(flow.row.created, zone);
  constexpr int kMinutesPerHour = 60;
  const int minutes = made.hour() * kMinutesPerHour + made.minute();
  const int from = MinutesOf(rules.hours_from);
  const int to = MinutesOf(rules.hours_to);
  const bool within =
      from <= to ? minutes >= from && minutes < to : minutes >= from || minutes < to;
  if (within) return;
  findings.push_back(
      MakeFinding(Reason::kFraudRule, "",
                  StrCat("The order was made at an unusual hour, outside ", rules.hours_from,
                         " to ", rules.hours_to, " ", rules.time_zone)));
}

/// Payments to the account within the window, this order's included.
absl::Status CheckVelocity(Loop& loop, ports::Unit& unit, const Flow& flow, const Line& line,
                           const model::CheckRules& rules, std::vector<Finding>& findings) {
  if (rules.velocity_count <= 0) return absl::OkStatus();
  const std::string key = StrCat(flow.row.entity, "\x1f", line.transfer.creditor.account.number);
  KONTOR_ASSIGN_OR_RETURN(const auto ids, unit.FlowsByKey(kCreditorSpace, key, kKeysMax));
  int64_t count = std::count_if(flow.lines.begin(), flow.lines.end(), [&](const Line& other) {
    return other.state != LineState::kCancelled &&
           other.transfer.creditor.account.number == line.transfer.creditor.account.number;
  });
  for (const std::string& id : ids) {
    if (id == flow.row.id) continue;
    KONTOR_ASSIGN_OR_RETURN(const auto row, unit.FindFlow(id));
    if (!row.has_value() || row->kind != kOrderKind) continue;
    KONTOR_ASSIGN_OR_RETURN(const bool pays, Pays(*row));
    if (pays && loop.Now() - row->created <= absl::Hours(24) * rules.velocity_days) ++count;
  }
  if (count <= rules.velocity_count) return absl::OkStatus();
  findings.push_back(
      MakeFinding(Reason::kFraudRule, FieldOf(line, "creditor"),
                  StrCat(count, " payments to this account within ", rules.velocity_days, " days; ",
                         rules.velocity_count, " are usual")));
  return absl::OkStatus();
}

}  // namespace

std::string FieldOf(const Line& line, std::string_view member) {
  std::string field = StrCat("payments[", line.number - 1, "]");
  if (!member.empty()) base::StrAppend(&field, ".", member);
  return field;
}

std::optional<int64_t> NumberIn(std::string_view field) {
  constexpr std::string_view kStart = "payments[";
  if (!field.starts_with(kStart)) return std::nullopt;
  field.remove_prefix(kStart.size());
  int64_t index = 0;
  const auto end = std::from_chars(field.data(), field.data() + field.size(), index);
  if (end.ec != std::errc()) return std::nullopt;
  return index + 1;
}

absl::StatusOr<std::vector<Finding>> TakeKeys(Loop& loop, ports::Unit& unit, Flow& flow,
                                              const model::CheckRules& rules) {
  std::vector<Finding> findings;
  // What was taken out of the order since gives its keys back.
  KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kBillSpace, flow.row.id));
  KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kPaymentSpace, flow.row.id));
  KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kLookSpace, flow.row.id));
  KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kCreditorSpace, flow.row.id));
  std::map<std::string, int64_t> own_looks;
  std::map<std::string, int64_t> own_bills;
  for (const Line* line : LiveLines(flow)) {
    const std::string look = LookOf(loop, flow, *line);
    FindOwnTwins(*line, look, own_looks, findings);
    KONTOR_RETURN_IF_ERROR(
        FindTwin(unit, flow, *line, look, rules.duplicate_window_days, findings));
    KONTOR_RETURN_IF_ERROR(TakeBills(unit, flow, *line, own_bills, findings));
    KONTOR_RETURN_IF_ERROR(CheckVelocity(loop, unit, flow, *line, rules, findings));
    KONTOR_RETURN_IF_ERROR(unit.ShareFlowKey({kLookSpace, look, flow.row.id}));
    KONTOR_RETURN_IF_ERROR(unit.ShareFlowKey(
        {kCreditorSpace, StrCat(flow.row.entity, "\x1f", line->transfer.creditor.account.number),
         flow.row.id}));
    for (const Bill& bill : line->bills) {
      KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, bill.name));
      KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, bill.reference));
    }
    for (const ports::PaidMove& move : line->paid_moves) {
      KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, move.name));
    }
    if (!line->transfer.uetr.empty()) {
      KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, line->transfer.uetr));
    }
  }
  KONTOR_ASSIGN_OR_RETURN(auto of_payments, TakePayments(loop, unit, flow));
  std::ranges::move(of_payments, std::back_inserter(findings));
  for (const Batch& batch : flow.body.batches) {
    KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                            unit.ReserveFlowKey({kBatchSpace, batch.id, flow.row.id}));
    if (holder != flow.row.id) {
      return Error(Reason::kInternal).Says(StrCat("the id ", batch.id, " was used before"));
    }
    KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, batch.id));
  }
  return findings;
}

absl::Status ReleaseKeys(ports::Unit& unit, const Flow& flow) {
  KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kBillSpace, flow.row.id));
  KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kPaymentSpace, flow.row.id));
  if (flow.state() == State::kCancelled || flow.body.submission == Submission::kShadowed) {
    return absl::OkStatus();
  }
  for (const Line* line : LiveLines(flow)) {
    // Odoo's payment stays taken when it is settled, and after a refusal until it is cancelled
    // there: else another order would send it.
    if (line->odoo_payment_id > 0 && !line->undone) {
      KONTOR_RETURN_IF_ERROR(
          unit.ReserveFlowKey({kPaymentSpace, PaymentKey(flow, *line), flow.row.id}).status());
    }
    if (line->state == LineState::kRejected || line->state == LineState::kReturned) continue;
    // What Odoo has booked stands in the bill's own rest.
    if (line->state == LineState::kSettled && line->books_done) continue;
    for (const auto& paid : PaidBy(*line)) {
      KONTOR_RETURN_IF_ERROR(
          unit.ReserveFlowKey({kBillSpace, BillKey(flow, paid.first), flow.row.id}).status());
    }
  }
  return absl::OkStatus();
}

std::vector<Finding> Suspicions(const Flow& flow, const model::CheckRules& rules) {
  std::vector<Finding> findings;
  CheckHour(flow, rules, findings);
  return findings;
}

}  // namespace kontor::payment_orders
