// SPDX-License-Identifier: Apache-2.0
// Invoices, bills and credit notes into Odoo.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/bulk.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/invoice.pb.h"

namespace kontor::sdk {

/// Takes invoices, bills and credit notes and puts each into Odoo exactly once.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class InvoiceClient : public internal::ClientBase {
 public:
  explicit InvoiceClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Creates an invoice: validates what needs no Odoo, stores it durably and answers; the rest runs
  /// as an operation. Errors: INVALID_ARGUMENT with findings, ALREADY_EXISTS (REQUEST_ID_REUSED,
  /// naming the differing fields), NOT_FOUND (ENTITY_UNKNOWN), PERMISSION_DENIED,
  /// RESOURCE_EXHAUSTED (RATE_LIMITED, QUEUE_FULL). The same request_id with the same content
  /// answers the first result again and creates nothing.
  absl::StatusOr<v1::CreateInvoiceResponse> CreateInvoice(const v1::CreateInvoiceRequest& request,
                                                          const CallOptions& options = {}) const;
  /// Creates up to 500 invoices (default limit of the server), each on its own merits: one refused
  /// item does not keep back the others. Errors of the call as a whole: INVALID_ARGUMENT
  /// (FIELD_INVALID) for too many items or a request_id twice, authentication, limits. Idempotent
  /// item by item, by request_id.
  absl::StatusOr<v1::BatchCreateInvoicesResponse> BatchCreateInvoices(
      const v1::BatchCreateInvoicesRequest& request, const CallOptions& options = {}) const;
  /// Creates invoices in bulk over one stream, as many as `source` gives. Each is answered to
  /// `sink` in the order given. Items without a request_id get one. After a break the unanswered
  /// ones are sent again on a new stream, which creates nothing twice. Blocks until all are
  /// answered or the retry policy gives up; the outcome says which.
  BulkOutcome CreateInvoicesInBulk(const InvoiceSource& source, const InvoiceSink& sink,
                                   const BulkOptions& options = {}) const;
  /// Gets one invoice, with its payment state as last seen, or read from Odoo now with `live`.
  /// Errors: NOT_FOUND; with `live`, UNAVAILABLE (ODOO_UNREACHABLE). Idempotent.
  absl::StatusOr<v1::GetInvoiceResponse> GetInvoice(const v1::GetInvoiceRequest& request,
                                                    const CallOptions& options = {}) const;
  /// Lists invoices, newest first. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Invoice> ListInvoices(v1::ListInvoicesRequest request,
                                  const CallOptions& options = {}) const;
  /// Cancels an invoice: before it is in Odoo, or as a draft or posted document where Odoo lets it.
  /// A posted invoice that must leave a trace is reversed instead. Errors: FAILED_PRECONDITION
  /// (STATE_CONFLICT, HASHED_DOCUMENT). Idempotent by request_id.
  absl::StatusOr<v1::CancelInvoiceResponse> CancelInvoice(const v1::CancelInvoiceRequest& request,
                                                          const CallOptions& options = {}) const;
  /// Answers a posted invoice with a full credit note linked to it. Errors: FAILED_PRECONDITION
  /// (INVOICE_NOT_POSTED, STATE_CONFLICT). Idempotent by request_id.
  absl::StatusOr<v1::ReverseInvoiceResponse> ReverseInvoice(
      const v1::ReverseInvoiceRequest& request, const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
