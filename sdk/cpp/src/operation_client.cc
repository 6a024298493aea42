// SPDX-License-Identifier: Apache-2.0
// The methods of OperationService by their wire paths.
#include "kontor/sdk/operation_client.h"

#include "sdk/cpp/src/resuming_watch.h"

namespace kontor::sdk {

absl::StatusOr<v1::GetOperationResponse> OperationClient::GetOperation(
    const v1::GetOperationRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetOperationResponse>(
      "/kontor.v1.OperationService/GetOperation", request, options);
}

Range<v1::Operation> OperationClient::ListOperations(v1::ListOperationsRequest request,
                                                     const CallOptions& options) const {
  return Paged<v1::Operation, v1::ListOperationsResponse>(
      "/kontor.v1.OperationService/ListOperations", std::move(request), options,
      [](v1::ListOperationsResponse& response) { return response.mutable_operations(); });
}

OperationWatch OperationClient::WatchOperations(const v1::WatchOperationsRequest& request,
                                                const WatchOptions& options) const {
  return internal::MakeWatch<v1::WatchOperationsResponse>(
      connection(), "/kontor.v1.OperationService/WatchOperations", request, options);
}

absl::StatusOr<v1::ReleaseOperationResponse> OperationClient::ReleaseOperation(
    const v1::ReleaseOperationRequest& request, const CallOptions& options) const {
  return Invoke<v1::ReleaseOperationResponse>(
      "/kontor.v1.OperationService/ReleaseOperation", request, options);
}

absl::StatusOr<v1::RetryOperationResponse> OperationClient::RetryOperation(
    const v1::RetryOperationRequest& request, const CallOptions& options) const {
  return Invoke<v1::RetryOperationResponse>(
      "/kontor.v1.OperationService/RetryOperation", request, options);
}

absl::StatusOr<v1::CancelOperationResponse> OperationClient::CancelOperation(
    const v1::CancelOperationRequest& request, const CallOptions& options) const {
  return Invoke<v1::CancelOperationResponse>(
      "/kontor.v1.OperationService/CancelOperation", request, options);
}

}  // namespace kontor::sdk
