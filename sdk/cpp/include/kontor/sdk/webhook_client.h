// SPDX-License-Identifier: Apache-2.0
// Webhook subscriptions and their deliveries.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/webhook.pb.h"

namespace kontor::sdk {

/// Manages who is told what happened, and shows how that went.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class WebhookClient : public internal::ClientBase {
 public:
  explicit WebhookClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Creates an endpoint. It gets events only after VerifyEndpoint. Errors: INVALID_ARGUMENT
  /// (TARGET_REFUSED for a private, loopback or link-local target), ALREADY_EXISTS
  /// (REQUEST_ID_REUSED). Idempotent by request_id, but the secret is answered once only.
  absl::StatusOr<v1::CreateEndpointResponse> CreateEndpoint(
      const v1::CreateEndpointRequest& request, const CallOptions& options = {}) const;
  /// Gets one endpoint. Errors: NOT_FOUND. Idempotent.
  absl::StatusOr<v1::GetEndpointResponse> GetEndpoint(const v1::GetEndpointRequest& request,
                                                      const CallOptions& options = {}) const;
  /// Lists endpoints, newest first. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Endpoint> ListEndpoints(v1::ListEndpointsRequest request,
                                    const CallOptions& options = {}) const;
  /// Changes the fields named in update_mask. A changed URL must be verified again. Errors:
  /// NOT_FOUND, INVALID_ARGUMENT, ABORTED (VERSION_CONFLICT). Idempotent by request_id.
  absl::StatusOr<v1::UpdateEndpointResponse> UpdateEndpoint(
      const v1::UpdateEndpointRequest& request, const CallOptions& options = {}) const;
  /// Deletes an endpoint and what is still to be delivered to it; the record of past deliveries
  /// stays. Errors: NOT_FOUND. Idempotent by request_id.
  absl::StatusOr<v1::DeleteEndpointResponse> DeleteEndpoint(
      const v1::DeleteEndpointRequest& request, const CallOptions& options = {}) const;
  /// Sends a challenge, which the endpoint must answer with the same text, and activates it.
  /// Errors: FAILED_PRECONDITION (CHALLENGE_FAILED, saying what came back). Safe to repeat.
  absl::StatusOr<v1::VerifyEndpointResponse> VerifyEndpoint(
      const v1::VerifyEndpointRequest& request, const CallOptions& options = {}) const;
  /// Sends one signed `endpoint.ping` now and answers what came back. Safe to repeat.
  absl::StatusOr<v1::PingEndpointResponse> PingEndpoint(const v1::PingEndpointRequest& request,
                                                        const CallOptions& options = {}) const;
  /// Makes a new secret. Deliveries carry both signatures until the overlap ends. Errors:
  /// NOT_FOUND. Idempotent by request_id, but the secret is answered once only.
  absl::StatusOr<v1::RotateSecretResponse> RotateSecret(const v1::RotateSecretRequest& request,
                                                        const CallOptions& options = {}) const;
  /// Pauses an endpoint: deliveries wait. Errors: NOT_FOUND. Idempotent by request_id.
  absl::StatusOr<v1::PauseEndpointResponse> PauseEndpoint(const v1::PauseEndpointRequest& request,
                                                          const CallOptions& options = {}) const;
  /// Resumes an endpoint that is PAUSED, BROKEN or DISABLED: deliveries go on where they stopped.
  /// Errors: NOT_FOUND, FAILED_PRECONDITION (STATE_CONFLICT) for one that was never verified.
  /// Idempotent by request_id.
  absl::StatusOr<v1::ResumeEndpointResponse> ResumeEndpoint(
      const v1::ResumeEndpointRequest& request, const CallOptions& options = {}) const;
  /// Lists deliveries of an endpoint, newest first. Fetches pages as it goes; page_token says where
  /// to begin.
  Range<v1::Delivery> ListDeliveries(v1::ListDeliveriesRequest request,
                                     const CallOptions& options = {}) const;
  /// Delivers again: the same id and content, a new timestamp and signature. Errors: NOT_FOUND,
  /// INVALID_ARGUMENT for an empty selection. Idempotent by request_id.
  absl::StatusOr<v1::ReplayDeliveriesResponse> ReplayDeliveries(
      const v1::ReplayDeliveriesRequest& request, const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
