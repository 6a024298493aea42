// SPDX-License-Identifier: Apache-2.0
// Customers and vendors with their bank accounts.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/partner.pb.h"

namespace kontor::sdk {

/// Keeps customers and vendors in Odoo as their source has them.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class PartnerClient : public internal::ClientBase {
 public:
  explicit PartnerClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Creates the partner with this reference in the entity's connection, or updates the fields that
  /// differ; empty fields are left as they are. Bank accounts are added, never changed or removed.
  /// Errors: INVALID_ARGUMENT with findings, ALREADY_EXISTS (REQUEST_ID_REUSED), NOT_FOUND
  /// (ENTITY_UNKNOWN), PERMISSION_DENIED, RESOURCE_EXHAUSTED. Idempotent by request_id.
  absl::StatusOr<v1::UpsertPartnerResponse> UpsertPartner(const v1::UpsertPartnerRequest& request,
                                                          const CallOptions& options = {}) const;
  /// Upserts up to 500 partners (default limit of the server), each on its own merits. Idempotent
  /// item by item, by request_id.
  absl::StatusOr<v1::BatchUpsertPartnersResponse> BatchUpsertPartners(
      const v1::BatchUpsertPartnersRequest& request, const CallOptions& options = {}) const;
  /// Gets one partner by id or by reference. Errors: NOT_FOUND. Idempotent.
  absl::StatusOr<v1::GetPartnerResponse> GetPartner(const v1::GetPartnerRequest& request,
                                                    const CallOptions& options = {}) const;
  /// Lists partners, newest first. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Partner> ListPartners(v1::ListPartnersRequest request,
                                  const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
