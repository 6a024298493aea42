// SPDX-License-Identifier: Apache-2.0
// How an exception is decided: by one person, or, where an amount, an account, a partner or a
// duplicate is at stake, by two who are not the same and of whom the second did not submit it.
#include <algorithm>
#include <array>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/codec.h"
#include "server/engine/documents.h"
#include "server/engine/once.h"
#include "server/engine/resolve.h"
#include "server/engine/transitions.h"
#include "server/model/canon.h"
#include "server/model/validate.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::ExceptionCase;
using model::ExceptionState;
using model::Operation;
using model::OperationState;
using model::Resolution;
using ports::Role;

constexpr size_t kDifferencesMax = 200;

/// Last parts of paths that one person may correct: they move no money and change no party.
constexpr std::array<std::string_view, 12> kHarmless = {
    "description",   "narration",         "invoice_date", "accounting_date",
    "due_date",      "payment_term",      "date",         "payment_reference",
    "memo",          "analytic",          "reference",    "language"};

std::string_view LastPartOf(std::string_view path) {
  const size_t dot = path.rfind('.');
  std::string_view last = dot == std::string_view::npos ? path : path.substr(dot + 1);
  return last.substr(0, last.find('['));
}

bool IsAboutDuplicate(const ExceptionCase& exception) {
  return std::any_of(exception.findings.begin(), exception.findings.end(), [](const auto& finding) {
    return finding.reason == base::EntryOf(Reason::kDuplicateReference).name ||
           finding.reason == base::EntryOf(Reason::kDuplicateSuspected).name;
  });
}

/// What a decision works on: read in one unit, written in the same.
struct Decision {
  const ports::Actor& actor;
  const ResolveRequest& request;
  ExceptionCase exception;
  std::optional<Operation> operation;
  std::optional<ports::DocumentRow> row;
  std::optional<model::Document> corrected;
  Entity entity;
};

absl::StatusOr<Role> CheckActor(const ports::Actor& actor, const ExceptionCase& exception) {
  if (!actor.is_person) {
    return Error(Reason::kPersonRequired).Says("a program cannot decide an exception");
  }
  if (!actor.MaySee(exception.entity)) {
    return Error(Reason::kEntityDenied)
        .With("entity", exception.entity)
        .Says(StrCat("no access to entity '", exception.entity, "'"));
  }
  const Role wanted = exception.technical ? Role::kOperator : Role::kAccountant;
  if (actor.Has(wanted)) return wanted;
  if (exception.owner_role == "administrator" && actor.Has(Role::kAdministrator)) {
    return Role::kAdministrator;
  }
  if (exception.owner_role == "operator" && actor.Has(Role::kOperator)) return Role::kOperator;
  return Error(Reason::kPermissionDenied)
      .With("role", ports::NameOf(wanted))
      .Says(StrCat("role ", ports::NameOf(wanted), " is missing"));
}

absl::Status CheckOffered(const ExceptionCase& exception, Resolution resolution) {
  const bool offered = std::any_of(exception.actions.begin(), exception.actions.end(),
                                   [&](const auto& a) { return a.resolution == resolution; });
  if (offered) return absl::OkStatus();
  return Error(Reason::kStateConflict)
      .Field("action")
      .With("action", NameOf(resolution))
      .Says(StrCat(NameOf(resolution), " is not offered for this exception"));
}

/// What an entry reverses is not the caller's to change.
void KeepReversal(const model::Document& old, model::Document& fresh) {
  const auto* const before = std::get_if<model::JournalEntry>(&old.content);
  auto* const after = std::get_if<model::JournalEntry>(&fresh.content);
  if (before != nullptr && after != nullptr) after->reversed_entry_id = before->reversed_entry_id;
}

/// The corrected document as it would be stored; INVALID_ARGUMENT with findings.
absl::StatusOr<model::Document> Corrected(Core& core, const Decision& decision) {
  KONTOR_ASSIGN_OR_RETURN(const model::Document old,
                          model::FromCanonicalJson(decision.row->content));
  model::Document fresh;
  if (decision.request.corrected.has_value()) {
    fresh = *decision.request.corrected;
  } else if (!decision.exception.proposed_content.empty()) {
    KONTOR_ASSIGN_OR_RETURN(fresh, model::FromCanonicalJson(decision.exception.proposed_content));
  } else {
    return Error(Reason::kFieldMissing).Field("correction").Says("no corrected document is given");
  }
  fresh.id = old.id;
  fresh.entity = old.entity;
  KeepReversal(old, fresh);
  if (model::IdPrefixOf(fresh.content) != model::IdPrefixOf(old.content) ||
      fresh.type() != old.type()) {
    return Error(Reason::kFieldConflict)
        .Field("correction")
        .Says("the correction is of another kind of document");
  }
  if (old.type() == model::DocumentType::kPartner &&
      std::get<model::Partner>(old.content).reference !=
          std::get<model::Partner>(fresh.content).reference) {
    return Error(Reason::kFieldConflict).Field("partner.reference").Says("the reference is fixed");
  }
  KeepAttachments(old, fresh);
  DigestAttachments(fresh, core.deps.crypto);
  const std::vector<model::Finding> findings = model::ValidateDocument(fresh);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return fresh;
}

bool NeedsSecondPerson(const Decision& decision) {
  if (decision.request.resolution == Resolution::kAccept) return true;
  if (decision.request.resolution != Resolution::kCorrectAndRetry) return false;
  const std::string after = model::ToCanonicalJson(*decision.corrected, false);
  const bool duplicate = IsAboutDuplicate(decision.exception);
  const auto paths = model::DifferingFields(decision.row->content, after, kDifferencesMax);
  return std::any_of(paths.begin(), paths.end(),
                     [&](const std::string& path) { return IsSensitive(path, duplicate); });
}

/// Whether the call confirms what another person proposed.
bool Confirms(const Decision& decision) {
  const ExceptionCase& exception = decision.exception;
  if (exception.state != ExceptionState::kAwaitingSecondPerson ||
      exception.proposed != decision.request.resolution) {
    return false;
  }
  if (decision.request.resolution != Resolution::kCorrectAndRetry) return true;
  return exception.proposed_content == model::ToCanonicalJson(*decision.corrected, true);
}

absl::Status Propose(Decision& decision) {
  ExceptionCase& exception = decision.exception;
  exception.state = ExceptionState::kAwaitingSecondPerson;
  exception.proposed = decision.request.resolution;
  exception.proposer = decision.actor.principal_id;
  exception.reason = decision.request.reason;
  exception.proposed_content =
      decision.corrected ? model::ToCanonicalJson(*decision.corrected, true) : std::string();
  return absl::OkStatus();
}

/// Nobody lets pass what was found in their own work.
absl::Status CheckBarred(const Decision& decision) {
  const bool barred = !decision.exception.barred.empty() &&
                      decision.exception.barred == decision.actor.principal_id;
  if (!barred || decision.request.resolution != Resolution::kAccept) return absl::OkStatus();
  return Error(Reason::kDutiesNotSeparate)
      .With("exception", decision.exception.id)
      .Says("who prepared it cannot accept what was found in it");
}

absl::Status CheckSecondPerson(const Decision& decision) {
  const std::string& actor = decision.actor.principal_id;
  const bool submitted = decision.operation && decision.operation->submitter == actor;
  if (actor != decision.exception.proposer && !submitted) return absl::OkStatus();
  return Error(Reason::kSecondPersonRequired)
      .With("exception", decision.exception.id)
      .Says("who proposed the decision or submitted the document cannot confirm it");
}

/// Steps anew, with the removal of what may stand in Odoo of the old content.
void Replan(Operation& operation, const model::Document& document, bool remove) {
  const model::Verb verb =
      operation.verb == model::Verb::kReverse ? model::Verb::kCreate : operation.verb;
  operation.steps = model::PlanSteps(document, verb, operation.posting, operation.path);
  operation.step_index = 0;
  if (!remove) return;
  model::Step removal;
  removal.kind = model::StepKind::kRemoveDraft;
  operation.steps.insert(operation.steps.begin(), removal);
}

absl::Status TakeCorrection(Core& core, ports::Unit& unit, Decision& decision) {
  Operation& operation = *decision.operation;
  ++operation.revision;
  Replan(operation, *decision.corrected, NeedsRemoval(operation));
  const auto catalogue = core.connections.CachedCatalogue(decision.entity);
  operation.lane = LaneOf(*decision.corrected, decision.entity, catalogue.get());
  // A reversal keeps the key that makes it the only one; its own key is the original's.
  if (operation.verb != model::Verb::kReverse) {
    KONTOR_RETURN_IF_ERROR(unit.ReleaseDuplicateKey(operation.id));
  }
  DescribeRow(*decision.corrected, decision.entity, *decision.row);
  return unit.PutDocument(*decision.row);
}

/// The addon was taken out before it did anything for this document: nothing stands in Odoo, so a
/// person's new try may take whatever way there is then.
absl::Status ForgetPath(const Decision& decision, Operation& operation) {
  const auto& findings = decision.exception.findings;
  const bool missing = std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.reason == base::EntryOf(Reason::kAddonMissing).name;
  });
  const model::Step* const step = CurrentStep(operation);
  if (!missing || operation.seen_in_erp || operation.path != model::Path::kAddon ||
      step == nullptr || step->kind != model::StepKind::kApply) {
    return absl::OkStatus();
  }
  KONTOR_ASSIGN_OR_RETURN(const model::Document document,
                          model::FromCanonicalJson(decision.row->content));
  operation.path = model::Path::kUndecided;
  Replan(operation, document, false);
  return absl::OkStatus();
}

absl::Status Carry(Core& core, ports::Unit& unit, Decision& decision, const Cause& cause) {
  if (!decision.operation) return absl::OkStatus();
  Operation& operation = *decision.operation;
  if (operation.state != OperationState::kException ||
      operation.exception_id != decision.exception.id) {
    return Error(Reason::kStateConflict)
        .With("operation", operation.id)
        .Says("the operation does not wait for this exception any more");
  }
  operation.next_attempt.reset();
  operation.attempt_count = 0;
  const Resolution resolution = decision.request.resolution;
  KONTOR_RETURN_IF_ERROR(ForgetPath(decision, operation));
  if (resolution == Resolution::kReject) {
    if (!NeedsRemoval(operation)) {
      return MoveTo(core, unit, operation, OperationState::kCancelled, cause);
    }
    PlanRemoval(operation);
  } else if (resolution == Resolution::kCorrectAndRetry) {
    KONTOR_RETURN_IF_ERROR(TakeCorrection(core, unit, decision));
  } else if (resolution == Resolution::kAccept) {
    for (const model::Finding& finding : decision.exception.findings) {
      if (finding.reason == base::EntryOf(Reason::kDeletedInOdoo).name) {
        KONTOR_ASSIGN_OR_RETURN(const model::Document document,
                                model::FromCanonicalJson(decision.row->content));
        operation.record = {};
        operation.seen_in_erp = false;
        ++operation.revision;
        Replan(operation, document, false);
      } else if (finding.severity == model::Severity::kError) {
        operation.accepted_reasons.push_back(finding.reason);
      }
    }
  }
  return MoveTo(core, unit, operation, OperationState::kReady, cause);
}

absl::Status Audit(Core& core, ports::Unit& unit, const Decision& decision, const Cause& cause,
                   ExceptionState before) {
  ports::AuditEntry audit;
  audit.time = core.Now();
  audit.actor = cause.actor;
  audit.role = cause.role;
  audit.action = cause.action;
  audit.subject = decision.exception.id;
  audit.entity = decision.exception.entity;
  audit.before = StateJson(NameOf(before));
  audit.after = StateJson(NameOf(decision.exception.state));
  audit.reason = cause.reason;
  if (decision.operation) audit.correlation_id = decision.operation->correlation_id;
  return unit.AppendAudit(std::move(audit));
}

absl::Status Decide(Core& core, ports::Unit& unit, Decision& decision) {
  KONTOR_ASSIGN_OR_RETURN(auto exception, unit.FindException(decision.request.exception_id));
  if (!exception.has_value()) {
    return Error(Reason::kNotFound).Field("id").Says("there is no such exception");
  }
  decision.exception = *std::move(exception);
  KONTOR_ASSIGN_OR_RETURN(const Role role, CheckActor(decision.actor, decision.exception));
  const ExceptionState before = decision.exception.state;
  if (before == ExceptionState::kResolved) {
    return Error(Reason::kStateConflict)
        .With("exception", decision.exception.id)
        .Says("the exception is resolved already");
  }
  KONTOR_RETURN_IF_ERROR(CheckOffered(decision.exception, decision.request.resolution));
  KONTOR_RETURN_IF_ERROR(CheckBarred(decision));
  if (!decision.exception.operation_id.empty()) {
    KONTOR_ASSIGN_OR_RETURN(decision.operation,
                            unit.FindOperation(decision.exception.operation_id));
    KONTOR_ASSIGN_OR_RETURN(decision.row, unit.FindDocument(decision.exception.subject));
  }
  if (decision.operation && decision.row &&
      decision.request.resolution == Resolution::kCorrectAndRetry) {
    KONTOR_ASSIGN_OR_RETURN(decision.corrected, Corrected(core, decision));
  }
  Cause cause = CauseOf(decision.actor, role, "exception.resolve", decision.request.reason);
  if (NeedsSecondPerson(decision)) {
    if (!Confirms(decision)) {
      cause.action = "exception.propose";
      KONTOR_RETURN_IF_ERROR(Propose(decision));
      KONTOR_RETURN_IF_ERROR(unit.PutException(decision.exception));
      return Audit(core, unit, decision, cause, before);
    }
    KONTOR_RETURN_IF_ERROR(CheckSecondPerson(decision));
  }
  KONTOR_RETURN_IF_ERROR(Carry(core, unit, decision, cause));
  decision.exception.state = ExceptionState::kResolved;
  if (decision.exception.proposed != decision.request.resolution) {
    // What was only proposed before is not what was decided, and nobody may read it as such.
    decision.exception.proposed = decision.request.resolution;
    decision.exception.proposer.clear();
    decision.exception.proposed_content.clear();
  }
  decision.exception.resolver = decision.actor.principal_id;
  decision.exception.reason = decision.request.reason;
  decision.exception.resolved = core.Now();
  KONTOR_RETURN_IF_ERROR(unit.PutException(decision.exception));
  return Audit(core, unit, decision, cause, before);
}

}  // namespace

bool IsSensitive(std::string_view path, bool duplicate) {
  if (path.find("analytic") != std::string_view::npos) return false;
  const std::string_view last = LastPartOf(path);
  if (duplicate && last == "reference") return true;
  return std::find(kHarmless.begin(), kHarmless.end(), last) == kHarmless.end();
}

absl::StatusOr<ExceptionCase> ResolveException(Core& core, const ports::Actor& actor,
                                               const ResolveRequest& request,
                                               const RequestKey& key) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(request.reason, kReasonMax));
  constexpr int kReadingsMax = 3;
  KONTOR_ASSIGN_OR_RETURN(const auto config, core.config.Get());
  ExceptionCase result;
  absl::Status status;
  core.Failpoint(failpoints::kResolveBeforeCommit);
  for (int reading = 0; reading < kReadingsMax; ++reading) {
    status = core.store().Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_RETURN_IF_ERROR(KeepRequest(unit, actor, key, request.exception_id));
      Decision decision{actor, request, {}, {}, {}, {}, {}};
      KONTOR_ASSIGN_OR_RETURN(const auto stored, unit.FindException(request.exception_id));
      if (stored.has_value()) {
        // Before the commit: it wakes the lane at once, which must not check against what was read
        // before the person mended things in Odoo.
        core.connections.Outdate(stored->entity);
        if (const auto entity = EntityIn(*config, stored->entity); entity.ok()) {
          decision.entity = entity->value;
        }
      }
      KONTOR_RETURN_IF_ERROR(Decide(core, unit, decision));
      result = std::move(decision.exception);
      return absl::OkStatus();
    });
    if (!base::Is(status, Reason::kVersionConflict)) break;
  }
  KONTOR_RETURN_IF_ERROR(status);
  return result;
}

absl::StatusOr<ExceptionCase> DeclineResolution(Core& core, const ports::Actor& actor,
                                                const std::string& exception_id,
                                                const std::string& reason, const RequestKey& key) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
  const ResolveRequest request{exception_id, Resolution::kReject, reason, {}};
  ExceptionCase result;
  const absl::Status declined = core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(KeepRequest(unit, actor, key, exception_id));
    Decision decision{actor, request, {}, {}, {}, {}, {}};
    KONTOR_ASSIGN_OR_RETURN(auto exception, unit.FindException(exception_id));
    if (!exception.has_value()) {
      return Error(Reason::kNotFound).Field("id").Says("there is no such exception");
    }
    decision.exception = *std::move(exception);
    KONTOR_ASSIGN_OR_RETURN(const Role role, CheckActor(actor, decision.exception));
    if (decision.exception.state != ExceptionState::kAwaitingSecondPerson) {
      return Error(Reason::kStateConflict)
          .With("exception", exception_id)
          .Says("nothing is proposed for this exception");
    }
    decision.exception.state = ExceptionState::kOpen;
    decision.exception.proposed.reset();
    decision.exception.proposer.clear();
    decision.exception.proposed_content.clear();
    decision.exception.reason = reason;
    KONTOR_RETURN_IF_ERROR(unit.PutException(decision.exception));
    result = decision.exception;
    return Audit(core, unit, decision, CauseOf(actor, role, "exception.decline", reason),
                 ExceptionState::kAwaitingSecondPerson);
  });
  KONTOR_RETURN_IF_ERROR(declined);
  return result;
}

}  // namespace kontor::engine
