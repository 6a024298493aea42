// SPDX-License-Identifier: Apache-2.0
// Claims of expenses against Odoo's master data: its module, employees and expense categories.
#include <algorithm>

#include "server/base/strings.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;
using base::StrCat;

void CheckJournal(const ExpenseClaim& claim, const Journal* journal, const CheckContext& context) {
  constexpr const char* kField = "expense_claim.journal_code";
  if (journal != nullptr && journal->type == JournalType::kPurchase) return;
  const std::string what =
      claim.journal_code.empty()
          ? "Odoo has no journal of type purchase"
          : StrCat("Odoo has no purchase journal ", claim.journal_code, " for ",
                   context.catalogue.company_name);
  context.findings.Add(Reason::kJournalUnknown, kField, what, claim.journal_code);
}

void CheckEmployee(const ExpenseClaim& claim, const CheckContext& context) {
  constexpr const char* kField = "expense_claim.employee_email";
  if (context.references.employee_id == 0) {
    context.findings.Add(Reason::kEmployeeUnknown, kField,
                         StrCat("Odoo has no employee with the work e-mail ", claim.employee_email,
                                ", or more than one"),
                         claim.employee_email);
  } else if (!context.references.employee_has_contact) {
    context.findings.Add(Reason::kEmployeeUnknown, kField,
                         StrCat("The employee ", claim.employee_email,
                                " has no work contact in Odoo, so nobody could be paid"),
                         claim.employee_email);
  }
}

void CheckProduct(const ExpenseClaimLine& line, const std::string& at,
                  const CheckContext& context) {
  const std::string field = StrCat(at, ".product_code");
  if (!context.references.products.contains(line.product_code)) {
    context.findings.Add(Reason::kProductUnknown, field,
                         StrCat("The product ", line.product_code,
                                " does not exist in Odoo, or not just once"),
                         line.product_code);
  } else if (context.references.unfit_products.contains(line.product_code)) {
    context.findings.Add(Reason::kProductUnknown, field,
                         StrCat("The product ", line.product_code, " is no expense category in "
                                "Odoo, or has a cost, by which Odoo would book instead of the "
                                "amount"),
                         line.product_code);
  }
}

void CheckLine(const ExpenseClaimLine& line, const std::string& at, const CheckContext& context) {
  CheckProduct(line, at, context);
  CheckAccount(line.account_code, StrCat(at, ".account_code"), context);
  for (size_t i = 0; i < line.tax_names.size(); ++i) {
    if (context.catalogue.FindTax(line.tax_names[i], true) != nullptr) continue;
    context.findings.Add(Reason::kTaxUnknown, FieldAt(StrCat(at, ".tax_names"), i),
                         StrCat("Odoo has no tax \"", line.tax_names[i], "\" for purchases"),
                         line.tax_names[i]);
  }
  CheckAnalytic(line.analytic, "expense", StrCat(at, ".analytic"), context);
}

}  // namespace

void CheckClaim(const ExpenseClaim& claim, const Journal* journal, const CheckContext& context) {
  if (!context.catalogue.expense_obstacles.empty()) {
    for (const std::string& obstacle : context.catalogue.expense_obstacles) {
      context.findings.Add(Reason::kOdooRightMissing, "expense_claim", obstacle);
    }
    return;
  }
  CheckJournal(claim, journal, context);
  CheckEmployee(claim, context);
  const CurrencyInfo* const currency =
      CheckCurrency(claim.currency, "expense_claim.currency_code", context);
  if (currency != nullptr && !claim.exchange_rate) {
    // Odoo converts each expense at the rate of its own day.
    for (size_t i = 0; i < claim.lines.size(); ++i) {
      if (!claim.lines[i].date) continue;
      CheckRate(*currency, *claim.lines[i].date, FieldAt("expense_claim.lines", i, "date"),
                context);
    }
  }
  const bool has_taxes =
      std::any_of(claim.lines.begin(), claim.lines.end(),
                  [](const ExpenseClaimLine& line) { return !line.tax_names.empty(); });
  if (journal != nullptr) {
    CheckLock(*journal, has_taxes, claim.date.value_or(context.options.today),
              "expense_claim.date", context);
  }
  for (size_t i = 0; i < claim.lines.size(); ++i) {
    CheckLine(claim.lines[i], FieldAt("expense_claim.lines", i), context);
  }
}

}  // namespace kontor::model::internal
