// SPDX-License-Identifier: Apache-2.0
// One order forward by one step, and how an order is written.
#include <algorithm>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using model::Resolution;

bool IsFinal(const Line& line) {
  return line.state == LineState::kCancelled || line.state == LineState::kRejected ||
         line.state == LineState::kSettled || line.state == LineState::kReturned;
}

bool IsOpen(const Flow& flow) {
  if (flow.state() == State::kCancelled) return false;
  if (flow.body.submission == Submission::kShadowed) return false;
  return !IsOver(flow) || !flow.body.exception_id.empty() || !flow.body.late_case.empty();
}

absl::Status GiveUp(Loop& loop, Flow& flow) {
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    copy.body.cancel_reason = "it was rejected in its exception";
    copy.body.exception_id.clear();
    for (Line& line : copy.lines) copy.Touch(line).state = LineState::kCancelled;
    VoidApprovals(copy, "the order was cancelled");
    KONTOR_RETURN_IF_ERROR(CloseLate(loop, unit, copy, "the order was cancelled"));
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, copy, State::kCancelled, {"cancelled"}));
    return ReleaseKeys(unit, copy);
  });
}

/// A draft, or one that kontor's checks hold: judged again, after what a person decided.
absl::StatusOr<Stepped> Judge(Loop& loop, Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const auto decision,
                          engine::DecisionOf(loop.deps.store, flow.body.exception_id));
  if (decision == Resolution::kReject) {
    KONTOR_RETURN_IF_ERROR(GiveUp(loop, flow));
    return Stepped{};
  }
  if (!flow.body.hold_reasons.empty()) {
    flow.row.due = absl::InfiniteFuture();
    if (!flow.body.exception_id.empty() || !flow.body.late_case.empty()) LookAgain(loop, flow);
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, flow.state()));
    return Stepped{};
  }
  if (decision) flow.body.exception_id.clear();
  if (decision == Resolution::kAccept) {
    for (const Finding& finding : flow.body.findings) {
      if (IsAcceptable(finding)) flow.body.accepted.push_back(AcceptKey(finding));
    }
  }
  return Validate(loop, flow);
}

/// After the hand-over a case only tells; a person takes note of it.
absl::StatusOr<Stepped> Follow(Loop& loop, Flow& flow) {
  if (!flow.body.exception_id.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const auto decision,
                            engine::DecisionOf(loop.deps.store, flow.body.exception_id));
    if (decision) {
      flow.body.exception_id.clear();
      flow.body.findings.clear();
      KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, flow.state()));
    }
  }
  auto late = LateAnswers(loop, flow);
  if (!late.ok()) {
    // The books are kept all the same, and what was late before stays so until it can be judged.
    loop.Log("payment_order.lateness_not_judged",
             {{"subject", flow.row.id}, {"reason", base::InfoOf(late.status()).reason}});
    late = Late{flow.body.late, loop.Now() + loop.settings.look_interval};
  }
  return KeepBooks(loop, flow, *late);
}

}  // namespace

bool IsOver(const Flow& flow) {
  if (IsBeforeRelease(flow.state()) || flow.state() == State::kReleased) return false;
  return std::all_of(flow.lines.begin(), flow.lines.end(), [](const Line& line) {
    if (!IsFinal(line)) return false;
    if (line.partner_id <= 0 || line.state == LineState::kCancelled) return true;
    return line.state == LineState::kSettled ? line.books_done : line.undone;
  });
}

absl::Status WriteFlow(Loop& loop, ports::Unit& unit, Flow& flow, State state,
                       const std::vector<std::string>& events) {
  flow.row.state = std::string(NameOf(state));
  flow.row.group = flow.body.account;
  flow.row.open = IsOpen(flow);
  if (!flow.row.open) flow.row.due = absl::InfiniteFuture();
  flow.row.updated = loop.Now();
  flow.row.body = ToJson(flow.body);
  KONTOR_RETURN_IF_ERROR(unit.PutFlow(flow.row));
  for (const int64_t number : flow.changed) {
    if (const Line* const line = flow.FindLine(number); line != nullptr) {
      KONTOR_RETURN_IF_ERROR(unit.UpdateFlowLine(RowOf(flow.row.id, *line)));
    }
  }
  for (const std::string& event : events) {
    KONTOR_RETURN_IF_ERROR(AppendEvent(loop, unit, flow, StrCat("payment_order.", event)));
  }
  return absl::OkStatus();
}

absl::Status SaveFlow(Loop& loop, Flow& flow, State state, const std::vector<std::string>& events) {
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    return WriteFlow(loop, unit, written, state, events);
  }));
  flow = std::move(written);
  flow.changed.clear();
  return absl::OkStatus();
}

ports::AuditEntry OwnAudit(const Loop& loop, const Flow& flow, std::string_view action) {
  ports::AuditEntry audit;
  audit.time = loop.Now();
  audit.actor = "kontord";
  audit.action = StrCat("payment_order.", action);
  audit.subject = flow.row.id;
  audit.entity = flow.row.entity;
  audit.correlation_id = flow.body.correlation_id;
  return audit;
}

void LookAgain(Loop& loop, Flow& flow) { flow.row.due = loop.Now() + loop.settings.look_interval; }

void RetryLater(Loop& loop, Flow& flow) {
  absl::Duration wait = loop.settings.retry_first;
  for (int i = 0; i < flow.body.attempts && wait < loop.settings.retry_max; ++i) wait *= 2;
  ++flow.body.attempts;
  flow.row.due = loop.Now() + std::min(wait, loop.settings.retry_max);
}

absl::StatusOr<Stepped> StepOrder(Loop& loop, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(Flow flow, loop.Load(id));
  if (!flow.row.open) return Stepped{};
  // Before anything else: judging moves the day of an order whose cut-off has passed.
  if (IsBeforeRelease(flow.state())) KONTOR_RETURN_IF_ERROR(TellTime(loop, flow));
  switch (flow.state()) {
    case State::kDraft:
    case State::kHeld: return Judge(loop, flow);
    case State::kValidated: return AskApproval(loop, flow);
    // Read again now and then, since bills and accounts may change in Odoo.
    case State::kAwaitingApproval:
    case State::kApproved: return Validate(loop, flow);
    case State::kReleased: return Submit(loop, flow);
    case State::kCancelled: return Stepped{};
    default: return Follow(loop, flow);
  }
}

}  // namespace kontor::payment_orders
