// SPDX-License-Identifier: Apache-2.0
// What is concluded from all that was found: an order goes on, is held, or is a draft again.
#include <algorithm>
#include <iterator>

#include "server/engine/payment_orders/internal/screen.h"

namespace kontor::payment_orders {
namespace {

/// Findings that two people let pass are warnings from then on.
void DowngradeAccepted(const Flow& flow, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (std::find(flow.body.accepted.begin(), flow.body.accepted.end(), AcceptKey(finding)) !=
        flow.body.accepted.end()) {
      finding.severity = model::Severity::kWarning;
    }
  }
}

/// Each payment's own holds, as its line shows them.
void MarkLines(Flow& flow, const std::vector<Finding>& findings) {
  for (Line& line : flow.lines) {
    if (line.state == LineState::kCancelled) continue;
    std::vector<Finding> own;
    for (const Finding& finding : findings) {
      if (Holds(finding) && NumberIn(finding.field) == line.number) own.push_back(finding);
    }
    line.state = own.empty() ? LineState::kPending : LineState::kHeld;
    line.holds = std::move(own);
    flow.Touch(line);
  }
}

/// An order as it is judged within the unit.
struct Judged {
  Flow flow;
  std::vector<Finding> findings;
  bool same = true;     ///< Its content is what it was.
  bool voided = false;  ///< Approvals that counted fell.
};

bool IsWrong(const Finding& finding) {
  return finding.severity == model::Severity::kError && !Holds(finding);
}

/// Keys, beneficiaries and hits are taken, and all that was found stands in its lines.
absl::StatusOr<Judged> Judge(Loop& loop, ports::Unit& unit, const Flow& flow,
                             const std::vector<Finding>& findings, const Screened& screened,
                             const model::CheckRules& rules, const std::string& digest) {
  Judged judged{flow, findings, true, false};
  KONTOR_ASSIGN_OR_RETURN(auto more, TakeBeneficiaries(loop, unit, judged.flow, rules));
  std::ranges::move(more, std::back_inserter(judged.findings));
  KONTOR_ASSIGN_OR_RETURN(more, TakeHits(loop, unit, judged.flow, screened));
  std::ranges::move(more, std::back_inserter(judged.findings));
  KONTOR_ASSIGN_OR_RETURN(more, TakeKeys(loop, unit, judged.flow, rules));
  std::ranges::move(more, std::back_inserter(judged.findings));
  DowngradeAccepted(judged.flow, judged.findings);
  MarkLines(judged.flow, judged.findings);
  Body& body = judged.flow.body;
  judged.same = body.digest == digest;
  if (!judged.same) {
    body.digest = digest;
    judged.voided = VoidApprovals(judged.flow, "the content changed");
  }
  body.count = static_cast<int64_t>(LiveLines(judged.flow).size());
  body.total = TotalOf(judged.flow).ValueText();
  body.refresh_wanted = false;
  return judged;
}

/// People decide: it goes no further than `next`, DRAFT where something is wrong, else HELD.
absl::Status StopAt(State next, Loop& loop, ports::Unit& unit, Judged& judged) {
  Flow& flow = judged.flow;
  const State before = flow.state();
  const bool held = std::ranges::any_of(judged.findings, Holds);
  if (held && before != State::kHeld) flow.body.held_from = NameOf(State::kDraft);
  const bool fell =
      VoidApprovals(flow, next == State::kDraft ? "something in it is wrong" : "it was held");
  const std::string known = flow.body.exception_id;
  KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, flow, std::move(judged.findings), false));
  LookAgain(loop, flow);
  std::vector<std::string> events;
  if (next == State::kHeld && before != State::kHeld) events.emplace_back("held");
  if (next == State::kDraft && known != flow.body.exception_id) events.emplace_back("exception");
  if (fell || judged.voided) events.emplace_back("approvals_voided");
  return WriteFlow(loop, unit, flow, next, events);
}

/// Nothing stands against it: approvals that it has or that are asked for stay, as long as it is
/// the same order under the same policy; else it is VALIDATED.
absl::Status Pass(Loop& loop, ports::Unit& unit, Judged& judged) {
  Flow& flow = judged.flow;
  const State before = flow.state();
  KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, flow, "what was wrong is mended"));
  flow.body.findings = std::move(judged.findings);  // warnings, for the approver
  flow.body.held_from.clear();
  KONTOR_ASSIGN_OR_RETURN(const Requirement wanted, RequirementFor(unit, flow));
  const bool asked = before == State::kAwaitingApproval || before == State::kApproved;
  if (asked && judged.same && wanted.version == flow.body.approval_version) {
    flow.row.due = NextLook(loop, flow);
    return WriteFlow(loop, unit, flow, before, {});
  }
  flow.row.due = loop.Now();
  std::vector<std::string> events;
  if (!asked) events.emplace_back("validated");
  if (judged.voided) events.emplace_back("approvals_voided");
  return WriteFlow(loop, unit, flow, State::kValidated, events);
}

}  // namespace

absl::Status Conclude(Loop& loop, const Flow& flow, const std::vector<Finding>& findings,
                      const Screened& screened, const model::CheckRules& rules,
                      const std::string& digest, Flow& written) {
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(Judged judged,
                            Judge(loop, unit, flow, findings, screened, rules, digest));
    if (std::ranges::any_of(judged.findings, IsWrong)) {
      KONTOR_RETURN_IF_ERROR(StopAt(State::kDraft, loop, unit, judged));
    } else if (std::ranges::any_of(judged.findings, Holds)) {
      KONTOR_RETURN_IF_ERROR(StopAt(State::kHeld, loop, unit, judged));
    } else {
      KONTOR_RETURN_IF_ERROR(Pass(loop, unit, judged));
    }
    written = std::move(judged.flow);
    return absl::OkStatus();
  });
}

}  // namespace kontor::payment_orders
