// SPDX-License-Identifier: Apache-2.0
// What a report becomes: bills, entries, the employee.
#include <functional>

#include <boost/test/unit_test.hpp>

#include "server/crypto/digest.h"
#include "server/model/validate.h"
#include "tests/unit/expenses/builders.h"

namespace kontor::expenses::testing {
namespace {

using model::ExpensePlan;
using model::ExpenseReport;
using model::Source;

ExpensePlan Plan(const ExpenseReport& report, const Source& source) {
  return model::PlanExpense(report, source, "R-1", SmallCatalogue(), [](std::string_view text) {
    return crypto::Sha256(text).Hex();
  });
}

const model::Invoice& BillOf(const ExpensePlan& plan) {
  return std::get<model::Invoice>(plan.parts.at(1).document.content);
}

std::string BillPartnerOf(const ExpenseReport& report, const Source& source) {
  return std::get<model::Invoice>(Plan(report, source).parts.back().document.content)
      .partner.reference;
}

model::ExpenseLine ByCard(const std::string& gross, const std::string& tax) {
  model::ExpenseLine line = Ticket();
  line.paid_by = model::PaidBy::kCompanyCard;
  line.card = "4711";
  line.amount = Euro(gross);
  line.tax.tax_amount = Euro(tax);
  return line;
}

BOOST_AUTO_TEST_CASE(what_the_employee_paid_becomes_a_bill_with_odoos_tax) {
  const ExpensePlan plan = Plan(Report(), GoodSource());
  BOOST_TEST(plan.findings.empty());
  BOOST_REQUIRE(plan.parts.size() == 2U);
  BOOST_TEST(plan.parts[0].name == "employee");
  const auto& partner = std::get<model::Partner>(plan.parts[0].document.content);
  BOOST_TEST(partner.reference.starts_with("emp-e-r-1-"));
  const model::Invoice& bill = BillOf(plan);
  BOOST_TEST(bill.partner.reference == partner.reference);
  BOOST_TEST(bill.lines[0].unit_price.ToString() == "100");
  BOOST_TEST(bill.lines[0].tax_names[0] == "19%");
  BOOST_TEST(bill.expected_total->ValueText() == "119.00");
  BOOST_TEST(bill.expected_tax->ValueText() == "19.00");
  for (const model::ExpensePart& part : plan.parts) {
    BOOST_TEST(model::ValidateDocument(part.document).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_tax_with_the_price_included_gets_the_gross_price) {
  Source source = GoodSource();
  source.expense.taxes[0].tax_name = "19% incl";
  BOOST_TEST(BillOf(Plan(Report(), source)).lines[0].unit_price.ToString() == "119");
}

BOOST_AUTO_TEST_CASE(more_given_back_than_spent_is_a_credit_note) {
  ExpenseReport report = Report();
  report.lines[0].amount = Euro("-119.00");
  report.lines[0].tax.tax_amount = Euro("-19.00");
  const ExpensePlan plan = Plan(report, GoodSource());
  const model::Invoice& note = BillOf(plan);
  BOOST_TEST((note.kind == model::InvoiceKind::kVendorCreditNote));
  BOOST_TEST(note.lines[0].unit_price.ToString() == "100");
}

BOOST_AUTO_TEST_CASE(a_mixed_line_is_booked_by_its_parts) {
  ExpenseReport report = Report();
  report.lines[0].tax = {model::TaxTreatment::kMixed, "", {},
                         {{"V19", Euro("59.50"), Euro("9.50")}, {"", Euro("59.50"), {}}}};
  const ExpensePlan plan = Plan(report, GoodSource());
  const model::Invoice& bill = BillOf(plan);
  BOOST_REQUIRE(bill.lines.size() == 2U);
  BOOST_TEST(bill.lines[0].unit_price.ToString() == "50");
  BOOST_TEST(bill.lines[1].unit_price.ToString() == "59.5");
  BOOST_TEST(bill.lines[1].tax_names.empty());
}

BOOST_AUTO_TEST_CASE(cards_are_booked_against_their_clearing_accounts_in_one_balanced_entry) {
  Source source = GoodSource();
  source.expense.cards = {{"4711", "700000"}, {"*", "600000"}};
  ExpenseReport report = Report();
  report.lines = {ByCard("119.00", "19.00"), ByCard("23.80", "3.80")};
  report.lines[1].card = "other";
  const ExpensePlan plan = Plan(report, source);
  BOOST_TEST(plan.findings.empty());
  BOOST_REQUIRE(plan.parts.size() == 2U);
  BOOST_TEST(plan.parts[1].name == "card");
  const auto& entry = std::get<model::JournalEntry>(plan.parts[1].document.content);
  BOOST_TEST(entry.lines.size() == 6U);
  BOOST_TEST(model::ValidateDocument(plan.parts[1].document).empty());
}

BOOST_AUTO_TEST_CASE(a_foreign_entry_balances_in_the_companys_currency_to_the_cent) {
  Source source = GoodSource();
  source.expense.style = model::ExpenseStyle::kJournalEntry;
  ExpenseReport report = Report();
  report.currency = model::Currency::Parse("USD").value();
  report.lines = {Ticket(), Ticket(), Ticket()};
  for (model::ExpenseLine& line : report.lines) {
    line.amount = model::Money::Parse("USD", "33.33").value();
    line.tax.tax_amount = model::Money::Parse("USD", "5.32").value();
  }
  const ExpensePlan plan = Plan(report, source);
  BOOST_TEST(plan.findings.empty());
  BOOST_TEST(plan.parts.back().name == "entry");
  BOOST_TEST(model::ValidateDocument(plan.parts.back().document).empty());
  const auto& entry = std::get<model::JournalEntry>(plan.parts.back().document.content);
  BOOST_TEST(entry.lines.back().amount_currency->ValueText() == "-99.99");
  BOOST_TEST(entry.lines.back().partner.reference.starts_with("emp-e-r-1-"));
}

BOOST_AUTO_TEST_CASE(employees_are_found_by_id_and_by_address_before_they_are_made) {
  Source source = GoodSource();
  source.expense.employees = {{"", "ERIKA@example.com", {"by-mail", 0, ""}, ""},
                              {"E-R-2", "", {"by-id", 0, ""}, ""}};
  BOOST_TEST(std::get<model::Invoice>(Plan(Report(), source).parts.at(0).document.content)
                 .partner.reference == "by-mail");
  ExpenseReport other = Report("R-2");
  other.employee.email.clear();
  BOOST_TEST(std::get<model::Invoice>(Plan(other, source).parts.at(0).document.content)
                 .partner.reference == "by-id");
}

BOOST_AUTO_TEST_CASE(an_id_decides_before_an_address_whatever_the_order_of_the_rules) {
  Source source = GoodSource();
  source.expense.employees = {{"", "erika@example.com", {"by-mail", 0, ""}, ""},
                              {"E-R-1", "", {"by-id", 0, ""}, ""}};
  BOOST_TEST(BillPartnerOf(Report(), source) == "by-id");
  // The address of somebody who left, given to another: their rules' ids tell them apart.
  source.expense.employees = {{"E-LEFT", "erika@example.com", {"left", 0, ""}, ""}};
  BOOST_TEST(BillPartnerOf(Report(), source) != "left");
  ExpenseReport without_id = Report();
  without_id.employee.external_id.clear();
  BOOST_TEST(BillPartnerOf(without_id, source) == "left");
}

BOOST_AUTO_TEST_CASE(the_work_address_is_looked_for_by_id_before_by_address) {
  Source source = GoodSource();
  source.expense.style = model::ExpenseStyle::kOdooExpense;
  source.expense.categories = {{"travel", "", "TRAVEL"}};
  source.expense.employees = {{"", "erika@example.com", {}, "other@example.com"},
                              {"E-R-1", "", {}, "erika@work.example"}};
  const ExpensePlan plan = Plan(Report(), source);
  BOOST_TEST(std::get<model::ExpenseClaim>(plan.parts.at(0).document.content).employee_email ==
             "erika@work.example");
}

BOOST_AUTO_TEST_CASE(employees_whose_ids_look_alike_are_different_partners) {
  std::set<std::string> references;
  const std::string stem(60, 'x');
  for (const std::string& id : {std::string("ab1"), std::string("aB1"), std::string("AB1"),
                                stem + "-1", stem + "-2"}) {
    ExpenseReport report = Report();
    report.employee.external_id = id;
    references.insert(BillPartnerOf(report, GoodSource()));
    BOOST_TEST(BillPartnerOf(report, GoodSource()).size() <= 64U);
  }
  BOOST_TEST(references.size() == 5U);
  BOOST_TEST(references.contains("emp-ab1"));
  ExpenseReport by_mail = Report();
  by_mail.employee = {"", "Erika@Example.com", "Erika Example"};
  BOOST_TEST(BillPartnerOf(by_mail, GoodSource()) == "emp-erika@example.com");
}

BOOST_AUTO_TEST_CASE(what_the_source_lacks_is_told_at_its_field) {
  struct Case {
    const char* name;
    std::function<void(ExpenseReport&, Source&)> spoil;
    const char* reason;
    const char* field;
  };
  const Case cases[] = {
      {"employee", [](auto&, auto& s) { s.expense.create_employees = false; }, "EMPLOYEE_UNKNOWN",
       "report.employee"},
      {"employee without a name", [](auto& r, auto&) { r.employee.name.clear(); },
       "EMPLOYEE_UNKNOWN", "report.employee"},
      {"category", [](auto& r, auto&) { r.lines[0].category = "yachts"; }, "CATEGORY_UNMAPPED",
       "report.lines[0].category"},
      {"tax", [](auto& r, auto&) { r.lines[0].tax.code = "V7"; }, "TAX_UNMAPPED",
       "report.lines[0].tax.code"},
      {"cost centre", [](auto& r, auto&) { r.lines[0].cost_centre = "K1"; },
       "COST_CENTRE_UNMAPPED", "report.lines[0].cost_centre"},
      {"card",
       [](auto& r, auto& s) {
         r.lines[0] = ByCard("119.00", "19.00");
         s.expense.cards.clear();
       },
       "CARD_UNMAPPED", "report.lines[0].card"},
      {"personal", [](auto&, auto& s) { s.expense.refuse_personal = true; }, "EXPENSE_POLICY",
       "report.lines[0].payment_type"},
      {"by card",
       [](auto& r, auto& s) {
         r.lines[0] = ByCard("119.00", "19.00");
         s.expense.refuse_company_card = true;
       },
       "EXPENSE_POLICY", "report.lines[0].payment_type"},
      {"receipt", [](auto&, auto& s) { s.expense.receipts_required = true; }, "EXPENSE_POLICY",
       "report.lines[0].receipts"},
      {"an entry by product",
       [](auto&, auto& s) {
         s.expense.style = model::ExpenseStyle::kJournalEntry;
         s.expense.categories = {{"travel", "", "TRAVEL"}};
       },
       "CATEGORY_UNMAPPED", "report.lines[0].category"},
      {"reverse charge in an entry",
       [](auto& r, auto& s) {
         s.expense.style = model::ExpenseStyle::kJournalEntry;
         r.lines[0].tax = {model::TaxTreatment::kReverseCharge, "V19", {}, {}};
       },
       "TAX_UNMAPPED", "report.lines[0].tax.code"},
      {"a rate",
       [](auto& r, auto& s) {
         s.expense.style = model::ExpenseStyle::kJournalEntry;
         r.currency = model::Currency::Parse("GBP").value();
       },
       "RATE_MISSING", "report.exchange_rate"},
  };
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      ExpenseReport report = Report();
      Source source = GoodSource();
      c.spoil(report, source);
      BOOST_TEST(Has(Plan(report, source).findings, c.reason, c.field));
    }
  }
}

}  // namespace
}  // namespace kontor::expenses::testing
