// SPDX-License-Identifier: Apache-2.0
// Asks a server that is not there, and says so: what a first program of a developer's does.
#include <iostream>

#include "kontor/sdk/errors.h"
#include "kontor/sdk/invoice_client.h"

int main(int argc, char** argv) {
  kontor::sdk::Options options;
  if (argc > 1) options.endpoint = argv[1];
  options.policies.retry = std::make_shared<kontor::sdk::LimitedErrorCountRetryPolicy>(0);
  auto connection = kontor::sdk::MakeConnection(options);
  if (!connection.ok()) {
    std::cout << connection.status() << "\n";
    return 2;
  }
  kontor::v1::GetInvoiceRequest request;
  request.set_id("inv_1");
  const auto answer = kontor::sdk::InvoiceClient(*connection).GetInvoice(request);
  if (answer.ok()) return 0;
  std::cout << absl::StatusCodeToString(answer.status().code()) << "\n";
  return answer.status().code() == absl::StatusCode::kUnavailable ? 3 : 1;
}
