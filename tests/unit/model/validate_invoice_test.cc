// SPDX-License-Identifier: Apache-2.0
// What is refused of invoices without asking Odoo.
#include <functional>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/model/validate.h"
#include "tests/unit/model/builders.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

using testing::CodesText;
using testing::Day;
using testing::Dec;
using testing::Wrap;

struct Spoiled {
  const char* name;
  std::function<void(Invoice&)> spoil;
  const char* want;  ///< REASON@field of every finding, in order.
};
std::ostream& operator<<(std::ostream& out, const Spoiled& c) { return out << c.name; }

Attachment File(std::string name, std::string type, std::string content) {
  Attachment file;
  file.name = std::move(name);
  file.media_type = std::move(type);
  file.content = std::move(content);
  return file;
}

const Spoiled kSpoiled[] = {
    {"no partner", [](Invoice& i) { i.partner = {}; }, "FIELD_MISSING@invoice.partner"},
    {"two partners", [](Invoice& i) { i.partner.odoo_id = 7; }, "FIELD_CONFLICT@invoice.partner"},
    {"a negative id",
     [](Invoice& i) {
       i.partner = {};
       i.partner.odoo_id = -7;
     },
     "FIELD_INVALID@invoice.partner.odoo_id"},
    {"a long reference", [](Invoice& i) { i.partner.reference = std::string(65, 'x'); },
     "FIELD_TOO_LONG@invoice.partner.reference"},
    {"due date and term", [](Invoice& i) { i.payment_term = "30 Days"; },
     "FIELD_CONFLICT@invoice.due_date"},
    {"due before dated", [](Invoice& i) { i.due_date = Day("2026-08-02"); },
     "FIELD_INVALID@invoice.due_date"},
    {"no currency",
     [](Invoice& i) {
       i.currency = {};
       i.expected_total.reset();
       i.expected_tax.reset();
     },
     "FIELD_MISSING@invoice.currency_code"},
    {"a rate of 0", [](Invoice& i) { i.exchange_rate = Dec("0"); },
     "FIELD_INVALID@invoice.exchange_rate"},
    {"a negative rate", [](Invoice& i) { i.exchange_rate = Dec("-1.1"); },
     "FIELD_INVALID@invoice.exchange_rate"},
    {"a rate of 16 digits", [](Invoice& i) { i.exchange_rate = Dec("1234.567890123456"); },
     "AMOUNT_TOO_LARGE@invoice.exchange_rate"},
    {"a control character", [](Invoice& i) { i.reference = "PO\x07"; },
     "TEXT_INVALID@invoice.reference"},
    {"a line feed where none belongs", [](Invoice& i) { i.payment_reference = "a\nb"; },
     "TEXT_INVALID@invoice.payment_reference"},
    {"invalid UTF-8", [](Invoice& i) { i.narration = "Stra\xDF"; },
     "TEXT_INVALID@invoice.narration"},
    {"a long narration", [](Invoice& i) { i.narration = std::string(10001, 'x'); },
     "FIELD_TOO_LONG@invoice.narration"},
    {"no lines", [](Invoice& i) { i.lines.clear(); }, "LINES_MISSING@invoice.lines"},
    {"1001 lines", [](Invoice& i) { i.lines.resize(1001, i.lines[0]); },
     "FIELD_TOO_LONG@invoice.lines"},
    {"no description", [](Invoice& i) { i.lines[1].description = " \n"; },
     "FIELD_MISSING@invoice.lines[1].description"},
    {"a long description", [](Invoice& i) { i.lines[1].description = std::string(1001, 'x'); },
     "FIELD_TOO_LONG@invoice.lines[1].description"},
    {"a quantity of 0", [](Invoice& i) { i.lines[0].quantity = Dec("0"); },
     "FIELD_INVALID@invoice.lines[0].quantity"},
    {"a price of 16 digits", [](Invoice& i) { i.lines[0].unit_price = Dec("1234567890.123456"); },
     "AMOUNT_TOO_LARGE@invoice.lines[0].unit_price"},
    {"a negative discount", [](Invoice& i) { i.lines[0].discount_percent = Dec("-1"); },
     "FIELD_INVALID@invoice.lines[0].discount_percent"},
    {"a discount above 100", [](Invoice& i) { i.lines[0].discount_percent = Dec("100.01"); },
     "FIELD_INVALID@invoice.lines[0].discount_percent"},
    {"a tax twice", [](Invoice& i) { i.lines[0].tax_names = {"19%", "19%"}; },
     "FIELD_CONFLICT@invoice.lines[0].tax_names[1]"},
    {"an empty tax", [](Invoice& i) { i.lines[0].tax_names = {""}; },
     "FIELD_MISSING@invoice.lines[0].tax_names[0]"},
    {"21 taxes", [](Invoice& i) { i.lines[0].tax_names.assign(21, "x"); },
     "FIELD_TOO_LONG@invoice.lines[0].tax_names"},
    {"a share of 0", [](Invoice& i) { i.lines[0].analytic = {{"P1", Dec("0")}}; },
     "FIELD_INVALID@invoice.lines[0].analytic[0].percentage"},
    {"a share above 100", [](Invoice& i) { i.lines[0].analytic = {{"P1", Dec("100.1")}}; },
     "FIELD_INVALID@invoice.lines[0].analytic[0].percentage"},
    {"a share of nothing", [](Invoice& i) { i.lines[0].analytic = {{"", Dec("10")}}; },
     "FIELD_MISSING@invoice.lines[0].analytic[0].account_code"},
    {"a share twice",
     [](Invoice& i) { i.lines[0].analytic = {{"P1", Dec("10")}, {"P1", Dec("20")}}; },
     "FIELD_CONFLICT@invoice.lines[0].analytic[1].account_code"},
    {"51 shares", [](Invoice& i) { i.lines[0].analytic.resize(51); },
     "FIELD_TOO_LONG@invoice.lines[0].analytic"},
    {"a negative sum", [](Invoice& i) { i.lines[0].quantity = Dec("-3"); },
     "AMOUNT_INVALID@invoice.lines"},
    {"a sum that is too large",
     [](Invoice& i) {
       i.lines[0].quantity = Dec("99999999");
       i.lines[0].unit_price = Dec("9999999.99");
     },
     "AMOUNT_TOO_LARGE@invoice.lines"},
    {"a product that does not even fit 128 bits",
     [](Invoice& i) {
       i.lines[0].quantity = Dec("0.000000000001");
       i.lines[0].unit_price = Dec("1");
       i.lines[1].quantity = Dec("999999999999999000");
       i.lines[1].unit_price = Dec("999999999999999000");
     },
     "AMOUNT_TOO_LARGE@invoice.lines"},
    {"an expected total in another currency",
     [](Invoice& i) { i.expected_total = Money::Parse("USD", "1").value(); },
     "FIELD_CONFLICT@invoice.expected_total"},
    {"a negative expected total", [](Invoice& i) { i.expected_total = testing::Eur("-1"); },
     "AMOUNT_INVALID@invoice.expected_total"},
    {"an expected tax in another currency",
     [](Invoice& i) { i.expected_tax = Money::Parse("JPY", "1").value(); },
     "FIELD_CONFLICT@invoice.expected_tax"},
    {"21 files", [](Invoice& i) { i.attachments.resize(21); },
     "FIELD_TOO_LONG@invoice.attachments"},
    {"a nameless file", [](Invoice& i) { i.attachments = {File("", "a/b", "x")}; },
     "FIELD_MISSING@invoice.attachments[0].name"},
    {"a path", [](Invoice& i) { i.attachments = {File("../../etc/passwd", "a/b", "x")}; },
     "FIELD_INVALID@invoice.attachments[0].name"},
    {"no media type", [](Invoice& i) { i.attachments = {File("a", "", "x")}; },
     "FIELD_MISSING@invoice.attachments[0].media_type"},
    {"half a media type", [](Invoice& i) { i.attachments = {File("a", "pdf/", "x")}; },
     "FIELD_INVALID@invoice.attachments[0].media_type"},
    {"an empty file", [](Invoice& i) { i.attachments = {File("a", "a/b", "")}; },
     "FIELD_MISSING@invoice.attachments[0].content"},
    {"files of more than 10 MiB",
     [](Invoice& i) {
       i.attachments = {File("a", "a/b", std::string(6'000'000, 'x')),
                        File("b", "a/b", std::string(6'000'000, 'x'))};
     },
     "FIELD_TOO_LONG@invoice.attachments"},
    {"an invoice that reverses",
     [](Invoice& i) { i.reversed_invoice_id = "inv_01ARYZ6S410000000000000000"; },
     "FIELD_CONFLICT@invoice.reversed_invoice_id"},
    {"a credit note of a bill",
     [](Invoice& i) {
       i.kind = InvoiceKind::kCustomerCreditNote;
       i.reversed_invoice_id = "bil_01ARYZ6S410000000000000000";
     },
     "FIELD_INVALID@invoice.reversed_invoice_id"},
    {"a customer's credit note of an employee's expenses",
     [](Invoice& i) {
       i.kind = InvoiceKind::kCustomerCreditNote;
       i.reversed_invoice_id = "clm_01ARYZ6S410000000000000000";
     },
     "FIELD_INVALID@invoice.reversed_invoice_id"},
    {"a credit note of nonsense",
     [](Invoice& i) {
       i.kind = InvoiceKind::kCustomerCreditNote;
       i.reversed_invoice_id = "INV/2026/00001";
     },
     "FIELD_INVALID@invoice.reversed_invoice_id"},
};

BOOST_DATA_TEST_CASE(one_fault_in_an_invoice_gives_its_one_finding, bdata::make(kSpoiled), c) {
  Invoice invoice = testing::GoodInvoice();
  c.spoil(invoice);
  BOOST_TEST(CodesText(ValidateDocument(Wrap(invoice))) == c.want);
}

const Spoiled kSpoiledBills[] = {
    {"no date",
     [](Invoice& i) { i.invoice_date.reset(); },
     "FIELD_MISSING@invoice.invoice_date"},
    {"no number of the vendor's", [](Invoice& i) { i.reference = ""; },
     "FIELD_MISSING@invoice.reference"},
    {"a credit note of an invoice",
     [](Invoice& i) {
       i.kind = InvoiceKind::kVendorCreditNote;
       i.reversed_invoice_id = "inv_01ARYZ6S410000000000000000";
     },
     "FIELD_INVALID@invoice.reversed_invoice_id"},
};
BOOST_DATA_TEST_CASE(one_fault_in_a_bill_gives_its_one_finding, bdata::make(kSpoiledBills), c) {
  Invoice bill = testing::GoodBill();
  c.spoil(bill);
  BOOST_TEST(CodesText(ValidateDocument(Wrap(bill))) == c.want);
}

BOOST_AUTO_TEST_CASE(good_invoices_have_no_findings) {
  Invoice credit_note = testing::GoodInvoice();
  credit_note.kind = InvoiceKind::kCustomerCreditNote;
  credit_note.reversed_invoice_id = "inv_01ARYZ6S410000000000000000";
  Invoice by_product = testing::GoodInvoice();
  by_product.lines[0].description.clear();
  by_product.lines[0].product_code = "SVC";
  Invoice undated = testing::GoodInvoice();
  undated.invoice_date.reset();
  Invoice deduction = testing::GoodInvoice();
  deduction.lines[1].quantity = Dec("-1");
  for (const Invoice& invoice : {testing::GoodInvoice(), testing::GoodBill(), credit_note,
                                 by_product, undated, deduction}) {
    BOOST_TEST(CodesText(ValidateDocument(Wrap(invoice))).empty());
  }
}

BOOST_AUTO_TEST_CASE(all_findings_come_at_once_and_in_order) {
  Invoice bill = testing::GoodBill();
  bill.partner = {};
  bill.reference.clear();
  bill.lines[1].quantity = Dec("0");
  bill.expected_total = testing::Eur("-1");
  Document document = Wrap(bill);
  document.entity.clear();
  BOOST_TEST(CodesText(ValidateDocument(document)) ==
             "FIELD_MISSING@invoice.entity FIELD_MISSING@invoice.partner "
             "FIELD_MISSING@invoice.reference FIELD_INVALID@invoice.lines[1].quantity "
             "AMOUNT_INVALID@invoice.expected_total");
}

BOOST_AUTO_TEST_CASE(every_finding_says_what_is_wrong_and_what_to_do) {
  Invoice invoice;
  for (const Finding& finding : ValidateDocument(Wrap(invoice))) {
    BOOST_TEST(finding.message.ends_with('.'));
    BOOST_TEST(!finding.suggestion.empty());
    BOOST_TEST((finding.severity == Severity::kError));
  }
}

}  // namespace
}  // namespace kontor::model
