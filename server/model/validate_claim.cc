// SPDX-License-Identifier: Apache-2.0
// Claims of expenses, as far as they can be judged without Odoo.
#include "server/base/strings.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;
using base::StrCat;

constexpr size_t kClaimLinesMax = 500;
constexpr int kLineTextMax = 500;
constexpr int kTitleMax = 200;

void ValidateLine(const ExpenseClaim& claim, const ExpenseClaimLine& line, const std::string& at,
                  Findings& findings) {
  findings.RequiredText(line.description, kLineTextMax, StrCat(at, ".description"));
  if (!line.date.has_value()) {
    findings.Add(Reason::kFieldMissing, StrCat(at, ".date"), "The day of the expense is missing");
  }
  findings.RequiredText(line.product_code, kReferenceMax, StrCat(at, ".product_code"));
  findings.Text(line.account_code, kReferenceMax, StrCat(at, ".account_code"));
  const std::string field = StrCat(at, ".amount");
  if (line.amount.currency() != claim.currency) {
    findings.Add(Reason::kFieldConflict, field, "The amount is not in the currency of the claim",
                 line.amount.currency().code(), claim.currency.code());
  } else if (line.amount.IsNegative() || line.amount.IsZero()) {
    findings.Add(Reason::kAmountInvalid, field,
                 "Odoo's expenses are above zero; money that was given back is booked by a bill",
                 line.amount.ToString());
  }
  ValidateDigits(line.amount.ToDecimal(), field, findings);
  ValidateTaxNames(line.tax_names, StrCat(at, ".tax_names"), findings);
  ValidateAnalytic(line.analytic, StrCat(at, ".analytic"), findings);
}

}  // namespace

void ValidateClaim(const ExpenseClaim& claim, Findings& findings) {
  constexpr const char* kLines = "expense_claim.lines";
  findings.RequiredText(claim.employee_email, kNameMax, "expense_claim.employee_email");
  findings.Text(claim.title, kTitleMax, "expense_claim.title");
  findings.Text(claim.journal_code, kReferenceMax, "expense_claim.journal_code");
  findings.RequiredText(claim.reference, kReferenceMax, "expense_claim.reference");
  if (!claim.date.has_value()) {
    findings.Add(Reason::kFieldMissing, "expense_claim.date", "The claim has no date");
  }
  if (claim.currency.IsNone()) {
    findings.Add(Reason::kFieldMissing, "expense_claim.currency_code", "No currency is given");
  }
  if (claim.exchange_rate && (claim.exchange_rate->IsZero() || claim.exchange_rate->IsNegative())) {
    findings.Add(Reason::kAmountInvalid, "expense_claim.exchange_rate", "A rate is above zero");
  }
  if (claim.lines.empty()) {
    findings.Add(Reason::kLinesMissing, kLines, "The claim has no line");
  } else if (claim.lines.size() > kClaimLinesMax) {
    findings.Add(Reason::kFieldTooLong, kLines, "A claim has 500 lines at most");
  }
  for (size_t i = 0; i < claim.lines.size(); ++i) {
    ValidateLine(claim, claim.lines[i], FieldAt(kLines, i), findings);
  }
  ValidateAttachments(claim.attachments, "expense_claim.attachments", findings);
}

}  // namespace kontor::model::internal
