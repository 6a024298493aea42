// SPDX-License-Identifier: Apache-2.0
// What is refused with Odoo's master data at hand.
#include <functional>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/strings.h"
#include "server/model/validate.h"
#include "tests/unit/model/builders.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

using testing::CodesText;
using testing::Day;
using testing::Dec;
using testing::Wrap;

/// Everything that a check sees.
template <typename T>
struct Scene {
  T document;
  Catalogue catalogue = testing::GoodCatalogue();
  References references = testing::GoodReferences();
  CheckOptions options;
  explicit Scene(T content) : document(std::move(content)) { options.today = Day("2026-11-28"); }
  std::vector<Finding> Findings() const {
    return CheckAgainstCatalogue(Wrap(document), catalogue, references, options);
  }
};
using InvoiceScene = Scene<Invoice>;
using PaymentScene = Scene<Payment>;
using EntryScene = Scene<JournalEntry>;

template <typename S>
struct Case {
  const char* name;
  std::function<void(S&)> spoil;
  const char* want;
};
template <typename S>
std::ostream& operator<<(std::ostream& out, const Case<S>& c) {
  return out << c.name;
}

const Case<InvoiceScene> kInvoices[] = {
    {"an unknown journal", [](InvoiceScene& s) { s.document.journal_code = "NONE"; },
     "JOURNAL_UNKNOWN@invoice.journal_code"},
    {"a journal of another type", [](InvoiceScene& s) { s.document.journal_code = "MISC"; },
     "JOURNAL_UNKNOWN@invoice.journal_code"},
    {"no journal at all", [](InvoiceScene& s) { s.catalogue.journals.clear(); },
     "JOURNAL_UNKNOWN@invoice.journal_code"},
    {"an unknown partner", [](InvoiceScene& s) { s.references.partner_id = 0; },
     "PARTNER_UNKNOWN@invoice.partner"},
    {"an inactive currency",
     [](InvoiceScene& s) { s.document.currency = testing::Cur("CHF"); },
     "CURRENCY_INACTIVE@invoice.currency_code"},
    {"a currency that this Odoo has not",
     [](InvoiceScene& s) { s.document.currency = testing::Cur("SEK"); },
     "CURRENCY_INACTIVE@invoice.currency_code"},
    {"a currency without any rate",
     [](InvoiceScene& s) { s.document.currency = testing::Cur("GBP"); },
     "RATE_MISSING@invoice.currency_code"},
    {"a rate from after the document only",
     [](InvoiceScene& s) {
       s.document.currency = testing::Cur("USD");
       s.document.invoice_date = Day("2026-07-31");
       s.document.accounting_date = Day("2026-08-03");
     },
     "RATE_MISSING@invoice.currency_code"},
    {"a stale rate",
     [](InvoiceScene& s) {
       s.document.currency = testing::Cur("USD");
       s.document.invoice_date = Day("2026-10-07");
     },
     "RATE_STALE@invoice.currency_code"},
    {"a rate of today that is stale for an undated invoice",
     [](InvoiceScene& s) {
       s.document.currency = testing::Cur("USD");
       s.document.invoice_date.reset();
     },
     "RATE_STALE@invoice.currency_code"},
    {"a rate of its own for the company's currency",
     [](InvoiceScene& s) { s.document.exchange_rate = Dec("1.1"); },
     "FIELD_CONFLICT@invoice.exchange_rate"},
    {"a rate of its own on 17",
     [](InvoiceScene& s) {
       s.document.currency = testing::Cur("USD");
       s.document.exchange_rate = Dec("1.1");
       s.catalogue.takes_own_rate = false;
     },
     "RATE_UNSUPPORTED@invoice.exchange_rate"},
    {"an unknown payment term",
     [](InvoiceScene& s) {
       s.document.due_date.reset();
       s.document.payment_term = "31 Days";
     },
     "PAYMENT_TERM_UNKNOWN@invoice.payment_term"},
    {"a day that is closed for taxes",
     [](InvoiceScene& s) { s.document.invoice_date = Day("2026-07-31"); },
     "PERIOD_LOCKED@invoice.invoice_date"},
    {"an accounting date in a closed period",
     [](InvoiceScene& s) { s.document.accounting_date = Day("2026-06-30"); },
     "PERIOD_LOCKED@invoice.accounting_date"},
    {"a reversal of what does not stand in Odoo",
     [](InvoiceScene& s) {
       s.document.kind = InvoiceKind::kCustomerCreditNote;
       s.document.reversed_invoice_id = "inv_01ARYZ6S410000000000000000";
       s.references.reversed_move_id = 0;
     },
     "INVOICE_NOT_POSTED@invoice.reversed_invoice_id"},
    {"an unknown account", [](InvoiceScene& s) { s.document.lines[1].account_code = "4"; },
     "ACCOUNT_UNKNOWN@invoice.lines[1].account_code"},
    {"a deprecated account",
     [](InvoiceScene& s) { s.document.lines[1].account_code = "499999"; },
     "ACCOUNT_UNKNOWN@invoice.lines[1].account_code"},
    {"a receivable account", [](InvoiceScene& s) { s.document.lines[1].account_code = "121000"; },
     "FIELD_INVALID@invoice.lines[1].account_code"},
    {"an unknown tax", [](InvoiceScene& s) { s.document.lines[0].tax_names = {"19%", "16%"}; },
     "TAX_UNKNOWN@invoice.lines[0].tax_names[1]"},
    {"an unknown product", [](InvoiceScene& s) { s.document.lines[0].product_code = "NO"; },
     "PRODUCT_UNKNOWN@invoice.lines[0].product_code"},
    {"a price of three decimals",
     [](InvoiceScene& s) { s.document.lines[0].unit_price = Dec("1.005"); },
     "PRECISION_EXCEEDED@invoice.lines[0].unit_price"},
    {"a quantity of three decimals",
     [](InvoiceScene& s) { s.document.lines[0].quantity = Dec("0.333"); },
     "PRECISION_EXCEEDED@invoice.lines[0].quantity"},
    {"a discount of three decimals",
     [](InvoiceScene& s) { s.document.lines[0].discount_percent = Dec("33.333"); },
     "PRECISION_EXCEEDED@invoice.lines[0].discount_percent"},
    {"a currency that this Odoo keeps without cents",
     [](InvoiceScene& s) { s.catalogue.currencies[0].decimal_places = 0; },
     "PRECISION_EXCEEDED@invoice.expected_total PRECISION_EXCEEDED@invoice.expected_tax"},
    {"an unknown analytic account",
     [](InvoiceScene& s) { s.document.lines[0].analytic = {{"P9", Dec("100")}}; },
     "ANALYTIC_UNKNOWN@invoice.lines[0].analytic[0].account_code"},
    {"more than all of a plan",
     [](InvoiceScene& s) {
       s.document.lines[0].analytic = {{"P1", Dec("60")}, {"Nameless Code", Dec("60")}};
     },
     "FIELD_INVALID@invoice.lines[0].analytic"},
    {"a mandatory plan that is missing",
     [](InvoiceScene& s) { s.catalogue.analytic_plans[1].mandatory_in = {"invoice"}; },
     "ANALYTIC_REQUIRED@invoice.lines[0].analytic ANALYTIC_REQUIRED@invoice.lines[1].analytic"},
    {"a mandatory plan that is given in part",
     [](InvoiceScene& s) {
       s.catalogue.analytic_plans[1].mandatory_in = {"invoice"};
       s.document.lines.pop_back();
       s.document.lines[0].analytic = {{"KST", Dec("99")}};
     },
     "ANALYTIC_REQUIRED@invoice.lines[0].analytic"},
};
BOOST_DATA_TEST_CASE(one_fault_in_an_invoice_gives_its_finding, bdata::make(kInvoices), c) {
  InvoiceScene scene(testing::GoodInvoice());
  c.spoil(scene);
  BOOST_TEST(CodesText(scene.Findings()) == c.want);
}

const Case<InvoiceScene> kBills[] = {
    {"a sales tax", [](InvoiceScene& s) { s.document.lines[0].tax_names = {"7% sales only"}; },
     "TAX_UNKNOWN@invoice.lines[0].tax_names[0]"},
    {"a payable account", [](InvoiceScene& s) { s.document.lines[0].account_code = "211000"; },
     "FIELD_INVALID@invoice.lines[0].account_code"},
    {"a sales journal", [](InvoiceScene& s) { s.document.journal_code = "INV"; },
     "JOURNAL_UNKNOWN@invoice.journal_code"},
    {"a closed purchase period",
     [](InvoiceScene& s) {
       s.catalogue.lock_dates.purchase = Day("2026-08-31");
     },
     "PERIOD_LOCKED@invoice.invoice_date"},
    {"a plan that is mandatory on bills",
     [](InvoiceScene& s) {
       s.document.lines.pop_back();
       s.catalogue.analytic_plans[0].mandatory_in = {"bill"};
     },
     "ANALYTIC_REQUIRED@invoice.lines[0].analytic"},
};
BOOST_DATA_TEST_CASE(one_fault_in_a_bill_gives_its_finding, bdata::make(kBills), c) {
  InvoiceScene scene(testing::GoodBill());
  c.spoil(scene);
  BOOST_TEST(CodesText(scene.Findings()) == c.want);
}

const Case<PaymentScene> kPayments[] = {
    {"an unknown journal", [](PaymentScene& s) { s.document.journal_code = "BNK9"; },
     "JOURNAL_UNKNOWN@payment.journal_code"},
    {"a sales journal",
     [](PaymentScene& s) {
       s.document.journal_code = "INV";
     },
     "JOURNAL_UNKNOWN@payment.journal_code"},
    {"an unknown partner", [](PaymentScene& s) { s.references.partner_id = 0; },
     "PARTNER_UNKNOWN@payment.partner"},
    {"an inactive currency",
     [](PaymentScene& s) { s.document.amount = Money::Parse("CHF", "1").value(); },
     "CURRENCY_INACTIVE@payment.amount"},
    {"a currency without a rate",
     [](PaymentScene& s) { s.document.amount = Money::Parse("GBP", "1").value(); },
     "RATE_MISSING@payment.amount"},
    {"a closed day", [](PaymentScene& s) { s.document.date = Day("2025-12-31"); },
     "PERIOD_LOCKED@payment.date"},
    {"an unknown bank account",
     [](PaymentScene& s) {
       s.document.partner_bank_account = "DE89370400440532013000";
       s.references.partner_bank_id = 0;
     },
     "BANK_ACCOUNT_UNKNOWN@payment.partner_bank_account"},
    {"an untrusted bank account",
     [](PaymentScene& s) {
       s.document.direction = PaymentDirection::kOutbound;
       s.document.partner_bank_account = "DE89370400440532013000";
       s.references.partner_bank_trusted = false;
     },
     "BANK_ACCOUNT_UNTRUSTED@payment.partner_bank_account"},
};
BOOST_DATA_TEST_CASE(one_fault_in_a_payment_gives_its_finding, bdata::make(kPayments), c) {
  PaymentScene scene(testing::GoodPayment());
  c.spoil(scene);
  BOOST_TEST(CodesText(scene.Findings()) == c.want);
}

const Case<EntryScene> kEntries[] = {
    {"an unknown journal", [](EntryScene& s) { s.document.journal_code = "MIS"; },
     "JOURNAL_UNKNOWN@journal_entry.journal_code"},
    {"a bank journal", [](EntryScene& s) { s.document.journal_code = "BNK1"; },
     "JOURNAL_UNKNOWN@journal_entry.journal_code"},
    {"an unknown account", [](EntryScene& s) { s.document.lines[0].account_code = "1"; },
     "ACCOUNT_UNKNOWN@journal_entry.lines[0].account_code"},
    {"an unknown partner", [](EntryScene& s) { s.document.lines[0].partner.vat = "DE1"; },
     "PARTNER_UNKNOWN@journal_entry.lines[0].partner"},
    {"a partner that was looked for and not found",
     [](EntryScene& s) {
       s.document.lines[0].partner.vat = "DE1";
       s.references.partners["DE1"] = 0;
     },
     "PARTNER_UNKNOWN@journal_entry.lines[0].partner"},
    {"an unknown tax", [](EntryScene& s) { s.document.lines[0].tax_names = {"x"}; },
     "TAX_UNKNOWN@journal_entry.lines[0].tax_names[0]"},
    {"three decimals of the company's euro",
     [](EntryScene& s) {
       s.document.lines[0].debit = Dec("1.005");
       s.document.lines[1].credit = Dec("1.005");
     },
     "AMOUNT_SCALE@journal_entry.lines[0].debit AMOUNT_SCALE@journal_entry.lines[1].credit"},
    {"an inactive foreign currency",
     [](EntryScene& s) {
       s.document.lines[0].amount_currency = Money::Parse("CHF", "1").value();
     },
     "CURRENCY_INACTIVE@journal_entry.lines[0].amount_currency"},
    {"a closed day", [](EntryScene& s) { s.document.date = Day("2025-12-31"); },
     "PERIOD_LOCKED@journal_entry.date"},
    {"a mandatory plan",
     [](EntryScene& s) {
       s.catalogue.analytic_plans[0].mandatory_in = {"general"};
       s.document.lines[0].analytic = {{"P1", Dec("100")}};
     },
     "ANALYTIC_REQUIRED@journal_entry.lines[1].analytic"},
};
BOOST_DATA_TEST_CASE(one_fault_in_an_entry_gives_its_finding, bdata::make(kEntries), c) {
  EntryScene scene(testing::GoodEntry());
  c.spoil(scene);
  BOOST_TEST(CodesText(scene.Findings()) == c.want);
}

BOOST_AUTO_TEST_CASE(good_documents_pass_the_checks_against_odoo) {
  BOOST_TEST(CodesText(InvoiceScene(testing::GoodInvoice()).Findings()).empty());
  BOOST_TEST(CodesText(InvoiceScene(testing::GoodBill()).Findings()).empty());
  BOOST_TEST(CodesText(PaymentScene(testing::GoodPayment()).Findings()).empty());
  BOOST_TEST(CodesText(EntryScene(testing::GoodEntry()).Findings()).empty());
  BOOST_TEST(CodesText(Scene<Partner>(testing::GoodPartner()).Findings()).empty());
  InvoiceScene dollars(testing::GoodInvoice());
  dollars.document.currency = testing::Cur("USD");
  BOOST_TEST(CodesText(dollars.Findings()).empty());
  dollars.document.invoice_date = Day("2026-08-01");
  BOOST_TEST(CodesText(dollars.Findings()).empty());
  dollars.document.currency = testing::Cur("GBP");
  dollars.document.exchange_rate = Dec("0.85");
  BOOST_TEST(CodesText(dollars.Findings()).empty());
}

BOOST_AUTO_TEST_CASE(the_day_after_a_lock_is_open) {
  InvoiceScene scene(testing::GoodInvoice());
  scene.document.invoice_date = Day("2026-08-01");
  BOOST_TEST(CodesText(scene.Findings()).empty());
  for (InvoiceLine& line : scene.document.lines) line.tax_names.clear();
  scene.document.invoice_date = Day("2026-07-01");
  BOOST_TEST(CodesText(scene.Findings()).empty());
}

BOOST_AUTO_TEST_CASE(a_partners_payment_terms_and_currencies_are_looked_up) {
  Scene<Partner> scene(testing::GoodPartner());
  scene.document.customer_payment_term = "x";
  scene.document.supplier_payment_term = "y";
  scene.document.bank_accounts[0].currency = testing::Cur("CHF");
  BOOST_TEST(CodesText(scene.Findings()) ==
             "PAYMENT_TERM_UNKNOWN@partner.customer_payment_term "
             "PAYMENT_TERM_UNKNOWN@partner.vendor_payment_term "
             "CURRENCY_INACTIVE@partner.bank_accounts[0].currency_code");
}

BOOST_AUTO_TEST_CASE(a_locked_period_names_both_dates_in_plain_words) {
  InvoiceScene scene(testing::GoodInvoice());
  scene.document.invoice_date = Day("2026-07-15");
  const auto findings = scene.Findings();
  BOOST_REQUIRE(findings.size() == 1U);
  BOOST_TEST(findings[0].message ==
             "The books are closed up to and including 2026-07-31, the document is dated "
             "2026-07-15.");
  BOOST_TEST(findings[0].asked == "2026-07-15");
  BOOST_TEST(findings[0].got == "2026-07-31");
}

BOOST_AUTO_TEST_CASE(a_price_that_odoo_would_round_shows_what_it_would_become) {
  InvoiceScene scene(testing::GoodInvoice());
  scene.document.lines[0].unit_price = Dec("1.005");
  const auto findings = scene.Findings();
  BOOST_REQUIRE(findings.size() == 1U);
  BOOST_TEST(findings[0].asked == "1.005");
  BOOST_TEST(findings[0].got == "1.01");
}

BOOST_AUTO_TEST_CASE(findings_of_all_kinds_come_at_once) {
  InvoiceScene scene(testing::GoodInvoice());
  scene.references.partner_id = 0;
  scene.document.lines[0].account_code = "1";
  scene.document.lines[1].tax_names = {"x"};
  scene.document.invoice_date = Day("2026-01-01");
  BOOST_TEST(CodesText(scene.Findings()) ==
             "PARTNER_UNKNOWN@invoice.partner PERIOD_LOCKED@invoice.invoice_date "
             "ACCOUNT_UNKNOWN@invoice.lines[0].account_code "
             "TAX_UNKNOWN@invoice.lines[1].tax_names[0]");
}

BOOST_AUTO_TEST_CASE(bank_accounts_are_masked_in_findings) {
  PaymentScene scene(testing::GoodPayment());
  scene.document.partner_bank_account = "DE89370400440532013000";
  scene.references.partner_bank_id = 0;
  for (const Finding& finding : scene.Findings()) {
    BOOST_TEST(finding.message.find("37040044") == std::string::npos);
    BOOST_TEST(finding.asked == "…3000");
  }
}

}  // namespace
}  // namespace kontor::model
