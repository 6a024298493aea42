// SPDX-License-Identifier: Apache-2.0
// See statement_lines.h. load() cannot say the counterpart of a line: Odoo books it against the
// journal's suspense account, and a settlement moves it from there. Each of its steps looks first
// how far an earlier try came.
#include "adapters/odoo/statement_lines.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "adapters/odoo/classify.h"
#include "adapters/odoo/external_id.h"
#include "adapters/odoo/mapping.h"
#include "adapters/odoo/sheet.h"
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
constexpr char kMove[] = "account.move";
constexpr char kMoveLine[] = "account.move.line";
constexpr char kPayment[] = "account.payment";

absl::Status Refused(Reason reason, std::string what) {
  return Error(reason).Happened(Outcome::kRefused).Says(std::move(what));
}

struct EntryLine {
  int64_t id = 0;
  int64_t account_id = 0;
  bool reconciled = false;
};

absl::StatusOr<std::vector<EntryLine>> LinesOf(Work& work, const std::vector<int64_t>& moves,
                                               bool personal) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead(kMoveLine,
                      Json::array({Term("move_id", "in", moves),
                                   Term("account_id.account_type", personal ? "in" : "not in",
                                        Json::array({"asset_receivable", "liability_payable"}))}),
                      {"account_id", "reconciled"}));
  std::vector<EntryLine> lines;
  for (const Json& row : rows) {
    lines.push_back({IntOf(row, "id"), LinkIdOf(row, "account_id"), BoolOf(row, "reconciled")});
  }
  return lines;
}

/// The line's entry and what its journal books on.
struct Entry {
  int64_t move_id = 0;
  std::string state;
  int64_t bank_account = 0;
  int64_t suspense_account = 0;
};

absl::StatusOr<Entry> EntryOf(Work& work, const ErpRecord& line) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows,
                          work.ReadRecords(kLine, {line.id}, {"move_id", "journal_id", "state"}));
  if (rows.empty()) {
    return Refused(Reason::kDeletedInOdoo, StrCat("the statement line ", line.id, " is gone"));
  }
  Entry entry;
  entry.move_id = LinkIdOf(rows.front(), "move_id");
  entry.state = TextOf(rows.front(), "state");
  KONTOR_ASSIGN_OR_RETURN(
      const auto journals,
      work.ReadRecords("account.journal", {LinkIdOf(rows.front(), "journal_id")},
                       {"default_account_id", "suspense_account_id"}));
  if (journals.empty()) return Refused(Reason::kJournalUnknown, "the line's journal is gone");
  entry.bank_account = LinkIdOf(journals.front(), "default_account_id");
  entry.suspense_account = LinkIdOf(journals.front(), "suspense_account_id");
  return entry;
}

/// The id in "account.payment,7", which names a payment that kontor did not make; 0: another name.
int64_t OwnIdIn(std::string_view name) {
  constexpr std::string_view kStart = "account.payment,";
  if (!name.starts_with(kStart)) return 0;
  name.remove_prefix(kStart.size());
  int64_t id = 0;
  const auto end = std::from_chars(name.data(), name.data() + name.size(), id);
  return end.ec == std::errc() && end.ptr == name.data() + name.size() ? id : 0;
}

/// Entries of the payments; one that Odoo keeps without an entry has nothing to be reconciled with.
absl::StatusOr<std::vector<int64_t>> PaymentMoves(Work& work,
                                                  const std::vector<std::string>& names) {
  std::vector<int64_t> ids;
  for (const std::string& name : names) {
    if (const int64_t own = OwnIdIn(name); own > 0) {
      ids.push_back(own);
      continue;
    }
    KONTOR_ASSIGN_OR_RETURN(const ports::ProbeResult found, ProbeExternalId(work, name));
    if (found.kind != ports::ProbeResult::Kind::kPresent || found.record.model != kPayment) {
      return Refused(Reason::kDeletedInOdoo, "the payment is not in Odoo any more");
    }
    ids.push_back(found.record.id);
  }
  KONTOR_ASSIGN_OR_RETURN(const auto rows, work.ReadRecords(kPayment, ids, {"move_id"}));
  std::vector<int64_t> moves;
  for (const Json& row : rows) {
    if (LinkIdOf(row, "move_id") > 0) moves.push_back(LinkIdOf(row, "move_id"));
  }
  if (moves.size() != ids.size()) {
    return Refused(Reason::kPaymentWithoutEntry, "Odoo made no journal entry for the payment");
  }
  return moves;
}

absl::Status MoveCounterpart(Work& work, const Entry& entry, int64_t line_id,
                             int64_t account_id) {
  if (entry.state == "posted") {
    KONTOR_RETURN_IF_ERROR(
        work.ChangeSilently(MethodCall(kMove, "button_draft", {entry.move_id})));
  }
  RpcCall write = MethodCall(kMoveLine, "write", {line_id});
  write.params["vals"] = Json{{"account_id", account_id}};
  KONTOR_RETURN_IF_ERROR(work.Change(std::move(write)).status());
  return absl::OkStatus();
}

absl::Status Post(Work& work, int64_t move_id) {
  KONTOR_ASSIGN_OR_RETURN(const auto before, work.ReadRecords(kMove, {move_id}, {"state"}));
  if (before.empty()) return Refused(Reason::kDeletedInOdoo, "the line's entry is gone");
  if (TextOf(before.front(), "state") == "posted") return absl::OkStatus();
  KONTOR_RETURN_IF_ERROR(work.ChangeSilently(MethodCall(kMove, "action_post", {move_id})));
  KONTOR_ASSIGN_OR_RETURN(const auto after, work.ReadRecords(kMove, {move_id}, {"state"}));
  if (!after.empty() && TextOf(after.front(), "state") == "posted") return absl::OkStatus();
  return Refused(Reason::kOdooRefused, "Odoo asked a question instead of posting the line");
}

}  // namespace

absl::StatusOr<std::vector<ErpRecord>> CreateBankLines(
    Work& work, const model::Catalogue& catalogue, const std::string& journal_code,
    std::span<const ports::StatementLineDraft> lines) {
  const model::Journal* const journal = catalogue.FindJournal(journal_code);
  if (journal == nullptr) {
    return Error(Reason::kJournalUnknown)
        .Happened(Outcome::kRefused)
        .Says(StrCat("Odoo has no journal ", journal_code));
  }
  std::vector<SheetRecord> records;
  std::set<std::string> external_ids;
  for (size_t i = 0; i < lines.size(); ++i) {
    const ports::StatementLineDraft& line = lines[i];
    if (!external_ids.insert(line.external_id).second) {
      return Refused(Reason::kInternal, "a call has each line once");
    }
    SheetRecord& record = records.emplace_back();
    record.external_id = line.external_id;
    record.item = i;
    // One set of columns, so that one call carries all of them: an empty cell is no value here.
    record.header = {{"journal_id/.id", std::to_string(journal->id)},
                     {"date", line.date.ToString()},
                     {"amount", line.amount.ValueText()},
                     {"payment_ref", line.label},
                     {"ref", line.reference},
                     {"partner_name", line.partner_name},
                     {"account_number", line.account_number},
                     {"transaction_type", line.transaction_type},
                     {"narration", HtmlOf(line.narration)}};
  }
  std::vector<ErpRecord> out(lines.size());
  for (const Table& table : LayOut(records)) {
    KONTOR_ASSIGN_OR_RETURN(const auto ids, LoadIfAbsent(work, kLine, table));
    for (size_t i = 0; i < ids.size(); ++i) out[table.items[i]] = {kLine, ids[i], ""};
  }
  std::vector<int64_t> ids;
  for (const ErpRecord& record : out) ids.push_back(record.id);
  KONTOR_ASSIGN_OR_RETURN(const auto rows, work.ReadRecords(kLine, ids, {"name"}));
  for (const Json& row : rows) {
    const auto it = std::ranges::find(out, IntOf(row, "id"), &ErpRecord::id);
    if (it != out.end()) it->name = TextOf(row, "name");
  }
  return out;
}

absl::StatusOr<ErpRecord> CreateBankStatement(Work& work, const ports::StatementDraft& statement) {
  SheetRecord record;
  record.external_id = statement.external_id;
  record.header = {{"name", statement.name}};
  if (statement.opening) {
    record.header.emplace_back("balance_start", statement.opening->ToString());
  }
  if (statement.closing) {
    record.header.emplace_back("balance_end_real", statement.closing->ToString());
  }
  record.header.emplace_back("line_ids/.id", base::StrJoin(statement.line_ids, ","));
  const std::vector<Table> tables = LayOut(std::span(&record, 1));
  KONTOR_ASSIGN_OR_RETURN(const auto ids, LoadIfAbsent(work, kStatement, tables.front()));
  return ErpRecord{kStatement, ids.front(), statement.name};
}

absl::Status SettleBankLine(Work& work, const model::Catalogue& catalogue,
                            const ports::StatementLineSettlement& settlement) {
  if (settlement.payments.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const Entry entry, EntryOf(work, settlement.line));
  KONTOR_ASSIGN_OR_RETURN(const auto moves, PaymentMoves(work, settlement.payments));
  KONTOR_ASSIGN_OR_RETURN(const auto waiting, LinesOf(work, moves, false));
  int64_t account = 0;
  if (!settlement.account_code.empty()) {
    KONTOR_ASSIGN_OR_RETURN(account, AccountId(catalogue, settlement.account_code, "account"));
  } else if (!waiting.empty()) {
    account = waiting.front().account_id;
  }
  std::vector<int64_t> together;
  for (const EntryLine& line : waiting) {
    if (line.account_id == account && !line.reconciled) together.push_back(line.id);
  }
  KONTOR_ASSIGN_OR_RETURN(const auto own, LinesOf(work, {entry.move_id}, false));
  const auto suspended = std::ranges::find(own, entry.suspense_account, &EntryLine::account_id);
  const auto moved = std::ranges::find(own, account, &EntryLine::account_id);
  if (moved != own.end() && moved->reconciled) return absl::OkStatus();
  if (together.empty()) {
    return Refused(Reason::kStateConflict, "nothing of the payment waits for the bank any more");
  }
  if (moved == own.end() && suspended == own.end()) {
    return Refused(Reason::kStateConflict, "somebody has matched the statement line already");
  }
  const int64_t counterpart = moved != own.end() ? moved->id : suspended->id;
  if (moved == own.end()) {
    KONTOR_RETURN_IF_ERROR(MoveCounterpart(work, entry, counterpart, account));
  }
  KONTOR_RETURN_IF_ERROR(Post(work, entry.move_id));
  together.push_back(counterpart);
  KONTOR_RETURN_IF_ERROR(work.ChangeSilently(MethodCall(kMoveLine, "reconcile", together)));
  KONTOR_ASSIGN_OR_RETURN(const auto rows,
                          work.ReadRecords(kMoveLine, {counterpart}, {"reconciled"}));
  if (!rows.empty() && BoolOf(rows.front(), "reconciled")) return absl::OkStatus();
  return Refused(Reason::kOdooRefused,
                 "the bank's amount and the payments differ: Odoo left a rest open");
}

}  // namespace kontor::odoo
