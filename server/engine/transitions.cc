// SPDX-License-Identifier: Apache-2.0
// Exceptions that operations meet are made in exceptions.cc.
#include "server/engine/transitions.h"

#include <algorithm>

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/codec.h"
#include "server/model/canon.h"

namespace kontor::engine {
namespace {

using model::Operation;
using model::OperationState;
using model::StepKind;

/// States that pass within a batch leave the document row alone: it says where a document rests.
bool TouchesDocument(OperationState from, OperationState to) {
  if (to == OperationState::kSending || to == OperationState::kRetrying ||
      to == OperationState::kUnknown) {
    return false;
  }
  if (to != OperationState::kReady) return true;
  return from == OperationState::kException || from == OperationState::kHeld ||
         from == OperationState::kParked;
}

bool IsAudited(OperationState from, OperationState to) {
  return TouchesDocument(from, to) || to == OperationState::kUnknown ||
         to == OperationState::kRetrying;
}

/// A cancelling operation that ended has cancelled its document.
std::string DocumentStateFor(const Operation& operation) {
  if (operation.verb == model::Verb::kCancel) {
    return std::string(NameOf(operation.state == OperationState::kPosted
                                  ? OperationState::kCancelled
                                  : OperationState::kPosted));
  }
  return std::string(NameOf(operation.state));
}

absl::Status AppendStateEvent(Core& core, ports::Unit& unit, const Operation& operation,
                              const ports::DocumentRow& row, const model::Document& document,
                              const model::ExceptionCase* exception) {
  model::Event event;
  event.type = model::EventTypeFor(document, operation.verb, operation.state, operation.posting);
  if (event.type.empty()) return absl::OkStatus();
  event.id = core.NewId(base::kEventPrefix);
  event.time = operation.updated;
  event.entity = operation.entity;
  event.subject = operation.document_id;
  event.correlation_id = operation.correlation_id;
  event.data = EventData(row, document, &operation, row.booked, exception);
  return unit.AppendEvent(std::move(event));
}

absl::Status WriteDocument(Core& core, ports::Unit& unit, const Operation& operation,
                           const model::ExceptionCase* exception) {
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindDocument(operation.document_id));
  if (!row.has_value()) {
    return base::Error(base::Reason::kInternal)
        .With("document", operation.document_id)
        .Says("the operation has no document");
  }
  row->state = DocumentStateFor(operation);
  if (operation.record.id != 0) row->record = operation.record;
  if (operation.state == OperationState::kCancelled && !MayStandInErp(operation)) {
    row->record = {};
  }
  KONTOR_RETURN_IF_ERROR(unit.PutDocument(*row));
  KONTOR_ASSIGN_OR_RETURN(const model::Document document,
                          model::FromCanonicalJson(row->content));
  return AppendStateEvent(core, unit, operation, *row, document, exception);
}

absl::Status AppendStateAudit(ports::Unit& unit, const Operation& operation, const Cause& cause,
                              std::string before) {
  ports::AuditEntry audit;
  audit.time = operation.updated;
  audit.actor = cause.actor;
  audit.role = cause.role;
  const std::string_view state = NameOf(operation.state);
  audit.action =
      cause.action.empty() ? base::StrCat("operation.", base::ToLower(state)) : cause.action;
  audit.subject = operation.id;
  audit.entity = operation.entity;
  audit.before = std::move(before);
  audit.after = StateJson(state);
  audit.reason = cause.reason;
  audit.policy_version = operation.policy_version;
  audit.correlation_id = operation.correlation_id;
  return unit.AppendAudit(std::move(audit));
}

}  // namespace

Cause Because(std::string reason) {
  Cause cause;
  cause.reason = std::move(reason);
  return cause;
}

Cause CauseOf(const ports::Actor& actor, ports::Role role, std::string action,
              std::string reason) {
  return Cause{actor.principal_id, std::string(ports::NameOf(role)), std::move(action),
               std::move(reason)};
}

absl::Status WriteNew(Core& core, ports::Unit& unit, Operation& operation,
                      ports::DocumentRow& row, const model::Document& document,
                      const Cause& cause) {
  operation.updated = core.Now();
  row.state = DocumentStateFor(operation);
  KONTOR_RETURN_IF_ERROR(unit.PutDocument(row));
  KONTOR_RETURN_IF_ERROR(unit.PutOperation(operation));
  KONTOR_RETURN_IF_ERROR(AppendStateEvent(core, unit, operation, row, document, nullptr));
  return AppendStateAudit(unit, operation, cause, {});
}

absl::Status MoveTo(Core& core, ports::Unit& unit, Operation& operation, OperationState to,
                    const Cause& cause, const model::ExceptionCase* exception) {
  const OperationState from = operation.state;
  KONTOR_RETURN_IF_ERROR(model::CheckTransition(operation, to));
  operation.state = to;
  operation.updated = core.Now();
  if (to != OperationState::kParked) operation.park_reason = model::ParkReason::kNone;
  if (to != OperationState::kUnknown) operation.unknown_since.reset();
  if (to != OperationState::kException) operation.exception_id.clear();
  KONTOR_RETURN_IF_ERROR(unit.PutOperation(operation));
  if (TouchesDocument(from, to)) {
    KONTOR_RETURN_IF_ERROR(WriteDocument(core, unit, operation, exception));
  }
  if (IsAudited(from, to)) {
    KONTOR_RETURN_IF_ERROR(AppendStateAudit(unit, operation, cause, StateJson(NameOf(from))));
  }
  if (!model::IsTerminal(to)) return absl::OkStatus();
  if (to == OperationState::kCancelled) {
    KONTOR_RETURN_IF_ERROR(unit.ReleaseDuplicateKey(operation.id));
  }
  return WakeDependents(core, unit, operation);
}

absl::Status Park(Core& core, ports::Unit& unit, Operation& operation, model::ParkReason reason) {
  // Waits that a change of configuration ends are woken by that change; the look at them is a net.
  const bool ends_elsewhere = reason == model::ParkReason::kConnectionPaused ||
                              reason == model::ParkReason::kEntityShadow ||
                              reason == model::ParkReason::kRestoreHold;
  constexpr int kLooksSkipped = 20;
  operation.next_attempt =
      core.Now() + core.settings.park_check * (ends_elsewhere ? kLooksSkipped : 1);
  operation.park_reason = reason;
  const Cause cause = Because(std::string(NameOf(reason)));
  return MoveTo(core, unit, operation, OperationState::kParked, cause);
}

absl::Status WakeDependents(Core& core, ports::Unit& unit, const Operation& operation) {
  constexpr int kDependentsMax = 1000;  // the rest is found by the regular look at parked ones
  KONTOR_ASSIGN_OR_RETURN(const auto dependents, unit.DependentsOf(operation.id, kDependentsMax));
  for (Operation dependent : dependents) {
    if (dependent.state != OperationState::kParked ||
        dependent.park_reason != model::ParkReason::kDependsOn) {
      continue;
    }
    dependent.next_attempt.reset();
    KONTOR_RETURN_IF_ERROR(MoveTo(core, unit, dependent, OperationState::kReady,
                                  Because("what it waited for has ended")));
  }
  return absl::OkStatus();
}

bool IsGivingUp(const Operation& operation) {
  return operation.verb != model::Verb::kCancel && operation.steps.size() == 1 &&
         operation.steps.front().kind == StepKind::kRemoveDraft;
}

bool MayStandInErp(const Operation& operation) {
  if (operation.record.id != 0) return true;
  return std::any_of(operation.steps.begin(), operation.steps.end(), [](const model::Step& step) {
    if (step.kind == StepKind::kRemoveDraft) return step.state != model::StepState::kDone;
    return step.attempts > 0 &&
           (step.kind == StepKind::kCreateDraft || step.kind == StepKind::kUpsertPartner ||
            step.kind == StepKind::kApply);
  });
}

bool NeedsRemoval(const Operation& operation) {
  return operation.verb != model::Verb::kCancel &&
         operation.document_type != model::DocumentType::kPartner && MayStandInErp(operation);
}

void PlanRemoval(Operation& operation) {
  model::Step removal;
  removal.kind = StepKind::kRemoveDraft;
  operation.steps = {removal};
  operation.step_index = 0;
}

bool IsPostedInErp(const Operation& operation) {
  const bool posts = operation.posting != model::Posting::kDraft;
  const auto is_posting = [posts](const model::Step& step) {
    return step.state == model::StepState::kDone &&
           (step.kind == StepKind::kPost || (step.kind == StepKind::kApply && posts));
  };
  return std::any_of(operation.steps.begin(), operation.steps.end(), is_posting);
}

model::Step* CurrentStep(Operation& operation) {
  return operation.step_index < operation.steps.size() ? &operation.steps[operation.step_index]
                                                       : nullptr;
}

}  // namespace kontor::engine
