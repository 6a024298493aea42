// SPDX-License-Identifier: Apache-2.0
// Who must approve an order, by the policy in force.
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {

absl::StatusOr<Requirement> RequirementFor(ports::ReadView& view, const Flow& flow) {
  Requirement out;
  KONTOR_ASSIGN_OR_RETURN(const InForce policy, Loop::PolicyIn(view, model::PolicyKind::kApproval));
  if (policy.content.empty()) return out;
  std::vector<Finding> findings;
  const auto steps = model::ReadApprovalSteps(policy.content, &findings);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  const auto* const step = model::StepFor(steps, flow.row.entity, TotalOf(flow));
  if (step == nullptr) return out;
  out.version = policy.version;
  out.approvals = step->approvals;
  out.approvers = step->approvers;
  return out;
}

absl::StatusOr<Stepped> AskApproval(Loop& loop, Flow& flow) {
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_ASSIGN_OR_RETURN(const Requirement wanted, RequirementFor(unit, copy));
    if (wanted.version.empty()) {
      LookAgain(loop, copy);
      const std::string known = copy.body.exception_id;
      KONTOR_RETURN_IF_ERROR(PutCase(
          loop, unit, copy,
          {MakeFinding(Reason::kPolicyMissing, "",
                       "No approval policy is active that says who must approve this order")},
          false));
      written = copy;
      return WriteFlow(loop, unit, written, State::kValidated,
                       known == copy.body.exception_id ? std::vector<std::string>()
                                                       : std::vector<std::string>{"exception"});
    }
    if (copy.body.approval_version != wanted.version) {
      VoidApprovals(copy, "the approval policy changed");
      copy.body.approval_version = wanted.version;
    }
    copy.body.approvals_needed = wanted.approvals;
    copy.body.approvers = wanted.approvers;
    // Warnings stay for the approver to see.
    const std::vector<Finding> findings = copy.body.findings;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "an approval policy covers the order"));
    copy.body.findings = findings;
    std::erase_if(copy.body.findings, [](const Finding& finding) {
      return finding.severity == model::Severity::kError;
    });
    copy.row.due = NextLook(loop, copy);
    written = copy;
    const bool enough = CountApprovals(copy) >= wanted.approvals;
    return WriteFlow(loop, unit, written, enough ? State::kApproved : State::kAwaitingApproval, {});
  }));
  flow = std::move(written);
  return Stepped{};
}

}  // namespace kontor::payment_orders
