// SPDX-License-Identifier: Apache-2.0
// Hands over many invoices on one stream, with progress, whatever breaks on the way.
//
//   example_bulk_invoices demo QC-01 2026-08 1000
//
// The batch name and the number make the request id: run it again after a crash, and what had been
// accepted is accepted again without being made again.
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "kontor/sdk/errors.h"
#include "kontor/sdk/invoice_client.h"

namespace {

using namespace kontor;  // NOLINT: an example

v1::CreateInvoiceRequest Number(int64_t number, const std::string& entity,
                                const std::string& customer, const std::string& batch) {
  v1::CreateInvoiceRequest request;
  const std::string name = batch + "-" + std::to_string(number);
  request.set_request_id(name);
  v1::Invoice& invoice = *request.mutable_invoice();
  invoice.set_kind(v1::Invoice::KIND_CUSTOMER_INVOICE);
  invoice.set_entity(entity);
  invoice.mutable_partner()->set_reference(customer);
  invoice.set_currency_code("EUR");
  invoice.set_reference(name);
  v1::InvoiceLine& line = *invoice.add_lines();
  line.set_description("Subscription");
  line.set_quantity("1");
  line.set_unit_price(std::to_string(10 + number % 90) + ".90");
  line.set_account_code("400000");
  line.add_tax_names("19%");
  return request;
}

sdk::BulkOutcome Send(const sdk::InvoiceClient& client, const std::string& entity,
                      const std::string& customer, const std::string& batch, int64_t count) {
  int64_t next = 0;
  const auto source = [&]() -> std::optional<v1::CreateInvoiceRequest> {
    if (next == count) return std::nullopt;
    return Number(next++, entity, customer, batch);
  };
  const auto sink = [](int64_t index, const v1::CreateInvoiceResult& result) {
    if (!result.has_error()) return;
    const absl::Status status = sdk::StatusFrom(result.error());
    std::cerr << "item " << index << ": " << sdk::ReasonOf(status) << ": " << status.message()
              << "\n";
  };
  sdk::BulkOptions options;
  options.total = count;
  options.on_progress = [](const sdk::BulkProgress& progress) {
    std::cerr << "\r" << progress.answered() << " of " << progress.total << ", "
              << progress.refused << " refused" << std::flush;
  };
  return client.CreateInvoicesInBulk(source, sink, options);
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t count = argc == 5 ? std::atoll(argv[4]) : 0;
  if (count <= 0) {
    std::cerr << "usage: example_bulk_invoices ENTITY CUSTOMER BATCH COUNT\n";
    return 2;
  }
  const auto options = sdk::OptionsFromEnvironment();
  const auto connection = options.ok() ? sdk::MakeConnection(*options)
                                       : absl::StatusOr<std::shared_ptr<sdk::Connection>>(
                                             options.status());
  if (!connection.ok()) {
    std::cerr << connection.status().message() << "\n";
    return 2;
  }
  const auto outcome = Send(sdk::InvoiceClient(*connection), argv[1], argv[2], argv[3], count);
  std::cerr << "\n";
  std::cout << outcome.progress.accepted << " accepted, " << outcome.progress.refused
            << " refused\n";
  if (!outcome.status.ok()) {
    std::cerr << "gave up after " << outcome.progress.answered()
              << " answers: " << outcome.status.message() << "\n";
    return 3;
  }
  return outcome.progress.refused == 0 ? 0 : 1;
}
