// SPDX-License-Identifier: Apache-2.0
// The cases that a person must decide.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/exception.pb.h"

namespace kontor::sdk {

/// Shows exceptions and takes the decisions of persons about them.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class ExceptionClient : public internal::ClientBase {
 public:
  explicit ExceptionClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Lists exceptions, newest first. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Exception> ListExceptions(v1::ListExceptionsRequest request,
                                      const CallOptions& options = {}) const;
  /// Gets one exception. Errors: NOT_FOUND. Idempotent.
  absl::StatusOr<v1::GetExceptionResponse> GetException(const v1::GetExceptionRequest& request,
                                                        const CallOptions& options = {}) const;
  /// Decides an exception. The caller must be a person with the owner role. An action that needs a
  /// second person only proposes: the exception then awaits one. Errors: FAILED_PRECONDITION
  /// (STATE_CONFLICT), PERMISSION_DENIED (PERSON_REQUIRED, PERMISSION_DENIED), INVALID_ARGUMENT
  /// with findings for a bad correction. Idempotent by request_id.
  absl::StatusOr<v1::ResolveExceptionResponse> ResolveException(
      const v1::ResolveExceptionRequest& request, const CallOptions& options = {}) const;
  /// Approves a proposed resolution and carries it out. The caller must be a person other than the
  /// proposer and the submitter. Errors: FAILED_PRECONDITION (STATE_CONFLICT), PERMISSION_DENIED
  /// (SECOND_PERSON_REQUIRED, PERSON_REQUIRED). Idempotent by request_id.
  absl::StatusOr<v1::ApproveResolutionResponse> ApproveResolution(
      const v1::ApproveResolutionRequest& request, const CallOptions& options = {}) const;
  /// Declines a proposed resolution: the exception is OPEN again. Errors as for ApproveResolution.
  /// Idempotent by request_id.
  absl::StatusOr<v1::DeclineResolutionResponse> DeclineResolution(
      const v1::DeclineResolutionRequest& request, const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
