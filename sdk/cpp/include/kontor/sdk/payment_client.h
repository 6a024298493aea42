// SPDX-License-Identifier: Apache-2.0
// Payments as Odoo books them.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/payment.pb.h"

namespace kontor::sdk {

/// Takes payments and books each in Odoo exactly once, against invoices or free-standing.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class PaymentClient : public internal::ClientBase {
 public:
  explicit PaymentClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Creates a payment, posts it and reconciles it with its allocations. Errors: INVALID_ARGUMENT
  /// with findings, ALREADY_EXISTS (REQUEST_ID_REUSED), NOT_FOUND (ENTITY_UNKNOWN),
  /// PERMISSION_DENIED, RESOURCE_EXHAUSTED. Idempotent by request_id.
  absl::StatusOr<v1::CreatePaymentResponse> CreatePayment(const v1::CreatePaymentRequest& request,
                                                          const CallOptions& options = {}) const;
  /// Creates up to 500 payments (default limit of the server), each on its own merits. Idempotent
  /// item by item, by request_id.
  absl::StatusOr<v1::BatchCreatePaymentsResponse> BatchCreatePayments(
      const v1::BatchCreatePaymentsRequest& request, const CallOptions& options = {}) const;
  /// Gets one payment. Errors: NOT_FOUND; with `live`, UNAVAILABLE (ODOO_UNREACHABLE). Idempotent.
  absl::StatusOr<v1::GetPaymentResponse> GetPayment(const v1::GetPaymentRequest& request,
                                                    const CallOptions& options = {}) const;
  /// Lists payments, newest first. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Payment> ListPayments(v1::ListPaymentsRequest request,
                                  const CallOptions& options = {}) const;
  /// Cancels a payment: undoes its reconciliations and cancels it in Odoo. Errors:
  /// FAILED_PRECONDITION (STATE_CONFLICT), for example when it is being sent. Idempotent by
  /// request_id.
  absl::StatusOr<v1::CancelPaymentResponse> CancelPayment(const v1::CancelPaymentRequest& request,
                                                          const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
