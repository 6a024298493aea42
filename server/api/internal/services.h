// SPDX-License-Identifier: Apache-2.0
// The generated callback services, each method one line into the pipeline. Split over several .cc
// files because generated gRPC headers are slow to compile.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <vector>

#include "server/api/grpc_server.h"
#include "server/api/internal/watch_reactor.h"
#include "server/api/methods.h"
#include "server/api/pipeline.h"

namespace kontor::api::internal {

using Services = std::vector<std::unique_ptr<grpc::Service>>;

Services MakeServices(Pipeline& pipeline, const Parts& parts,
                      const std::shared_ptr<FeedWaiters>& waiters, const GrpcSettings& settings);

void AddDocumentServices(Pipeline& pipeline, const Parts& parts, int window, Services* out);
void AddFlowServices(Pipeline& pipeline, const Parts& parts,
                     const std::shared_ptr<FeedWaiters>& waiters, size_t streams_max,
                     Services* out);
void AddAdminServices(Pipeline& pipeline, Services* out);
void AddExpenseServices(Pipeline& pipeline, const Parts& parts,
                        const std::shared_ptr<FeedWaiters>& waiters, size_t streams_max,
                        Services* out);
void AddStatementServices(Pipeline& pipeline, const Parts& parts, const GrpcSettings& settings,
                          Services* out);
void AddPaymentOrderServices(Pipeline& pipeline, Services* out);
void AddScreeningServices(Pipeline& pipeline, const Parts& parts, const GrpcSettings& settings,
                          Services* out);

}  // namespace kontor::api::internal
