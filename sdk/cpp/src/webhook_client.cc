// SPDX-License-Identifier: Apache-2.0
// The methods of WebhookService by their wire paths.
#include "kontor/sdk/webhook_client.h"

namespace kontor::sdk {

absl::StatusOr<v1::CreateEndpointResponse> WebhookClient::CreateEndpoint(
    const v1::CreateEndpointRequest& request, const CallOptions& options) const {
  return Invoke<v1::CreateEndpointResponse>(
      "/kontor.v1.WebhookService/CreateEndpoint", request, options);
}

absl::StatusOr<v1::GetEndpointResponse> WebhookClient::GetEndpoint(
    const v1::GetEndpointRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetEndpointResponse>("/kontor.v1.WebhookService/GetEndpoint", request, options);
}

Range<v1::Endpoint> WebhookClient::ListEndpoints(v1::ListEndpointsRequest request,
                                                 const CallOptions& options) const {
  return Paged<v1::Endpoint, v1::ListEndpointsResponse>(
      "/kontor.v1.WebhookService/ListEndpoints", std::move(request), options,
      [](v1::ListEndpointsResponse& response) { return response.mutable_endpoints(); });
}

absl::StatusOr<v1::UpdateEndpointResponse> WebhookClient::UpdateEndpoint(
    const v1::UpdateEndpointRequest& request, const CallOptions& options) const {
  return Invoke<v1::UpdateEndpointResponse>(
      "/kontor.v1.WebhookService/UpdateEndpoint", request, options);
}

absl::StatusOr<v1::DeleteEndpointResponse> WebhookClient::DeleteEndpoint(
    const v1::DeleteEndpointRequest& request, const CallOptions& options) const {
  return Invoke<v1::DeleteEndpointResponse>(
      "/kontor.v1.WebhookService/DeleteEndpoint", request, options);
}

absl::StatusOr<v1::VerifyEndpointResponse> WebhookClient::VerifyEndpoint(
    const v1::VerifyEndpointRequest& request, const CallOptions& options) const {
  return Invoke<v1::VerifyEndpointResponse>(
      "/kontor.v1.WebhookService/VerifyEndpoint", request, options);
}

absl::StatusOr<v1::PingEndpointResponse> WebhookClient::PingEndpoint(
    const v1::PingEndpointRequest& request, const CallOptions& options) const {
  return Invoke<v1::PingEndpointResponse>(
      "/kontor.v1.WebhookService/PingEndpoint", request, options);
}

absl::StatusOr<v1::RotateSecretResponse> WebhookClient::RotateSecret(
    const v1::RotateSecretRequest& request, const CallOptions& options) const {
  return Invoke<v1::RotateSecretResponse>(
      "/kontor.v1.WebhookService/RotateSecret", request, options);
}

absl::StatusOr<v1::PauseEndpointResponse> WebhookClient::PauseEndpoint(
    const v1::PauseEndpointRequest& request, const CallOptions& options) const {
  return Invoke<v1::PauseEndpointResponse>(
      "/kontor.v1.WebhookService/PauseEndpoint", request, options);
}

absl::StatusOr<v1::ResumeEndpointResponse> WebhookClient::ResumeEndpoint(
    const v1::ResumeEndpointRequest& request, const CallOptions& options) const {
  return Invoke<v1::ResumeEndpointResponse>(
      "/kontor.v1.WebhookService/ResumeEndpoint", request, options);
}

Range<v1::Delivery> WebhookClient::ListDeliveries(v1::ListDeliveriesRequest request,
                                                  const CallOptions& options) const {
  return Paged<v1::Delivery, v1::ListDeliveriesResponse>(
      "/kontor.v1.WebhookService/ListDeliveries", std::move(request), options,
      [](v1::ListDeliveriesResponse& response) { return response.mutable_deliveries(); });
}

absl::StatusOr<v1::ReplayDeliveriesResponse> WebhookClient::ReplayDeliveries(
    const v1::ReplayDeliveriesRequest& request, const CallOptions& options) const {
  return Invoke<v1::ReplayDeliveriesResponse>(
      "/kontor.v1.WebhookService/ReplayDeliveries", request, options);
}

}  // namespace kontor::sdk
