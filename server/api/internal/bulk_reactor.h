// SPDX-License-Identifier: Apache-2.0
// The bulk stream: items in, answers out in the same order, a bounded number under way. Reading
// stops while the window is full, which is the flow control the client feels.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "kontor/v1/invoice.pb.h"
#include "server/api/pipeline.h"

namespace kontor::api::internal {

using BulkRequest = ::kontor::v1::StreamInvoicesRequest;
using BulkResponse = ::kontor::v1::StreamInvoicesResponse;

/// Accepts one item and answers later, from any thread.
using AcceptItem = std::function<void(const Call&, const ::kontor::v1::CreateInvoiceRequest&,
                                      Answer<::kontor::v1::CreateInvoiceResponse>)>;

grpc::ServerBidiReactor<BulkRequest, BulkResponse>* MakeBulkReactor(
    Pipeline& pipeline, CallFacts facts, AcceptItem accept, int window);

}  // namespace kontor::api::internal
