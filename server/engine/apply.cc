// SPDX-License-Identifier: Apache-2.0
#include "server/engine/apply.h"

#include <algorithm>

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/check.h"
#include "server/engine/codec.h"
#include "server/engine/outcomes.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using model::Operation;
using model::OperationState;
using model::Step;
using model::StepKind;
using model::StepState;
using Kind = Verdict::Kind;

absl::Status Finish(Core& core, ports::Unit& unit, Operation& operation) {
  operation.next_attempt.reset();
  const Cause cause;
  if (IsGivingUp(operation)) {
    if (operation.state != OperationState::kReady) {
      KONTOR_RETURN_IF_ERROR(MoveTo(core, unit, operation, OperationState::kReady, cause));
    }
    return MoveTo(core, unit, operation, OperationState::kCancelled,
                  Because("its draft was removed"));
  }
  if (operation.state == OperationState::kReady) {
    KONTOR_RETURN_IF_ERROR(MoveTo(core, unit, operation, OperationState::kSending, cause));
  }
  return MoveTo(core, unit, operation, OperationState::kPosted, cause);
}

/// The document knows its record before anything is posted, so that changes seen by polling are
/// taken for what they are.
absl::Status WriteRecord(ports::Unit& unit, const Operation& operation) {
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindDocument(operation.document_id));
  if (!row.has_value()) return absl::OkStatus();
  row->record = operation.record;
  return unit.PutDocument(*row);
}

absl::Status StepDone(Core& core, ports::Unit& unit, const Item& item, Operation& operation,
                      const Verdict& verdict) {
  Step* const step = CurrentStep(operation);
  if (step == nullptr) return Finish(core, unit, operation);
  step->state = StepState::kDone;
  step->ended = core.Now();
  ++operation.step_index;
  operation.attempt_count = 0;
  switch (step->kind) {
    case StepKind::kCreateDraft:
    case StepKind::kUpsertPartner:
    case StepKind::kApply:
      operation.record = item.operation.record;
      operation.seen_in_erp = true;
      KONTOR_RETURN_IF_ERROR(WriteRecord(unit, operation));
      break;
    case StepKind::kRemoveDraft:
      operation.record = {};
      operation.seen_in_erp = false;
      KONTOR_RETURN_IF_ERROR(WriteRecord(unit, operation));
      break;
    case StepKind::kVerify:
      if (verdict.verified) {
        if (!verdict.verified->record.name.empty()) {
          operation.record.name = verdict.verified->record.name;
        }
        // Odoo books a claim as a move of its own: that is what is paid and reversed from now on.
        if (operation.document_type == model::DocumentType::kExpenseClaim) {
          operation.record = verdict.verified->record;
          KONTOR_RETURN_IF_ERROR(WriteRecord(unit, operation));
        }
        KONTOR_RETURN_IF_ERROR(
            TakeReading(core, unit, operation.document_id, *verdict.verified));
      }
      break;
    default: break;
  }
  if (operation.step_index == operation.steps.size()) return Finish(core, unit, operation);
  const bool is_new_document =
      operation.state == OperationState::kSending && step->kind == StepKind::kRemoveDraft;
  if (operation.state == OperationState::kUnknown || is_new_document) {
    operation.next_attempt.reset();
    return MoveTo(core, unit, operation, OperationState::kReady, {});
  }
  operation.updated = core.Now();
  return unit.PutOperation(operation);
}

absl::Status Resend(Core& core, ports::Unit& unit, Operation& operation) {
  if (Step* const step = CurrentStep(operation); step != nullptr) step->state = StepState::kPending;
  operation.next_attempt.reset();
  if (operation.state == OperationState::kUnknown) {
    return MoveTo(core, unit, operation, OperationState::kReady, {});
  }
  operation.updated = core.Now();
  return unit.PutOperation(operation);
}

absl::Status RetryLater(Core& core, ports::Unit& unit, Operation& operation,
                        const Verdict& verdict) {
  if (Step* const step = CurrentStep(operation); step != nullptr) step->state = StepState::kPending;
  if (operation.attempt_count >= core.settings.attempts_max && !IsPatient(verdict.status)) {
    return OpenException(core, unit, operation, {model::FindingOf(verdict.status)}, true);
  }
  const absl::Duration wait =
      std::max(verdict.retry_after, BackoffFor(operation.attempt_count, core.settings.retry_first,
                                               core.settings.retry_max));
  operation.next_attempt = core.Now() + wait;
  return MoveTo(core, unit, operation, OperationState::kRetrying,
                Because(base::InfoOf(verdict.status).reason));
}

absl::Status LoseSight(Core& core, ports::Unit& unit, Operation& operation,
                       const Verdict& verdict) {
  if (Step* const step = CurrentStep(operation); step != nullptr) step->state = StepState::kUnknown;
  operation.unknown_since = core.Now();
  operation.next_attempt = core.Now() + core.settings.probe_first;
  return MoveTo(core, unit, operation, OperationState::kUnknown,
                Because(base::InfoOf(verdict.status).reason));
}

absl::Status ParkAsTold(Core& core, ports::Unit& unit, Operation& operation,
                        const Verdict& verdict) {
  if (verdict.park != model::ParkReason::kDependsOn) {
    return Park(core, unit, operation, verdict.park);
  }
  bool all_ended = true;
  for (const std::string& id : verdict.depends_on) {
    auto& known = operation.depends_on;
    if (std::find(known.begin(), known.end(), id) == known.end()) known.push_back(id);
    KONTOR_ASSIGN_OR_RETURN(const auto other, unit.FindOperation(id));
    all_ended = all_ended && other.has_value() && model::IsTerminal(other->state);
  }
  // It ended between the look and this unit: nobody would wake the operation any more.
  if (all_ended) return absl::OkStatus();
  return Park(core, unit, operation, model::ParkReason::kDependsOn);
}

absl::Status ParkAsShadow(Core& core, ports::Unit& unit, const Item& item, Operation& operation) {
  KONTOR_RETURN_IF_ERROR(Park(core, unit, operation, model::ParkReason::kEntityShadow));
  KONTOR_ASSIGN_OR_RETURN(const auto row, unit.FindDocument(operation.document_id));
  if (!row.has_value()) return absl::OkStatus();
  model::Event event;
  event.id = core.NewId(base::kEventPrefix);
  event.type = base::StrCat(model::EventNounOf(item.document.content), ".shadowed");
  event.time = core.Now();
  event.entity = operation.entity;
  event.subject = operation.document_id;
  event.correlation_id = operation.correlation_id;
  event.data = EventData(*row, item.document, &operation, {}, nullptr);
  return unit.AppendEvent(std::move(event));
}

absl::Status CorrectTax(Core& core, ports::Unit& unit, Operation& operation) {
  Step* const step = CurrentStep(operation);
  KONTOR_CHECK(step != nullptr);
  step->state = StepState::kDone;
  step->ended = core.Now();
  ++operation.step_index;
  Step correct;
  correct.kind = StepKind::kCorrectTax;
  Step compare;
  compare.kind = StepKind::kCompareDraft;
  const auto at = operation.steps.begin() + static_cast<ptrdiff_t>(operation.step_index);
  operation.steps.insert(at, {correct, compare});
  operation.updated = core.Now();
  return unit.PutOperation(operation);
}

/// Takes the duplicate key, or becomes the exception that another document looks the same.
absl::Status Proceed(Core& core, ports::Unit& unit, const Item& item, Operation& operation) {
  if (const std::string key = DuplicateKeyFor(item); !key.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                            unit.ReserveDuplicateKey(operation.entity, key, operation.id));
    if (holder != operation.id) {
      KONTOR_ASSIGN_OR_RETURN(model::Finding finding, DuplicateFinding(unit, item, holder));
      return OpenException(core, unit, operation, {std::move(finding)}, false);
    }
  }
  if (operation.state == OperationState::kAccepted ||
      operation.state == OperationState::kRetrying) {
    operation.next_attempt.reset();
    return MoveTo(core, unit, operation, OperationState::kReady, {});
  }
  return absl::OkStatus();
}

absl::Status ChangeLane(Core& core, ports::Unit& unit, Operation& operation,
                        const std::string& lane) {
  operation.lane = lane;
  if (operation.state == OperationState::kReady) {
    operation.updated = core.Now();
    return unit.PutOperation(operation);
  }
  operation.next_attempt.reset();
  return MoveTo(core, unit, operation, OperationState::kReady, {});
}

}  // namespace

std::string DigestOf(Core& core, const ports::ErpSnapshot& snapshot) {
  return core.deps.crypto.Sha256Hex(ComparableOf(snapshot));
}

absl::Status TakeReading(Core& core, ports::Unit& unit, const std::string& document_id,
                         const ports::ErpSnapshot& snapshot) {
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindDocument(document_id));
  if (!row.has_value()) return absl::OkStatus();
  row->booked = ToJson(snapshot, core.Now());
  if (!snapshot.record.name.empty()) row->record.name = snapshot.record.name;
  if (snapshot.date) row->date = snapshot.date;
  if (!snapshot.journal_code.empty()) row->journal_code = snapshot.journal_code;
  // From here on the control totals count what was booked, tax and all.
  const auto currency = model::Currency::Parse(snapshot.currency_code);
  if (currency.ok() && snapshot.exists) {
    const auto minor = snapshot.total.ToMinor(currency->scale());
    if (minor.ok()) {
      row->currency_code = snapshot.currency_code;
      row->total_minor = *minor;
    }
  }
  KONTOR_RETURN_IF_ERROR(unit.PutDocument(*row));
  KONTOR_ASSIGN_OR_RETURN(auto observed, unit.FindObserved(document_id));
  if (!observed.has_value()) {
    observed.emplace();
    observed->subject = document_id;
  }
  observed->snapshot = row->booked;
  observed->digest = DigestOf(core, snapshot);
  observed->write_date = snapshot.write_date;
  return unit.PutObserved(*observed);
}

absl::Status ApplyVerdict(Core& core, ports::Unit& unit, const Item& item, Operation& operation,
                          const Verdict& verdict) {
  switch (verdict.kind) {
    case Kind::kProceed: return Proceed(core, unit, item, operation);
    case Kind::kStay: return absl::OkStatus();
    case Kind::kPark: return ParkAsTold(core, unit, operation, verdict);
    case Kind::kShadow: return ParkAsShadow(core, unit, item, operation);
    case Kind::kLane: return ChangeLane(core, unit, operation, verdict.lane);
    case Kind::kStepDone: return StepDone(core, unit, item, operation, verdict);
    case Kind::kRetry: return RetryLater(core, unit, operation, verdict);
    case Kind::kUnknown: return LoseSight(core, unit, operation, verdict);
    case Kind::kException: {
      if (Step* const step = CurrentStep(operation);
          step != nullptr && step->state == StepState::kSending) {
        step->state = StepState::kPending;
      }
      operation.revision = std::max(operation.revision, item.operation.revision);
      return OpenException(core, unit, operation, verdict.findings, verdict.technical);
    }
    case Kind::kCorrectTax: return CorrectTax(core, unit, operation);
    case Kind::kResend: return Resend(core, unit, operation);
  }
  return absl::OkStatus();
}

}  // namespace kontor::engine
