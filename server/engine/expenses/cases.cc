// SPDX-License-Identifier: Apache-2.0
// What a person may do about a report; how such cases stand is in engine/flow_cases.cc.
#include <algorithm>
#include <array>

#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {
namespace {

using base::Reason;
using model::Finding;
using model::Resolution;

/// Findings that two people may accept.
constexpr std::array kAcceptable = {Reason::kDuplicateSuspected, Reason::kApproverIsClaimant,
                                    Reason::kExpensePolicy};

bool IsAcceptable(const Finding& finding) {
  if (finding.severity != model::Severity::kError) return true;
  return std::any_of(kAcceptable.begin(), kAcceptable.end(), [&](Reason reason) {
    return base::EntryOf(reason).name == finding.reason;
  });
}

std::vector<model::SuggestedAction> ActionsFor(const std::vector<Finding>& findings) {
  std::vector<model::SuggestedAction> actions = {
      {Resolution::kRetry, "Checks the report again, after something was mended.", false},
      {Resolution::kReject, "Gives the report up; the platform is told that it failed.", false}};
  if (model::HasErrors(findings) && std::all_of(findings.begin(), findings.end(), IsAcceptable)) {
    actions.push_back({Resolution::kAccept, "Goes on in spite of the findings.", true});
  }
  return actions;
}

}  // namespace

absl::Status PutCase(Loop& loop, ports::Unit& unit, Flow& flow, std::vector<Finding> findings,
                     bool technical) {
  engine::FlowCase flow_case;
  flow_case.subject = flow.row.id;
  flow_case.entity = flow.row.entity;
  flow_case.correlation_id = flow.body.correlation_id;
  if (technical) flow_case.owner_role = "operator";
  flow_case.technical = technical;
  flow_case.findings = findings;
  flow_case.actions = ActionsFor(findings);
  flow.body.findings = std::move(findings);
  return engine::PutFlowCase(loop.Desk(), unit, std::move(flow_case), &flow.body.exception_id);
}

absl::Status CloseCase(Loop& loop, ports::Unit& unit, Flow& flow, std::string_view why) {
  if (flow.body.exception_id.empty()) return absl::OkStatus();
  flow.body.findings.clear();
  return engine::CloseFlowCase(loop.Desk(), unit, flow.body.correlation_id, why,
                               &flow.body.exception_id);
}

}  // namespace kontor::expenses
