// SPDX-License-Identifier: Apache-2.0
// Journal entries, as far as they can be judged without Odoo.
#include "server/base/strings.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;

void ValidateSides(const JournalEntryLine& line, const std::string& at, Findings& findings) {
  for (const auto& [value, name] :
       {std::pair{line.debit, "debit"}, std::pair{line.credit, "credit"}}) {
    const std::string field = base::StrCat(at, ".", name);
    if (value.IsNegative()) {
      findings.Add(Reason::kAmountInvalid, field,
                   "Amounts in debit and credit are not negative; use the other side");
    }
    ValidateDigits(value, field, findings);
  }
  const bool has_foreign = line.amount_currency.has_value() && !line.amount_currency->IsZero();
  if (!line.debit.IsZero() && !line.credit.IsZero()) {
    findings.Add(Reason::kFieldConflict, at, "The line has both a debit and a credit");
  } else if (line.debit.IsZero() && line.credit.IsZero() && !has_foreign) {
    findings.Add(Reason::kFieldMissing, at, "The line has neither a debit nor a credit");
  }
}

void ValidateForeign(const JournalEntryLine& line, const std::string& at, Findings& findings) {
  if (!line.amount_currency.has_value()) return;
  const std::string field = base::StrCat(at, ".amount_currency");
  const Money& foreign = *line.amount_currency;
  if (foreign.currency().IsNone()) {
    findings.Add(Reason::kFieldMissing, field, "The foreign amount has no currency");
  }
  const bool wrong_sign = (!line.debit.IsZero() && foreign.IsNegative()) ||
                          (!line.credit.IsZero() && !foreign.IsNegative() && !foreign.IsZero());
  if (wrong_sign) {
    findings.Add(Reason::kAmountInvalid, field,
                 "The foreign amount is positive for a debit and negative for a credit");
  }
}

void ValidateBalance(const JournalEntry& entry, Findings& findings) {
  Decimal debit;
  Decimal credit;
  for (const JournalEntryLine& line : entry.lines) {
    const absl::StatusOr<Decimal> more_debit = debit.Add(line.debit);
    const absl::StatusOr<Decimal> more_credit = credit.Add(line.credit);
    if (!more_debit.ok() || !more_credit.ok()) {
      findings.Add(Reason::kAmountTooLarge, "journal_entry.lines",
                   "The lines add up to too large a sum");
      return;
    }
    debit = *more_debit;
    credit = *more_credit;
  }
  ValidateDigits(debit, "journal_entry.lines", findings);
  if (debit != credit) {
    const absl::StatusOr<Decimal> difference = debit.Subtract(credit);
    findings.Add(Reason::kEntryUnbalanced, "journal_entry.lines",
                 base::StrCat("Debits of ", debit.ToString(), " and credits of ",
                              credit.ToString(), " differ by ",
                              difference.ok() ? difference->Abs().ToString() : "more than fits"),
                 debit.ToString(), credit.ToString());
  }
}

}  // namespace

void ValidateEntry(const JournalEntry& entry, Findings& findings) {
  constexpr size_t kLinesMin = 2;
  constexpr const char* kField = "journal_entry.lines";
  if (!entry.date.has_value()) {
    findings.Add(Reason::kFieldMissing, "journal_entry.date", "The entry has no date");
  }
  findings.Text(entry.journal_code, kReferenceMax, "journal_entry.journal_code");
  findings.Text(entry.reference, kReferenceMax, "journal_entry.reference");
  findings.Text(entry.narration, kNarrationMax, "journal_entry.narration", /*multiline=*/true);
  if (entry.lines.size() < kLinesMin) {
    findings.Add(Reason::kLinesMissing, kField,
                 base::StrCat("An entry needs two lines, this one has ", entry.lines.size()));
    if (entry.lines.empty()) return;
  }
  if (entry.lines.size() > kLinesMax) {
    findings.Add(Reason::kFieldTooLong, kField,
                 base::StrCat(entry.lines.size(), " lines, ", kLinesMax, " are allowed"));
    return;
  }
  for (size_t i = 0; i < entry.lines.size(); ++i) {
    const JournalEntryLine& line = entry.lines[i];
    const std::string at = FieldAt(kField, i);
    findings.RequiredText(line.account_code, kReferenceMax, base::StrCat(at, ".account_code"));
    ValidatePartnerRef(line.partner, /*required=*/false, base::StrCat(at, ".partner"), findings);
    findings.Text(line.description, kDescriptionMax, base::StrCat(at, ".description"),
                  /*multiline=*/true);
    ValidateSides(line, at, findings);
    ValidateForeign(line, at, findings);
    ValidateAnalytic(line.analytic, base::StrCat(at, ".analytic"), findings);
    ValidateTaxNames(line.tax_names, base::StrCat(at, ".tax_names"), findings);
  }
  ValidateBalance(entry, findings);
}

}  // namespace kontor::model::internal
