// SPDX-License-Identifier: Apache-2.0
// The rules of an expense report, and its JSON.
#include <functional>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "tests/unit/expenses/builders.h"

namespace kontor::expenses::testing {
namespace {

using model::ExpenseReport;
using model::TaxTreatment;

struct BadReport {
  const char* name;
  std::function<void(ExpenseReport&)> spoil;
  const char* reason;
  const char* field;
};

BOOST_AUTO_TEST_CASE(a_good_report_has_no_finding) {
  BOOST_TEST(model::ValidateExpenseReport(Report()).empty());
}

BOOST_AUTO_TEST_CASE(each_fault_is_found_at_its_field) {
  const BadReport cases[] = {
      {"no id", [](auto& r) { r.external_id.clear(); }, "FIELD_MISSING", "report.external_id"},
      {"an id with a space", [](auto& r) { r.external_id = "R 1"; }, "TEXT_INVALID",
       "report.external_id"},
      {"a long id", [](auto& r) { r.external_id.assign(129, 'x'); }, "TEXT_INVALID",
       "report.external_id"},
      {"no employee", [](auto& r) { r.employee = {}; }, "FIELD_MISSING", "report.employee"},
      {"no approver", [](auto& r) { r.approver = {}; }, "FIELD_MISSING", "report.approver"},
      {"approved by the claimant", [](auto& r) { r.approver = r.employee; },
       "APPROVER_IS_CLAIMANT", "report.approver"},
      {"approved by the claimant's address",
       [](auto& r) { r.approver = {"other", "ERIKA@example.com", ""}; }, "APPROVER_IS_CLAIMANT",
       "report.approver"},
      {"no day", [](auto& r) { r.report_date.reset(); }, "FIELD_MISSING", "report.report_date"},
      {"no lines", [](auto& r) { r.lines.clear(); }, "LINES_MISSING", "report.lines"},
      {"no total", [](auto& r) { r.total.reset(); }, "FIELD_MISSING", "report.total"},
      {"a cent too much", [](auto& r) { r.total = Euro("119.01"); }, "TOTAL_MISMATCH",
       "report.total"},
      {"a zero rate", [](auto& r) { r.exchange_rate = model::Decimal(); }, "AMOUNT_INVALID",
       "report.exchange_rate"},
      {"revision 0", [](auto& r) { r.revision = 0; }, "FIELD_INVALID", "report.revision"},
      {"a line without a day", [](auto& r) { r.lines[0].date.reset(); }, "FIELD_MISSING",
       "report.lines[0].date"},
      {"a line without words", [](auto& r) { r.lines[0].description.clear(); }, "FIELD_MISSING",
       "report.lines[0].description"},
      {"a line without category", [](auto& r) { r.lines[0].category.clear(); }, "FIELD_MISSING",
       "report.lines[0].category"},
      {"a line of nothing", [](auto& r) { r.lines[0].amount = Euro("0.00"); }, "AMOUNT_INVALID",
       "report.lines[0].amount"},
      {"a line in dollars",
       [](auto& r) { r.lines[0].amount = model::Money::Parse("USD", "119").value(); },
       "FIELD_CONFLICT", "report.lines[0].amount"},
      {"all tax", [](auto& r) { r.lines[0].tax.tax_amount = Euro("119.00"); }, "AMOUNT_INVALID",
       "report.lines[0].tax.tax_amount"},
      {"tax on the other side", [](auto& r) { r.lines[0].tax.tax_amount = Euro("-1.00"); },
       "AMOUNT_INVALID", "report.lines[0].tax.tax_amount"},
      {"recoverable without code", [](auto& r) { r.lines[0].tax.code.clear(); }, "FIELD_MISSING",
       "report.lines[0].tax.code"},
      {"recoverable without amount", [](auto& r) { r.lines[0].tax.tax_amount.reset(); },
       "FIELD_MISSING", "report.lines[0].tax.tax_amount"},
      {"reverse charge with tax in it",
       [](auto& r) { r.lines[0].tax.treatment = TaxTreatment::kReverseCharge; }, "FIELD_CONFLICT",
       "report.lines[0].tax.tax_amount"},
      {"mixed of one part",
       [](auto& r) {
         r.lines[0].tax.treatment = TaxTreatment::kMixed;
         r.lines[0].tax.parts = {{"V19", Euro("119.00"), Euro("19.00")}};
       },
       "LINES_MISSING", "report.lines[0].tax.parts"},
      {"parts that do not add up",
       [](auto& r) {
         r.lines[0].tax.treatment = TaxTreatment::kMixed;
         r.lines[0].tax.parts = {{"V19", Euro("19.00"), Euro("1.00")}, {"", Euro("99.00"), {}}};
       },
       "TOTAL_MISMATCH", "report.lines[0].tax.parts"},
      {"parts without a mixed line",
       [](auto& r) { r.lines[0].tax.parts = {{"", Euro("1.00"), {}}}; }, "FIELD_CONFLICT",
       "report.lines[0].tax.parts"},
      {"an original without its rate",
       [](auto& r) { r.lines[0].original_amount = model::Money::Parse("USD", "130").value(); },
       "FIELD_MISSING", "report.lines[0].exchange_rate"},
      {"an original that does not give the amount",
       [](auto& r) {
         r.lines[0].original_amount = model::Money::Parse("USD", "130").value();
         r.lines[0].exchange_rate = model::Decimal::Parse("0.5").value();
       },
       "TOTAL_MISMATCH", "report.lines[0].exchange_rate"},
  };
  for (const BadReport& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      ExpenseReport report = Report();
      c.spoil(report);
      BOOST_TEST(Has(model::ValidateExpenseReport(report), c.reason, c.field));
    }
  }
}

BOOST_AUTO_TEST_CASE(all_faults_of_a_report_are_told_at_once) {
  ExpenseReport report = Report();
  report.approver = report.employee;
  report.total = Euro("1.00");
  report.lines[0].category.clear();
  report.lines[0].tax.code.clear();
  BOOST_TEST(model::ValidateExpenseReport(report).size() == 4U);
}

BOOST_AUTO_TEST_CASE(money_given_back_and_a_cut_rate_are_fine) {
  ExpenseReport report = Report();
  report.lines.push_back(Ticket());
  report.lines[1].amount = Euro("-23.80");
  report.lines[1].tax.tax_amount = Euro("-3.80");
  report.lines[0].original_amount = model::Money::Parse("USD", "129.40").value();
  report.lines[0].exchange_rate = model::Decimal::Parse("0.9196").value();
  report.total = Euro("95.20");
  const auto findings = model::ValidateExpenseReport(report);
  BOOST_TEST(findings.empty(), (findings.empty() ? "" : findings[0].message));
}

BOOST_AUTO_TEST_CASE(a_report_comes_back_from_its_json_as_it_was) {
  ExpenseReport report = Report();
  report.lines[0].receipts = {{"ticket.pdf", "application/pdf", std::string("\0\xff", 2), "ab"}};
  report.lines.push_back(Ticket());
  report.lines[1].tax = {TaxTreatment::kMixed, "", {}, {{"V19", Euro("59.50"), Euro("9.50")},
                                                       {"", Euro("59.50"), {}}}};
  report.lines[1].paid_by = model::PaidBy::kCompanyCard;
  report.lines[1].card = "4711";
  std::vector<model::Finding> findings;
  const std::string json = model::WriteExpenseReport(report, true);
  const ExpenseReport again = model::ReadExpenseReport(json, &findings);
  BOOST_TEST(findings.empty());
  BOOST_TEST(model::WriteExpenseReport(again, true) == json);
  BOOST_TEST(again.lines[0].receipts[0].content == report.lines[0].receipts[0].content);
  BOOST_TEST(model::WriteExpenseReport(report, false).find("\"content\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(everything_unreadable_is_told_at_once) {
  std::vector<model::Finding> findings;
  model::ReadExpenseReport(R"({"external_id": 7, "report_date": "2026-02-30", "colour": "red",
      "total": {"currency_code": "EUR", "value": "1.234"}, "currency_code": "XYZ",
      "lines": [{"amount": {"currency_code": "EUR", "value": "1e3"}, "payment_type": "IOU"}]})",
                           &findings);
  const std::multiset<std::string> want = {"FIELD_INVALID", "DATE_INVALID", "FIELD_INVALID",
                                           "AMOUNT_SCALE", "CURRENCY_UNKNOWN", "AMOUNT_INVALID",
                                           "FIELD_INVALID"};
  BOOST_TEST(Reasons(findings) == want, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reports_look_alike_by_what_was_spent_not_by_their_numbers) {
  ExpenseReport a = Report("R-1");
  ExpenseReport b = Report("R-2");
  b.employee = a.employee;
  b.title = "Something else";
  BOOST_TEST(model::ExpenseLookOf(a) == model::ExpenseLookOf(b));
  b.lines[0].date = b.lines[0].date->PlusDays(1);
  BOOST_TEST(model::ExpenseLookOf(a) != model::ExpenseLookOf(b));
}

BOOST_AUTO_TEST_CASE(amounts_are_divided_by_rates_exactly_and_half_up) {
  struct Case {
    const char* amount;
    const char* rate;
    int scale;
    const char* want;
  };
  const Case cases[] = {{"108.74", "1.0874", 2, "100"},   {"1.00", "3", 2, "0.33"},
                        {"0.05", "2", 2, "0.03"},         {"-0.05", "2", 2, "-0.03"},
                        {"100.00", "0.0061", 0, "16393"}, {"1.00", "0", 2, ""}};
  for (const Case& c : cases) {
    const auto got = model::DivideByRate(model::Money::Parse("USD", c.amount).value(),
                                         model::Decimal::Parse(c.rate).value(), c.scale);
    BOOST_TEST(got.ok() == (*c.want != '\0'), c.amount << " / " << c.rate);
    if (got.ok()) BOOST_TEST(got->ToString() == c.want);
  }
}

}  // namespace
}  // namespace kontor::expenses::testing
