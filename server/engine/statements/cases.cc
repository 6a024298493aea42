// SPDX-License-Identifier: Apache-2.0
// Cases of files and statements are like those of operations, but that no operation waits for them:
// the loop looks what was decided. Rows are written here, too.
#include <algorithm>

#include "server/base/ids.h"
#include "server/engine/statements/internal/json.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::Reason;
using model::ExceptionCase;
using model::ExceptionState;
using model::Finding;
using model::Resolution;

std::string OwnerOf(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (finding.severity != model::Severity::kError) continue;
    const base::ReasonEntry* const entry = base::FindReason(finding.reason);
    if (entry == nullptr || entry->who == "nobody" || entry->who == "caller") return "operator";
    return std::string(entry->who);
  }
  return "accountant";
}

absl::Status Audit(Loop& loop, ports::Unit& unit, const ExceptionCase& exception,
                   const std::string& correlation_id, std::string_view action,
                   const std::string& reason) {
  ports::AuditEntry audit;
  audit.time = loop.Now();
  audit.actor = "kontord";
  audit.action = std::string(action);
  audit.subject = exception.id;
  audit.entity = exception.entity;
  audit.after = Dump({{"state", std::string(NameOf(exception.state))}});
  audit.reason = reason;
  audit.correlation_id = correlation_id;
  return unit.AppendAudit(std::move(audit));
}

template <typename AnyFlow>
absl::Status Put(Loop& loop, ports::Unit& unit, AnyFlow& flow, std::string_view state, bool open) {
  flow.row.state = std::string(state);
  flow.row.open = open;
  if (!open) flow.row.due = absl::InfiniteFuture();
  flow.row.updated = loop.Now();
  flow.row.body = ToJson(flow.body);
  return unit.PutFlow(flow.row);
}

template <typename AnyFlow, typename AnyState>
absl::Status Save(Loop& loop, AnyFlow& flow, AnyState state) {
  AnyFlow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    return WriteFlow(loop, unit, written, state);
  }));
  flow = std::move(written);
  return absl::OkStatus();
}

}  // namespace

Finding MakeFinding(Reason reason, std::string field, std::string message) {
  const base::ReasonEntry& entry = base::EntryOf(reason);
  Finding finding;
  finding.reason = std::string(entry.name);
  finding.field = std::move(field);
  finding.message = std::move(message);
  finding.suggestion = std::string(entry.todo);
  return finding;
}

void Decide(Body& body, std::string sentence) {
  const bool known = std::ranges::find(body.decisions, sentence) != body.decisions.end();
  if (!known && !sentence.empty()) body.decisions.push_back(std::move(sentence));
}

absl::Status PutCase(Loop& loop, ports::Unit& unit, const std::string& subject,
                     const std::string& entity, const std::string& correlation_id,
                     std::vector<Finding> findings, const CaseKind& kind,
                     std::string* exception_id) {
  ExceptionCase exception;
  bool fresh = true;
  if (!exception_id->empty()) {
    KONTOR_ASSIGN_OR_RETURN(auto known, unit.FindException(*exception_id));
    if (known && known->state != ExceptionState::kResolved) {
      if (known->findings == findings) return absl::OkStatus();
      exception = *std::move(known);
      fresh = false;
    }
  }
  if (fresh) {
    exception.id = loop.NewId(base::kExceptionPrefix);
    exception.opened = loop.Now();
    exception.deadline = exception.opened + loop.settings.exception_deadline;
  }
  exception.technical = kind.technical;
  exception.entity = entity;
  exception.subject = subject;
  exception.owner_role = OwnerOf(findings);
  exception.findings = std::move(findings);
  exception.actions = {{Resolution::kRetry, kind.retry, false},
                       {Resolution::kReject, kind.reject, false}};
  *exception_id = exception.id;
  std::vector<std::string> reasons;
  for (const Finding& finding : exception.findings) reasons.push_back(finding.reason);
  KONTOR_RETURN_IF_ERROR(unit.PutException(exception));
  return Audit(loop, unit, exception, correlation_id,
               fresh ? "exception.opened" : "exception.changed", base::StrJoin(reasons, ", "));
}

absl::Status CloseCase(Loop& loop, ports::Unit& unit, const std::string& correlation_id,
                       const std::string& why, std::string* exception_id) {
  if (exception_id->empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(auto exception, unit.FindException(*exception_id));
  exception_id->clear();
  if (!exception || exception->state == ExceptionState::kResolved) return absl::OkStatus();
  exception->state = ExceptionState::kResolved;
  exception->resolver = "kontord";
  exception->reason = why;
  exception->resolved = loop.Now();
  KONTOR_RETURN_IF_ERROR(unit.PutException(*exception));
  return Audit(loop, unit, *exception, correlation_id, "exception.resolved", why);
}

absl::StatusOr<std::optional<Resolution>> DecisionOf(Loop& loop,
                                                     const std::string& exception_id) {
  std::optional<Resolution> decision;
  if (exception_id.empty()) return decision;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
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

absl::Status WriteFlow(Loop& loop, ports::Unit& unit, Flow& flow, State state) {
  return Put(loop, unit, flow, NameOf(state), !IsTerminal(state));
}

absl::Status WriteFlow(Loop& loop, ports::Unit& unit, FileFlow& flow, FileState state) {
  const bool open = state == FileState::kReceived || state == FileState::kFailed;
  return Put(loop, unit, flow, NameOf(state), open);
}

absl::Status SaveFlow(Loop& loop, Flow& flow, State state) { return Save(loop, flow, state); }
absl::Status SaveFlow(Loop& loop, FileFlow& flow, FileState state) {
  return Save(loop, flow, state);
}

absl::StatusOr<Flow> LoadFlow(Loop& loop, const std::string& id) {
  std::optional<ports::FlowRow> row;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
    return absl::OkStatus();
  }));
  if (!row || row->kind != kStatementKind) {
    return base::Error(Reason::kNotFound).Says("there is no such statement");
  }
  return FlowOf(*std::move(row));
}

}  // namespace kontor::statements
