// SPDX-License-Identifier: Apache-2.0
// What persons do before an order leaves: each once, by a person with the role, bound to the digest
// of the content that they saw.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/text.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using ports::Role;

absl::Status Audit(Loop& loop, ports::Unit& unit, const ports::Actor& actor, const Flow& flow,
                   Role role, std::string_view action, std::string_view before,
                   const std::string& reason, const Right& right) {
  ports::AuditEntry audit;
  audit.time = loop.Now();
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(role));
  audit.action = StrCat("payment_order.", action);
  audit.subject = flow.row.id;
  audit.entity = flow.row.entity;
  audit.before = nlohmann::json{{"state", std::string(before)}}.dump();
  nlohmann::json after = {{"state", flow.row.state}, {"digest", flow.body.digest}};
  if (right.IsLent()) {
    after["delegation"] = right.delegation;
    after["delegator"] = right.delegator_id;
  }
  audit.after = after.dump();
  audit.reason = reason;
  audit.policy_version = flow.body.approval_version;
  audit.correlation_id = flow.body.correlation_id;
  return unit.AppendAudit(std::move(audit));
}

bool Counts(const Flow& flow, const Approval& approval) {
  return approval.void_reason.empty() && approval.digest == flow.body.digest;
}

absl::Status CheckApprover(const Flow& flow, const ports::Actor& actor, const Right& right) {
  if (actor.principal_id == flow.body.preparer_id ||
      (right.IsLent() && right.delegator_id == flow.body.preparer_id)) {
    return Error(Reason::kDutiesNotSeparate)
        .Says(StrCat(right.IsLent() && actor.principal_id != flow.body.preparer_id ? right.delegator
                                                                                   : actor.name,
                     " prepared this order and cannot approve it"));
  }
  const auto& approvers = flow.body.approvers;
  const std::string& name = right.IsLent() ? right.delegator : actor.name;
  if (!approvers.empty() && std::ranges::find(approvers, name) == approvers.end()) {
    return Error(Reason::kPermissionDenied)
        .With("policy", flow.body.approval_version)
        .Says(StrCat("the policy ", flow.body.approval_version, " names other approvers"));
  }
  return absl::OkStatus();
}

bool IsOf(const Approval& approval, const std::string& principal_id) {
  return !principal_id.empty() &&
         (approval.principal_id == principal_id || approval.delegator_id == principal_id);
}

/// Whether the approval is of one of the two, or of somebody who shares a lent role with them
/// today.
absl::StatusOr<bool> IsOfSamePair(Loop& loop, ports::ReadView& view, const Approval& approval,
                                  const std::string& principal_id) {
  if (principal_id.empty()) return false;
  if (IsOf(approval, principal_id)) return true;
  for (const std::string* other : {&approval.principal_id, &approval.delegator_id}) {
    if (other->empty()) continue;
    KONTOR_ASSIGN_OR_RETURN(const bool linked,
                            AreLinked(loop, view, Role::kPaymentApprover, *other, principal_id));
    if (linked) return true;
  }
  return false;
}

/// Delegate and delegator together count once.
absl::Status CheckCountsOnce(Loop& loop, ports::ReadView& view, const Flow& flow,
                             const ports::Actor& actor, const Right& right) {
  for (const Approval& approval : flow.body.approvals) {
    if (!Counts(flow, approval)) continue;
    KONTOR_ASSIGN_OR_RETURN(const bool own, IsOfSamePair(loop, view, approval, actor.principal_id));
    KONTOR_ASSIGN_OR_RETURN(const bool lent,
                            IsOfSamePair(loop, view, approval, right.delegator_id));
    if (!own && !lent) continue;
    return Error(Reason::kDutiesNotSeparate)
        .Says(StrCat(approval.name,
                     " has approved this order, and who lends a role and who gets it count once"));
  }
  return absl::OkStatus();
}

absl::Status WrongState(const Flow& flow, std::string_view what) {
  return Error(Reason::kStateConflict)
      .With("state", flow.row.state)
      .Says(StrCat("the order is ", flow.row.state, " and cannot be ", what));
}

}  // namespace

absl::Status CheckPerson(const ports::Actor& actor, Role role) {
  if (!actor.is_person) {
    return Error(Reason::kPersonRequired).Says(StrCat(actor.name, " is a service"));
  }
  if (actor.Has(role)) return absl::OkStatus();
  return Error(Reason::kPermissionDenied)
      .With("roles", ports::NameOf(role))
      .Says(StrCat(actor.name, " needs the role ", ports::NameOf(role)));
}

absl::StatusOr<Flow> FindFor(ports::ReadView& view, const ports::Actor& actor,
                             const std::string& id) {
  auto flow = LoadFlow(view, id);
  if (flow.ok() && !actor.MaySee(flow->row.entity)) {
    return Error(Reason::kNotFound).Field("id").Says("there is no such payment order");
  }
  return flow;
}

bool VoidApprovals(Flow& flow, std::string_view why) {
  bool any = false;
  for (Approval& approval : flow.body.approvals) {
    if (!approval.void_reason.empty()) continue;
    approval.void_reason = std::string(why);
    any = true;
  }
  return any;
}

int CountApprovals(const Flow& flow) {
  return static_cast<int>(
      std::count_if(flow.body.approvals.begin(), flow.body.approvals.end(),
                    [&](const Approval& approval) { return Counts(flow, approval); }));
}

absl::StatusOr<View> ChangeOrder(Loop& loop, const ports::Actor& actor, const std::string& id,
                                 Role role, std::string_view action, const std::string& reason,
                                 const Change& change) {
  constexpr int kTriesMax = 5;
  View view;
  absl::Status done;
  for (int i = 0; i < kTriesMax; ++i) {
    done = loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(Flow flow, FindFor(unit, actor, id));
      const std::string before = flow.row.state;
      KONTOR_ASSIGN_OR_RETURN(const auto changed, change(unit, flow));
      if (changed) {
        KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, changed->state, changed->events));
        KONTOR_RETURN_IF_ERROR(
            Audit(loop, unit, actor, flow, role, action, before, reason, changed->right));
      }
      view = ViewFor(flow, true);
      return absl::OkStatus();
    });
    if (!base::Is(done, Reason::kVersionConflict)) break;
  }
  KONTOR_RETURN_IF_ERROR(done);
  return view;
}

absl::StatusOr<View> Approve(Loop& loop, const ports::Actor& actor, const std::string& id,
                             const std::string& digest) {
  const auto approve = [&](ports::Unit& unit,
                           Flow& flow) -> absl::StatusOr<std::optional<Changed>> {
    KONTOR_ASSIGN_OR_RETURN(const Right right, RightTo(loop, unit, actor, Role::kPaymentApprover,
                                                       flow, [&](const Right& one) {
                                                         return CheckApprover(flow, actor, one);
                                                       }));
    for (const Approval& approval : flow.body.approvals) {
      if (approval.principal_id == actor.principal_id && approval.digest == digest &&
          Counts(flow, approval)) {
        return std::optional<Changed>();
      }
    }
    if (flow.state() != State::kAwaitingApproval) return WrongState(flow, "approved");
    if (flow.body.digest != digest) {
      return Error(Reason::kApprovalVoid)
          .Field("digest")
          .Says("the order is not as it was when you saw it");
    }
    KONTOR_RETURN_IF_ERROR(CheckCountsOnce(loop, unit, flow, actor, right));
    KONTOR_ASSIGN_OR_RETURN(const Requirement wanted, RequirementFor(unit, flow));
    if (wanted.version != flow.body.approval_version) {
      return Error(Reason::kApprovalVoid)
          .Field("digest")
          .Says("the approval policy changed; look at the order again in a moment");
    }
    flow.body.approvals.push_back({actor.principal_id, actor.name, digest, wanted.version,
                                   base::FormatInstant(loop.Now()), "", right.delegator_id,
                                   right.delegator, right.delegation});
    Changed changed;
    changed.right = right;
    changed.state = State::kAwaitingApproval;
    if (CountApprovals(flow) >= flow.body.approvals_needed) {
      changed.state = State::kApproved;
      changed.events = {"approved"};
    }
    return std::optional(changed);
  };
  return ChangeOrder(loop, actor, id, Role::kPaymentApprover, "approve", "", approve);
}

absl::StatusOr<View> RevokeApproval(Loop& loop, const ports::Actor& actor, const std::string& id,
                                    const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, engine::kReasonMax));
  const auto revoke = [&](ports::Unit&, Flow& flow) -> absl::StatusOr<std::optional<Changed>> {
    bool any = false;
    bool own = false;
    for (Approval& approval : flow.body.approvals) {
      // Also who gave it by a delegation that has ended, and on whose behalf it was given.
      if (!IsOf(approval, actor.principal_id)) continue;
      own = true;
      if (!Counts(flow, approval)) continue;
      any = true;
      if (!IsBeforeRelease(flow.state())) return WrongState(flow, "called back by its approver");
      approval.void_reason = StrCat("taken back: ", reason);
    }
    if (!own || !actor.is_person) {
      KONTOR_RETURN_IF_ERROR(CheckPerson(actor, Role::kPaymentApprover));
    }
    if (!any) return std::optional<Changed>();
    Changed changed;
    changed.state = flow.state() == State::kApproved ? State::kAwaitingApproval : flow.state();
    if (changed.state != flow.state()) changed.events = {"approvals_voided"};
    return std::optional(changed);
  };
  return ChangeOrder(loop, actor, id, Role::kPaymentApprover, "revoke_approval", reason, revoke);
}

}  // namespace kontor::payment_orders
