// SPDX-License-Identifier: Apache-2.0
// Release, retry and cancel. Exceptions are decided in decide.cc.
#include "server/engine/resolve.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/codec.h"
#include "server/engine/once.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Operation;
using model::OperationState;
using ports::Role;

absl::Status CheckEntity(const ports::Actor& actor, const Operation& operation) {
  if (actor.MaySee(operation.entity)) return absl::OkStatus();
  return Error(Reason::kEntityDenied)
      .With("entity", operation.entity)
      .Says(StrCat("no access to entity '", operation.entity, "'"));
}

absl::Status NotIn(const Operation& operation, std::string_view what) {
  return Error(Reason::kStateConflict)
      .With("operation", operation.id)
      .With("state", NameOf(operation.state))
      .Says(StrCat("the operation is ", NameOf(operation.state), " and cannot be ", what));
}

/// A change of the operation that is no change of state, with its audit row.
absl::Status Touch(Core& core, ports::Unit& unit, Operation& operation, const Cause& cause) {
  operation.updated = core.Now();
  KONTOR_RETURN_IF_ERROR(unit.PutOperation(operation));
  ports::AuditEntry audit;
  audit.time = operation.updated;
  audit.actor = cause.actor;
  audit.role = cause.role;
  audit.action = cause.action;
  audit.subject = operation.id;
  audit.entity = operation.entity;
  audit.before = StateJson(NameOf(operation.state));
  audit.after = audit.before;
  audit.reason = cause.reason;
  audit.policy_version = operation.policy_version;
  audit.correlation_id = operation.correlation_id;
  return unit.AppendAudit(std::move(audit));
}

absl::Status CloseByPerson(Core& core, ports::Unit& unit, const Operation& operation,
                           const ports::Actor& actor, const std::string& reason) {
  if (operation.exception_id.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(auto exception, unit.FindException(operation.exception_id));
  if (!exception.has_value()) return absl::OkStatus();
  exception->state = model::ExceptionState::kResolved;
  exception->resolver = actor.principal_id;
  exception->reason = reason;
  exception->resolved = core.Now();
  return unit.PutException(*exception);
}

}  // namespace

absl::StatusOr<Operation> ChangeOperation(
    Core& core, const std::string& operation_id,
    const std::function<absl::Status(ports::Unit&, Operation&)>& change) {
  constexpr int kReadingsMax = 3;
  Operation result;
  absl::Status status;
  for (int reading = 0; reading < kReadingsMax; ++reading) {
    status = core.store().Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(auto operation, unit.FindOperation(operation_id));
      if (!operation.has_value()) {
        return Error(Reason::kNotFound)
            .Field("id")
            .With("operation", operation_id)
            .Says("there is no such operation");
      }
      KONTOR_RETURN_IF_ERROR(change(unit, *operation));
      result = *std::move(operation);
      return absl::OkStatus();
    });
    if (!base::Is(status, Reason::kVersionConflict)) break;
  }
  KONTOR_RETURN_IF_ERROR(status);
  return result;
}

absl::StatusOr<Operation> Release(Core& core, const ports::Actor& actor,
                                  const std::string& operation_id, const std::string& reason,
                                  const RequestKey& key) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
  if (!actor.is_person) {
    return Error(Reason::kPersonRequired).Says("a program cannot release an operation");
  }
  if (!actor.Has(Role::kReleaser)) {
    return Error(Reason::kPermissionDenied).With("role", "RELEASER")
        .Says("role RELEASER is missing");
  }
  const Cause cause = CauseOf(actor, Role::kReleaser, "operation.release", reason);
  return ChangeOperation(core, operation_id, [&](ports::Unit& unit, Operation& operation) {
    KONTOR_RETURN_IF_ERROR(CheckEntity(actor, operation));
    KONTOR_RETURN_IF_ERROR(KeepRequest(unit, actor, key, operation.id));
    if (operation.state != OperationState::kHeld) return NotIn(operation, "released");
    if (operation.submitter == actor.principal_id) {
      return absl::Status(Error(Reason::kSecondPersonRequired)
                              .With("operation", operation.id)
                              .Says("who submitted a document cannot release it"));
    }
    operation.posting = model::Posting::kPost;
    operation.next_attempt.reset();
    return MoveTo(core, unit, operation, OperationState::kReady, cause);
  });
}

absl::StatusOr<Operation> Retry(Core& core, const ports::Actor& actor,
                                const std::string& operation_id, const std::string& reason,
                                const RequestKey& key) {
  KONTOR_RETURN_IF_ERROR(base::CheckText(reason, kReasonMax, "reason", true));
  const Role role = actor.Has(Role::kOperator)     ? Role::kOperator
                    : actor.Has(Role::kAccountant) ? Role::kAccountant
                                                   : Role::kSubmitter;
  if (!actor.Has(role)) {
    return Error(Reason::kPermissionDenied).With("role", "OPERATOR")
        .Says("role OPERATOR is missing");
  }
  const Cause cause = CauseOf(actor, role, "operation.retry", reason);
  auto result = ChangeOperation(core, operation_id, [&](ports::Unit& unit, Operation& operation) {
    KONTOR_RETURN_IF_ERROR(CheckEntity(actor, operation));
    KONTOR_RETURN_IF_ERROR(KeepRequest(unit, actor, key, operation.id));
    operation.next_attempt = core.Now();
    switch (operation.state) {
      case OperationState::kRetrying:
        operation.attempt_count = 0;
        operation.next_attempt.reset();
        return MoveTo(core, unit, operation, OperationState::kReady, cause);
      case OperationState::kUnknown:
      case OperationState::kParked: return Touch(core, unit, operation, cause);
      default: return NotIn(operation, "retried");
    }
  });
  if (result.ok()) core.connections.Wake(result->connection);
  return result;
}

absl::StatusOr<Operation> CancelOperation(Core& core, const ports::Actor& actor,
                                          const std::string& operation_id,
                                          const std::string& reason, const RequestKey& key) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
  const Role role = actor.Has(Role::kAccountant) ? Role::kAccountant
                    : actor.Has(Role::kOperator) ? Role::kOperator
                                                 : Role::kSubmitter;
  if (!actor.Has(role)) {
    return Error(Reason::kPermissionDenied)
        .With("role", "ACCOUNTANT")
        .Says("role ACCOUNTANT is missing");
  }
  const Cause cause = CauseOf(actor, role, "operation.cancel", reason);
  return ChangeOperation(core, operation_id, [&](ports::Unit& unit, Operation& operation) {
    KONTOR_RETURN_IF_ERROR(CheckEntity(actor, operation));
    KONTOR_RETURN_IF_ERROR(KeepRequest(unit, actor, key, operation.id));
    if (model::IsTerminal(operation.state) || operation.state == OperationState::kSending ||
        operation.state == OperationState::kUnknown || IsPostedInErp(operation)) {
      return absl::Status(
          Error(Reason::kStateConflict)
              .With("operation", operation.id)
              .With("state", NameOf(operation.state))
              .Says(StrCat("the operation is ", NameOf(operation.state),
                           " and cannot be cancelled; a posted document is reversed instead")));
    }
    KONTOR_RETURN_IF_ERROR(CloseByPerson(core, unit, operation, actor, reason));
    operation.next_attempt.reset();
    operation.attempt_count = 0;
    if (!NeedsRemoval(operation)) {
      return MoveTo(core, unit, operation, OperationState::kCancelled, cause);
    }
    PlanRemoval(operation);
    if (operation.state == OperationState::kReady) return Touch(core, unit, operation, cause);
    return MoveTo(core, unit, operation, OperationState::kReady, cause);
  });
}

}  // namespace kontor::engine
