// SPDX-License-Identifier: Apache-2.0
// Operations, findings, exceptions and events as kontor answers them.
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include "server/api/convert.h"
#include "server/model/masking.h"

namespace kontor::api {
namespace {

v1::Operation::Verb WriteVerb(model::Verb verb) {
  switch (verb) {
    case model::Verb::kCreate: return v1::Operation::VERB_CREATE;
    case model::Verb::kUpdate: return v1::Operation::VERB_UPDATE;
    case model::Verb::kCancel: return v1::Operation::VERB_CANCEL;
    case model::Verb::kReverse: return v1::Operation::VERB_REVERSE;
  }
  return v1::Operation::VERB_UNSPECIFIED;
}

v1::Step::Kind WriteStepKind(model::StepKind kind) {
  switch (kind) {
    case model::StepKind::kUpsertPartner: return v1::Step::KIND_UPSERT_PARTNER;
    case model::StepKind::kBankAccounts: return v1::Step::KIND_BANK_ACCOUNTS;
    case model::StepKind::kCreateDraft: return v1::Step::KIND_CREATE_DRAFT;
    case model::StepKind::kCompareDraft: return v1::Step::KIND_COMPARE_DRAFT;
    case model::StepKind::kCorrectTax: return v1::Step::KIND_CORRECT_TAX;
    case model::StepKind::kPost: return v1::Step::KIND_POST;
    case model::StepKind::kReconcile: return v1::Step::KIND_RECONCILE;
    case model::StepKind::kVerify: return v1::Step::KIND_VERIFY;
    case model::StepKind::kAttach: return v1::Step::KIND_ATTACH;
    case model::StepKind::kRemoveDraft: return v1::Step::KIND_REMOVE_DRAFT;
    case model::StepKind::kUndo: return v1::Step::KIND_UNDO;
    case model::StepKind::kApply: return v1::Step::KIND_APPLY;
  }
  return v1::Step::KIND_UNSPECIFIED;
}

v1::Step::State WriteStepState(model::StepState state) {
  switch (state) {
    case model::StepState::kPending: return v1::Step::STATE_PENDING;
    case model::StepState::kSending: return v1::Step::STATE_SENDING;
    case model::StepState::kDone: return v1::Step::STATE_DONE;
    case model::StepState::kUnknown: return v1::Step::STATE_UNKNOWN;
    case model::StepState::kSkipped: return v1::Step::STATE_SKIPPED;
  }
  return v1::Step::STATE_UNSPECIFIED;
}

void WriteStep(const model::Step& step, v1::Step* out) {
  out->set_kind(WriteStepKind(step.kind));
  out->set_state(WriteStepState(step.state));
  out->set_attempt_count(step.attempts);
  if (step.started) WriteTime(*step.started, out->mutable_start_time());
  if (step.ended) WriteTime(*step.ended, out->mutable_end_time());
}

v1::Exception::Action WriteAction(model::Resolution resolution) {
  switch (resolution) {
    case model::Resolution::kRetry: return v1::Exception::ACTION_RETRY;
    case model::Resolution::kCorrectAndRetry: return v1::Exception::ACTION_CORRECT_AND_RETRY;
    case model::Resolution::kAccept: return v1::Exception::ACTION_ACCEPT;
    case model::Resolution::kReject: return v1::Exception::ACTION_REJECT;
  }
  return v1::Exception::ACTION_UNSPECIFIED;
}

v1::Exception::State WriteExceptionState(model::ExceptionState state) {
  switch (state) {
    case model::ExceptionState::kOpen: return v1::Exception::STATE_OPEN;
    case model::ExceptionState::kAwaitingSecondPerson:
      return v1::Exception::STATE_AWAITING_SECOND_PERSON;
    case model::ExceptionState::kResolved: return v1::Exception::STATE_RESOLVED;
  }
  return v1::Exception::STATE_UNSPECIFIED;
}

}  // namespace

v1::Operation::State WriteState(model::OperationState state) {
  switch (state) {
    case model::OperationState::kAccepted: return v1::Operation::STATE_ACCEPTED;
    case model::OperationState::kReady: return v1::Operation::STATE_READY;
    case model::OperationState::kSending: return v1::Operation::STATE_SENDING;
    case model::OperationState::kRetrying: return v1::Operation::STATE_RETRYING;
    case model::OperationState::kUnknown: return v1::Operation::STATE_UNKNOWN;
    case model::OperationState::kException: return v1::Operation::STATE_EXCEPTION;
    case model::OperationState::kHeld: return v1::Operation::STATE_HELD;
    case model::OperationState::kParked: return v1::Operation::STATE_PARKED;
    case model::OperationState::kPosted: return v1::Operation::STATE_POSTED;
    case model::OperationState::kCancelled: return v1::Operation::STATE_CANCELLED;
  }
  return v1::Operation::STATE_UNSPECIFIED;
}

void WriteFinding(const model::Finding& finding, v1::Finding* out) {
  out->set_reason(finding.reason);
  out->set_field(finding.field);
  out->set_message(finding.message);
  out->set_suggestion(finding.suggestion);
  out->set_asked(finding.asked);
  out->set_got(finding.got);
  const bool error = finding.severity == model::Severity::kError;
  out->set_severity(error ? v1::Finding::SEVERITY_ERROR : v1::Finding::SEVERITY_WARNING);
}

void WriteOperation(const model::Operation& operation, v1::Operation* out) {
  out->set_id(operation.id);
  out->set_state(WriteState(operation.state));
  out->set_document_id(operation.document_id);
  out->set_document_type(WriteType(operation.document_type));
  out->set_verb(WriteVerb(operation.verb));
  out->set_entity(operation.entity);
  out->set_connection(operation.connection);
  out->set_source(operation.source);
  out->set_request_id(operation.request_id);
  out->set_correlation_id(operation.correlation_id);
  out->set_lane(operation.lane);
  if (operation.path == model::Path::kLoad) out->set_path(v1::Operation::PATH_LOAD);
  if (operation.path == model::Path::kAddon) out->set_path(v1::Operation::PATH_ADDON);
  for (const model::Step& step : operation.steps) WriteStep(step, out->add_steps());
  out->set_attempt_count(operation.attempt_count);
  for (const auto& id : operation.depends_on) out->add_depends_on(id);
  out->set_posting(WritePosting(operation.posting));
  if (operation.park_reason != model::ParkReason::kNone) {
    out->set_park_reason(std::string(model::NameOf(operation.park_reason)));
  }
  out->set_exception_id(operation.exception_id);
  WriteTime(operation.created, out->mutable_create_time());
  WriteTime(operation.updated, out->mutable_update_time());
  if (operation.next_attempt) {
    WriteTime(*operation.next_attempt, out->mutable_next_attempt_time());
  }
  out->set_odoo_model(operation.record.model);
  out->set_odoo_id(operation.record.id);
  out->set_odoo_name(operation.record.name);
  out->set_submitter(operation.submitter);
  out->set_external_id(operation.external_id);
  out->set_version(operation.version);
  out->set_policy_version(operation.policy_version);
}

void WriteException(const model::ExceptionCase& in, v1::Exception* out) {
  out->set_id(in.id);
  out->set_state(WriteExceptionState(in.state));
  out->set_queue(in.technical ? v1::Exception::QUEUE_TECHNICAL : v1::Exception::QUEUE_BUSINESS);
  out->set_entity(in.entity);
  out->set_subject(in.subject);
  out->set_operation_id(in.operation_id);
  for (const auto& finding : in.findings) WriteFinding(finding, out->add_findings());
  out->set_owner_role(in.owner_role);
  for (const auto& action : in.actions) {
    auto* added = out->add_actions();
    added->set_action(WriteAction(action.resolution));
    added->set_effect(action.effect);
    added->set_needs_second_person(action.needs_second_person);
  }
  if (in.proposed.has_value()) {
    auto* resolution = out->mutable_resolution();
    resolution->set_action(WriteAction(*in.proposed));
    resolution->set_proposer(in.proposer.empty() ? in.resolver : in.proposer);
    resolution->set_reason(in.reason);
    const bool by_two = !in.proposer.empty() && in.resolver != in.proposer;
    if (in.state == model::ExceptionState::kResolved && by_two) {
      resolution->set_approver(in.resolver);
    }
  }
  WriteTime(in.opened, out->mutable_create_time());
  WriteTime(in.deadline, out->mutable_deadline());
  if (in.resolved) WriteTime(*in.resolved, out->mutable_resolve_time());
  out->set_version(in.version);
}

void WriteEvent(const model::Event& event, Shown shown, v1::Event* out) {
  out->set_id(event.id);
  out->set_sequence(event.sequence);
  out->set_type(event.type);
  WriteTime(event.time, out->mutable_time());
  out->set_entity(event.entity);
  out->set_subject(event.subject);
  out->set_subject_sequence(event.subject_sequence);
  out->set_correlation_id(event.correlation_id);
  out->set_schema_version(1);
  const std::string data = shown == Shown::kAll ? event.data : model::MaskedJson(event.data);
  const auto read = google::protobuf::util::JsonStringToMessage(data, out->mutable_data());
  if (!read.ok()) out->clear_data();
}

}  // namespace kontor::api
