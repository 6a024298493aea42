// SPDX-License-Identifier: Apache-2.0
// Bank lines and statements as Odoo has them, whoever made them. Changes nothing.
#include <algorithm>
#include <map>

#include "adapters/odoo/changes.h"
#include "adapters/odoo/mapping.h"
#include "adapters/odoo/statement_lines.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using model::ErpRecord;

constexpr char kLine[] = "account.bank.statement.line";
constexpr char kStatement[] = "account.bank.statement";
constexpr int kLimitMax = 2000;

const std::vector<std::string>& LineFields() {
  static const auto* const kFields =
      new std::vector<std::string>{"date", "amount", "currency_id", "journal_id", "state", "name"};
  return *kFields;
}

std::string JournalCodeOf(const model::Catalogue& catalogue, int64_t id) {
  const auto it = std::ranges::find(catalogue.journals, id, &model::Journal::id);
  return it == catalogue.journals.end() ? "" : it->code;
}

absl::StatusOr<ports::StatementLineSeen> SeenOf(const model::Catalogue& catalogue,
                                                const Json& row) {
  ports::StatementLineSeen seen;
  seen.record = {kLine, IntOf(row, "id"), TextOf(row, "name")};
  seen.journal_code = JournalCodeOf(catalogue, LinkIdOf(row, "journal_id"));
  const auto date = DateOf(row, "date");
  const auto currency = model::Currency::Parse(LinkNameOf(row, "currency_id"));
  if (!date || !currency.ok()) {
    return Error(Reason::kOdooAnswerUnreadable)
        .Happened(Outcome::kNotApplied)
        .Says(StrCat("the statement line ", seen.record.id, " has no day or no currency"));
  }
  seen.date = *date;
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal amount, AmountOf(row, "amount", currency->scale()));
  KONTOR_ASSIGN_OR_RETURN(const int64_t minor, amount.ToMinor(currency->scale()));
  seen.amount = model::Money(*currency, minor);
  seen.state = TextOf(row, "state");
  return seen;
}

absl::StatusOr<std::vector<ports::StatementLineSeen>> AllOf(Work& work,
                                                            const model::Catalogue& catalogue,
                                                            const std::vector<Json>& rows) {
  std::vector<ports::StatementLineSeen> lines;
  std::vector<int64_t> ids;
  for (const Json& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(lines.emplace_back(), SeenOf(catalogue, row));
    ids.push_back(lines.back().record.id);
  }
  std::map<int64_t, std::string> names;
  KONTOR_RETURN_IF_ERROR(FillExternalIds(work, kLine, ids, names));
  for (ports::StatementLineSeen& line : lines) {
    const auto it = names.find(line.record.id);
    if (it != names.end()) line.external_id = it->second;
  }
  return lines;
}

}  // namespace

absl::StatusOr<ports::StatementLinePage> ReadBankLines(Work& work,
                                                       const model::Catalogue& catalogue,
                                                       const std::string& journal_code,
                                                       const base::Date& from, const base::Date& to,
                                                       int64_t after_id, int limit) {
  const model::Journal* const journal = catalogue.FindJournal(journal_code);
  if (journal == nullptr) {
    return Error(Reason::kJournalUnknown)
        .Happened(Outcome::kRefused)
        .Says(StrCat("Odoo has no journal ", journal_code));
  }
  const auto wanted = static_cast<size_t>(std::clamp(limit, 1, kLimitMax));
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead(
          kLine,
          Json::array({Term("company_id", "=", work.company_id()),
                       Term("journal_id", "=", journal->id), Term("date", ">=", from.ToString()),
                       Term("date", "<=", to.ToString()), Term("id", ">", after_id)}),
          LineFields(), "id", wanted));
  ports::StatementLinePage page;
  KONTOR_ASSIGN_OR_RETURN(page.lines, AllOf(work, catalogue, rows));
  page.more = rows.size() == wanted;
  page.next_id = page.lines.empty() ? after_id : page.lines.back().record.id;
  return page;
}

absl::StatusOr<std::vector<ports::StatementLineSeen>> FindBankLines(
    Work& work, const model::Catalogue& catalogue, const std::vector<int64_t>& ids) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows, work.ReadRecords(kLine, ids, LineFields()));
  return AllOf(work, catalogue, rows);
}

absl::StatusOr<std::vector<ports::StatementSeen>> FindBankStatements(
    Work& work, const std::vector<int64_t>& ids) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows,
                          work.ReadRecords(kStatement, ids, {"balance_end_real", "balance_end"}));
  std::vector<ports::StatementSeen> out;
  for (const Json& row : rows) {
    ports::StatementSeen& seen = out.emplace_back();
    seen.id = IntOf(row, "id");
    KONTOR_ASSIGN_OR_RETURN(seen.closing,
                            AmountOf(row, "balance_end_real", base::Decimal::kScaleMax));
    KONTOR_ASSIGN_OR_RETURN(seen.computed, AmountOf(row, "balance_end", base::Decimal::kScaleMax));
  }
  return out;
}

}  // namespace kontor::odoo
