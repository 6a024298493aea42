// SPDX-License-Identifier: Apache-2.0
// kontor's bank lines and closing balances against Odoo's. Lines are told apart by the external id
// that a line has whether it came to Odoo or not, so that one which is on its way just now is no
// difference. Changes nothing.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::Date;
using base::StrCat;
using engine::BankComparison;
using engine::Difference;
using ports::StatementLineSeen;

constexpr int kAtOnce = 1000;       // rows of the store in one reading
constexpr int kLinesAPage = 1000;   // of Odoo
constexpr int kLinesAheadMax = 31;  // days that a line may be later than its statement
constexpr std::string_view kExternalIdPrefix = "k1_";

/// A booked line of ours.
struct Own {
  std::string statement_id;
  std::string subject;
  std::string external_id;
  std::string journal_code;
  model::ErpRecord record;
  Date date;
  model::Money amount;
  bool revoked = false;   ///< The bank took it back.
  bool left_out = false;  ///< A person said that it does not go there.
  bool awaited = false;   ///< It is on its way to Odoo.
};

struct OwnBalance {
  engine::ReconcileBalance balance;
  int64_t record_id = 0;
};

/// What the store says of one period.
struct Books {
  std::map<std::string, Own> lines;  ///< By external id.
  std::vector<OwnBalance> balances;
};

struct Scope {
  std::string entity;
  Date from;
  Date to;
  std::map<std::string, model::OwnAccount> accounts;  ///< By id.
};

/// Days are compared as text, which ISO dates allow.
bool MayTouch(const Body& body, const Scope& scope) {
  if (!body.date.empty() && body.date < scope.from.PlusDays(-kLinesAheadMax).ToString()) {
    return false;
  }
  for (const Balanced& balance : body.balances) {
    if (balance.type == "OPENING" && balance.date > scope.to.ToString()) return false;
  }
  return true;
}

bool IsWithin(const Date& date, const Scope& scope) {
  return date >= scope.from && date <= scope.to;
}

void AddBalance(const Flow& flow, const std::string& journal, const Scope& scope, Books& out) {
  const Place place = PlaceOf(flow.body, "");
  // One that repeats lines of others groups only a part in Odoo, and has no balances there.
  const bool whole = flow.body.repeated == 0 && flow.body.odoo.id > 0 && place.closing;
  if (flow.state() != State::kPosted || !whole) return;
  if (flow.body.date < scope.from.ToString() || flow.body.date > scope.to.ToString()) return;
  OwnBalance& own = out.balances.emplace_back();
  own.balance.journal_code = journal;
  own.balance.date = flow.body.date;
  own.balance.statement_id = flow.row.id;
  own.balance.kontor = *place.closing;
  own.record_id = flow.body.odoo.id;
}

/// `each` gets every booked line of the statement.
template <typename Each>
absl::Status EachLine(Loop& loop, const Flow& flow, const Book& book, const std::string& journal,
                      const Each& each) {
  for (int64_t after = 0;;) {
    std::vector<ports::FlowLineRow> rows;
    KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(rows, view.FlowLines(flow.row.id, after, kAtOnce));
      return absl::OkStatus();
    }));
    for (const ports::FlowLineRow& row : rows) {
      after = row.number;
      KONTOR_ASSIGN_OR_RETURN(const Line line, LineOf(row.body));
      if (line.status != NameOf(model::LineStatus::kBooked)) continue;
      Own own;
      own.statement_id = flow.row.id;
      own.subject = StrCat(flow.row.id, "/lines/", row.number);
      own.external_id = LineIdInOdoo(loop, book, line);
      own.journal_code = journal;
      own.record = line.odoo;
      KONTOR_ASSIGN_OR_RETURN(own.date, DayInOdoo(flow, line));
      own.amount = line.amount;
      own.revoked = row.state == kRevoked;
      own.left_out = flow.body.left_out;
      own.awaited = line.odoo.id == 0 && flow.state() == State::kImported && !flow.body.left_out &&
                    flow.body.exception_id.empty();
      each(own);
    }
    if (static_cast<int>(rows.size()) < kAtOnce) return absl::OkStatus();
  }
}

/// `each` gets every statement whose lines go into Odoo, with the code of its journal.
template <typename Each>
absl::Status EachStatement(Loop& loop, const Scope& scope, const Each& each) {
  ports::FlowFilter filter;
  filter.kind = kStatementKind;
  filter.entity = scope.entity;
  for (const State state : {State::kImported, State::kPosted, State::kSuperseded}) {
    filter.states.emplace_back(NameOf(state));
  }
  ports::Page page{kAtOnce, ""};
  do {
    ports::Listed<ports::FlowRow> listed;
    KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(listed, view.ListFlows(filter, page));
      return absl::OkStatus();
    }));
    for (ports::FlowRow& row : listed.rows) {
      KONTOR_ASSIGN_OR_RETURN(const Flow flow, FlowOf(std::move(row)));
      const auto account = scope.accounts.find(flow.body.account_id);
      if (account == scope.accounts.end()) continue;
      KONTOR_RETURN_IF_ERROR(each(flow, account->second.journal_code));
    }
    page.after = listed.next;
  } while (!page.after.empty());
  return absl::OkStatus();
}

absl::StatusOr<Books> ReadBooks(Loop& loop, const Scope& scope, const Book& book) {
  Books books;
  KONTOR_RETURN_IF_ERROR(
      EachStatement(loop, scope, [&](const Flow& flow, const std::string& journal) -> absl::Status {
        if (!MayTouch(flow.body, scope)) return absl::OkStatus();
        AddBalance(flow, journal, scope, books);
        return EachLine(loop, flow, book, journal, [&](const Own& own) {
          if (IsWithin(own.date, scope)) books.lines.emplace(own.external_id, own);
        });
      }));
  return books;
}

/// The day from which on kontor has the whole of a journal; none: it never had.
absl::StatusOr<std::map<std::string, std::string>> FirstDays(Loop& loop, const Scope& scope) {
  std::map<std::string, std::string> days;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    days.clear();
    for (const auto& [id, account] : scope.accounts) {
      KONTOR_ASSIGN_OR_RETURN(const auto state, FindState(view, id));
      if (!state || state->first_date.empty()) continue;
      std::string& day = days[account.journal_code];
      if (day.empty() || state->first_date < day) day = state->first_date;
    }
    return absl::OkStatus();
  }));
  return days;
}

class Comparing {
 public:
  Comparing(Loop& loop, const Scope& scope, const Book& book, Books books)
      : loop_(loop), scope_(scope), book_(book), books_(std::move(books)) {}

  absl::Status Run();
  BankComparison Take();

 private:
  absl::Status ReadJournal(const std::string& journal);
  absl::Status FindElsewhere();
  absl::Status ReadUnknown();
  absl::Status CompareBalances();
  void CompareOwn(const Own& own);
  void CompareSeen(const StatementLineSeen& seen);
  Difference& Add(const char* kind, const std::string& journal, const std::string& date,
                  std::string message);
  engine::ReconcileRow& RowOf(const std::string& journal, const model::Money& amount,
                              const Date& date);

  Loop& loop_;
  const Scope& scope_;
  const Book& book_;
  const Books books_;
  std::map<std::string, std::string> first_days_;   ///< By journal.
  std::map<int64_t, StatementLineSeen> seen_;       ///< In the period, by id.
  std::map<std::string, int64_t> named_;            ///< Ids of those, by external id.
  std::map<int64_t, StatementLineSeen> elsewhere_;  ///< Ours, in another, by id.
  std::map<std::string, Own> unknown_;  ///< Lines of ours that stand in Odoo on another day.
  std::map<std::tuple<std::string, Date, std::string>, engine::ReconcileRow> rows_;
  BankComparison out_;
};

absl::Status Comparing::ReadJournal(const std::string& journal) {
  int64_t after = 0;
  for (bool more = true; more;) {
    KONTOR_ASSIGN_OR_RETURN(
        const auto page,
        book_.bank->ReadStatementLines(book_.company_id, *book_.catalogue, journal, scope_.from,
                                       scope_.to, after, kLinesAPage, loop_.CallDeadline()));
    for (const StatementLineSeen& line : page.lines) {
      seen_[line.record.id] = line;
      if (!line.external_id.empty()) named_[line.external_id] = line.record.id;
    }
    more = page.more && page.next_id > after;
    after = page.next_id;
  }
  return absl::OkStatus();
}

/// Lines that kontor put on a day of the period, and that do not stand there.
absl::Status Comparing::FindElsewhere() {
  std::vector<int64_t> ids;
  for (const auto& [external_id, own] : books_.lines) {
    if (own.record.id > 0 && !seen_.contains(own.record.id)) ids.push_back(own.record.id);
  }
  if (ids.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto found,
                          book_.bank->FindStatementLines(book_.company_id, *book_.catalogue, ids,
                                                         loop_.CallDeadline()));
  for (const StatementLineSeen& line : found) elsewhere_[line.record.id] = line;
  return absl::OkStatus();
}

/// What stands in Odoo under kontor's name and is not of the period here. The store is read after
/// Odoo, so that a line which came meanwhile is known.
absl::Status Comparing::ReadUnknown() {
  std::set<std::string> wanted;
  for (const auto& [id, line] : seen_) {
    const bool ours = line.external_id.starts_with(kExternalIdPrefix);
    if (ours && !books_.lines.contains(line.external_id)) wanted.insert(line.external_id);
  }
  if (wanted.empty()) return absl::OkStatus();
  return EachStatement(loop_, scope_,
                       [&](const Flow& flow, const std::string& journal) -> absl::Status {
                         return EachLine(loop_, flow, book_, journal, [&](const Own& own) {
                           if (!wanted.contains(own.external_id)) return;
                           unknown_.emplace(own.external_id, own);
                         });
                       });
}

Difference& Comparing::Add(const char* kind, const std::string& journal, const std::string& date,
                           std::string message) {
  Difference& difference = out_.differences.emplace_back();
  difference.kind = kind;
  difference.journal_code = journal;
  difference.date = date;
  difference.message = std::move(message);
  return difference;
}

engine::ReconcileRow& Comparing::RowOf(const std::string& journal, const model::Money& amount,
                                       const Date& date) {
  const std::string& currency = amount.currency().code();
  engine::ReconcileRow& row = rows_[{journal, date, currency}];
  row.journal_code = journal;
  row.currency_code = currency;
  row.date = date;
  return row;
}

void Comparing::CompareOwn(const Own& own) {
  if (own.revoked) return;  // told when it stands in Odoo all the same
  const auto by_name = named_.find(own.external_id);
  const auto moved = elsewhere_.find(own.record.id);
  const StatementLineSeen* const seen = by_name != named_.end()     ? &seen_.at(by_name->second)
                                        : moved != elsewhere_.end() ? &moved->second
                                                                    : nullptr;
  if (seen == nullptr && own.awaited) return;
  engine::ReconcileRow& row = RowOf(own.journal_code, own.amount, own.date);
  ++row.kontor_count;
  row.kontor_total_minor += own.amount.minor();
  const std::string day = own.date.ToString();
  const auto add = [&](const char* kind, std::string message, std::string asked, std::string got) {
    Difference& difference = Add(kind, own.journal_code, day, std::move(message));
    difference.statement_id = own.statement_id;
    difference.subject = own.subject;
    difference.external_id = own.external_id;
    difference.record = seen != nullptr ? seen->record : own.record;
    difference.asked = std::move(asked);
    difference.got = std::move(got);
  };
  const std::string what = StrCat("The bank line of ", day, " over ", own.amount.ToString());
  if (seen == nullptr) {
    const char* const why = own.record.id > 0 ? " stood in Odoo and is gone"
                            : own.left_out    ? " is not in Odoo: a person left it out"
                                              : " is not in Odoo";
    return add("MISSING_IN_ODOO", StrCat(what, why), own.amount.ToString(), "");
  }
  if (!(seen->amount == own.amount)) {
    add("AMOUNT", StrCat(what, " stands in Odoo over ", seen->amount.ToString()),
        own.amount.ToString(), seen->amount.ToString());
  }
  if (seen->date != own.date) {
    add("DATE", StrCat(what, " stands in Odoo on ", seen->date.ToString()), day,
        seen->date.ToString());
  }
  if (seen->state != "posted") {
    add("STATE", StrCat(what, " is ", seen->state, " in Odoo"), "posted", seen->state);
  }
}

void Comparing::CompareSeen(const StatementLineSeen& seen) {
  const bool ours = seen.external_id.starts_with(kExternalIdPrefix);
  const std::string day = seen.date.ToString();
  const auto first = first_days_.find(seen.journal_code);
  if (!ours && (first == first_days_.end() || day < first->second)) return;
  engine::ReconcileRow& row = RowOf(seen.journal_code, seen.amount, seen.date);
  ++row.erp_count;
  row.erp_total_minor += seen.amount.minor();
  const std::string what =
      StrCat("Odoo's bank line ", seen.record.name, " of ", day, " over ", seen.amount.ToString());
  const auto own = books_.lines.find(seen.external_id);
  const auto other = unknown_.find(seen.external_id);
  const Own* const known = own != books_.lines.end() ? &own->second
                           : other != unknown_.end() ? &other->second
                                                     : nullptr;
  // A line of the period that stands on its day is compared from kontor's side.
  const bool on_its_day = known != nullptr && !known->revoked && IsWithin(known->date, scope_);
  if (on_its_day) return;
  Difference* difference = nullptr;
  if (known != nullptr && known->revoked) {
    difference = &Add("STATE", seen.journal_code, day, StrCat(what, " was taken back by the bank"));
    difference->asked = "taken back";
    difference->got = seen.state;
  } else if (known != nullptr) {
    const std::string asked = known->date.ToString();
    difference = &Add("DATE", seen.journal_code, day, StrCat(what, " is of ", asked));
    difference->asked = asked;
    difference->got = day;
  } else {
    difference = &Add("MISSING_IN_KONTOR", seen.journal_code, day,
                      ours ? StrCat(what,
                                    " is from kontor, and this store does not know it: it "
                                    "was restored from before")
                           : StrCat(what, " is on no statement that kontor has"));
    difference->got = seen.amount.ToString();
  }
  difference->record = seen.record;
  difference->external_id = seen.external_id;
  if (known != nullptr) difference->statement_id = known->statement_id;
}

absl::Status Comparing::CompareBalances() {
  std::vector<int64_t> ids;
  for (const OwnBalance& own : books_.balances) ids.push_back(own.record_id);
  std::map<int64_t, ports::StatementSeen> found;
  if (!ids.empty()) {
    KONTOR_ASSIGN_OR_RETURN(
        const auto rows, book_.bank->FindStatements(book_.company_id, ids, loop_.CallDeadline()));
    for (const ports::StatementSeen& row : rows) found[row.id] = row;
  }
  for (const OwnBalance& own : books_.balances) {
    engine::ReconcileBalance& balance = out_.balances.emplace_back(own.balance);
    const std::string what =
        StrCat("The statement of ", balance.date, " closes with ", balance.kontor.ToString());
    const auto seen = found.find(own.record_id);
    std::string got;
    if (seen != found.end()) {
      const base::Decimal asked = balance.kontor.ToDecimal();
      // Entered right and summed up wrong is as wrong as the other way round.
      const base::Decimal& shown =
          seen->second.closing == asked ? seen->second.computed : seen->second.closing;
      const model::Currency currency = balance.kontor.currency();
      KONTOR_ASSIGN_OR_RETURN(const int64_t minor, shown.ToMinor(currency.scale()));
      balance.erp = model::Money(currency, minor);
      if (shown == asked) continue;
      got = balance.erp->ToString();
    }
    Difference& difference =
        Add(seen == found.end() ? "MISSING_IN_ODOO" : "BALANCE", balance.journal_code, balance.date,
            seen == found.end() ? StrCat(what, ", and is gone in Odoo")
                                : StrCat(what, ", and in Odoo with ", got));
    difference.statement_id = difference.subject = balance.statement_id;
    difference.record = {"account.bank.statement", own.record_id, ""};
    difference.asked = balance.kontor.ToString();
    difference.got = got;
  }
  return absl::OkStatus();
}

absl::Status Comparing::Run() {
  std::set<std::string> journals;
  for (const auto& [id, account] : scope_.accounts) journals.insert(account.journal_code);
  for (const std::string& journal : journals) {
    // What was in a journal that Odoo does not have any more is missing there.
    if (book_.catalogue->FindJournal(journal) == nullptr) continue;
    KONTOR_RETURN_IF_ERROR(ReadJournal(journal));
  }
  KONTOR_RETURN_IF_ERROR(FindElsewhere());
  KONTOR_RETURN_IF_ERROR(ReadUnknown());
  KONTOR_ASSIGN_OR_RETURN(first_days_, FirstDays(loop_, scope_));
  for (const auto& [external_id, own] : books_.lines) CompareOwn(own);
  for (const auto& [id, seen] : seen_) CompareSeen(seen);
  return CompareBalances();
}

BankComparison Comparing::Take() {
  for (auto& [key, row] : rows_) out_.rows.push_back(std::move(row));
  std::ranges::stable_sort(out_.differences, {}, &Difference::date);
  std::ranges::stable_sort(out_.balances, {}, [](const engine::ReconcileBalance& balance) {
    return std::tie(balance.journal_code, balance.date);
  });
  return std::move(out_);
}

}  // namespace

absl::StatusOr<BankComparison> CompareWithOdoo(Loop& loop, const std::string& entity,
                                               const Date& from, const Date& to) {
  Scope scope;
  scope.entity = entity;
  scope.from = from;
  scope.to = to;
  KONTOR_ASSIGN_OR_RETURN(auto accounts, loop.Accounts());
  for (model::OwnAccount& account : accounts) {
    if (account.entity == entity) scope.accounts.emplace(account.id, std::move(account));
  }
  if (scope.accounts.empty()) return BankComparison();
  const OpenBook& open = loop.deps.open_to_read ? loop.deps.open_to_read : loop.deps.open_book;
  KONTOR_ASSIGN_OR_RETURN(const Book book, open(entity));
  if (book.bank == nullptr) return BankComparison();
  KONTOR_ASSIGN_OR_RETURN(Books books, ReadBooks(loop, scope, book));
  Comparing comparing(loop, scope, book, std::move(books));
  KONTOR_RETURN_IF_ERROR(comparing.Run());
  return comparing.Take();
}

}  // namespace kontor::statements
