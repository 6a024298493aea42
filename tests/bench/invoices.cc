// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/invoices.h"

#include <random>

#include "server/base/strings.h"
#include "tests/bench/world.h"

namespace kontor::bench {

using base::StrCat;

void FillInvoice(int64_t number, int lines, ::kontor::v1::Invoice* out) {
  constexpr int kPartners = 1000;
  constexpr int kCents = 90;
  out->set_kind(::kontor::v1::Invoice::KIND_CUSTOMER_INVOICE);
  out->set_entity(kEntity);
  out->mutable_partner()->set_reference(StrCat("C-", 1000 + number % kPartners));
  out->set_invoice_date("2026-03-17");
  out->set_currency_code("EUR");
  out->set_reference(StrCat("SO-", number));
  out->set_payment_reference(StrCat("RF18 5390 0754 ", number));
  for (int i = 0; i < lines; ++i) {
    auto* line = out->add_lines();
    line->set_description(StrCat("Consulting, week ", 1 + (number + i) % 52));
    line->set_quantity(StrCat(1 + i));
    line->set_unit_price(StrCat(100 + (number + 7 * i) % 900, ".", 10 + number % kCents));
    line->set_account_code("400000");
    line->add_tax_names("19%");
  }
}

::kontor::v1::CreateInvoiceRequest CreateRequest(const std::string& run, int64_t number,
                                                 int lines) {
  ::kontor::v1::CreateInvoiceRequest request;
  request.set_request_id(StrCat(run, "-", number));
  FillInvoice(number, lines, request.mutable_invoice());
  return request;
}

std::string NewRunName() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
  std::random_device random;
  std::string name;
  for (int i = 0; i < 16; ++i) name.push_back(kLetters[random() % kLetters.size()]);
  return name;
}

}  // namespace kontor::bench
