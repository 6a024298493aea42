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

std::vector<model::SuggestedAction> ActionsAboutCall(bool disowned) {
  if (!disowned) {
    return {{Resolution::kRetry, "Tells the platform again.", false},
            {Resolution::kReject, "Tells it no more: the platform knows already.", false}};
  }
  return {{Resolution::kRetry, "Tells the platform again.", false},
          {Resolution::kReject, "Takes back what stands in the books.", false},
          {Resolution::kAccept, "Keeps the books; the platform is told no more.", true}};
}

bool IsAcceptable(const Finding& finding) {
  if (finding.severity != model::Severity::kError) return true;
  return std::any_of(kAcceptable.begin(), kAcceptable.end(), [&](Reason reason) {
    return base::EntryOf(reason).name == finding.reason;
  });
}

std::vector<model::SuggestedAction> ActionsFor(const Flow& flow,
                                               const std::vector<Finding>& findings) {
  if (IsDisowned(findings)) return ActionsAboutCall(true);
  if (Concerns(findings, {Reason::kReceiptUnknown, Reason::kPlatformRefused})) {
    return ActionsAboutCall(false);
  }
  if (IsAboutOrder(findings)) {
    return {{Resolution::kRetry, "Makes the payment order, after something was mended.", false},
            {Resolution::kReject, "Makes none: the report is paid in another way.", false}};
  }
  if (!flow.body.recall_reason.empty()) {
    return {{Resolution::kRetry, "Takes the report back again, after something was mended.",
             false}};
  }
  const bool ordered = !flow.body.payment_order_id.empty();
  std::vector<model::SuggestedAction> actions = {
      {Resolution::kRetry,
       ordered ? "Makes another payment order of the report."
               : "Checks the report again, after something was mended.",
       false},
      {Resolution::kReject, "Gives the report up; the platform is told that it failed.", false}};
  if (model::HasErrors(findings) && std::all_of(findings.begin(), findings.end(), IsAcceptable)) {
    actions.push_back({Resolution::kAccept, "Goes on in spite of the findings.", true});
  }
  return actions;
}

}  // namespace

bool Concerns(const std::vector<Finding>& findings, std::initializer_list<Reason> reasons) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return std::any_of(reasons.begin(), reasons.end(), [&](Reason reason) {
      return base::EntryOf(reason).name == finding.reason;
    });
  });
}

model::Finding Disowned() {
  return model::MakeFinding(
      Reason::kPlatformRefused, "report.ref",
      "The report stands in the books, and the platform says that it has it no more");
}

bool IsDisowned(const std::vector<Finding>& findings) {
  return std::find(findings.begin(), findings.end(), Disowned()) != findings.end();
}

absl::Status PutCase(Loop& loop, ports::Unit& unit, Flow& flow, std::vector<Finding> findings,
                     bool technical) {
  engine::FlowCase flow_case;
  flow_case.subject = flow.row.id;
  flow_case.entity = flow.row.entity;
  flow_case.correlation_id = flow.body.correlation_id;
  if (technical) flow_case.owner_role = "operator";
  if (IsDisowned(findings)) flow_case.owner_role = "accountant";  // it is about the books
  flow_case.technical = technical;
  flow_case.findings = findings;
  flow_case.actions = ActionsFor(flow, findings);
  flow.body.findings = std::move(findings);
  return engine::PutFlowCase(loop.Desk(), unit, std::move(flow_case), &flow.body.exception_id);
}

absl::Status CloseCase(Loop& loop, ports::Unit& unit, Flow& flow, std::string_view why) {
  if (flow.body.exception_id.empty()) return absl::OkStatus();
  flow.body.findings.clear();
  return engine::CloseFlowCase(loop.Desk(), unit, flow.body.correlation_id, why,
                               &flow.body.exception_id);
}

absl::StatusOr<Stepped> AskPerson(Loop& loop, Flow& flow, std::vector<model::Finding> findings,
                                  bool technical) {
  LookAgain(loop, flow);
  const bool known = !flow.body.exception_id.empty() && flow.body.findings == findings;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    const std::string before = copy.body.exception_id;
    KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, copy, findings, technical));
    const bool fresh = copy.body.exception_id != before;
    return WriteFlow(loop, unit, copy, copy.state(),
                     fresh && !known && !copy.body.test ? "exception" : "");
  }));
  return Stepped{};
}

bool IsForPerson(const absl::Status& refused) {
  switch (refused.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied: return true;
    default: return false;
  }
}

absl::StatusOr<Stepped> AskAbout(Loop& loop, Flow& flow, const absl::Status& refused) {
  std::vector<Finding> findings = model::FindingsOf(refused);
  if (findings.empty()) findings = {model::FindingOf(refused)};
  return AskPerson(loop, flow, std::move(findings), false);
}

}  // namespace kontor::expenses
