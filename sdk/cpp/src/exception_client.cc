// SPDX-License-Identifier: Apache-2.0
// The methods of ExceptionService by their wire paths.
#include "kontor/sdk/exception_client.h"

namespace kontor::sdk {

Range<v1::Exception> ExceptionClient::ListExceptions(v1::ListExceptionsRequest request,
                                                     const CallOptions& options) const {
  return Paged<v1::Exception, v1::ListExceptionsResponse>(
      "/kontor.v1.ExceptionService/ListExceptions", std::move(request), options,
      [](v1::ListExceptionsResponse& response) { return response.mutable_exceptions(); });
}

absl::StatusOr<v1::GetExceptionResponse> ExceptionClient::GetException(
    const v1::GetExceptionRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetExceptionResponse>(
      "/kontor.v1.ExceptionService/GetException", request, options);
}

absl::StatusOr<v1::ResolveExceptionResponse> ExceptionClient::ResolveException(
    const v1::ResolveExceptionRequest& request, const CallOptions& options) const {
  return Invoke<v1::ResolveExceptionResponse>(
      "/kontor.v1.ExceptionService/ResolveException", request, options);
}

absl::StatusOr<v1::ApproveResolutionResponse> ExceptionClient::ApproveResolution(
    const v1::ApproveResolutionRequest& request, const CallOptions& options) const {
  return Invoke<v1::ApproveResolutionResponse>(
      "/kontor.v1.ExceptionService/ApproveResolution", request, options);
}

absl::StatusOr<v1::DeclineResolutionResponse> ExceptionClient::DeclineResolution(
    const v1::DeclineResolutionRequest& request, const CallOptions& options) const {
  return Invoke<v1::DeclineResolutionResponse>(
      "/kontor.v1.ExceptionService/DeclineResolution", request, options);
}

}  // namespace kontor::sdk
