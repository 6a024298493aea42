// SPDX-License-Identifier: Apache-2.0
// Booked lines into Odoo, a page a call: created where they are absent, those that a payment order
// proved reconciled with its payments, all others left for people. Then the statement that groups
// them. External ids are a function of the line, so that any of it may be done again.
#include <algorithm>

#include "server/engine/statements/internal/loop.h"
#include "server/model/canon.h"

namespace kontor::statements {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;

constexpr char kSource[] = "bank";
constexpr int kLinesAPage = 500;

std::string ExternalId(const Loop& loop, const Book& book, std::string_view key,
                       std::string_view part) {
  return model::ExternalIdOf(book.connection, kSource, key, part,
                             [&](std::string_view text) { return loop.Hash(text); });
}

std::string LabelOf(const Line& line) {
  for (const std::string* text : {&line.text, &line.partner_name, &line.bank_reference,
                                  &line.code}) {
    if (!text->empty()) return *text;
  }
  return "Bank booking";
}

/// Odoo moves a line into an open period without a word; the bank's day would be lost.
absl::Status CheckOpen(const Book& book, const model::OwnAccount& account, const base::Date& day) {
  const model::Journal* const journal = book.catalogue->FindJournal(account.journal_code);
  if (journal == nullptr) {
    return Error(Reason::kJournalUnknown)
        .Field("account.journal_code")
        .Happened(Outcome::kRefused)
        .Says(StrCat("Odoo has no journal ", account.journal_code));
  }
  const auto locked = book.catalogue->lock_dates.For(journal->type, false);
  if (!locked || day > *locked) return absl::OkStatus();
  return Error(Reason::kPeriodLocked)
      .Field("line.booking_date")
      .Happened(Outcome::kRefused)
      .Says(StrCat("the books are closed up to ", locked->ToString(), ", and the bank booked on ",
                   day.ToString()));
}

struct Page {
  std::vector<ports::FlowLineRow> rows;   ///< That go into Odoo.
  std::vector<Line> lines;
  int64_t to = 0;                         ///< Last number that was looked at.
  bool end = false;
};

absl::StatusOr<Page> NextPage(Loop& loop, const Flow& flow) {
  Page page;
  std::vector<ports::FlowLineRow> rows;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(rows, view.FlowLines(flow.row.id, flow.body.posted_to,
                                                 loop.settings.lines_a_call));
    return absl::OkStatus();
  }));
  page.end = rows.empty();
  for (ports::FlowLineRow& row : rows) {
    page.to = row.number;
    KONTOR_ASSIGN_OR_RETURN(Line line, LineOf(row.body));
    const bool booked = line.status == NameOf(model::LineStatus::kBooked);
    if (!booked || row.state == kRevoked || line.odoo.id > 0) continue;
    page.rows.push_back(std::move(row));
    page.lines.push_back(std::move(line));
  }
  return page;
}

absl::Status SendPage(Loop& loop, const Flow& flow, const model::OwnAccount& account,
                      const Book& book, Page& page) {
  std::vector<ports::StatementLineDraft> drafts;
  for (Line& line : page.lines) {
    ports::StatementLineDraft& draft = drafts.emplace_back();
    KONTOR_ASSIGN_OR_RETURN(draft.date, DayInOdoo(flow, line));
    KONTOR_RETURN_IF_ERROR(CheckOpen(book, account, draft.date));
    line.external_id = LineIdInOdoo(loop, book, line);
    draft.external_id = line.external_id;
    draft.amount = line.amount;
    draft.label = LabelOf(line);
    draft.reference = line.end_to_end_id.empty() ? line.bank_reference : line.end_to_end_id;
    draft.partner_name = line.partner_name;
    draft.account_number = line.account_number;
    draft.transaction_type = line.code;
  }
  KONTOR_ASSIGN_OR_RETURN(const auto records,
                          book.bank->CreateStatementLines(book.company_id, *book.catalogue,
                                                          account.journal_code, drafts,
                                                          loop.CallDeadline()));
  if (records.size() != page.lines.size()) {
    return Error(Reason::kInternal).Says("Odoo answered another number of lines");
  }
  for (size_t i = 0; i < records.size(); ++i) page.lines[i].odoo = records[i];
  loop.Failpoint("statement.after_odoo_lines");
  for (Line& line : page.lines) {
    if (line.odoo_payments.empty()) continue;
    const ports::StatementLineSettlement settlement{line.odoo, line.odoo_payments, line.account};
    const absl::Status settled = book.bank->SettleStatementLine(
        book.company_id, *book.catalogue, settlement, loop.CallDeadline());
    if (settled.ok()) continue;
    if (base::OutcomeOf(settled) != Outcome::kRefused) return settled;
    // The money is booked in any case; what it was for is left to people, and why.
    line.explanation = StrCat(line.explanation, " It was not reconciled: ",
                              base::Std(settled.message()));
  }
  return absl::OkStatus();
}

}  // namespace

std::string LineIdInOdoo(const Loop& loop, const Book& book, const Line& line) {
  return ExternalId(loop, book, line.key, "line");
}

absl::StatusOr<base::Date> DayInOdoo(const Flow& flow, const Line& line) {
  for (const std::string* text : {&line.booking_date, &line.value_date, &flow.body.date}) {
    if (!text->empty()) return base::Date::Parse(*text);
  }
  return Error(Reason::kFieldMissing)
      .Happened(Outcome::kRefused)
      .Says("a booked line has no day");
}

absl::StatusOr<bool> PostLines(Loop& loop, Flow& flow, const model::OwnAccount& account,
                               const Book& book) {
  KONTOR_ASSIGN_OR_RETURN(Page page, NextPage(loop, flow));
  if (page.end) return false;
  if (!page.lines.empty()) {
    KONTOR_RETURN_IF_ERROR(SendPage(loop, flow, account, book, page));
  }
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    for (size_t i = 0; i < page.rows.size(); ++i) {
      ports::FlowLineRow row = page.rows[i];
      row.state = kPostedLine;
      row.body = ToJson(page.lines[i]);
      KONTOR_RETURN_IF_ERROR(unit.UpdateFlowLine(row));
    }
    written.body.posted += static_cast<int64_t>(page.rows.size());
    written.body.posted_to = page.to;
    written.body.attempts = 0;
    return WriteFlow(loop, unit, written, State::kImported);
  }));
  flow = std::move(written);
  return true;
}

absl::Status PostStatement(Loop& loop, Flow& flow, const Book& book) {
  const auto most = static_cast<size_t>(loop.settings.lines_a_group_max);
  ports::StatementDraft draft;
  for (int64_t after = 0;;) {
    std::vector<ports::FlowLineRow> rows;
    KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(rows, view.FlowLines(flow.row.id, after, kLinesAPage));
      return absl::OkStatus();
    }));
    if (rows.empty() || draft.line_ids.size() > most) break;
    after = rows.back().number;
    for (const ports::FlowLineRow& row : rows) {
      KONTOR_ASSIGN_OR_RETURN(const Line line, LineOf(row.body));
      if (line.odoo.id > 0) draft.line_ids.push_back(line.odoo.id);
    }
  }
  // A day without bookings groups nothing in Odoo, and a repeated one has its group already.
  if (draft.line_ids.empty()) return absl::OkStatus();
  if (draft.line_ids.size() > most) {
    Decide(flow.body, StrCat("More than ", loop.settings.lines_a_group_max,
                             " of its lines stand in Odoo: no statement groups them there."));
    return absl::OkStatus();
  }
  draft.external_id = ExternalId(loop, book, flow.row.id, "statement");
  draft.name = StrCat(flow.body.bank_id.empty() ? flow.row.id : flow.body.bank_id,
                      flow.body.date.empty() ? "" : " ", flow.body.date);
  const Place place = PlaceOf(flow.body, "");
  if (flow.body.repeated == 0) {
    if (place.opening) draft.opening = place.opening->ToDecimal();
    if (place.closing) draft.closing = place.closing->ToDecimal();
  }
  KONTOR_ASSIGN_OR_RETURN(flow.body.odoo,
                          book.bank->CreateStatement(book.company_id, draft, loop.CallDeadline()));
  return absl::OkStatus();
}

}  // namespace kontor::statements
