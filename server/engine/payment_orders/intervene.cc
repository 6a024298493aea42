// SPDX-License-Identifier: Apache-2.0
// How persons stop an order, let it go on, or say what became of a file of unknown fate.
#include <algorithm>

#include "server/base/text.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using ports::Role;

/// The file has not left and is not about to.
bool MayStillBeCancelled(const Flow& flow) {
  if (IsBeforeRelease(flow.state())) return true;
  if (flow.state() != State::kReleased) return false;
  const Submission submission = flow.body.submission;
  return submission == Submission::kNone || submission == Submission::kGenerated ||
         submission == Submission::kShadowed;
}

absl::Status WrongState(const Flow& flow, std::string_view what) {
  return Error(Reason::kStateConflict)
      .With("state", flow.row.state)
      .Says(StrCat("the order is ", flow.row.state, " and cannot be ", what));
}

/// Takes payments out; the rest is judged anew.
absl::StatusOr<std::optional<Changed>> TakeOut(Loop& loop, Flow& flow,
                                               const std::vector<int64_t>& numbers) {
  if (!IsBeforeRelease(flow.state())) return WrongState(flow, "changed");
  bool any = false;
  for (const int64_t number : numbers) {
    Line* const line = flow.FindLine(number);
    if (line == nullptr) {
      return Error(Reason::kNotFound)
          .Field("payment_numbers")
          .Says(StrCat("the order has no payment ", number));
    }
    if (line->state == LineState::kCancelled) continue;
    flow.Touch(*line).state = LineState::kCancelled;
    any = true;
  }
  if (!any) return std::optional<Changed>();
  if (LiveLines(flow).empty()) {
    return Error(Reason::kStateConflict)
        .Field("payment_numbers")
        .Says("no payment would be left; cancel the whole order instead");
  }
  VoidApprovals(flow, "payments were taken out");
  flow.body.refresh_wanted = true;
  flow.row.due = loop.Now();
  const bool by_person = !flow.body.hold_reasons.empty();
  return std::optional(Changed{by_person ? State::kHeld : State::kDraft, {}});
}

/// What two persons agreed on.
absl::StatusOr<std::optional<Changed>> Conclude(Loop& loop, ports::Unit& unit, Flow& flow,
                                                bool sent) {
  flow.body.words.clear();
  KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, flow, "two persons said what the bank says"));
  flow.row.due = loop.Now();
  if (!sent) {
    flow.body.submission = Submission::kGenerated;
    flow.body.attempts = 0;
    return std::optional(Changed{State::kReleased, {}});
  }
  KONTOR_RETURN_IF_ERROR(EnterSubmitted(loop, unit, flow, "two persons asked the bank"));
  return std::optional(Changed{State::kSubmitted, {"submitted"}});
}

}  // namespace

absl::StatusOr<View> CancelOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                                 const std::string& reason, const std::vector<int64_t>& numbers) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  const auto cancel = [&](ports::Unit& unit, Flow& flow) -> absl::StatusOr<std::optional<Changed>> {
    if (flow.state() == State::kCancelled) return std::optional<Changed>();
    if (!numbers.empty()) return TakeOut(loop, flow, numbers);
    if (!MayStillBeCancelled(flow)) return WrongState(flow, "cancelled any more");
    for (Line& line : flow.lines) flow.Touch(line).state = LineState::kCancelled;
    VoidApprovals(flow, "the order was cancelled");
    flow.body.cancel_reason = reason;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, flow, "the order was cancelled"));
    KONTOR_RETURN_IF_ERROR(CloseLate(loop, unit, flow, "the order was cancelled"));
    flow.row.state = std::string(NameOf(State::kCancelled));
    KONTOR_RETURN_IF_ERROR(ReleaseKeys(unit, flow));
    return std::optional(Changed{State::kCancelled, {"cancelled"}});
  };
  return ChangeOrder(loop, actor, id, Role::kPaymentPreparer, "cancel", reason, cancel);
}

absl::StatusOr<View> HoldOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                               const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  const auto hold = [&](ports::Unit&, Flow& flow) -> absl::StatusOr<std::optional<Changed>> {
    if (!IsBeforeRelease(flow.state())) return WrongState(flow, "held any more");
    const std::string word = StrCat(actor.name, ": ", reason);
    auto& words = flow.body.hold_reasons;
    if (std::ranges::find(words, word) != words.end()) return std::optional<Changed>();
    if (flow.state() != State::kHeld) flow.body.held_from = flow.row.state;
    words.push_back(word);
    // Nobody is to decide in time any more: that case ends at the next look.
    flow.row.due = flow.body.late_case.empty() ? absl::InfiniteFuture() : loop.Now();
    return std::optional(Changed{State::kHeld, {"held"}});
  };
  return ChangeOrder(loop, actor, id, Role::kPaymentApprover, "hold", reason, hold);
}

absl::StatusOr<View> UnholdOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                                 const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  const auto unhold = [&](ports::Unit&, Flow& flow) -> absl::StatusOr<std::optional<Changed>> {
    if (flow.body.hold_reasons.empty()) {
      if (flow.state() != State::kHeld) return std::optional<Changed>();
      return Error(Reason::kStateConflict)
          .With("exception", flow.body.exception_id)
          .Says("kontor's checks hold the order; decide its exception");
    }
    if (actor.principal_id == flow.body.preparer_id) {
      return Error(Reason::kDutiesNotSeparate)
          .Says(StrCat(actor.name, " prepared this order and cannot let it go on"));
    }
    flow.body.hold_reasons.clear();
    flow.body.refresh_wanted = true;
    flow.row.due = loop.Now();
    return std::optional(Changed{State::kDraft, {}});
  };
  return ChangeOrder(loop, actor, id, Role::kPaymentApprover, "unhold", reason, unhold);
}

absl::StatusOr<View> ResolveSubmission(Loop& loop, const ports::Actor& actor, const std::string& id,
                                       bool sent, const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  if (!actor.is_person) {
    return Error(Reason::kPersonRequired).Says("a person asks the bank");
  }
  const auto resolve = [&](ports::Unit& unit,
                           Flow& flow) -> absl::StatusOr<std::optional<Changed>> {
    if (flow.body.submission == Submission::kSent && sent) return std::optional<Changed>();
    if (flow.state() != State::kReleased || flow.body.submission != Submission::kUnknown) {
      return Error(Reason::kStateConflict)
          .With("state", flow.row.state)
          .Says("nobody doubts whether the bank has this order");
    }
    if (actor.principal_id == flow.body.preparer_id) {
      return Error(Reason::kDutiesNotSeparate)
          .Says(StrCat(actor.name, " prepared this order and cannot say what became of it"));
    }
    for (const Word& word : flow.body.words) {
      if (word.principal_id == actor.principal_id && word.sent == sent) {
        return std::optional<Changed>();
      }
    }
    std::erase_if(flow.body.words, [&](const Word& word) {
      return word.sent != sent || word.principal_id == actor.principal_id;
    });
    flow.body.words.push_back({actor.principal_id, actor.name, sent, reason});
    if (flow.body.words.size() < 2) return std::optional(Changed{State::kReleased, {}});
    return Conclude(loop, unit, flow, sent);
  };
  return ChangeOrder(loop, actor, id, Role::kOperator, "resolve_submission", reason, resolve);
}

}  // namespace kontor::payment_orders
