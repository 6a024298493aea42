// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/expenses/builders.h"

#include <algorithm>

namespace kontor::expenses::testing {

using model::Decimal;

model::Money Euro(const std::string& value) { return model::Money::Parse("EUR", value).value(); }

model::ExpenseLine Ticket() {
  model::ExpenseLine line;
  line.external_id = "1";
  line.date = model::Date::Parse("2026-11-20").value();
  line.description = "Train to Bremen";
  line.category = "travel";
  line.amount = Euro("119.00");
  line.tax.treatment = model::TaxTreatment::kRecoverable;
  line.tax.code = "V19";
  line.tax.tax_amount = Euro("19.00");
  return line;
}

model::ExpenseReport Report(const std::string& external_id) {
  model::ExpenseReport report;
  report.external_id = external_id;
  report.title = "Customer visit";
  report.employee = {"E-" + external_id, "erika@example.com", "Erika Example"};
  report.approver = {"B-1", "", "Bruno Boss"};
  report.report_date = model::Date::Parse("2026-11-21").value();
  report.currency = model::Currency::Parse("EUR").value();
  report.total = Euro("119.00");
  report.lines = {Ticket()};
  return report;
}

model::Source GoodSource() {
  model::Source source;
  source.name = "travel";
  source.adapter = "canonical";
  source.entity = "hamburg";
  source.state = model::SourceState::kLive;
  source.expense.categories = {{"travel", "600000", ""}, {"meals", "700000", ""}};
  source.expense.taxes = {{"V19", "19%", "600000"}};
  source.expense.cards = {{"*", "700000"}};
  source.expense.payable_account_code = "700000";
  source.expense.create_employees = true;
  return source;
}

model::Catalogue SmallCatalogue() {
  model::Catalogue c;
  c.company_currency_code = "EUR";
  c.journals = {{2, "BILL", "Purchases", model::JournalType::kPurchase, ""},
                {4, "MISC", "Miscellaneous", model::JournalType::kGeneral, ""}};
  c.accounts = {{11, "600000", "Expense", "expense", false},
                {12, "700000", "Other", "expense", false}};
  c.taxes = {{21, "19%", true, "percent", Decimal::FromInt(19), false},
             {22, "19% incl", true, "percent", Decimal::FromInt(19), true}};
  c.currencies = {{30, "EUR", true, 2, {}},
                  {31, "USD", true, 2, {{model::Date::Parse("2026-11-01").value(),
                                         Decimal::Parse("1.0874").value()}}}};
  return c;
}

std::multiset<std::string> Reasons(const std::vector<model::Finding>& findings) {
  std::multiset<std::string> reasons;
  for (const model::Finding& finding : findings) {
    if (finding.severity == model::Severity::kError) reasons.insert(finding.reason);
  }
  return reasons;
}

bool Has(const std::vector<model::Finding>& findings, const std::string& reason,
         const std::string& field) {
  return std::any_of(findings.begin(), findings.end(), [&](const model::Finding& finding) {
    return finding.reason == reason && finding.field == field;
  });
}

}  // namespace kontor::expenses::testing
