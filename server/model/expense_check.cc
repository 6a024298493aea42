// SPDX-License-Identifier: Apache-2.0
// The rules of an expense report that need neither Odoo nor its source.
#include <algorithm>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/expense.h"
#include "server/model/internal/rules.h"

namespace kontor::model {
namespace {

using base::Reason;
using base::StrCat;
using internal::FieldAt;
using internal::Findings;

constexpr int kTitleMax = 200;
constexpr int kLineTextMax = 500;
constexpr int kShortTextMax = 200;
constexpr int kCardMax = 64;
constexpr size_t kPartsMin = 2;

void CheckId(const std::string& id, bool required, const std::string& field, Findings& findings) {
  if (required && id.empty()) findings.Add(Reason::kFieldMissing, field, "The id is missing");
  const bool visible =
      std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (id.size() > kExpenseIdMax || !visible) {
    findings.Add(Reason::kTextInvalid, field, "An id has 1 to 128 visible ASCII characters");
  }
}

void CheckPerson(const ExpensePerson& person, const std::string& field, Findings& findings) {
  if (person.external_id.empty() && person.email.empty()) {
    findings.Add(Reason::kFieldMissing, field, "A person is named by id or e-mail address");
  }
  findings.Text(person.external_id, kExpenseIdMax, StrCat(field, ".external_id"));
  findings.Text(person.email, kNameMax, StrCat(field, ".email"));
  findings.Text(person.name, kPartnerNameMax, StrCat(field, ".name"));
}

bool IsOnePerson(const ExpensePerson& a, const ExpensePerson& b) {
  if (!a.external_id.empty() && a.external_id == b.external_id) return true;
  return !a.email.empty() && base::ToLower(a.email) == base::ToLower(b.email);
}

/// Present, and in the report's currency.
bool CheckAmount(const std::optional<Money>& amount, bool required, const ExpenseReport& report,
                 const std::string& field, Findings& findings) {
  if (!amount) {
    if (required) findings.Add(Reason::kFieldMissing, field, "The amount is missing");
    return false;
  }
  if (report.currency.IsNone() || amount->currency() == report.currency) return true;
  findings.Add(Reason::kFieldConflict, field,
               StrCat("The amount is in ", amount->currency().code(), ", the report in ",
                      report.currency.code()),
               amount->ToString(), report.currency.code());
  return false;
}

/// The tax lies between nothing and the whole, on the same side of zero.
void CheckTaxWithin(const Money& amount, const Money& tax, const std::string& field,
                    Findings& findings) {
  const bool other_side = !tax.IsZero() && tax.IsNegative() != amount.IsNegative();
  if (!other_side && std::abs(tax.minor()) < std::max<int64_t>(1, std::abs(amount.minor()))) return;
  findings.Add(Reason::kAmountInvalid, field, "The tax is not within the amount", tax.ToString(),
               amount.ToString());
}

void CheckParts(const ExpenseReport& report, const ExpenseLine& line, const std::string& at,
                Findings& findings) {
  const std::string list = StrCat(at, ".tax.parts");
  if (line.tax.parts.size() < kPartsMin) {
    findings.Add(Reason::kLinesMissing, list, "A mixed line has two parts at least");
    return;
  }
  int64_t sum = 0;
  bool whole = true;
  for (size_t i = 0; i < line.tax.parts.size(); ++i) {
    const ExpenseTaxPart& part = line.tax.parts[i];
    const bool amount =
        CheckAmount(part.amount, true, report, FieldAt(list, i, "amount"), findings);
    const bool tax =
        CheckAmount(part.tax_amount, false, report, FieldAt(list, i, "tax_amount"), findings);
    if (amount && tax) {
      CheckTaxWithin(*part.amount, *part.tax_amount, FieldAt(list, i, "tax_amount"), findings);
    }
    if (tax && !part.tax_amount->IsZero() && part.code.empty()) {
      findings.Add(Reason::kFieldMissing, FieldAt(list, i, "code"), "A tax needs its code");
    }
    whole = whole && amount;
    if (amount) sum += part.amount->minor();
  }
  if (whole && line.amount && sum != line.amount->minor()) {
    findings.Add(Reason::kTotalMismatch, list, "The parts do not add up to the line",
                 line.amount->ToString(), Money(report.currency, sum).ToString());
  }
}

void CheckTax(const ExpenseReport& report, const ExpenseLine& line, const std::string& at,
              Findings& findings) {
  const std::string field = StrCat(at, ".tax");
  const bool has_tax = CheckAmount(line.tax.tax_amount, line.tax.treatment ==
                                   TaxTreatment::kRecoverable, report,
                                   StrCat(field, ".tax_amount"), findings);
  switch (line.tax.treatment) {
    case TaxTreatment::kMixed: return CheckParts(report, line, at, findings);
    case TaxTreatment::kNone: break;
    case TaxTreatment::kRecoverable:
      if (has_tax && line.amount) {
        CheckTaxWithin(*line.amount, *line.tax.tax_amount, StrCat(field, ".tax_amount"), findings);
      }
      [[fallthrough]];
    case TaxTreatment::kReverseCharge:
      if (line.tax.code.empty()) {
        findings.Add(Reason::kFieldMissing, StrCat(field, ".code"), "The tax code is missing");
      }
      if (line.tax.treatment == TaxTreatment::kReverseCharge && has_tax &&
          !line.tax.tax_amount->IsZero()) {
        findings.Add(Reason::kFieldConflict, StrCat(field, ".tax_amount"),
                     "An amount under reverse charge has no tax in it");
      }
  }
  if (!line.tax.parts.empty()) {
    findings.Add(Reason::kFieldConflict, StrCat(field, ".parts"), "Only a mixed line has parts");
  }
}

/// The original at its rate gives the amount, to the last digit and one.
void CheckConversion(const ExpenseLine& line, const std::string& at, Findings& findings) {
  if (!line.original_amount) return;
  const std::string field = StrCat(at, ".exchange_rate");
  if (!line.exchange_rate) {
    findings.Add(Reason::kFieldMissing, field, "The rate of the original amount is missing");
    return;
  }
  if (line.exchange_rate->IsZero() || line.exchange_rate->IsNegative()) {
    findings.Add(Reason::kAmountInvalid, field, "A rate is above zero");
    return;
  }
  if (!line.amount) return;
  const auto converted = line.original_amount->ToDecimal().Multiply(*line.exchange_rate,
                                                                    Decimal::Rounding::kHalfUp);
  const int scale = line.amount->currency().scale();
  const auto minor = converted.ok()
                         ? converted->Round(scale, Decimal::Rounding::kHalfUp).ToMinor(scale)
                         : absl::StatusOr<int64_t>(converted.status());
  // Platforms cut their rates: a relative difference of 1 in 1000 is the rate's rounding.
  constexpr int64_t kPerMille = 1000;
  const int64_t slack = 1 + std::abs(line.amount->minor()) / kPerMille;
  if (minor.ok() && std::abs(*minor - line.amount->minor()) <= slack) return;
  findings.Add(Reason::kTotalMismatch, field,
               "The original amount at this rate is not the line's amount",
               line.amount->ToString(),
               minor.ok() ? Money(line.amount->currency(), *minor).ToString() : "");
}

void CheckLine(const ExpenseReport& report, const ExpenseLine& line, const std::string& at,
               Findings& findings) {
  findings.Text(line.external_id, kExpenseIdMax, StrCat(at, ".external_id"));
  if (!line.date) findings.Add(Reason::kFieldMissing, StrCat(at, ".date"), "The day is missing");
  findings.RequiredText(line.description, kLineTextMax, StrCat(at, ".description"), true);
  findings.Text(line.merchant, kShortTextMax, StrCat(at, ".merchant"));
  findings.RequiredText(line.category, kShortTextMax, StrCat(at, ".category"));
  findings.Text(line.cost_centre, kShortTextMax, StrCat(at, ".cost_centre"));
  findings.Text(line.card, kCardMax, StrCat(at, ".card"));
  if (CheckAmount(line.amount, true, report, StrCat(at, ".amount"), findings) &&
      line.amount->IsZero()) {
    findings.Add(Reason::kAmountInvalid, StrCat(at, ".amount"), "An expense is not zero");
  }
  CheckTax(report, line, at, findings);
  CheckConversion(line, at, findings);
}

void CheckTotal(const ExpenseReport& report, Findings& findings) {
  if (!CheckAmount(report.total, true, report, "report.total", findings)) return;
  int64_t sum = 0;
  for (const ExpenseLine& line : report.lines) {
    if (!line.amount || line.amount->currency() != report.currency) return;
    sum += line.amount->minor();
  }
  if (sum == report.total->minor()) return;
  findings.Add(Reason::kTotalMismatch, "report.total", "The lines do not add up to the total",
               report.total->ToString(), Money(report.currency, sum).ToString());
}

}  // namespace

std::vector<Finding> ValidateExpenseReport(const ExpenseReport& report) {
  Findings findings;
  CheckId(report.external_id, true, "report.external_id", findings);
  if (report.revision < 1) {
    findings.Add(Reason::kFieldInvalid, "report.revision", "Revisions begin with 1");
  }
  findings.Text(report.title, kTitleMax, "report.title");
  CheckPerson(report.employee, "report.employee", findings);
  CheckPerson(report.approver, "report.approver", findings);
  if (IsOnePerson(report.employee, report.approver)) {
    findings.Add(Reason::kApproverIsClaimant, "report.approver",
                 "The report was approved by the employee whose it is");
  }
  if (!report.report_date) {
    findings.Add(Reason::kFieldMissing, "report.report_date", "The day is missing");
  }
  if (report.currency.IsNone()) {
    findings.Add(Reason::kFieldMissing, "report.currency_code", "The currency is missing");
  }
  if (report.exchange_rate && (report.exchange_rate->IsZero() ||
                               report.exchange_rate->IsNegative())) {
    findings.Add(Reason::kAmountInvalid, "report.exchange_rate", "A rate is above zero");
  }
  if (report.lines.empty()) {
    findings.Add(Reason::kLinesMissing, "report.lines", "The report has no expense");
  }
  std::vector<Attachment> receipts;
  for (size_t i = 0; i < report.lines.size(); ++i) {
    const ExpenseLine& line = report.lines[i];
    CheckLine(report, line, FieldAt("report.lines", i), findings);
    receipts.insert(receipts.end(), line.receipts.begin(), line.receipts.end());
  }
  internal::ValidateAttachments(receipts, "report.receipts", findings);
  CheckTotal(report, findings);
  return findings.Take();
}

}  // namespace kontor::model
