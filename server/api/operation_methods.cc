// SPDX-License-Identifier: Apache-2.0
// Operations: shown and steered. Steering is the engine's; who may do it is security's and its.
#include <algorithm>

#include "kontor/v1/operation.pb.h"
#include "server/api/accepting.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

absl::StatusOr<model::Operation> FindFor(const Parts& parts, const Call& call,
                                         const std::string& id) {
  std::optional<model::Operation> operation;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(operation, view.FindOperation(id));
    return absl::OkStatus();
  }));
  if (!operation.has_value() || !call.actor.MaySee(operation->entity)) {
    return Error(Reason::kNotFound).Field("id").With("id", id).Says("no such operation");
  }
  return *std::move(operation);
}

absl::StatusOr<v1::GetOperationResponse> Get(const Parts& parts, const Call& call,
                                             const v1::GetOperationRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto operation, FindFor(parts, call, request.id()));
  v1::GetOperationResponse response;
  WriteOperation(operation, response.mutable_operation());
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto name, PrincipalName(view, operation.submitter));
    response.mutable_operation()->set_submitter(name);
    return absl::OkStatus();
  }));
  return response;
}

std::optional<model::OperationState> ReadState(v1::Operation::State state) {
  std::string name = v1::Operation::State_Name(state);
  constexpr std::string_view kPrefix = "STATE_";
  return model::ParseOperationState(name.substr(kPrefix.size()));
}

bool Fits(const model::Operation& operation, const ports::OperationFilter& filter) {
  const auto is = [](const std::string& wanted, const std::string& got) {
    return wanted.empty() || wanted == got;
  };
  return is(filter.entity, operation.entity) && is(filter.document_id, operation.document_id) &&
         is(filter.correlation_id, operation.correlation_id) &&
         (filter.states.empty() ||
          std::find(filter.states.begin(), filter.states.end(), operation.state) !=
              filter.states.end());
}

/// The operation that the source submitted with this request id, if it fits the other filters.
absl::StatusOr<std::vector<model::Operation>> ByRequestId(ports::ReadView& view,
                                                          const std::string& source,
                                                          const std::string& request_id,
                                                          const ports::OperationFilter& filter) {
  KONTOR_ASSIGN_OR_RETURN(const auto known, view.FindRequest(source, request_id));
  if (!known.has_value()) return std::vector<model::Operation>();
  KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(known->operation_id));
  if (!operation.has_value() || !Fits(*operation, filter)) return std::vector<model::Operation>();
  return std::vector<model::Operation>{*operation};
}

absl::StatusOr<v1::ListOperationsResponse> List(const Parts& parts, const Call& call,
                                                const v1::ListOperationsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  ports::OperationFilter filter;
  filter.entity = request.entity();
  filter.document_id = request.document_id();
  filter.correlation_id = request.correlation_id();
  for (const int state : request.states()) {
    const auto read = ReadState(static_cast<v1::Operation::State>(state));
    if (!read) return Error(Reason::kFieldInvalid).Field("states").Says("no such state");
    filter.states.push_back(*read);
  }
  ports::Listed<model::Operation> listed;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    if (!request.request_id().empty()) {
      KONTOR_ASSIGN_OR_RETURN(listed.rows,
                              ByRequestId(view, call.actor.source, request.request_id(), filter));
      return absl::OkStatus();
    }
    KONTOR_ASSIGN_OR_RETURN(listed, view.ListOperations(filter, page));
    return absl::OkStatus();
  }));
  v1::ListOperationsResponse response;
  for (const auto& operation : listed.rows) {
    if (call.actor.MaySee(operation.entity)) {
      auto* added = response.add_operations();
      WriteOperation(operation, added);
      added->clear_steps();
    }
  }
  response.set_next_page_token(listed.next);
  return response;
}

/// Release, retry and cancel differ only in what the engine is asked.
template <typename Request, typename Response>
void AddSteering(Parts parts, Registry* registry, const std::string& name,
                 absl::StatusOr<model::Operation> (engine::Engine::*act)(
                     const ports::Actor&, const std::string&, const std::string&,
                     const engine::RequestKey&)) {
  registry->Add<Request, Response>(
      name, [parts, name, act](const Call& call, const auto& request) -> absl::StatusOr<Response> {
        KONTOR_ASSIGN_OR_RETURN(const auto seen, FindFor(parts, call, request.id()));
        const auto written = [](const auto& operation) -> absl::StatusOr<Response> {
          if (!operation.ok()) return operation.status();
          Response response;
          WriteOperation(*operation, response.mutable_operation());
          return response;
        };
        return Once<Response>(
            parts, call, name, request,
            [&](const engine::RequestKey& key) {
              return written((parts.engine.*act)(call.actor, seen.id, request.reason(), key));
            },
            [&](const std::string&) { return written(FindFor(parts, call, request.id())); });
      });
}

}  // namespace

void AddOperationMethods(Parts parts, Registry* registry) {
  const std::string service = "kontor.v1.OperationService/";
  registry->Add<v1::GetOperationRequest, v1::GetOperationResponse>(
      service + "GetOperation",
      [parts](const Call& call, const auto& request) { return Get(parts, call, request); });
  registry->Add<v1::ListOperationsRequest, v1::ListOperationsResponse>(
      service + "ListOperations",
      [parts](const Call& call, const auto& request) { return List(parts, call, request); });
  AddSteering<v1::ReleaseOperationRequest, v1::ReleaseOperationResponse>(
      parts, registry, service + "ReleaseOperation", &engine::Engine::Release);
  AddSteering<v1::RetryOperationRequest, v1::RetryOperationResponse>(
      parts, registry, service + "RetryOperation", &engine::Engine::Retry);
  AddSteering<v1::CancelOperationRequest, v1::CancelOperationResponse>(
      parts, registry, service + "CancelOperation", &engine::Engine::CancelOperation);
}

}  // namespace kontor::api
