// SPDX-License-Identifier: Apache-2.0
// Journal entries as account.move records of type entry.
#include <utility>
#include <vector>

#include "adapters/odoo/mapping.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::JournalEntryLine;

struct LineColumns {
  explicit LineColumns(const model::JournalEntry& entry) {
    for (const JournalEntryLine& line : entry.lines) {
      partner |= !line.partner.IsEmpty();
      foreign |= line.amount_currency.has_value();
      analytic |= !line.analytic.empty();
      taxes |= !line.tax_names.empty();
    }
  }
  bool partner = false;
  bool foreign = false;
  bool analytic = false;
  bool taxes = false;
};

/// A line without a foreign amount stands in company currency, said in the same columns.
absl::Status AddForeign(const JournalEntryLine& line, const std::string& field,
                        const model::Catalogue& catalogue, Cells& cells) {
  if (line.amount_currency.has_value()) {
    KONTOR_ASSIGN_OR_RETURN(const int64_t currency_id,
                            CurrencyId(catalogue, line.amount_currency->currency().code(),
                                       StrCat(field, ".amount_currency")));
    cells.emplace_back("currency_id/.id", std::to_string(currency_id));
    cells.emplace_back("amount_currency", line.amount_currency->ValueText());
    return absl::OkStatus();
  }
  KONTOR_ASSIGN_OR_RETURN(const int64_t currency_id,
                          CurrencyId(catalogue, catalogue.company_currency_code, field));
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal balance, line.debit.Subtract(line.credit));
  cells.emplace_back("currency_id/.id", std::to_string(currency_id));
  cells.emplace_back("amount_currency", balance.ToString());
  return absl::OkStatus();
}

/// Ids separated by commas; empty: no taxes.
absl::StatusOr<std::string> TaxesOf(const model::JournalEntry& entry, const JournalEntryLine& line,
                                    const std::string& field, const model::Catalogue& catalogue) {
  std::vector<int64_t> ids;
  for (size_t i = 0; i < line.tax_names.size(); ++i) {
    const model::Tax* const tax = model::EntryTax(catalogue, entry, line, line.tax_names[i]);
    if (tax == nullptr) {
      return Error(Reason::kTaxUnknown).Field(StrCat(field, ".tax_names[", i, "]"));
    }
    ids.push_back(tax->id);
  }
  return base::StrJoin(ids, ",");
}

absl::StatusOr<Cells> LineOf(const model::JournalEntry& entry, const JournalEntryLine& line,
                             const std::string& field, const LineColumns& columns,
                             const model::References& references,
                             const model::Catalogue& catalogue) {
  KONTOR_ASSIGN_OR_RETURN(const int64_t account_id,
                          AccountId(catalogue, line.account_code, StrCat(field, ".account_code")));
  Cells cells{{"name", line.description}, {"account_id/.id", std::to_string(account_id)}};
  if (columns.partner) {
    std::string partner;
    if (!line.partner.IsEmpty()) {
      const auto it = references.partners.find(model::KeyOf(line.partner));
      if (it == references.partners.end() || it->second <= 0) {
        return Error(Reason::kPartnerUnknown).Field(StrCat(field, ".partner"));
      }
      partner = std::to_string(it->second);
    }
    cells.emplace_back("partner_id/.id", std::move(partner));
  }
  cells.emplace_back("debit", line.debit.ToString());
  cells.emplace_back("credit", line.credit.ToString());
  if (columns.foreign) KONTOR_RETURN_IF_ERROR(AddForeign(line, field, catalogue, cells));
  if (columns.taxes) {
    KONTOR_ASSIGN_OR_RETURN(std::string taxes, TaxesOf(entry, line, field, catalogue));
    cells.emplace_back("tax_ids/.id", std::move(taxes));
  }
  if (columns.analytic) {
    KONTOR_ASSIGN_OR_RETURN(std::string shares,
                            AnalyticText(catalogue, line.analytic, StrCat(field, ".analytic")));
    cells.emplace_back("analytic_distribution", std::move(shares));
  }
  return cells;
}

}  // namespace

absl::StatusOr<SheetRecord> MapJournalEntry(const model::Document& document,
                                            const model::References& references,
                                            const model::Catalogue& catalogue) {
  const auto& entry = std::get<model::JournalEntry>(document.content);
  const model::Journal* const journal = model::JournalOf(document, catalogue);
  if (journal == nullptr) return Error(Reason::kJournalUnknown).Field("journal_entry.journal_code");
  if (!entry.date.has_value()) return Error(Reason::kFieldMissing).Field("journal_entry.date");
  SheetRecord record;
  record.lines_field = "line_ids";
  record.header = {{"move_type", "entry"},
                   {"journal_id/.id", std::to_string(journal->id)},
                   {"date", entry.date->ToString()}};
  if (!entry.reference.empty()) record.header.emplace_back("ref", entry.reference);
  if (!entry.narration.empty()) record.header.emplace_back("narration", HtmlOf(entry.narration));
  if (references.reversed_move_id > 0) {
    record.header.emplace_back("reversed_entry_id/.id",
                               std::to_string(references.reversed_move_id));
  }
  const LineColumns columns(entry);
  for (size_t i = 0; i < entry.lines.size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(Cells line,
                            LineOf(entry, entry.lines[i], StrCat("journal_entry.lines[", i, "]"),
                                   columns, references, catalogue));
    record.lines.push_back(std::move(line));
  }
  return record;
}

}  // namespace kontor::odoo
