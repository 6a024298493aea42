// SPDX-License-Identifier: Apache-2.0
// A platform that says one thing and then another under one revision: which counts is for a person
// to find out, and must not stay in a log.
#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {
namespace {

absl::Status PutContradiction(Loop& loop, ports::Unit& unit, Flow& flow,
                              const model::Finding& finding) {
  engine::FlowCase flow_case;
  flow_case.subject = flow.row.id;
  flow_case.entity = flow.row.entity;
  flow_case.correlation_id = flow.body.correlation_id;
  flow_case.owner_role = "accountant";
  flow_case.findings = {finding};
  flow_case.actions = {{model::Resolution::kRetry,
                        "Closes the case; what the platform says next is compared again.", false}};
  KONTOR_RETURN_IF_ERROR(engine::PutFlowCase(loop.Desk(), unit, std::move(flow_case),
                                             &flow.body.contradiction_id));
  flow.row.updated = loop.Now();
  flow.row.body = ToJson(flow.body);
  KONTOR_RETURN_IF_ERROR(unit.PutFlow(flow.row));
  Flow shown = flow;
  shown.body.exception_id = flow.body.contradiction_id;
  shown.body.findings = {finding};
  return AppendEvent(loop, unit, shown, "expense_report.exception");
}

}  // namespace

absl::Status AskAboutContradiction(Loop& loop, const absl::Status& refused) {
  const base::ErrorInfo info = base::InfoOf(refused);
  const auto holder = info.metadata.find("report");
  const auto digest = info.metadata.find("digest");
  if (holder == info.metadata.end() || digest == info.metadata.end()) return refused;
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(holder->second));
    if (!row.has_value()) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowOf(*std::move(row)));
    // A list is read every few minutes and says the same each time.
    if (flow.body.contradiction == digest->second) return absl::OkStatus();
    flow.body.contradiction = digest->second;
    return PutContradiction(loop, unit, flow, model::FindingOf(refused));
  });
}

}  // namespace kontor::expenses
