// SPDX-License-Identifier: Apache-2.0
// Odoo connections, entities, the catalogue and reconciliation.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/connection.pb.h"

namespace kontor::sdk {

/// Manages the Odoo databases that kontor talks to and the legal entities in them.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class ConnectionClient : public internal::ClientBase {
 public:
  explicit ConnectionClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Creates a connection. Odoo is not called: use CheckConnection next. Errors: INVALID_ARGUMENT,
  /// ALREADY_EXISTS (ALREADY_EXISTS, REQUEST_ID_REUSED). Idempotent by request_id.
  absl::StatusOr<v1::CreateConnectionResponse> CreateConnection(
      const v1::CreateConnectionRequest& request, const CallOptions& options = {}) const;
  /// Gets one connection, without its key. Errors: NOT_FOUND (CONNECTION_UNKNOWN). Idempotent.
  absl::StatusOr<v1::GetConnectionResponse> GetConnection(const v1::GetConnectionRequest& request,
                                                          const CallOptions& options = {}) const;
  /// Lists connections by name. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Connection> ListConnections(v1::ListConnectionsRequest request,
                                        const CallOptions& options = {}) const;
  /// Changes the fields named in update_mask. Errors: NOT_FOUND, INVALID_ARGUMENT, ABORTED
  /// (VERSION_CONFLICT). Idempotent by request_id.
  absl::StatusOr<v1::UpdateConnectionResponse> UpdateConnection(
      const v1::UpdateConnectionRequest& request, const CallOptions& options = {}) const;
  /// Calls Odoo and reports what works, what does not, and what to do about it. Changes nothing in
  /// Odoo. An unreachable Odoo is a report, not an error. Errors: NOT_FOUND. Idempotent.
  absl::StatusOr<v1::CheckConnectionResponse> CheckConnection(
      const v1::CheckConnectionRequest& request, const CallOptions& options = {}) const;
  /// Binds a connection that is suspended as DATABASE_REPLACED to the database that answers now.
  /// Takes two persons: the first call proposes, the second, by another person, carries it out.
  /// Errors: FAILED_PRECONDITION (STATE_CONFLICT), PERMISSION_DENIED (PERSON_REQUIRED,
  /// SECOND_PERSON_REQUIRED). Idempotent by request_id.
  absl::StatusOr<v1::RebindConnectionResponse> RebindConnection(
      const v1::RebindConnectionRequest& request, const CallOptions& options = {}) const;
  /// Releases the lanes and channels that are held because the store was restored from a backup.
  /// Reconciliation must have run since. Takes two persons, as RebindConnection does. Errors:
  /// FAILED_PRECONDITION (STATE_CONFLICT, RESTORE_HOLD), PERMISSION_DENIED. Idempotent by
  /// request_id.
  absl::StatusOr<v1::ReleaseRestoreResponse> ReleaseRestore(
      const v1::ReleaseRestoreRequest& request, const CallOptions& options = {}) const;
  /// Creates an entity bound to one company of a connection. Errors: INVALID_ARGUMENT, NOT_FOUND
  /// (CONNECTION_UNKNOWN), ALREADY_EXISTS (ALREADY_EXISTS, REQUEST_ID_REUSED). Idempotent by
  /// request_id.
  absl::StatusOr<v1::CreateEntityResponse> CreateEntity(const v1::CreateEntityRequest& request,
                                                        const CallOptions& options = {}) const;
  /// Gets one entity. Errors: NOT_FOUND (ENTITY_UNKNOWN). Idempotent.
  absl::StatusOr<v1::GetEntityResponse> GetEntity(const v1::GetEntityRequest& request,
                                                  const CallOptions& options = {}) const;
  /// Lists entities by name. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Entity> ListEntities(v1::ListEntitiesRequest request,
                                 const CallOptions& options = {}) const;
  /// Changes the fields named in update_mask. Errors: NOT_FOUND, INVALID_ARGUMENT, ABORTED
  /// (VERSION_CONFLICT). Idempotent by request_id.
  absl::StatusOr<v1::UpdateEntityResponse> UpdateEntity(const v1::UpdateEntityRequest& request,
                                                        const CallOptions& options = {}) const;
  /// Answers the master data that documents of an entity may name. Errors: NOT_FOUND, UNAVAILABLE
  /// when Odoo must be read and cannot be. Idempotent.
  absl::StatusOr<v1::GetCatalogueResponse> GetCatalogue(const v1::GetCatalogueRequest& request,
                                                        const CallOptions& options = {}) const;
  /// Compares kontor's documents with Odoo, by counts and sums a journal, currency and day, and
  /// names each difference. Changes nothing in Odoo. Errors: NOT_FOUND, UNAVAILABLE,
  /// INVALID_ARGUMENT for more than 400 days. Idempotent by request_id, since it may raise
  /// exceptions.
  absl::StatusOr<v1::ReconcileEntityResponse> ReconcileEntity(
      const v1::ReconcileEntityRequest& request, const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
