// SPDX-License-Identifier: Apache-2.0
#include "server/api/internal/grpc_call.h"

namespace kontor::api::internal {
namespace {

std::string MetadataOf(const grpc::CallbackServerContext& context, const char* key) {
  const auto it = context.client_metadata().find(key);
  if (it == context.client_metadata().end()) return {};
  return std::string(it->second.data(), it->second.size());
}

std::string CertificateSubjectOf(const grpc::CallbackServerContext& context) {
  const auto auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) return {};
  const auto names = auth->FindPropertyValues("x509_subject");
  if (names.empty()) return {};
  return std::string(names.front().data(), names.front().size());
}

}  // namespace

CallFacts FactsOf(const grpc::CallbackServerContext& context, std::string method) {
  CallFacts facts;
  facts.method = std::move(method);
  facts.authorization = MetadataOf(context, "authorization");
  facts.certificate_subject = CertificateSubjectOf(context);
  facts.traceparent = MetadataOf(context, "traceparent");
  facts.peer = context.peer();
  const auto deadline = context.deadline();
  // gRPC says "none" with the farthest instant it knows.
  if (deadline < std::chrono::system_clock::now() + std::chrono::hours(24 * 365)) {
    facts.deadline = absl::FromChrono(deadline);
  }
  return facts;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto detail = ToStatusDetail(status);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), detail.message(),
                      detail.SerializeAsString());
}

grpc::ServerUnaryReactor* ServeUnary(Pipeline& pipeline, grpc::CallbackServerContext* context,
                                     std::string method, const Message* request,
                                     Message* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  pipeline.Serve(FactsOf(*context, std::move(method)), *request, response,
                 [reactor](const absl::Status& status) { reactor->Finish(ToGrpc(status)); });
  return reactor;
}

}  // namespace kontor::api::internal
