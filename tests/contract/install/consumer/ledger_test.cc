// SPDX-License-Identifier: Apache-2.0
// Tests one's own code without a server, with the mocks that are installed beside the SDK.
#include <iostream>

#include "kontor/sdk/errors.h"
#include "kontor/sdk/invoice_client.h"
#include "kontor/sdk_mocks/mock_connection.h"

namespace v1 = kontor::v1;

int main() {
  auto mock = std::make_shared<kontor::sdk_mocks::MockConnection>();
  mock->On(
      [](const v1::CreateInvoiceRequest& request) -> absl::StatusOr<v1::CreateInvoiceResponse> {
        if (request.invoice().lines().empty()) {
          return kontor::sdk::MakeError(absl::StatusCode::kInvalidArgument, "LINES_MISSING",
                                        "a document needs at least one line");
        }
        v1::CreateInvoiceResponse response;
        response.mutable_invoice()->set_id("inv_1");
        return response;
      });
  const kontor::sdk::InvoiceClient client(mock);
  v1::CreateInvoiceRequest request;
  const auto refused = client.CreateInvoice(request);
  request.mutable_invoice()->add_lines()->set_unit_price("12.50");
  const auto created = client.CreateInvoice(request);
  if (refused.ok() || !created.ok()) return 1;
  std::cout << kontor::sdk::ReasonOf(refused.status()) << " " << created->invoice().id() << "\n";
  return mock->Requests<v1::CreateInvoiceRequest>().size() == 2 ? 0 : 1;
}
