// SPDX-License-Identifier: Apache-2.0
// What a person may do about a file or a statement; how such cases stand is in
// engine/flow_cases.cc.
#include <algorithm>

#include "server/engine/statements/internal/loop.h"
#include "server/model/statement.h"

namespace kontor::statements {
namespace {

using base::Reason;
using model::Resolution;
using model::SuggestedAction;
using Actions = std::vector<SuggestedAction>;

bool Has(const Body& body, Reason reason) {
  return std::ranges::any_of(body.findings, [&](const model::Finding& finding) {
    return finding.reason == base::EntryOf(reason).name;
  });
}

Actions RetryOrReject(const char* retry, const char* reject) {
  return {{Resolution::kRetry, retry, false}, {Resolution::kReject, reject, false}};
}

/// An overlap comes first: whatever else is found, its lines need two people.
Actions ActionsFor(const Flow& flow) {
  if (IsOverlap(flow)) {
    // Nothing can be mended that would make it right, so it cannot be tried again.
    return {{Resolution::kAccept, "Puts the lines that are new into Odoo all the same.", true},
            {Resolution::kReject,
             "Leaves the lines that are new out of Odoo; what stands there stays.", false}};
  }
  if (IsStopped(flow)) {
    return RetryOrReject("Puts the lines into Odoo again, after something was mended there.",
                         "Leaves the lines that are not there yet out of Odoo.");
  }
  if (flow.body.verdict == NameOf(model::StatementProof::Verdict::kRefused)) {
    return RetryOrReject("Closes the case once the bank sent a right statement.",
                         "Closes the case; the statement stays refused.");
  }
  if (Has(flow.body, Reason::kStatementGap)) {
    return RetryOrReject("Looks again whether the missing statement has come.",
                         "Closes the case: the missing statement will not come.");
  }
  return RetryOrReject("Closes the case, after somebody looked at it.",
                       "Closes the case; the statement stays as it is.");
}

template <typename AnyFlow>
engine::FlowCase CaseOf(const AnyFlow& flow) {
  engine::FlowCase flow_case;
  flow_case.subject = flow.row.id;
  flow_case.entity = flow.row.entity;
  flow_case.correlation_id = flow.body.correlation_id;
  flow_case.findings = flow.body.findings;
  return flow_case;
}

}  // namespace

bool IsOverlap(const Flow& flow) { return Has(flow.body, Reason::kStatementOverlap); }

bool IsStopped(const Flow& flow) {
  // A gap before it says nothing against its own lines.
  return IsOverlap(flow) || Has(flow.body, Reason::kPeriodLocked) ||
         Has(flow.body, Reason::kOdooRefused);
}

absl::Status PutCase(Loop& loop, ports::Unit& unit, Flow& flow) {
  engine::FlowCase flow_case = CaseOf(flow);
  flow_case.actions = ActionsFor(flow);
  return engine::PutFlowCase(loop.Desk(), unit, std::move(flow_case), &flow.body.exception_id);
}

absl::Status PutCase(Loop& loop, ports::Unit& unit, FileFlow& file) {
  engine::FlowCase flow_case = CaseOf(file);
  flow_case.technical = true;
  flow_case.actions = RetryOrReject("Reads the file again, after something was mended.",
                                    "Gives the file up; its bytes are kept.");
  return engine::PutFlowCase(loop.Desk(), unit, std::move(flow_case), &file.body.exception_id);
}

void Decide(Body& body, std::string sentence) {
  const bool known = std::ranges::find(body.decisions, sentence) != body.decisions.end();
  if (!known && !sentence.empty()) body.decisions.push_back(std::move(sentence));
}

}  // namespace kontor::statements
