// SPDX-License-Identifier: Apache-2.0
// gRPC's callback context ⇄ the pipeline's facts and statuses.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "server/api/errors.h"
#include "server/api/pipeline.h"

namespace kontor::api::internal {

/// Facts of a call as gRPC tells them. `method` without the leading slash.
CallFacts FactsOf(const grpc::CallbackServerContext& context, std::string method);
/// Code, message and `grpc-status-details-bin`.
grpc::Status ToGrpc(const absl::Status& status);
/// Runs a unary call through the pipeline and finishes its reactor.
grpc::ServerUnaryReactor* ServeUnary(Pipeline& pipeline, grpc::CallbackServerContext* context,
                                     std::string method, const Message* request,
                                     Message* response);

}  // namespace kontor::api::internal

/// One line a method: requests and responses carry the method's name (buf lint sees to it).
#define KONTOR_UNARY(Service, Method)                                                          \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context,                       \
                                   const ::kontor::v1::Method##Request* request,               \
                                   ::kontor::v1::Method##Response* response) override {        \
    return internal::ServeUnary(pipeline_, context, "kontor.v1." #Service "/" #Method, request, \
                                response);                                                     \
  }
