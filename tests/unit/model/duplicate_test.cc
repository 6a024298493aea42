// SPDX-License-Identifier: Apache-2.0
// Which documents are suspected to be one.
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/model/validate.h"
#include "tests/unit/model/builders.h"

namespace kontor::model {
namespace {

using testing::Day;
using testing::Dec;
using testing::Eur;
using testing::Wrap;

std::string Key(const Content& content) { return DuplicateKey(Wrap(content)); }

BOOST_AUTO_TEST_CASE(a_bill_is_the_same_by_supplier_and_number_whatever_else_is_typed) {
  const Invoice bill = testing::GoodBill();
  Invoice again = bill;
  again.reference = "re - 2026-0815";
  again.expected_total = Eur("346.00");
  again.invoice_date = Day("2026-08-04");
  again.lines.pop_back();
  BOOST_TEST(Key(bill) == Key(again));
  BOOST_TEST(!Key(bill).empty());
}

BOOST_AUTO_TEST_CASE(another_supplier_number_or_kind_is_another_bill) {
  const Invoice bill = testing::GoodBill();
  Invoice other = bill;
  other.partner.reference = "V-2002";
  BOOST_TEST(Key(bill) != Key(other));
  other = bill;
  other.reference = "RE-2026-0816";
  BOOST_TEST(Key(bill) != Key(other));
  other = bill;
  other.kind = InvoiceKind::kVendorCreditNote;
  BOOST_TEST(Key(bill) != Key(other));
}

BOOST_AUTO_TEST_CASE(customer_invoices_are_compared_by_partner_total_date_and_order) {
  const Invoice invoice = testing::GoodInvoice();
  BOOST_TEST(Key(invoice) == Key(testing::GoodInvoice()));
  Invoice other = invoice;
  other.reference = "PO 78";
  BOOST_TEST(Key(invoice) != Key(other));
  other = invoice;
  other.expected_total = Eur("345.59");
  BOOST_TEST(Key(invoice) != Key(other));
  other = invoice;
  other.invoice_date = Day("2026-08-04");
  BOOST_TEST(Key(invoice) != Key(other));
  other = invoice;
  other.expected_total.reset();
  Invoice third = other;
  third.lines[0].quantity = Dec("4");
  BOOST_TEST(Key(other) != Key(third));
}

BOOST_AUTO_TEST_CASE(payments_are_compared_by_partner_amount_date_memo_and_what_they_pay) {
  const Payment payment = testing::GoodPayment();
  BOOST_TEST(Key(payment) == Key(testing::GoodPayment()));
  Payment other = payment;
  other.allocations[0].invoice_id = "inv_01ARYZ6S410000000000000001";
  BOOST_TEST(Key(payment) != Key(other));
  other = payment;
  other.direction = PaymentDirection::kOutbound;
  BOOST_TEST(Key(payment) != Key(other));
  other = payment;
  other.amount = Eur("345.59");
  BOOST_TEST(Key(payment) != Key(other));
}

BOOST_AUTO_TEST_CASE(where_nothing_tells_two_apart_nothing_is_suspected) {
  BOOST_TEST(Key(testing::GoodPartner()).empty());
  JournalEntry entry = testing::GoodEntry();
  BOOST_TEST(!Key(entry).empty());
  entry.reference.clear();
  BOOST_TEST(Key(entry).empty());
  Invoice invoice = testing::GoodInvoice();
  invoice.invoice_date.reset();
  BOOST_TEST(Key(invoice).empty());
  Invoice nobody = testing::GoodBill();
  nobody.partner = {};
  BOOST_TEST(Key(nobody).empty());
}

}  // namespace
}  // namespace kontor::model
