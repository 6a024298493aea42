// SPDX-License-Identifier: Apache-2.0
// The release: a third person sends what others prepared and approved, after everything that it
// pays was read once more.
#include <algorithm>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using ports::Role;

bool IsReleased(const Flow& flow, const ports::Actor& actor, const std::string& digest) {
  return !IsBeforeRelease(flow.state()) && flow.state() != State::kCancelled &&
         flow.body.releaser_id == actor.principal_id && flow.body.digest == digest;
}

/// A third person: neither the releaser nor who lent them the role did anything else with it, and
/// neither did anyone on their behalf.
absl::Status CheckReleaser(const Flow& flow, const std::string& id, const std::string& name) {
  if (id == flow.body.preparer_id) {
    return Error(Reason::kDutiesNotSeparate)
        .Says(StrCat(name, " prepared this order and cannot release it"));
  }
  const bool approved = std::ranges::any_of(flow.body.approvals, [&](const Approval& approval) {
    return approval.principal_id == id || approval.delegator_id == id;
  });
  if (!approved) return absl::OkStatus();
  return Error(Reason::kDutiesNotSeparate)
      .Says(StrCat(name, " approved this order, or had it approved, and cannot release it"));
}

absl::Status CheckRight(const Flow& flow, const ports::Actor& actor, const Right& right) {
  KONTOR_RETURN_IF_ERROR(CheckReleaser(flow, actor.principal_id, actor.name));
  return right.IsLent() ? CheckReleaser(flow, right.delegator_id, right.delegator)
                        : absl::OkStatus();
}

absl::StatusOr<Right> CheckRelease(Loop& loop, ports::ReadView& view, const Flow& flow,
                                   const ports::Actor& actor, const std::string& digest) {
  KONTOR_ASSIGN_OR_RETURN(const Right right,
                          RightTo(loop, view, actor, Role::kPaymentReleaser, flow,
                                  [&](const Right& one) { return CheckRight(flow, actor, one); }));
  if (flow.state() != State::kApproved) {
    return Error(Reason::kStateConflict)
        .With("state", flow.row.state)
        .Says(StrCat("the order is ", flow.row.state, " and cannot be released"));
  }
  if (flow.body.digest == digest && CountApprovals(flow) >= flow.body.approvals_needed) {
    return right;
  }
  return Error(Reason::kApprovalVoid)
      .Field("digest")
      .Says("the order is not as it was when you saw it");
}

/// The way must be open: neither channel nor books are stopped.
absl::Status CheckWay(Loop& loop, const Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const std::string suspended, loop.SuspensionOf(flow.row.entity));
  if (!suspended.empty()) {
    return Error(Reason::kConnectionPaused)
        .With("why", suspended)
        .Says(StrCat("the entity's connection is stopped: ", suspended));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto channel, loop.ChannelByName(flow.body.channel));
  if (channel.state != model::ChannelState::kPaused) return absl::OkStatus();
  return Error(Reason::kChannelPaused).Says(StrCat("the channel ", channel.name, " is paused"));
}

/// What was approved is not what would be paid: back to the beginning.
absl::Status Fall(Loop& loop, const ports::Actor& actor, const Flow& flow,
                  const std::vector<Finding>& findings) {
  const auto fall = [&](ports::Unit& unit, Flow& now) -> absl::StatusOr<std::optional<Changed>> {
    if (now.row.version != flow.row.version) return std::optional<Changed>();
    VoidApprovals(now, StrCat("at the release: ", findings.front().message));
    now.body.refresh_wanted = true;
    now.row.due = loop.Now();
    Changed changed{State::kDraft, {"approvals_voided"}};
    KONTOR_RETURN_IF_ERROR(TellMissed(loop, unit, now, &changed.events));
    return std::optional(changed);
  };
  return ChangeOrder(loop, actor, flow.row.id, Role::kPaymentReleaser, "release_refused",
                     findings.front().message, fall)
      .status();
}

absl::StatusOr<View> TryRelease(Loop& loop, const ports::Actor& actor, const std::string& id,
                                const std::string& digest) {
  absl::StatusOr<Flow> flow = absl::UnknownError("not read");
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    flow = FindFor(view, actor, id);
    KONTOR_RETURN_IF_ERROR(flow.status());
    if (IsReleased(*flow, actor, digest)) return absl::OkStatus();
    return CheckRelease(loop, view, *flow, actor, digest).status();
  }));
  if (IsReleased(*flow, actor, digest)) return ViewFor(*flow, true);
  KONTOR_RETURN_IF_ERROR(CheckWay(loop, *flow));
  KONTOR_ASSIGN_OR_RETURN(const InForce lists, loop.PolicyInForce(model::PolicyKind::kLists));
  KONTOR_ASSIGN_OR_RETURN(const std::vector<Finding> findings, Recheck(loop, *flow, lists));
  if (!findings.empty()) {
    KONTOR_RETURN_IF_ERROR(Fall(loop, actor, *flow, findings));
    return model::StatusOf(findings);
  }
  const auto release = [&](ports::Unit& unit, Flow& now) -> absl::StatusOr<std::optional<Changed>> {
    if (now.row.version != flow->row.version) {
      return Error(Reason::kVersionConflict).Says("the order changed while it was read again");
    }
    KONTOR_ASSIGN_OR_RETURN(const Right right, CheckRelease(loop, unit, now, actor, digest));
    KONTOR_ASSIGN_OR_RETURN(const Requirement wanted, RequirementFor(unit, now));
    if (wanted.version != now.body.approval_version) {
      return Error(Reason::kApprovalVoid).Says("the approval policy changed meanwhile");
    }
    KONTOR_ASSIGN_OR_RETURN(const InForce screened,
                            Loop::PolicyIn(unit, model::PolicyKind::kLists));
    if (screened.version != lists.version) {
      return Error(Reason::kVersionConflict).Says("the sanctions lists changed meanwhile");
    }
    now.body.lists_version = lists.version;
    now.body.releaser_id = actor.principal_id;
    now.body.releaser = actor.name;
    now.body.released_at = base::FormatInstant(loop.Now());
    now.body.release_delegator_id = right.delegator_id;
    now.body.release_delegator = right.delegator;
    now.body.release_delegation = right.delegation;
    now.body.missed.clear();
    KONTOR_RETURN_IF_ERROR(CloseLate(loop, unit, now, "the order was released"));
    now.body.submission = Submission::kNone;
    now.body.attempts = 0;
    now.row.due = loop.Now();
    return std::optional(Changed{State::kReleased, {"released"}, right});
  };
  return ChangeOrder(loop, actor, id, Role::kPaymentReleaser, "release", "", release);
}

}  // namespace

absl::StatusOr<View> ReleaseOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                                  const std::string& digest) {
  constexpr int kTriesMax = 3;
  absl::StatusOr<View> view = absl::UnknownError("not tried");
  for (int i = 0; i < kTriesMax; ++i) {
    view = TryRelease(loop, actor, id, digest);
    if (!base::Is(view.status(), Reason::kVersionConflict)) break;
  }
  return view;
}

}  // namespace kontor::payment_orders
