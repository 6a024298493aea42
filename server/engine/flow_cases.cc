// SPDX-License-Identifier: Apache-2.0
#include "server/engine/flow_cases.h"

#include <algorithm>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/codec.h"
#include "server/engine/core.h"

namespace kontor::engine {
namespace {

using model::ExceptionCase;
using model::ExceptionState;
using model::Finding;
using model::Resolution;

/// The role that the catalogue names. A mistake of a caller's that came this far is accounting's,
/// or the operator's in a technical case.
std::string OwnerOf(const FlowCase& flow_case) {
  if (!flow_case.owner_role.empty()) return flow_case.owner_role;
  for (const Finding& finding : flow_case.findings) {
    if (finding.severity != model::Severity::kError) continue;
    const base::ReasonEntry* const entry = base::FindReason(finding.reason);
    if (entry == nullptr || entry->who == "nobody") return "operator";
    if (entry->who != "caller") return std::string(entry->who);
    return flow_case.technical ? "operator" : "accountant";
  }
  return "accountant";
}

/// Each reason once: thousands of payments may want for the same.
std::string ReasonsOf(const std::vector<Finding>& findings) {
  std::vector<std::string> reasons;
  for (const Finding& finding : findings) {
    if (std::ranges::find(reasons, finding.reason) == reasons.end()) {
      reasons.push_back(finding.reason);
    }
  }
  return base::StrJoin(reasons, ", ");
}

absl::Status Audit(const CaseDesk& desk, ports::Unit& unit, const ExceptionCase& exception,
                   const std::string& correlation_id, std::string_view action,
                   std::string_view reason) {
  ports::AuditEntry audit;
  audit.time = desk.clock.Now();
  audit.actor = kSelf;
  audit.action = std::string(action);
  audit.subject = exception.id;
  audit.entity = exception.entity;
  audit.after = StateJson(NameOf(exception.state));
  audit.reason = std::string(reason);
  audit.correlation_id = correlation_id;
  return unit.AppendAudit(std::move(audit));
}

/// The case of that id as long as it may still be decided.
absl::StatusOr<std::optional<ExceptionCase>> FindUndecided(ports::Unit& unit,
                                                           const std::string& exception_id) {
  if (exception_id.empty()) return std::optional<ExceptionCase>();
  KONTOR_ASSIGN_OR_RETURN(auto known, unit.FindException(exception_id));
  if (known && known->state == ExceptionState::kResolved) known.reset();
  return known;
}

void Reopen(ExceptionCase& exception) {
  exception.state = ExceptionState::kOpen;
  exception.proposed.reset();
  exception.proposer.clear();
  exception.proposed_content.clear();
}

}  // namespace

absl::Status PutFlowCase(const CaseDesk& desk, ports::Unit& unit, FlowCase flow_case,
                         std::string* exception_id) {
  KONTOR_ASSIGN_OR_RETURN(auto known, FindUndecided(unit, *exception_id));
  if (known && known->findings == flow_case.findings) return absl::OkStatus();
  ExceptionCase exception;
  if (known) {
    exception = *known;
    Reopen(exception);
  } else {
    exception.id = desk.ids.Next(base::kExceptionPrefix);
    exception.opened = desk.clock.Now();
    exception.deadline = exception.opened + desk.deadline;
  }
  exception.technical = flow_case.technical;
  exception.entity = flow_case.entity;
  exception.subject = flow_case.subject;
  exception.barred = flow_case.barred;
  exception.owner_role = OwnerOf(flow_case);
  exception.findings = std::move(flow_case.findings);
  exception.actions = std::move(flow_case.actions);
  *exception_id = exception.id;
  KONTOR_RETURN_IF_ERROR(unit.PutException(exception));
  return Audit(desk, unit, exception, flow_case.correlation_id,
               known ? "exception.changed" : "exception.opened", ReasonsOf(exception.findings));
}

absl::Status CloseFlowCase(const CaseDesk& desk, ports::Unit& unit,
                           const std::string& correlation_id, std::string_view why,
                           std::string* exception_id) {
  KONTOR_ASSIGN_OR_RETURN(auto exception, FindUndecided(unit, *exception_id));
  exception_id->clear();
  if (!exception) return absl::OkStatus();
  Reopen(*exception);  // what one person proposed was not decided
  exception->state = ExceptionState::kResolved;
  exception->resolver = kSelf;
  exception->reason = std::string(why);
  exception->resolved = desk.clock.Now();
  KONTOR_RETURN_IF_ERROR(unit.PutException(*exception));
  return Audit(desk, unit, *exception, correlation_id, "exception.resolved", why);
}

absl::StatusOr<std::optional<Resolution>> DecisionOf(ports::Store& store,
                                                     const std::string& exception_id) {
  std::optional<Resolution> decision;
  if (exception_id.empty()) return decision;
  KONTOR_RETURN_IF_ERROR(store.Read([&](ports::ReadView& view) -> absl::Status {
    decision.reset();
    KONTOR_ASSIGN_OR_RETURN(const auto exception, view.FindException(exception_id));
    if (!exception) {
      decision = Resolution::kRetry;
    } else if (exception->state == ExceptionState::kResolved) {
      decision = exception->proposed.value_or(Resolution::kRetry);
    }
    return absl::OkStatus();
  }));
  return decision;
}

}  // namespace kontor::engine
