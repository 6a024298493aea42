// SPDX-License-Identifier: Apache-2.0
// The methods of InvoiceService by their wire paths.
#include "kontor/sdk/invoice_client.h"

#include "sdk/cpp/src/bulk_run.h"

namespace kontor::sdk {

absl::StatusOr<v1::CreateInvoiceResponse> InvoiceClient::CreateInvoice(
    const v1::CreateInvoiceRequest& request, const CallOptions& options) const {
  return Invoke<v1::CreateInvoiceResponse>(
      "/kontor.v1.InvoiceService/CreateInvoice", request, options);
}

absl::StatusOr<v1::BatchCreateInvoicesResponse> InvoiceClient::BatchCreateInvoices(
    const v1::BatchCreateInvoicesRequest& request, const CallOptions& options) const {
  return Invoke<v1::BatchCreateInvoicesResponse>(
      "/kontor.v1.InvoiceService/BatchCreateInvoices", request, options);
}

BulkOutcome InvoiceClient::CreateInvoicesInBulk(const InvoiceSource& source,
                                                const InvoiceSink& sink,
                                                const BulkOptions& options) const {
  return internal::RunBulk(*connection(), "/kontor.v1.InvoiceService/StreamInvoices", source, sink,
                           options);
}

absl::StatusOr<v1::GetInvoiceResponse> InvoiceClient::GetInvoice(
    const v1::GetInvoiceRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetInvoiceResponse>("/kontor.v1.InvoiceService/GetInvoice", request, options);
}

Range<v1::Invoice> InvoiceClient::ListInvoices(v1::ListInvoicesRequest request,
                                               const CallOptions& options) const {
  return Paged<v1::Invoice, v1::ListInvoicesResponse>(
      "/kontor.v1.InvoiceService/ListInvoices", std::move(request), options,
      [](v1::ListInvoicesResponse& response) { return response.mutable_invoices(); });
}

absl::StatusOr<v1::CancelInvoiceResponse> InvoiceClient::CancelInvoice(
    const v1::CancelInvoiceRequest& request, const CallOptions& options) const {
  return Invoke<v1::CancelInvoiceResponse>(
      "/kontor.v1.InvoiceService/CancelInvoice", request, options);
}

absl::StatusOr<v1::ReverseInvoiceResponse> InvoiceClient::ReverseInvoice(
    const v1::ReverseInvoiceRequest& request, const CallOptions& options) const {
  return Invoke<v1::ReverseInvoiceResponse>(
      "/kontor.v1.InvoiceService/ReverseInvoice", request, options);
}

}  // namespace kontor::sdk
