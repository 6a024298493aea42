// SPDX-License-Identifier: Apache-2.0
// What goes to the addon and what comes back, without a wire: values, field paths, snapshots and
// refusals.
#include "adapters/odoo/addon.h"

#include <boost/test/unit_test.hpp>

#include "adapters/odoo/addon_values.h"
#include "server/base/status.h"

namespace kontor::odoo {
namespace {

using base::Reason;
using model::DocumentType;

SheetRecord Record(Cells header, std::vector<Cells> lines = {}) {
  SheetRecord record;
  record.external_id = "k1_x";
  record.header = std::move(header);
  record.lines_field = "invoice_line_ids";
  record.lines = std::move(lines);
  return record;
}

BOOST_AUTO_TEST_CASE(every_cell_becomes_the_value_of_its_kind) {
  struct Case {
    const char* column;
    const char* cell;
    const char* field;
    const char* value;  ///< As JSON.
  };
  const Case cases[] = {
      {"move_type", "out_invoice", "move_type", R"("out_invoice")"},
      {"amount", "1234567890123.45", "amount", R"("1234567890123.45")"},
      {"price_unit", "0.1", "price_unit", R"("0.1")"},
      {"date", "2026-11-02", "date", R"("2026-11-02")"},
      {"ref", "1", "ref", R"("1")"},
      {"ref", "", "ref", R"("")"},
      {"partner_id/.id", "8", "partner_id", "8"},
      {"invoice_payment_term_id/.id", "", "invoice_payment_term_id", "false"},
      {"tax_ids/.id", "", "tax_ids", "[]"},
      {"tax_ids/.id", "5", "tax_ids", "[5]"},
      {"tax_ids/.id", "5,7", "tax_ids", "[5,7]"},
      {"is_company", "1", "is_company", "true"},
      {"is_company", "0", "is_company", "false"},
      {"analytic_distribution", R"({"11": 50.5, "12": 49.5})", "analytic_distribution",
       R"({"11":"50.5","12":"49.5"})"},
      {"analytic_distribution", R"({"11": 100})", "analytic_distribution", R"({"11":"100"})"},
      {"analytic_distribution", "", "analytic_distribution", "false"},
  };
  for (const Case& c : cases) {
    const auto values = ValuesOf(Record({{c.column, c.cell}}));
    BOOST_REQUIRE_MESSAGE(values.ok(), c.column << " " << values.status().ToString());
    BOOST_TEST(values->size() == 1U);
    BOOST_TEST(values->at(c.field).dump() == c.value, c.column << " = " << c.cell);
  }
}

BOOST_AUTO_TEST_CASE(a_cell_of_ids_that_holds_something_else_is_refused) {
  for (const char* cell : {"x", "-3", "0", "5,", "5,x", "1.5", " 5"}) {
    BOOST_TEST(!ValuesOf(Record({{"tax_ids/.id", cell}})).ok(), cell);
    const auto one = ValuesOf(Record({{"partner_id/.id", cell}}));
    BOOST_TEST(!one.ok(), cell);
    BOOST_TEST(base::Is(one.status(), Reason::kInternal));
    BOOST_TEST((base::OutcomeOf(one.status()) == base::Outcome::kRefused));
  }
}

BOOST_AUTO_TEST_CASE(lines_become_a_list_in_their_order) {
  const auto values = ValuesOf(Record({{"ref", "a"}}, {{{"name", "one"}, {"quantity", "2"}},
                                                       {{"name", "two"}, {"quantity", "0.5"}}}));
  BOOST_REQUIRE(values.ok());
  BOOST_TEST(values->at("invoice_line_ids").dump() ==
             R"([{"name":"one","quantity":"2"},{"name":"two","quantity":"0.5"}])");
}

BOOST_AUTO_TEST_CASE(a_path_of_the_addons_names_the_documents_field) {
  struct Case {
    DocumentType type;
    const char* path;
    const char* field;
  };
  const Case cases[] = {
      {DocumentType::kInvoice, "values.partner_id", "invoice.partner"},
      {DocumentType::kInvoice, "values.invoice_line_ids[0].account_id",
       "invoice.lines[0].account_code"},
      {DocumentType::kInvoice, "values.invoice_line_ids[12].tax_ids[1]",
       "invoice.lines[12].tax_names"},
      {DocumentType::kInvoice, "values.invoice_line_ids[3]", "invoice.lines[3]"},
      {DocumentType::kInvoice, "values.invoice_line_ids[3].odd", "invoice.lines[3]"},
      {DocumentType::kInvoice, "values.invoice_line_ids", "invoice.lines"},
      {DocumentType::kInvoice, "expect.total", "invoice.expected_total"},
      {DocumentType::kInvoice, "expect.tax", "invoice.expected_tax"},
      {DocumentType::kInvoice, "expect.date", "invoice.accounting_date"},
      {DocumentType::kInvoice, "expect.due_date", "invoice.due_date"},
      {DocumentType::kJournalEntry, "values.line_ids[1].partner_id",
       "journal_entry.lines[1].partner"},
      {DocumentType::kJournalEntry, "values.line_ids[1].currency_id",
       "journal_entry.lines[1].amount_currency"},
      {DocumentType::kJournalEntry, "expect.total", "journal_entry.lines"},
      {DocumentType::kPayment, "values.memo", "payment.memo"},
      {DocumentType::kPayment, "expect.total", "payment.amount"},
      {DocumentType::kPartner, "values.vat", "partner.vat"},
      {DocumentType::kPartner, "expect.total", ""},
      {DocumentType::kPayment, "expect.tax", ""},
      {DocumentType::kInvoice, "values.no_such_field", ""},
      {DocumentType::kInvoice, "values.invoice_line_ids[3", "invoice.lines"},
      {DocumentType::kInvoice, "", ""},
  };
  for (const Case& c : cases) BOOST_TEST(FieldOfPath(c.type, c.path) == c.field, c.path);
}

Json MoveValue() {
  return Json{{"model", "account.move"}, {"id", 12}, {"exists", true}, {"name", "INV/2026/00001"},
              {"external_id", "k1_x"}, {"state", "posted"}, {"move_type", "out_invoice"},
              {"move_id", 12}, {"date", "2026-01-31"}, {"invoice_date", "2026-01-30"},
              {"due_date", "2026-02-28"}, {"currency", "EUR"}, {"total", "119.00"},
              {"tax", "19.00"}, {"residual", "0.00"}, {"company_currency", "EUR"},
              {"company_total", "119.00"}, {"payment_state", "paid"}, {"ref", "R-1"},
              {"payment_reference", "P-1"}, {"journal_code", "INV"}, {"company_id", 1},
              {"partner_id", 7}, {"partner_name", "Meyer"}, {"hashed", true},
              {"write_date", "2026-01-31 10:00:00"}};
}

BOOST_AUTO_TEST_CASE(a_snapshot_says_what_a_reading_would_say) {
  const auto got = SnapshotOfAddon(MoveValue());
  BOOST_REQUIRE(got.ok());
  BOOST_TEST(got->exists);
  BOOST_TEST(got->record.name == "INV/2026/00001");
  BOOST_TEST(got->total.ToString() == "119");
  BOOST_TEST(got->tax.ToString() == "19");
  BOOST_TEST(got->residual.IsZero());
  BOOST_TEST(got->due_date->ToString() == "2026-02-28");
  BOOST_TEST(got->reference == "R-1");
  BOOST_TEST(got->journal_code == "INV");
  BOOST_TEST(got->partner_id == 7);
  BOOST_TEST(got->hashed);
  BOOST_TEST(got->external_id == "k1_x");
}

BOOST_AUTO_TEST_CASE(an_entry_counts_in_company_currency) {
  Json value = MoveValue();
  value["move_type"] = "entry";
  value["currency"] = "USD";
  value["total"] = "130.00";
  const auto got = SnapshotOfAddon(value);
  BOOST_REQUIRE(got.ok());
  BOOST_TEST(got->currency_code == "EUR");
  BOOST_TEST(got->total.ToString() == "119");
}

BOOST_AUTO_TEST_CASE(a_payments_state_follows_what_is_left_of_it) {
  struct Case {
    const char* state;
    int move_id;
    const char* residual;
    const char* payment_state;
  };
  const Case cases[] = {{"in_process", 9, "119.00", "not_paid"}, {"in_process", 9, "1.00",
                        "partial"}, {"paid", 9, "0.00", "paid"}, {"draft", 0, "0", ""},
                        {"canceled", 9, "0", ""}, {"in_process", 0, "0", ""}};
  for (const Case& c : cases) {
    Json value = MoveValue();
    value["model"] = "account.payment";
    value["state"] = c.state;
    value["move_id"] = c.move_id;
    value["residual"] = c.residual;
    const auto got = SnapshotOfAddon(value);
    BOOST_REQUIRE(got.ok());
    BOOST_TEST(got->payment_state == c.payment_state, c.state << " " << c.residual);
    BOOST_TEST(got->move_type == "payment");
  }
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_makes_no_sense_is_not_believed) {
  for (const char* amount : {"x", "1,00", "119.001"}) {
    Json value = MoveValue();
    value["total"] = amount;
    BOOST_TEST(!SnapshotOfAddon(value).ok(), amount);
  }
  for (const Json& value : {Json(), Json(false), Json::array(), Json("x"), Json::object()}) {
    const auto got = SnapshotOfAddon(value);
    BOOST_REQUIRE(got.ok());
    BOOST_TEST(!got->exists);
    BOOST_TEST(got->record.id == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_in_the_catalogues_reasons) {
  struct Case {
    const char* reason;
    const char* field;
    Reason ours;
    const char* our_field;
  };
  const Case cases[] = {
      {"AMOUNT_DIFFERS", "expect.total", Reason::kTotalMismatch, "invoice.expected_total"},
      {"TAX_DIFFERS", "expect.tax", Reason::kTotalMismatch, "invoice.expected_tax"},
      {"DATE_MOVED", "expect.date", Reason::kBookedDifferently, "invoice.accounting_date"},
      {"DUE_DATE_DIFFERS", "expect.due_date", Reason::kBookedDifferently, "invoice.due_date"},
      {"CURRENCY_DIFFERS", "expect.currency", Reason::kBookedDifferently,
       "invoice.currency_code"},
      {"DIGITS_LOST", "values.invoice_line_ids[0].price_unit", Reason::kPrecisionExceeded,
       "invoice.lines[0].unit_price"},
      {"VALUE_INVALID", "values.date", Reason::kFieldInvalid, "invoice.accounting_date"},
      {"RECORD_NOT_FOUND", "values.partner_id", Reason::kPartnerUnknown, "invoice.partner"},
      {"RECORD_NOT_FOUND", "values.invoice_line_ids[1].account_id", Reason::kAccountUnknown,
       "invoice.lines[1].account_code"},
      {"RECORD_NOT_FOUND", "values.invoice_line_ids[1].tax_ids", Reason::kTaxUnknown,
       "invoice.lines[1].tax_names"},
      {"RECORD_NOT_FOUND", "values.odd", Reason::kOdooRefused, ""},
      {"ACCESS_DENIED", "", Reason::kOdooRightMissing, ""},
      {"ODOO_REFUSED", "", Reason::kOdooRefused, ""},
      {"DELETED_IN_ODOO", "", Reason::kDeletedInOdoo, ""},
      {"NOT_VISIBLE", "", Reason::kNotVisibleInOdoo, ""},
      {"HASHED_DOCUMENT", "", Reason::kHashedDocument, ""},
      {"FIELD_NOT_ALLOWED", "values.odd", Reason::kOdooRefused, ""},
      {"SOMETHING_NEW", "", Reason::kOdooRefused, ""},
  };
  for (const Case& c : cases) {
    const model::Finding finding = FindingOfAddon(
        {{"reason", c.reason}, {"field", c.field}, {"message", "Odoo says no."},
         {"asked", "120.00 EUR"}, {"got", "119.00 EUR"}},
        DocumentType::kInvoice);
    BOOST_TEST(finding.reason == base::EntryOf(c.ours).name, c.reason << " " << c.field);
    BOOST_TEST(finding.field == c.our_field, c.reason << " " << c.field);
    BOOST_TEST(finding.asked == "120.00 EUR");
    BOOST_TEST(finding.got == "119.00 EUR");
    BOOST_TEST(finding.message.starts_with("Odoo says no."));
    BOOST_TEST(!finding.suggestion.empty());
  }
  BOOST_TEST(!FindingOfAddon(Json(), DocumentType::kInvoice).message.empty());
}

}  // namespace
}  // namespace kontor::odoo
