// SPDX-License-Identifier: Apache-2.0
// Journal entries against Odoo's master data.
#include <algorithm>

#include "server/base/strings.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;

void CheckJournal(const JournalEntry& entry, const Journal* journal, const CheckContext& context) {
  constexpr const char* kField = "journal_entry.journal_code";
  if (journal == nullptr) {
    const std::string what =
        entry.journal_code.empty()
            ? "Odoo has no journal of type general"
            : base::StrCat("The journal ", entry.journal_code, " does not exist in Odoo for ",
                           context.catalogue.company_name);
    context.findings.Add(Reason::kJournalUnknown, kField, what, entry.journal_code);
  } else if (journal->type != JournalType::kGeneral) {
    context.findings.Add(Reason::kJournalUnknown, kField,
                         base::StrCat("The journal ", journal->code, " is of type ",
                                      NameOf(journal->type),
                                      ", an entry needs one of type general"),
                         journal->code, std::string(NameOf(journal->type)));
  }
}

/// An amount in company currency with more decimals than that currency has.
void CheckScale(const Decimal& amount, const CurrencyInfo* company, const std::string& field,
                const CheckContext& context) {
  if (company == nullptr || amount.ScaleNeeded() <= company->decimal_places) return;
  context.findings.Add(Reason::kAmountScale, field,
                       base::StrCat(amount.ToString(), " has more decimals than ", company->code,
                                    " (", company->decimal_places, ")"),
                       amount.ToString(), base::StrCat(company->decimal_places));
}

void CheckLine(const JournalEntry& entry, const JournalEntryLine& line,
               const CurrencyInfo* company, const std::string& at, const CheckContext& context) {
  const Catalogue& catalogue = context.catalogue;
  CheckAccount(line.account_code, base::StrCat(at, ".account_code"), context);
  CheckScale(line.debit, company, base::StrCat(at, ".debit"), context);
  CheckScale(line.credit, company, base::StrCat(at, ".credit"), context);
  if (line.amount_currency.has_value()) {
    CheckCurrency(line.amount_currency->currency(), base::StrCat(at, ".amount_currency"), context);
  }
  const std::string partner = KeyOf(line.partner);
  if (!partner.empty()) {
    const auto it = context.references.partners.find(partner);
    if (it == context.references.partners.end() || it->second == 0) {
      context.findings.Add(Reason::kPartnerUnknown, base::StrCat(at, ".partner"),
                           base::StrCat("The partner ", partner,
                                        " does not exist in Odoo, or not just once"),
                           partner);
    }
  }
  for (size_t i = 0; i < line.tax_names.size(); ++i) {
    const std::string& name = line.tax_names[i];
    if (EntryTax(catalogue, entry, line, name) != nullptr) continue;
    context.findings.Add(Reason::kTaxUnknown, FieldAt(base::StrCat(at, ".tax_names"), i),
                         base::StrCat("Odoo has no tax \"", name, "\""), name);
  }
  CheckAnalytic(line.analytic, "general", base::StrCat(at, ".analytic"), context);
}

}  // namespace

void CheckEntry(const JournalEntry& entry, const Journal* journal, const CheckContext& context) {
  CheckJournal(entry, journal, context);
  const bool has_taxes =
      std::any_of(entry.lines.begin(), entry.lines.end(),
                  [](const JournalEntryLine& line) { return !line.tax_names.empty(); });
  if (journal != nullptr) {
    CheckLock(*journal, has_taxes, entry.date.value_or(context.options.today),
              "journal_entry.date", context);
  }
  const CurrencyInfo* const company =
      context.catalogue.FindCurrency(context.catalogue.company_currency_code);
  for (size_t i = 0; i < entry.lines.size(); ++i) {
    CheckLine(entry, entry.lines[i], company, FieldAt("journal_entry.lines", i), context);
  }
}

}  // namespace kontor::model::internal
