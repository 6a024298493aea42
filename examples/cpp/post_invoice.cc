// SPDX-License-Identifier: Apache-2.0
// Posts one customer invoice and waits until it stands in Odoo, or until somebody must decide.
//
//   export KONTOR_CLIENT_ENDPOINT=127.0.0.1:7600 KONTOR_CLIENT_TOKEN_FILE=shop.token
//   example_post_invoice demo QC-01 SO-1001 119.00
//
// Run it twice with the same order number: the second run posts nothing and prints the same number.
#include <iostream>
#include <string>

#include "kontor/sdk/errors.h"
#include "kontor/sdk/exception_client.h"
#include "kontor/sdk/invoice_client.h"

namespace {

using namespace kontor;  // NOLINT: an example

v1::CreateInvoiceRequest RequestFor(const std::string& entity, const std::string& customer,
                                    const std::string& order, const std::string& price) {
  v1::CreateInvoiceRequest request;
  // From something that is the same tomorrow: it is what makes the invoice exist once.
  request.set_request_id("order-" + order);
  request.mutable_wait()->set_seconds(30);
  v1::Invoice& invoice = *request.mutable_invoice();
  invoice.set_kind(v1::Invoice::KIND_CUSTOMER_INVOICE);
  invoice.set_entity(entity);
  invoice.mutable_partner()->set_reference(customer);
  invoice.set_currency_code("EUR");
  invoice.set_reference(order);
  v1::InvoiceLine& line = *invoice.add_lines();
  line.set_description("Consulting");
  line.set_quantity("1");
  line.set_unit_price(price);  // text, never a binary number
  line.set_account_code("400000");
  line.add_tax_names("19%");
  return request;
}

void PrintFindings(const std::vector<v1::Finding>& findings) {
  for (const v1::Finding& finding : findings) {
    std::cerr << "  " << finding.reason() << " " << finding.field() << ": " << finding.message()
              << " " << finding.suggestion() << "\n";
  }
}

int ShowOutcome(const std::shared_ptr<sdk::Connection>& connection,
                const v1::Operation& operation) {
  std::cout << v1::Operation::State_Name(operation.state()) << " " << operation.odoo_name()
            << "\n";
  if (operation.state() == v1::Operation::STATE_POSTED) return 0;
  if (operation.exception_id().empty()) return 0;  // held, parked or still on its way
  v1::GetExceptionRequest request;
  request.set_id(operation.exception_id());
  const auto exception = sdk::ExceptionClient(connection).GetException(request);
  if (exception.ok()) {
    const auto& findings = exception->exception().findings();
    PrintFindings({findings.begin(), findings.end()});
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: example_post_invoice ENTITY CUSTOMER ORDER PRICE\n";
    return 2;
  }
  const auto options = sdk::OptionsFromEnvironment();
  if (!options.ok()) {
    std::cerr << options.status().message() << "\n";
    return 2;
  }
  const auto connection = sdk::MakeConnection(*options);
  if (!connection.ok()) {
    std::cerr << connection.status().message() << "\n";
    return 2;
  }
  const auto answer = sdk::InvoiceClient(*connection)
                          .CreateInvoice(RequestFor(argv[1], argv[2], argv[3], argv[4]));
  if (!answer.ok()) {
    std::cerr << "refused: " << sdk::ReasonOf(answer.status()) << ": "
              << answer.status().message() << "\n";
    PrintFindings(sdk::FindingsOf(answer.status()));
    return 1;
  }
  return ShowOutcome(*connection, answer->operation());
}
