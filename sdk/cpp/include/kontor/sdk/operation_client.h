// SPDX-License-Identifier: Apache-2.0
// What kontor is doing with a document, and how to steer it.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/sdk/watch.h"
#include "kontor/v1/operation.pb.h"

namespace kontor::sdk {

/// Shows and steers operations. Operations are created by the document services, never directly.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class OperationClient : public internal::ClientBase {
 public:
  explicit OperationClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Gets one operation with its steps. Errors: NOT_FOUND. Idempotent.
  absl::StatusOr<v1::GetOperationResponse> GetOperation(const v1::GetOperationRequest& request,
                                                        const CallOptions& options = {}) const;
  /// Lists operations, newest first. Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID). Fetches pages
  /// as it goes; page_token says where to begin.
  Range<v1::Operation> ListOperations(v1::ListOperationsRequest request,
                                      const CallOptions& options = {}) const;
  /// Opens a watch that goes on after breaks where it stopped. Streams the matching operations as
  /// they change. Quick changes in a row may be answered as one, with the latest state; no terminal
  /// state is left out. Idempotent.
  OperationWatch WatchOperations(const v1::WatchOperationsRequest& request,
                                 const WatchOptions& options = {}) const;
  /// Releases a HELD operation, which becomes READY. The caller must be a person other than the
  /// submitter. Errors: FAILED_PRECONDITION (STATE_CONFLICT), PERMISSION_DENIED
  /// (SECOND_PERSON_REQUIRED, PERSON_REQUIRED). Repeating it with the same request_id changes
  /// nothing and answers the same.
  absl::StatusOr<v1::ReleaseOperationResponse> ReleaseOperation(
      const v1::ReleaseOperationRequest& request, const CallOptions& options = {}) const;
  /// Asks for another try now of an operation in RETRYING, PARKED or EXCEPTION. An exception that
  /// needs a decision is resolved through ExceptionService instead. Errors: FAILED_PRECONDITION
  /// (STATE_CONFLICT). Never sends again what may already be in Odoo: UNKNOWN is probed.
  absl::StatusOr<v1::RetryOperationResponse> RetryOperation(
      const v1::RetryOperationRequest& request, const CallOptions& options = {}) const;
  /// Cancels an operation that is ACCEPTED, READY, RETRYING, HELD, PARKED or EXCEPTION; a draft it
  /// left in Odoo is removed first. Errors: FAILED_PRECONDITION (STATE_CONFLICT) while SENDING or
  /// UNKNOWN and when terminal: reverse a posted document instead.
  absl::StatusOr<v1::CancelOperationResponse> CancelOperation(
      const v1::CancelOperationRequest& request, const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
