// SPDX-License-Identifier: Apache-2.0
// Exceptions: shown, and resolved by persons. A second person confirms through ApproveResolution.
#include "kontor/v1/exception.pb.h"
#include "server/api/accepting.h"
#include "server/api/field_mask.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

absl::StatusOr<model::ExceptionCase> FindFor(const Parts& parts, const Call& call,
                                             const std::string& id) {
  std::optional<model::ExceptionCase> found;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(found, view.FindException(id));
    return absl::OkStatus();
  }));
  if (!found.has_value() || !call.actor.MaySee(found->entity)) {
    return Error(Reason::kNotFound).Field("id").With("id", id).Says("no such exception");
  }
  return *std::move(found);
}

/// People know each other by name; the engine keeps ids.
absl::Status WriteWithNames(const Parts& parts, const model::ExceptionCase& exception,
                            v1::Exception* out) {
  WriteException(exception, out);
  if (!out->has_resolution()) return absl::OkStatus();
  auto* const resolution = out->mutable_resolution();
  return parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto proposer, PrincipalName(view, resolution->proposer()));
    resolution->set_proposer(proposer);
    if (resolution->approver().empty()) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(const auto approver, PrincipalName(view, exception.resolver));
    resolution->set_approver(approver);
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::ListExceptionsResponse> List(const Parts& parts, const Call& call,
                                                const v1::ListExceptionsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  ports::ExceptionFilter filter;
  filter.entity = request.entity();
  filter.operation_id = request.operation_id();
  if (request.queue() != v1::Exception::QUEUE_UNSPECIFIED) {
    filter.technical = request.queue() == v1::Exception::QUEUE_TECHNICAL;
  }
  switch (request.state()) {
    case v1::Exception::STATE_OPEN: filter.state = model::ExceptionState::kOpen; break;
    case v1::Exception::STATE_AWAITING_SECOND_PERSON:
      filter.state = model::ExceptionState::kAwaitingSecondPerson;
      break;
    case v1::Exception::STATE_RESOLVED: filter.state = model::ExceptionState::kResolved; break;
    default: break;
  }
  ports::Listed<model::ExceptionCase> listed;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(listed, view.ListExceptions(filter, page));
    return absl::OkStatus();
  }));
  v1::ListExceptionsResponse response;
  for (const auto& row : listed.rows) {
    if (!call.actor.MaySee(row.entity)) continue;
    KONTOR_RETURN_IF_ERROR(WriteWithNames(parts, row, response.add_exceptions()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

std::optional<model::Resolution> ReadAction(v1::Exception::Action action) {
  switch (action) {
    case v1::Exception::ACTION_RETRY: return model::Resolution::kRetry;
    case v1::Exception::ACTION_CORRECT_AND_RETRY: return model::Resolution::kCorrectAndRetry;
    case v1::Exception::ACTION_ACCEPT: return model::Resolution::kAccept;
    case v1::Exception::ACTION_REJECT: return model::Resolution::kReject;
    default: return std::nullopt;
  }
}

/// The stored document behind an exception.
absl::StatusOr<ports::DocumentRow> DocumentOf(const Parts& parts,
                                              const model::ExceptionCase& exception) {
  std::optional<ports::DocumentRow> row;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindDocument(exception.subject));
    return absl::OkStatus();
  }));
  if (!row.has_value()) {
    return Error(Reason::kStateConflict)
        .Field("correction")
        .Says("this exception has no document that could be corrected");
  }
  return *std::move(row);
}

/// The stored document with the masked fields of the correction, or the correction whole when no
/// mask is given.
template <typename Proto, typename Write, typename Read>
absl::StatusOr<model::Document> Corrected(const ports::DocumentRow& row, const Proto& correction,
                                          const v1::ResolveExceptionRequest& request, Write write,
                                          Read read) {
  Proto merged = correction;
  if (request.update_mask().paths_size() > 0) {
    merged.Clear();
    KONTOR_RETURN_IF_ERROR(write(row, &merged));
    KONTOR_RETURN_IF_ERROR(MergeMasked(request.update_mask(), correction, &merged));
    KONTOR_RETURN_IF_ERROR(KeepAttachments(row, &merged));
  }
  merged.set_entity(row.entity);
  KONTOR_ASSIGN_OR_RETURN(auto document, read(merged));
  document.id = row.id;
  return document;
}

absl::StatusOr<model::Document> ReadCorrection(const Parts& parts,
                                               const model::ExceptionCase& exception,
                                               const v1::ResolveExceptionRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, DocumentOf(parts, exception));
  switch (request.correction_case()) {
    case v1::ResolveExceptionRequest::kInvoice:
      return Corrected(
          row, request.invoice(), request,
          [](const auto& r, v1::Invoice* out) { return WriteInvoice(r, out); },
          [](const v1::Invoice& in) { return ReadInvoice(in, "invoice"); });
    case v1::ResolveExceptionRequest::kPayment:
      return Corrected(
          row, request.payment(), request,
          [](const auto& r, v1::Payment* out) { return WritePayment(r, Shown::kAll, out); },
          [](const v1::Payment& in) { return ReadPayment(in, "payment"); });
    case v1::ResolveExceptionRequest::kJournalEntry:
      return Corrected(
          row, request.journal_entry(), request,
          [](const auto& r, v1::JournalEntry* out) { return WriteJournalEntry(r, out); },
          [](const v1::JournalEntry& in) { return ReadJournalEntry(in, "journal_entry"); });
    case v1::ResolveExceptionRequest::kPartner:
      return Corrected(
          row, request.partner(), request,
          [](const auto& r, v1::Partner* out) { return WritePartner(r, Shown::kAll, out); },
          [](const v1::Partner& in) { return ReadPartner(in, "partner"); });
    default: break;
  }
  return Error(Reason::kFieldMissing)
      .Field("correction")
      .Says("a correction needs the corrected document");
}

template <typename Response>
absl::StatusOr<Response> Answered(const Parts& parts, const model::ExceptionCase& exception) {
  Response response;
  KONTOR_RETURN_IF_ERROR(WriteWithNames(parts, exception, response.mutable_exception()));
  if constexpr (requires { response.mutable_operation(); }) {
    if (!exception.operation_id.empty()) {
      KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
        KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(exception.operation_id));
        if (operation.has_value()) WriteOperation(*operation, response.mutable_operation());
        return absl::OkStatus();
      }));
    }
  }
  return response;
}

absl::StatusOr<v1::ResolveExceptionResponse> Resolve(const Parts& parts, const Call& call,
                                                     const v1::ResolveExceptionRequest& request,
                                                     const engine::RequestKey& key) {
  KONTOR_ASSIGN_OR_RETURN(const auto seen, FindFor(parts, call, request.id()));
  if (request.version() != 0 && request.version() != seen.version) {
    return Error(Reason::kVersionConflict).Field("version").Says("the exception has changed");
  }
  const auto action = ReadAction(request.action());
  if (!action.has_value()) {
    return Error(Reason::kFieldMissing).Field("action").Says("say what to do");
  }
  engine::ResolveRequest resolve{seen.id, *action, request.reason(), std::nullopt};
  if (*action == model::Resolution::kCorrectAndRetry) {
    KONTOR_ASSIGN_OR_RETURN(resolve.corrected, ReadCorrection(parts, seen, request));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto exception,
                          parts.engine.ResolveException(call.actor, resolve, key));
  return Answered<v1::ResolveExceptionResponse>(parts, exception);
}

/// The second person says yes to what the first proposed.
absl::StatusOr<v1::ApproveResolutionResponse> Approve(const Parts& parts, const Call& call,
                                                      const v1::ApproveResolutionRequest& request,
                                                      const engine::RequestKey& key) {
  KONTOR_ASSIGN_OR_RETURN(const auto seen, FindFor(parts, call, request.id()));
  if (seen.state != model::ExceptionState::kAwaitingSecondPerson || !seen.proposed.has_value()) {
    return Error(Reason::kStateConflict).Field("id").Says("nothing is proposed");
  }
  if (request.version() != 0 && request.version() != seen.version) {
    return Error(Reason::kVersionConflict).Field("version").Says("the proposal has changed");
  }
  engine::ResolveRequest resolve{seen.id, *seen.proposed, request.reason(), std::nullopt};
  if (!seen.proposed_content.empty()) {
    KONTOR_ASSIGN_OR_RETURN(resolve.corrected, model::FromCanonicalJson(seen.proposed_content));
    resolve.corrected->id = seen.subject;
  }
  KONTOR_ASSIGN_OR_RETURN(const auto exception,
                          parts.engine.ResolveException(call.actor, resolve, key));
  return Answered<v1::ApproveResolutionResponse>(parts, exception);
}

absl::StatusOr<v1::DeclineResolutionResponse> Decline(const Parts& parts, const Call& call,
                                                      const v1::DeclineResolutionRequest& request,
                                                      const engine::RequestKey& key) {
  KONTOR_ASSIGN_OR_RETURN(const auto seen, FindFor(parts, call, request.id()));
  KONTOR_ASSIGN_OR_RETURN(
      const auto exception,
      parts.engine.DeclineResolution(call.actor, seen.id, request.reason(), key));
  return Answered<v1::DeclineResolutionResponse>(parts, exception);
}

/// Resolve, approve and decline: once a request id; a repeat is answered with the case as it is.
template <typename Request, typename Response>
void AddDecision(Parts parts, Registry* registry, const std::string& name,
                 absl::StatusOr<Response> (*decide)(const Parts&, const Call&, const Request&,
                                                    const engine::RequestKey&)) {
  registry->Add<Request, Response>(
      name, [parts, name, decide](const Call& call,
                                  const auto& request) -> absl::StatusOr<Response> {
        return Once<Response>(
            parts, call, name, request,
            [&](const engine::RequestKey& key) { return decide(parts, call, request, key); },
            [&](const std::string& id) -> absl::StatusOr<Response> {
              KONTOR_ASSIGN_OR_RETURN(const auto found, FindFor(parts, call, id));
              return Answered<Response>(parts, found);
            });
      });
}

}  // namespace

void AddExceptionMethods(Parts parts, Registry* registry) {
  const std::string service = "kontor.v1.ExceptionService/";
  registry->Add<v1::ListExceptionsRequest, v1::ListExceptionsResponse>(
      service + "ListExceptions",
      [parts](const Call& call, const auto& request) { return List(parts, call, request); });
  registry->Add<v1::GetExceptionRequest, v1::GetExceptionResponse>(
      service + "GetException",
      [parts](const Call& call, const auto& request) -> absl::StatusOr<v1::GetExceptionResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto found, FindFor(parts, call, request.id()));
        return Answered<v1::GetExceptionResponse>(parts, found);
      });
  AddDecision<v1::ResolveExceptionRequest, v1::ResolveExceptionResponse>(
      parts, registry, service + "ResolveException", &Resolve);
  AddDecision<v1::ApproveResolutionRequest, v1::ApproveResolutionResponse>(
      parts, registry, service + "ApproveResolution", &Approve);
  AddDecision<v1::DeclineResolutionRequest, v1::DeclineResolutionResponse>(
      parts, registry, service + "DeclineResolution", &Decline);
}

}  // namespace kontor::api
