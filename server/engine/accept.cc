// SPDX-License-Identifier: Apache-2.0
// The order matters: what can be refused without the store is refused first; the request id decides
// within the unit, so that fifty callers at once make one document.
#include "server/engine/accept.h"

#include "server/base/ids.h"
#include "server/base/json_text.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/codec.h"
#include "server/engine/documents.h"
#include "server/engine/transitions.h"
#include "server/model/canon.h"
#include "server/model/validate.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::DocumentType;
using model::Operation;
using model::Verb;

constexpr size_t kDifferencesMax = 20;

/// One acceptance on its way through the unit.
struct Intake {
  ports::Actor actor;
  AcceptRequest request;
  std::shared_ptr<const ConfigSnapshot> config;
  Versioned<Entity> entity;
  std::string digest;
  AcceptResult result;
};

absl::Status CheckVisibleAscii(const std::string& text, size_t length_max, std::string_view field) {
  if (text.size() > length_max) {
    return Error(Reason::kFieldTooLong)
        .Field(field)
        .Says(StrCat("at most ", length_max, " characters"));
  }
  for (const char c : text) {
    if (c < '!' || c > '~') {
      return Error(Reason::kTextInvalid).Field(field).Says("only visible ASCII characters");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEnvelope(const AcceptRequest& request) {
  KONTOR_RETURN_IF_ERROR(CheckRequestId(request.request_id));
  KONTOR_RETURN_IF_ERROR(
      CheckVisibleAscii(request.correlation_id, kRequestIdMax, "correlation_id"));
  if (request.depends_on.size() > kDependsOnMax) {
    return Error(Reason::kFieldTooLong)
        .Field("depends_on")
        .Says(StrCat("at most ", kDependsOnMax, " operations"));
  }
  const bool refers = request.verb == Verb::kCancel || request.verb == Verb::kReverse;
  if (refers && request.document.id.empty()) {
    return Error(Reason::kFieldMissing).Field("id").Says("no document is named");
  }
  if (!refers && !request.document.id.empty()) {
    return Error(Reason::kFieldInvalid).Field("id").Says("kontor gives the id");
  }
  if (refers) return base::CheckReason(request.reason, kReasonMax);
  return base::CheckText(request.reason, kReasonMax, "reason", /*multiline=*/true);
}

/// What the digest is of: the normal form with all that changes what is done.
std::string NormalRequest(const AcceptRequest& request) {
  base::JsonObject normal;
  normal.Number("canon", model::kCanonVersion);
  normal.Text("verb", NameOf(request.verb));
  normal.Texts("depends_on", request.depends_on);
  if (request.posting) normal.Text("posting", NameOf(*request.posting));
  if (request.verb == Verb::kCancel || request.verb == Verb::kReverse) {
    normal.Text("id", request.document.id);
    normal.Text("reason", request.reason);
    if (!request.journal_code.empty()) normal.Text("journal_code", request.journal_code);
    if (request.reverse_date) normal.Text("date", request.reverse_date->ToString());
  } else {
    normal.Text("document", model::ToCanonicalJson(request.document, false));
  }
  return normal.ToText();
}

/// The answer to a request id that is known.
absl::Status Repeat(ports::Unit& unit, const ports::RequestRow& known, Intake& intake) {
  KONTOR_ASSIGN_OR_RETURN(auto operation, unit.FindOperation(known.operation_id));
  KONTOR_ASSIGN_OR_RETURN(auto document, unit.FindDocument(known.document_id));
  if (known.digest != intake.digest && (!operation.has_value() || !document.has_value())) {
    return Error(Reason::kRequestIdReused)
        .Field("request_id")
        .With("fields", "request")
        .Says("this request_id was used for another request");
  }
  if (!operation.has_value() || !document.has_value()) {
    return Error(Reason::kInternal).With("request_id", known.request_id)
        .Says("a request lost its operation");
  }
  if (known.digest != intake.digest) {
    std::vector<std::string> fields;
    if (intake.request.verb == operation->verb && intake.request.verb != Verb::kCancel &&
        intake.request.verb != Verb::kReverse) {
      fields = model::DifferingFields(document->content,
                                      model::ToCanonicalJson(intake.request.document, false),
                                      kDifferencesMax);
    }
    const std::string named = fields.empty() ? "request" : base::StrJoin(fields, ", ");
    return Error(Reason::kRequestIdReused)
        .Field("request_id")
        .With("fields", named)
        .With("operation", operation->id)
        .With("document", document->id)
        .Says(StrCat("this request_id was used with other content: ", named));
  }
  intake.result.operation = *std::move(operation);
  intake.result.document = *std::move(document);
  intake.result.repeated = true;
  return absl::OkStatus();
}

absl::Status NoSuchDocument(std::string_view field, const std::string& id) {
  return Error(Reason::kNotFound).Field(field).With("document", id)
      .Says("there is no such document");
}

/// The document of a verb that refers to one; posted, of the entity.
absl::StatusOr<ports::DocumentRow> Referred(ports::Unit& unit, const Intake& intake) {
  const std::string& id = intake.request.document.id;
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindDocument(id));
  if (!row.has_value() || row->entity != intake.request.document.entity ||
      !intake.actor.MaySee(row->entity)) {
    return NoSuchDocument("id", id);
  }
  if (row->state != NameOf(model::OperationState::kPosted)) {
    return Error(Reason::kStateConflict)
        .Field("id")
        .With("operation", row->operation_id)
        .With("state", row->state)
        .Says(StrCat("the document is ", row->state,
                     "; before it is posted, cancel its operation instead"));
  }
  return *std::move(row);
}

absl::Status CheckReferences(ports::Unit& unit, const Intake& intake,
                             const model::Document& document) {
  for (size_t i = 0; i < intake.request.depends_on.size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(const auto other, unit.FindOperation(intake.request.depends_on[i]));
    if (!other.has_value() || !intake.actor.MaySee(other->entity)) {
      return Error(Reason::kNotFound)
          .Field(StrCat("depends_on[", i, "]"))
          .Says("there is no such operation");
    }
  }
  const auto check = [&](const std::string& id, const std::string& field) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto row, unit.FindDocument(id));
    const bool is_owed = row.has_value() && (row->type == DocumentType::kInvoice ||
                                             row->type == DocumentType::kExpenseClaim);
    const bool fits = is_owed && row->entity == document.entity;
    return fits ? absl::OkStatus() : NoSuchDocument(field, id);
  };
  if (document.type() == DocumentType::kInvoice) {
    const auto& invoice = std::get<model::Invoice>(document.content);
    if (invoice.reversed_invoice_id.empty()) return absl::OkStatus();
    return check(invoice.reversed_invoice_id, "invoice.reversed_invoice_id");
  }
  if (document.type() != DocumentType::kPayment) return absl::OkStatus();
  const auto& payment = std::get<model::Payment>(document.content);
  for (size_t i = 0; i < payment.allocations.size(); ++i) {
    if (payment.allocations[i].invoice_id.empty()) continue;
    KONTOR_RETURN_IF_ERROR(check(payment.allocations[i].invoice_id,
                                 StrCat("payment.allocations[", i, "].invoice_id")));
  }
  return absl::OkStatus();
}

absl::StatusOr<model::Posting> PostingFor(const Intake& intake, const model::Document& document) {
  const model::Posting policy =
      PolicyFor(*intake.config, intake.entity.value, intake.actor.source, document);
  const model::Posting asked = intake.request.posting.value_or(policy);
  if (MayAsk(asked, policy)) return asked;
  return Error(Reason::kPermissionDenied)
      .Field("posting")
      .With("policy", NameOf(policy))
      .Says(StrCat("the posting policy says ", NameOf(policy), " for this document"));
}

Operation NewOperation(Core& core, const Intake& intake) {
  Operation operation;
  operation.id = core.NewId(base::kOperationPrefix);
  operation.verb = intake.request.verb;
  operation.entity = intake.entity.value.name;
  operation.connection = intake.entity.value.connection;
  operation.source = intake.actor.source;
  operation.submitter = intake.actor.principal_id;
  operation.request_id = intake.request.request_id;
  operation.correlation_id = intake.request.correlation_id.empty()
                                 ? core.NewId(base::kCorrelationPrefix)
                                 : intake.request.correlation_id;
  operation.traceparent = intake.request.traceparent;
  operation.depends_on = intake.request.depends_on;
  operation.policy_version =
      StrCat(intake.entity.value.name, "/", intake.entity.version, "+",
             intake.config->server_rules_version);
  operation.created = core.Now();
  return operation;
}

std::string ExternalId(Core& core, const Operation& operation, const model::Document& document) {
  const auto sha256 = [&](std::string_view bytes) { return core.deps.crypto.Sha256Hex(bytes); };
  // Upserts of one partner under several request ids meet in one record.
  if (document.type() == DocumentType::kPartner) {
    return model::ExternalIdOf(operation.connection, operation.source,
                               std::get<model::Partner>(document.content).reference, "partner",
                               sha256);
  }
  return model::ExternalIdOf(operation.connection, operation.source, operation.request_id, "doc",
                             sha256);
}

/// Writes request, document and operation; the first event and audit row come with the operation.
absl::Status Write(Core& core, ports::Unit& unit, Intake& intake, ports::DocumentRow row,
                   Operation operation, const model::Document& document) {
  operation.document_id = row.id;
  operation.document_type = row.type;
  if (row.operation_id.empty()) row.operation_id = operation.id;
  KONTOR_RETURN_IF_ERROR(unit.InsertRequest({intake.actor.source, intake.request.request_id,
                                             intake.digest, model::kCanonVersion, operation.id,
                                             row.id}));
  const Cause cause = CauseOf(intake.actor, ports::Role::kSubmitter, "document.accept",
                              intake.request.reason);
  KONTOR_RETURN_IF_ERROR(WriteNew(core, unit, operation, row, document, cause));
  if (operation.posting == model::Posting::kHold && operation.verb != Verb::kCancel) {
    KONTOR_RETURN_IF_ERROR(MoveTo(core, unit, operation, model::OperationState::kHeld,
                                  Because("posting policy")));
    row.state = std::string(NameOf(operation.state));
    ++row.version;
  }
  intake.result.document = std::move(row);
  intake.result.operation = std::move(operation);
  return absl::OkStatus();
}

absl::Status TakeCancel(Core& core, ports::Unit& unit, Intake& intake) {
  KONTOR_ASSIGN_OR_RETURN(ports::DocumentRow row, Referred(unit, intake));
  if (row.type == DocumentType::kPartner) {
    return Error(Reason::kFieldInvalid).Field("id").Says("partners are not cancelled");
  }
  KONTOR_ASSIGN_OR_RETURN(const auto creator, unit.FindOperation(row.operation_id));
  if (!creator.has_value()) return NoSuchDocument("id", row.id);
  KONTOR_ASSIGN_OR_RETURN(const model::Document document, model::FromCanonicalJson(row.content));
  Operation operation = NewOperation(core, intake);
  operation.external_id = creator->external_id;
  operation.record = row.record;
  operation.seen_in_erp = true;
  operation.path = creator->path;
  operation.lane = LaneOf(document, intake.entity.value,
                          core.connections.CachedCatalogue(intake.entity.value).get());
  if (creator->posting == model::Posting::kDraft) {
    operation.steps.resize(1);
    operation.steps.front().kind = model::StepKind::kRemoveDraft;
  } else {
    operation.steps = model::PlanSteps(document, Verb::kCancel, model::Posting::kPost);
  }
  return Write(core, unit, intake, std::move(row), std::move(operation), document);
}

absl::Status TakeNew(Core& core, ports::Unit& unit, Intake& intake, model::Document document,
                     const std::string& reversed_id) {
  KONTOR_RETURN_IF_ERROR(CheckReferences(unit, intake, document));
  Operation operation = NewOperation(core, intake);
  KONTOR_ASSIGN_OR_RETURN(operation.posting, PostingFor(intake, document));
  operation.external_id = ExternalId(core, operation, document);
  operation.lane = LaneOf(document, intake.entity.value,
                          core.connections.CachedCatalogue(intake.entity.value).get());
  ports::DocumentRow row;
  row.created = operation.created;
  row.source = intake.actor.source;
  if (document.type() == DocumentType::kPartner) {
    KONTOR_ASSIGN_OR_RETURN(
        auto known, unit.FindDocumentByLookup(DocumentType::kPartner, operation.connection,
                                              operation.source,
                                              std::get<model::Partner>(document.content)
                                                  .reference));
    if (known.has_value()) {
      row = *std::move(known);
      operation.record = row.record;
      operation.seen_in_erp = row.record.id != 0;
      operation.verb = Verb::kUpdate;
    }
  }
  document.id = row.id.empty() ? core.NewId(model::IdPrefixOf(document.content)) : row.id;
  DescribeRow(document, intake.entity.value, row);
  const Verb planned = operation.verb == Verb::kUpdate ? Verb::kUpdate : Verb::kCreate;
  operation.steps = model::PlanSteps(document, planned, operation.posting);
  if (!reversed_id.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                            unit.ReserveDuplicateKey(operation.entity, ReversalKey(reversed_id),
                                                     operation.id));
    if (holder != operation.id) {
      return Error(Reason::kStateConflict)
          .Field("id")
          .With("operation", holder)
          .Says("the document is reversed already, or is about to be");
    }
  }
  return Write(core, unit, intake, std::move(row), std::move(operation), document);
}

absl::Status TakeReversal(Core& core, ports::Unit& unit, Intake& intake) {
  KONTOR_ASSIGN_OR_RETURN(const ports::DocumentRow row, Referred(unit, intake));
  KONTOR_ASSIGN_OR_RETURN(const auto creator, unit.FindOperation(row.operation_id));
  if (creator.has_value() && creator->posting == model::Posting::kDraft) {
    return Error(Reason::kStateConflict)
        .Field("id")
        .Says("the document is a draft in Odoo; cancel it instead");
  }
  KONTOR_ASSIGN_OR_RETURN(const model::Document original, model::FromCanonicalJson(row.content));
  const model::Date date = intake.request.reverse_date.value_or(model::Date::Of(core.Now()));
  KONTOR_ASSIGN_OR_RETURN(model::Document mirror,
                          MirrorOf(original, row, date, intake.request.reason,
                                   intake.request.journal_code));
  const std::vector<model::Finding> findings = model::ValidateDocument(mirror);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return TakeNew(core, unit, intake, std::move(mirror), row.id);
}

absl::Status Take(Core& core, ports::Unit& unit, Intake& intake) {
  intake.result.repeated = false;
  KONTOR_ASSIGN_OR_RETURN(const auto known,
                          unit.FindRequest(intake.actor.source, intake.request.request_id));
  if (known.has_value()) return Repeat(unit, *known, intake);
  switch (intake.request.verb) {
    case Verb::kCancel: return TakeCancel(core, unit, intake);
    case Verb::kReverse: return TakeReversal(core, unit, intake);
    case Verb::kCreate:
    case Verb::kUpdate: break;
  }
  return TakeNew(core, unit, intake, intake.request.document, {});
}

/// A failpoint on a thread that belongs to the store: what it throws becomes the answer.
absl::Status Reach(const Core& core, const char* name) {
  try {
    core.Failpoint(name);
    return absl::OkStatus();
  } catch (const std::exception& thrown) {
    return Error(Reason::kInternal).With("failpoint", name).Says(thrown.what());
  }
}

/// Everything that needs neither store nor Odoo.
absl::Status Prepare(Core& core, Intake& intake) {
  KONTOR_RETURN_IF_ERROR(CheckEnvelope(intake.request));
  const std::string& name = intake.request.document.entity;
  if (!name.empty() && !intake.actor.MaySee(name)) {
    return Error(Reason::kEntityDenied)
        .Field("entity")
        .With("entity", name)
        .Says(StrCat("no access to entity '", name, "'"));
  }
  KONTOR_ASSIGN_OR_RETURN(intake.entity, EntityIn(*intake.config, name));
  const bool refers = intake.request.verb == Verb::kCancel || intake.request.verb == Verb::kReverse;
  if (!refers) {
    DigestAttachments(intake.request.document, core.deps.crypto);
    std::vector<model::Finding> findings = model::ValidateDocument(intake.request.document);
    if (model::HasErrors(findings)) return model::StatusOf(findings);
    intake.result.findings = std::move(findings);
  }
  intake.digest = core.deps.crypto.Sha256Hex(NormalRequest(intake.request));
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRequestId(const std::string& request_id) {
  if (request_id.empty()) {
    return Error(Reason::kFieldMissing).Field("request_id").Says("no request_id is given");
  }
  return CheckVisibleAscii(request_id, kRequestIdMax, "request_id");
}

void Accept(Core& core, const ports::Actor& actor, AcceptRequest request,
            Done<AcceptResult> done) {
  auto intake = std::make_shared<Intake>();
  intake->actor = actor;
  intake->request = std::move(request);
  core.config.WithConfig([&core, intake, done = std::move(done)](auto config) mutable {
    if (!config.ok()) return done(config.status());
    intake->config = *std::move(config);
    if (absl::Status status = Prepare(core, *intake); !status.ok()) return done(status);
    if (absl::Status status = Reach(core, failpoints::kAcceptBeforeCommit); !status.ok()) {
      return done(status);
    }
    core.store().Submit([&core, intake](ports::Unit& unit) { return Take(core, unit, *intake); },
                        [&core, intake, done = std::move(done)](const absl::Status& status) {
                          if (!status.ok()) return done(status);
                          const absl::Status reached = Reach(core, failpoints::kAcceptAfterCommit);
                          if (!reached.ok()) return done(reached);
                          done(std::move(intake->result));
                        });
  });
}

}  // namespace kontor::engine
