// SPDX-License-Identifier: Apache-2.0
// Streams over gRPC's callback interface, made blocking. Not public.
#pragma once

#include <memory>
#include <string>

#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "absl/status/status.h"
#include "kontor/sdk/connection.h"

namespace kontor::sdk::internal {

using Caller = grpc::TemplatedGenericStub<google::protobuf::Message, google::protobuf::Message>;

/// Code, message and details of a gRPC status; details that do not parse are left out.
absl::Status FromGrpc(const grpc::Status& status);

/// Opens a stream whose messages are of the type of `response`.
std::unique_ptr<MessageStream> OpenGrpcStream(std::shared_ptr<Caller> caller,
                                              const std::string& method,
                                              std::unique_ptr<grpc::ClientContext> context,
                                              const google::protobuf::Message& response);

}  // namespace kontor::sdk::internal
