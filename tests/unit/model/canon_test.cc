// SPDX-License-Identifier: Apache-2.0
// The normal form: one text per content, whatever way it came.
#include <string>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/canon.h"
#include "tests/unit/model/builders.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

using testing::Dec;
using testing::Day;
using testing::Wrap;

std::string Digested(const Content& content) { return ToCanonicalJson(Wrap(content), false); }

BOOST_AUTO_TEST_CASE(the_normal_form_of_version_1_never_changes) {
  BOOST_TEST(Digested(testing::GoodInvoice()) ==
             R"({"currency_code":"EUR","due_date":"2026-09-02","entity":"acme-de",)"
             R"("expected_tax":{"currency_code":"EUR","value":"55.18"},)"
             R"("expected_total":{"currency_code":"EUR","value":"345.58"},)"
             R"("invoice_date":"2026-08-03","kind":"CUSTOMER_INVOICE","lines":[)"
             R"({"account_code":"400000","description":"Consulting, July\n3 days",)"
             R"("quantity":"3","tax_names":["19%"],"unit_price":"90.5"},)"
             R"({"description":"Travel","quantity":"1","tax_names":["19%"],"unit_price":"18.9"}],)"
             R"("partner":{"reference":"C-1001"},"payment_reference":"RF18539007547034",)"
             R"("reference":"PO 77","type":"INVOICE"})");
  BOOST_TEST(Digested(testing::GoodEntry()) ==
             R"({"date":"2026-08-31","entity":"acme-de","journal_code":"MISC","lines":[)"
             R"({"account_code":"600000","debit":"1200","description":"Rent"},)"
             R"({"account_code":"211000","credit":"1200"}],)"
             R"("reference":"Accrual 08","type":"JOURNAL_ENTRY"})");
  BOOST_TEST(Digested(testing::GoodPayment()) ==
             R"({"allocations":[{"amount":{"currency_code":"EUR","value":"345.58"},)"
             R"("invoice_id":"inv_01ARYZ6S410000000000000000"}],)"
             R"("amount":{"currency_code":"EUR","value":"345.58"},"date":"2026-08-20",)"
             R"("direction":"INBOUND","entity":"acme-de","journal_code":"BNK1","memo":"PO 77",)"
             R"("partner":{"reference":"C-1001"},"partner_type":"CUSTOMER","type":"PAYMENT"})");
  BOOST_TEST(Digested(testing::GoodPartner()) ==
             R"({"bank_accounts":[{"account_number":"DE89370400440532013000",)"
             R"("bic":"COBADEFF500"}],"country_code":"DE","email":"buchhaltung@example.com",)"
             R"("entity":"acme-de","language":"de_DE","name":"Müller & Söhne GmbH",)"
             R"("reference":"C-1001","type":"PARTNER","vat":"DE136695976"})");
}

BOOST_AUTO_TEST_CASE(ten_and_a_half_is_the_same_however_it_is_written) {
  Invoice a = testing::GoodInvoice();
  Invoice b = testing::GoodInvoice();
  a.lines[0].unit_price = Dec("10.5");
  b.lines[0].unit_price = Dec("0010.500");
  BOOST_TEST(Digested(a) == Digested(b));
}

BOOST_AUTO_TEST_CASE(an_account_number_is_the_same_with_and_without_spaces) {
  Partner a = testing::GoodPartner();
  Partner b = testing::GoodPartner();
  b.bank_accounts[0].account_number = "de89370400440532013000";
  BOOST_TEST(Digested(a) == Digested(b));
}

BOOST_AUTO_TEST_CASE(the_documents_id_is_stored_but_not_digested) {
  const Document document = Wrap(testing::GoodInvoice());
  BOOST_TEST(ToCanonicalJson(document, false).find(document.id) == std::string::npos);
  BOOST_TEST(ToCanonicalJson(document, true).find(document.id) != std::string::npos);
  BOOST_TEST(FromCanonicalJson(ToCanonicalJson(document, true)).value().id == document.id);
}

BOOST_AUTO_TEST_CASE(attachments_are_digested_by_their_sha256_and_stored_whole) {
  Invoice invoice = testing::GoodInvoice();
  Attachment file;
  file.name = "bill.pdf";
  file.media_type = "application/pdf";
  file.content = std::string("%PDF\0\xFF\x80", 7);
  file.sha256 = "abc";
  invoice.attachments = {file};
  BOOST_TEST(Digested(invoice).find("content") == std::string::npos);
  const Document again =
      FromCanonicalJson(ToCanonicalJson(Wrap(invoice), true)).value();
  BOOST_TEST(std::get<Invoice>(again.content).attachments[0].content == file.content);
}

Content FullInvoice() {
  Invoice invoice = testing::GoodBill();
  invoice.kind = InvoiceKind::kVendorCreditNote;
  invoice.partner = {};
  invoice.partner.odoo_id = 5'000'000'000;
  invoice.accounting_date = Day("2026-08-04");
  invoice.due_date.reset();
  invoice.payment_term = "30 Days";
  invoice.exchange_rate = Dec("1.087654321012");
  invoice.journal_code = "BILL";
  invoice.narration = "a\nb\t\"c\" \\ €";
  invoice.lines[0].discount_percent = Dec("12.5");
  invoice.lines[0].product_code = "SVC";
  invoice.lines[0].analytic = {{"P1", Dec("33.33")}, {"KST", Dec("100")}};
  invoice.lines[0].tax_names.clear();
  invoice.reversed_invoice_id = "bil_01ARYZ6S410000000000000000";
  return invoice;
}
Content FullEntry() {
  JournalEntry entry = testing::GoodEntry();
  entry.narration = "n";
  entry.reversed_entry_id = "jrn_01ARYZ6S410000000000000000";
  entry.lines[0].partner.vat = "DE1";
  entry.lines[0].amount_currency = Money::Parse("USD", "1320").value();
  entry.lines[1].amount_currency = Money::Parse("USD", "-1320").value();
  entry.lines[1].tax_names = {"19%"};
  entry.lines[1].analytic = {{"P1", Dec("100")}};
  return entry;
}
Content FullPayment() {
  Payment payment = testing::GoodPayment();
  payment.direction = PaymentDirection::kOutbound;
  payment.partner_role = PartnerRole::kSupplier;
  payment.partner_bank_account = "DE89370400440532013000";
  Allocation by_move;
  by_move.odoo_move_id = 42;
  payment.allocations.push_back(by_move);
  return payment;
}
Content FullPartner() {
  Partner partner = testing::GoodPartner();
  partner.is_company = false;
  partner.phone = "+49 40 1";
  partner.street = "s";
  partner.street2 = "s2";
  partner.city = "Hamburg";
  partner.zip = "20457";
  partner.customer_payment_term = "30 Days";
  partner.supplier_payment_term = "Immediate Payment";
  partner.bank_accounts[0].holder_name = "h";
  partner.bank_accounts[0].currency = testing::Cur("EUR");
  return partner;
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read_back_whole) {
  const Content contents[] = {
      testing::GoodInvoice(), testing::GoodBill(), testing::GoodPayment(), testing::GoodEntry(),
      testing::GoodPartner(), FullInvoice(),       FullEntry(),            FullPayment(),
      FullPartner(),          Invoice{},           Payment{},              JournalEntry{},
      Partner{}};
  for (const Content& content : contents) {
    const std::string text = ToCanonicalJson(Wrap(content), true);
    const auto again = FromCanonicalJson(text);
    BOOST_REQUIRE_MESSAGE(again.ok(), again.status().ToString() << " in " << text);
    BOOST_TEST(ToCanonicalJson(*again, true) == text);
  }
}

BOOST_AUTO_TEST_CASE(any_invoice_survives_the_way_there_and_back) {
  BOOST_TEST(rc::check("from(to(d)) == d", [] {
    Invoice invoice = testing::GoodInvoice();
    invoice.lines.clear();
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
      InvoiceLine line;
      line.description = *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'));
      line.quantity =
          Decimal::FromUnscaled(*rc::gen::arbitrary<int32_t>(), *rc::gen::inRange(0, 7));
      line.unit_price = Decimal::FromUnscaled(*rc::gen::arbitrary<int64_t>() / 100,
                                              *rc::gen::inRange(0, 13));
      invoice.lines.push_back(line);
    }
    const std::string text = ToCanonicalJson(Wrap(invoice), true);
    const auto again = FromCanonicalJson(text);
    RC_ASSERT(again.ok());
    RC_ASSERT(ToCanonicalJson(*again, true) == text);
    const auto& lines = std::get<Invoice>(again->content).lines;
    RC_ASSERT(lines.size() == invoice.lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      RC_ASSERT(lines[i].description == invoice.lines[i].description);
      RC_ASSERT(lines[i].unit_price == invoice.lines[i].unit_price);
      RC_ASSERT(lines[i].quantity == invoice.lines[i].quantity);
    }
  }));
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_does_not_throw) {
  Invoice invoice = testing::GoodInvoice();
  invoice.narration = "\xFF\xFE";
  BOOST_TEST(!Digested(invoice).empty());
}

const char* const kUnreadable[] = {
    "",
    "{",
    "[]",
    "null",
    "17",
    "{}",
    R"({"type":"CHEQUE","entity":"e"})",
    R"({"type":"INVOICE","entity":"e"})",  // no kind
    R"({"type":"INVOICE","entity":"e","kind":"customer_invoice"})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","surprise":1})",
    R"({"type":"INVOICE","entity":7,"kind":"VENDOR_BILL"})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","lines":{}})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","lines":[1]})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","lines":[{"quantity":1}]})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","lines":[{"quantity":"1,5"}]})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","lines":[{"tax_names":[1]}]})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","lines":[{"x":"y"}]})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","due_date":"2026-02-30"})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","due_date":20260201})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","currency_code":"DEM"})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","partner":[]})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","partner":{"odoo_id":"7"}})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","partner":{"odoo_id":1.5}})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","attachments":[{"content":"%"}]})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL",)"
    R"("expected_total":{"currency_code":"EUR","value":"1.001"}})",
    R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","expected_total":"1"})",
    R"({"type":"PARTNER","entity":"e","is_company":"no"})",
    R"({"type":"PARTNER","entity":"e"} {})",
};
BOOST_DATA_TEST_CASE(what_is_no_normal_form_is_refused, bdata::make(kUnreadable), text) {
  const auto document = FromCanonicalJson(text);
  BOOST_REQUIRE(!document.ok());
  BOOST_TEST(base::Is(document.status(), base::Reason::kFieldInvalid),
             document.status().ToString());
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_path) {
  const auto document = FromCanonicalJson(
      R"({"type":"INVOICE","entity":"e","kind":"VENDOR_BILL","lines":[{},{"quantity":"x"}]})");
  BOOST_TEST(base::InfoOf(document.status()).field == "lines[1].quantity");
}

BOOST_AUTO_TEST_CASE(differing_fields_are_named_by_path) {
  const Invoice a = testing::GoodInvoice();
  Invoice b = a;
  b.due_date.reset();
  b.partner.reference.clear();
  b.partner.vat = "DE1";
  b.lines[0].unit_price = Dec("91");
  b.lines.push_back(b.lines[1]);
  b.expected_total = testing::Eur("1");
  const std::vector<std::string> all =
      DifferingFields(Digested(a), Digested(b), /*most=*/20);
  BOOST_TEST(base::StrJoin(all, " ") ==
             "due_date expected_total.value lines[0].unit_price lines[2] partner.reference "
             "partner.vat");
  BOOST_TEST(DifferingFields(Digested(a), Digested(b), 2).size() == 2U);
  BOOST_TEST(DifferingFields(Digested(a), Digested(b), 0).empty());
}

BOOST_AUTO_TEST_CASE(id_and_attachment_bytes_are_not_compared) {
  Invoice invoice = testing::GoodInvoice();
  invoice.attachments.resize(1);
  invoice.attachments[0].sha256 = "abc";
  invoice.attachments[0].content = "bytes";
  Document other = Wrap(invoice);
  other.id = "inv_01ARYZ6S410000000000000001";
  BOOST_TEST(DifferingFields(ToCanonicalJson(Wrap(invoice), true), ToCanonicalJson(other, false), 9)
                 .empty());
  std::get<Invoice>(other.content).attachments[0].sha256 = "def";
  BOOST_TEST(base::StrJoin(DifferingFields(ToCanonicalJson(Wrap(invoice), true),
                                           ToCanonicalJson(other, true), 9),
                           " ") == "attachments[0].sha256");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_differs_as_a_whole) {
  BOOST_TEST(DifferingFields("x", "{}", 5) == std::vector<std::string>{"document"},
             boost::test_tools::per_element());
  BOOST_TEST(DifferingFields("x", "x", 5).empty());
}

BOOST_AUTO_TEST_CASE(the_external_id_depends_on_each_part_and_on_where_one_ends) {
  // Not a digest, but shows what goes in: the hex of the bytes, as long as a real one or longer.
  const auto hex = [](std::string_view bytes) {
    std::string out;
    for (const char c : bytes) base::StrAppend(&out, static_cast<int>(c), "-");
    return out + std::string(64, '0');
  };
  const std::string id = ExternalIdOf("c", "s", "r", "doc", hex);
  BOOST_TEST(id.starts_with("k1_"));
  BOOST_TEST(id.size() == 43U);
  BOOST_TEST(id == ExternalIdOf("c", "s", "r", "doc", hex));
  const auto whole = [](std::string_view bytes) { return std::string(bytes); };
  const std::string plain = ExternalIdOf("con", "src", "req", "doc", whole);
  for (const std::string& other :
       {ExternalIdOf("co", "nsrc", "req", "doc", whole),
        ExternalIdOf("con", "sr", "creq", "doc", whole),
        ExternalIdOf("con", "src", "re", "qdoc", whole),
        ExternalIdOf("con", "src", "req", "bank0", whole),
        ExternalIdOf("con2", "src", "req", "doc", whole)}) {
    BOOST_TEST(other != plain);
  }
}

}  // namespace
}  // namespace kontor::model
