// SPDX-License-Identifier: Apache-2.0
// Documents as load() records: the columns, the texts, and what is refused before anything is sent.
#include "adapters/odoo/mapping.h"

#include <algorithm>
#include <optional>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"

namespace kontor::odoo {
namespace {

using base::Reason;
using model::InvoiceKind;

base::Decimal Dec(const char* text) { return base::Decimal::Parse(text).value(); }
base::Date Day(const char* text) { return base::Date::Parse(text).value(); }
model::Currency Cur(const char* code) { return model::Currency::Parse(code).value(); }

model::Catalogue SmallCatalogue() {
  model::Catalogue catalogue;
  catalogue.company_id = 1;
  catalogue.company_currency_code = "EUR";
  const auto journal = [](int64_t id, const char* code, model::JournalType type) {
    return model::Journal{.id = id, .code = code, .name = "", .type = type, .currency_code = ""};
  };
  catalogue.journals = {journal(1, "INV", model::JournalType::kSale),
                        journal(2, "BILL", model::JournalType::kPurchase),
                        journal(3, "MISC", model::JournalType::kGeneral),
                        journal(6, "BNK1", model::JournalType::kBank)};
  catalogue.accounts = {
      {.id = 40, .code = "400000", .name = "", .type = "income", .deprecated = false},
      {.id = 60, .code = "600000", .name = "", .type = "expense", .deprecated = false}};
  catalogue.taxes = {{.id = 5, .name = "19%", .for_purchase = false, .amount_type = "percent",
                      .amount = Dec("19"), .price_include = false},
                     {.id = 7, .name = "7%", .for_purchase = false, .amount_type = "percent",
                      .amount = Dec("7"), .price_include = false},
                     {.id = 9, .name = "19%", .for_purchase = true, .amount_type = "percent",
                      .amount = Dec("19"), .price_include = false}};
  const auto currency = [](int64_t id, const char* code, bool active) {
    return model::CurrencyInfo{
        .id = id, .code = code, .active = active, .decimal_places = 2, .rates = {}};
  };
  catalogue.currencies = {currency(125, "EUR", true), currency(1, "USD", true),
                          currency(3, "CAD", false)};
  catalogue.payment_terms = {{.id = 4, .name = "30 Days", .code = ""}};
  catalogue.analytic_accounts = {{.id = 11, .code = "CC100", .name = "", .plan_id = 1},
                                 {.id = 12, .code = "CC200", .name = "", .plan_id = 1}};
  return catalogue;
}

struct Setup {
  Setup() {
    model::InvoiceLine line;
    line.description = "Work";
    line.quantity = Dec("2");
    line.unit_price = Dec("10.50");
    line.account_code = "400000";
    line.tax_names = {"19%", "7%"};
    invoice.partner.odoo_id = 8;
    invoice.invoice_date = Day("2026-11-02");
    invoice.currency = Cur("EUR");
    invoice.lines = {line};
    references.partner_id = 8;
  }
  absl::StatusOr<SheetRecord> Map(const model::Content& content, const char* series = "18.0") {
    document.content = content;
    const ports::DraftRequest request{"x", &document, &references};
    return MapDocument(request, 3, catalogue, *FindDialect(series), lookups);
  }
  model::Invoice invoice;
  model::Document document;
  model::References references;
  model::Catalogue catalogue = SmallCatalogue();
  Lookups lookups;
};

std::optional<std::string> Cell(const Cells& cells, std::string_view column) {
  const auto it = std::ranges::find(cells, column, &Cells::value_type::first);
  if (it == cells.end()) return std::nullopt;
  return it->second;
}

BOOST_AUTO_TEST_CASE(an_invoice_has_a_date_a_currency_and_taxes_always) {
  Setup setup;
  setup.invoice.lines.front().tax_names.clear();
  const auto record = setup.Map(setup.invoice);
  BOOST_REQUIRE(record.ok());
  BOOST_TEST(Cell(record->header, "move_type").value() == "out_invoice");
  BOOST_TEST(Cell(record->header, "date").value() == "2026-11-02");
  BOOST_TEST(Cell(record->header, "currency_id/.id").value() == "125");
  BOOST_TEST(Cell(record->lines.front(), "tax_ids/.id").value() == "");
  BOOST_TEST(!Cell(record->header, "invoice_currency_rate").has_value());
}

BOOST_AUTO_TEST_CASE(a_due_date_comes_with_an_empty_term_and_a_term_without_a_due_date) {
  Setup setup;
  setup.invoice.due_date = Day("2026-12-24");
  const auto due = setup.Map(setup.invoice);
  BOOST_REQUIRE(due.ok());
  BOOST_TEST(Cell(due->header, "invoice_payment_term_id/.id").value() == "");
  BOOST_TEST(Cell(due->header, "invoice_date_due").value() == "2026-12-24");
  setup.invoice.due_date.reset();
  setup.invoice.payment_term = "30 Days";
  const auto term = setup.Map(setup.invoice);
  BOOST_REQUIRE(term.ok());
  BOOST_TEST(Cell(term->header, "invoice_payment_term_id/.id").value() == "4");
  BOOST_TEST(!Cell(term->header, "invoice_date_due").has_value());
}

BOOST_AUTO_TEST_CASE(without_terms_the_partners_apply_and_without_those_the_invoice_date) {
  Setup setup;
  const auto none = setup.Map(setup.invoice);
  BOOST_REQUIRE(none.ok());
  BOOST_TEST(Cell(none->header, "invoice_payment_term_id/.id").value() == "");
  BOOST_TEST(Cell(none->header, "invoice_date_due").value() == "2026-11-02");
  setup.lookups.partners_with_term.insert(8);
  const auto partners = setup.Map(setup.invoice);
  BOOST_REQUIRE(partners.ok());
  BOOST_TEST(!Cell(partners->header, "invoice_payment_term_id/.id").has_value());
  BOOST_TEST(!Cell(partners->header, "invoice_date_due").has_value());
}

BOOST_AUTO_TEST_CASE(a_column_that_one_line_needs_stands_in_all) {
  Setup setup;
  model::InvoiceLine other = setup.invoice.lines.front();
  other.discount_percent = Dec("5");
  other.analytic = {{"CC100", Dec("60")}, {"CC200", Dec("40")}};
  setup.invoice.lines.push_back(other);
  const auto record = setup.Map(setup.invoice);
  BOOST_REQUIRE(record.ok());
  BOOST_TEST(Cell(record->lines[0], "discount").value() == "0");
  BOOST_TEST(Cell(record->lines[1], "discount").value() == "5");
  BOOST_TEST(Cell(record->lines[0], "analytic_distribution").value() == "");
  BOOST_TEST(Cell(record->lines[1], "analytic_distribution").value() == R"({"11": 60, "12": 40})");
  BOOST_TEST(Cell(record->lines[0], "tax_ids/.id").value() == "5,7");
}

BOOST_AUTO_TEST_CASE(a_line_without_an_account_takes_the_default_when_another_names_one) {
  Setup setup;
  model::InvoiceLine other = setup.invoice.lines.front();
  other.account_code = "";
  setup.invoice.lines.push_back(other);
  BOOST_TEST(MixesAccounts(setup.invoice));
  const auto refused = setup.Map(setup.invoice);
  BOOST_TEST(base::InfoOf(refused.status()).field == "invoice.lines[1].account_code");
  setup.lookups.journal_accounts[1] = 44;
  BOOST_TEST(Cell(setup.Map(setup.invoice)->lines[1], "account_id/.id").value() == "44");
  setup.invoice.lines.erase(setup.invoice.lines.begin());
  BOOST_TEST(!MixesAccounts(setup.invoice));
  BOOST_TEST(!Cell(setup.Map(setup.invoice)->lines[0], "account_id/.id").has_value());
}

BOOST_AUTO_TEST_CASE(a_rate_of_its_own_is_refused_where_odoo_takes_none) {
  Setup setup;
  setup.invoice.exchange_rate = Dec("1.25");
  BOOST_TEST(Cell(setup.Map(setup.invoice, "19.0")->header, "invoice_currency_rate").value() ==
             "1.25");
  BOOST_TEST(base::Is(setup.Map(setup.invoice, "17.0").status(), Reason::kRateUnsupported));
}

BOOST_AUTO_TEST_CASE(what_the_catalogue_does_not_know_is_refused_with_its_field_and_item) {
  const auto field_of = [](auto change) {
    Setup setup;
    change(setup);
    const absl::Status status = setup.Map(setup.invoice).status();
    BOOST_TEST((base::OutcomeOf(status) == base::Outcome::kRefused));
    BOOST_TEST(base::InfoOf(status).metadata.at("item") == "3");
    return base::InfoOf(status).field;
  };
  BOOST_TEST(field_of([](Setup& s) { s.references.partner_id = 0; }) == "invoice.partner");
  BOOST_TEST(field_of([](Setup& s) { s.invoice.journal_code = "X"; }) == "invoice.journal_code");
  BOOST_TEST(field_of([](Setup& s) { s.invoice.currency = Cur("CAD"); }) == "invoice.currency");
  BOOST_TEST(field_of([](Setup& s) { s.invoice.currency = Cur("JPY"); }) == "invoice.currency");
  BOOST_TEST(field_of([](Setup& s) { s.invoice.payment_term = "?"; }) == "invoice.payment_term");
  BOOST_TEST(field_of([](Setup& s) { s.invoice.lines[0].account_code = "9"; }) ==
             "invoice.lines[0].account_code");
  BOOST_TEST(field_of([](Setup& s) { s.invoice.lines[0].tax_names = {"19%", "8%"}; }) ==
             "invoice.lines[0].tax_names[1]");
  BOOST_TEST(field_of([](Setup& s) { s.invoice.lines[0].product_code = "P"; }) ==
             "invoice.lines[0].product_code");
  BOOST_TEST(field_of([](Setup& s) { s.invoice.lines[0].analytic = {{"?", Dec("100")}}; }) ==
             "invoice.lines[0].analytic[0].account_code");
}

BOOST_AUTO_TEST_CASE(the_sides_tax_is_taken) {
  Setup setup;
  setup.invoice.kind = InvoiceKind::kVendorBill;
  setup.invoice.lines[0].tax_names = {"19%"};
  const auto record = setup.Map(setup.invoice);
  BOOST_REQUIRE(record.ok());
  BOOST_TEST(Cell(record->header, "move_type").value() == "in_invoice");
  BOOST_TEST(Cell(record->header, "journal_id/.id").value() == "2");
  BOOST_TEST(Cell(record->lines.front(), "tax_ids/.id").value() == "9");
}

BOOST_AUTO_TEST_CASE(a_payments_label_has_its_series_field) {
  Setup setup;
  model::Payment payment;
  payment.partner.odoo_id = 8;
  payment.amount = model::Money::Parse("EUR", "12.30").value();
  payment.date = Day("2026-11-05");
  payment.journal_code = "BNK1";
  payment.memo = "M";
  BOOST_TEST(Cell(setup.Map(payment, "17.0")->header, "ref").value() == "M");
  BOOST_TEST(Cell(setup.Map(payment, "18.0")->header, "memo").value() == "M");
  BOOST_TEST(Cell(setup.Map(payment, "18.0")->header, "amount").value() == "12.30");
  payment.partner_bank_account = "DE89370400440532013000";
  BOOST_TEST(base::Is(setup.Map(payment).status(), Reason::kBankAccountUnknown));
  BOOST_TEST(setup.Map(payment).status().ToString().find("DE89") == std::string::npos);
  setup.references.partner_bank_id = 17;
  BOOST_TEST(Cell(setup.Map(payment)->header, "partner_bank_id/.id").value() == "17");
  payment.date.reset();
  BOOST_TEST(base::InfoOf(setup.Map(payment).status()).field == "payment.date");
}

BOOST_AUTO_TEST_CASE(entry_lines_say_company_currency_beside_foreign_ones) {
  Setup setup;
  model::JournalEntry entry;
  entry.date = Day("2026-11-05");
  model::JournalEntryLine foreign;
  foreign.account_code = "600000";
  foreign.debit = Dec("46");
  foreign.amount_currency = model::Money::Parse("USD", "50").value();
  model::JournalEntryLine own;
  own.account_code = "400000";
  own.credit = Dec("46");
  entry.lines = {foreign, own};
  const auto record = setup.Map(entry);
  BOOST_REQUIRE(record.ok());
  BOOST_TEST(Cell(record->lines[0], "amount_currency").value() == "50.00");
  BOOST_TEST(Cell(record->lines[1], "amount_currency").value() == "-46");
  BOOST_TEST(Cell(record->lines[1], "currency_id/.id").value() == "125");
  entry.lines[0].amount_currency.reset();
  BOOST_TEST(!Cell(setup.Map(entry)->lines[0], "amount_currency").has_value());
  entry.lines[1].partner.reference = "nobody";
  BOOST_TEST(base::InfoOf(setup.Map(entry).status()).field == "journal_entry.lines[1].partner");
}

BOOST_AUTO_TEST_CASE(a_partner_gives_only_what_it_has) {
  Setup setup;
  model::Partner partner;
  partner.reference = "C-1";
  partner.name = "Acme";
  const auto record = setup.Map(partner);
  BOOST_REQUIRE(record.ok());
  BOOST_TEST(record->header.size() == 3U);
  partner.country_code = "DE";
  BOOST_TEST(base::InfoOf(setup.Map(partner).status()).field == "partner.country_code");
  setup.lookups.countries["DE"] = 57;
  BOOST_TEST(Cell(setup.Map(partner)->header, "country_id/.id").value() == "57");
}

BOOST_AUTO_TEST_CASE(narration_is_plain_text_in_html) {
  BOOST_TEST(HtmlOf("") == "");
  BOOST_TEST(HtmlOf("a < b\n\"c\" & d") == "<p>a &lt; b<br>&quot;c&quot; &amp; d</p>");
}

BOOST_AUTO_TEST_CASE(a_field_of_odoos_is_named_as_the_documents) {
  BOOST_TEST(DocumentField(model::DocumentType::kInvoice, "invoice_line_ids") == "invoice.lines");
  BOOST_TEST(DocumentField(model::DocumentType::kPayment, "ref") == "payment.memo");
  BOOST_TEST(DocumentField(model::DocumentType::kJournalEntry, "line_ids") ==
             "journal_entry.lines");
  BOOST_TEST(DocumentField(model::DocumentType::kPartner, "vat") == "partner.vat");
  BOOST_TEST(DocumentField(model::DocumentType::kInvoice, "x_custom") == "");
}

BOOST_AUTO_TEST_CASE(only_known_series_have_a_dialect) {
  for (const char* const series : {"17.0", "18.0", "19.0"}) BOOST_TEST(FindDialect(series));
  for (const char* const series : {"16.0", "20.0", "saas~18.2", "18", ""}) {
    BOOST_TEST(FindDialect(series) == nullptr);
  }
}

}  // namespace
}  // namespace kontor::odoo
