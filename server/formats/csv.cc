// SPDX-License-Identifier: Apache-2.0
#include "server/formats/csv.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/blame.h"
#include "server/formats/internal/csv_scanner.h"
#include "server/formats/internal/iso_values.h"
#include "server/model/statement_prover.h"
#include "server/model/validate.h"

namespace kontor::formats {
namespace {

using base::Decimal;
using base::Error;
using base::Reason;
using base::StrCat;
using internal::CsvScanner;
using model::Severity;
using Basis = model::StatementProof::Basis;
using Verdict = model::StatementProof::Verdict;

constexpr size_t kNoColumn = static_cast<size_t>(-1);

/// `format` is YYYY or YY, MM and DD with what stands between; the text must follow it exactly, and
/// may go on with a time behind a space or a T.
absl::StatusOr<model::Date> ReadDate(std::string_view text, std::string_view format) {
  std::string year;
  std::string month;
  std::string day;
  size_t at = 0;
  for (size_t i = 0; i < format.size();) {
    const std::string_view left = format.substr(i);
    const size_t size = left.starts_with("YYYY") ? 4
                        : left.starts_with("YY") || left.starts_with("MM") || left.starts_with("DD")
                            ? 2
                            : 0;
    if (size == 0) {
      if (at >= text.size() || text[at] != format[i]) break;
      ++at;
      ++i;
      continue;
    }
    std::string& part = left[0] == 'Y' ? year : left[0] == 'M' ? month : day;
    part = text.substr(std::min(at, text.size()), size);
    at += size;
    i += size;
  }
  const bool rest = at < text.size() && text[at] != ' ' && text[at] != 'T';
  if (year.size() == 2) year.insert(0, year >= "80" ? "19" : "20");
  const auto date = model::Date::Parse(StrCat(year, "-", month, "-", day));
  if (date.ok() && !rest) return *date;
  return Error(Reason::kDateInvalid)
      .Says(StrCat("\"", text.substr(0, 20), "\" is not a date as ", format));
}

class Reader {
 public:
  Reader(ports::ByteSource& source, const CsvMapping& mapping, ports::StatementSink& sink,
         ports::ReadReport& report)
      : rows_(source, mapping.delimiter, mapping.quote),
        mapping_(mapping),
        sink_(sink),
        report_(report) {}
  absl::Status Run();

 private:
  struct Columns {
    size_t booking_date = kNoColumn;
    size_t value_date = kNoColumn;
    size_t amount = kNoColumn;
    size_t credit = kNoColumn;
    size_t debit = kNoColumn;
    size_t direction = kNoColumn;
    size_t currency = kNoColumn;
    size_t balance = kNoColumn;
    size_t reference = kNoColumn;
    size_t end_to_end_id = kNoColumn;
    size_t other_name = kNoColumn;
    size_t other_account = kNoColumn;
    size_t other_bank = kNoColumn;
    size_t code = kNoColumn;
    std::vector<size_t> text;
  };

  absl::Status ReadHead();
  absl::StatusOr<size_t> FindColumn(const std::string& name) const;
  absl::Status FindColumns();
  absl::Status TakeRow();
  absl::StatusOr<model::StatementLine> ReadRow();
  absl::StatusOr<model::Currency> RowCurrency() const;
  absl::StatusOr<model::Money> RowAmount(const model::Currency& currency) const;
  absl::StatusOr<model::Money> ReadAmount(std::string_view text,
                                          const model::Currency& currency) const;
  void ReadDetail(model::StatementLine& line) const;
  absl::Status TakeBalance(const model::StatementLine& line);
  absl::Status Finish();
  void ProveRunning();
  std::string_view Cell(size_t column) const {
    return column == kNoColumn ? std::string_view() : base::Trim(rows_.fields()[column]);
  }
  void Blame(const absl::Status& status, std::string_view field,
             Severity severity = Severity::kError);

  CsvScanner rows_;
  const CsvMapping& mapping_;
  ports::StatementSink& sink_;
  ports::ReadReport& report_;
  std::vector<std::string> head_;
  size_t width_ = 0;
  Columns columns_;
  model::Statement statement_;
  model::StatementProver prover_;
  // Balances of the first and of the last row, and whether each row fits the one before it when
  // the table is sorted with the oldest row first, or with the newest.
  std::optional<model::Money> first_balance_;
  model::StatementLine first_line_;
  std::optional<model::Money> last_balance_;
  model::StatementLine last_line_;
  bool oldest_first_ = true;
  bool newest_first_ = true;
  int64_t broken_line_ = 0;  ///< Of the file: the first that fits neither way.
};

void Reader::Blame(const absl::Status& status, std::string_view field, Severity severity) {
  prover_.Blame(internal::FindingAtLine(status, severity, 0, field, rows_.line()));
}

absl::StatusOr<size_t> Reader::FindColumn(const std::string& name) const {
  if (name.empty()) return kNoColumn;
  if (name.starts_with('#')) {
    const auto number = internal::ReadCount(std::string_view(name).substr(1));
    if (number.has_value() && *number >= 1 && static_cast<size_t>(*number) <= width_) {
      return static_cast<size_t>(*number - 1);
    }
  } else {
    const auto found = std::find_if(head_.begin(), head_.end(), [&](const std::string& title) {
      return base::Trim(title) == name;
    });
    if (found != head_.end()) return static_cast<size_t>(found - head_.begin());
  }
  return Error(Reason::kFormatUnknown)
      .Field(name)
      .Says(StrCat("the table has no column \"", name, "\" of the mapping"));
}

absl::Status Reader::FindColumns() {
  const struct {
    const std::string& name;
    size_t& column;
  } kRows[] = {{mapping_.booking_date, columns_.booking_date},
               {mapping_.value_date, columns_.value_date},
               {mapping_.amount, columns_.amount},
               {mapping_.credit, columns_.credit},
               {mapping_.debit, columns_.debit},
               {mapping_.direction, columns_.direction},
               {mapping_.currency_column, columns_.currency},
               {mapping_.balance, columns_.balance},
               {mapping_.reference, columns_.reference},
               {mapping_.end_to_end_id, columns_.end_to_end_id},
               {mapping_.other_name, columns_.other_name},
               {mapping_.other_account, columns_.other_account},
               {mapping_.other_bank, columns_.other_bank},
               {mapping_.code, columns_.code}};
  for (const auto& row : kRows) {
    KONTOR_ASSIGN_OR_RETURN(row.column, FindColumn(row.name));
  }
  for (const std::string& name : mapping_.text) {
    KONTOR_ASSIGN_OR_RETURN(const size_t column, FindColumn(name));
    columns_.text.push_back(column);
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadHead() {
  for (int i = 0; i < mapping_.lines_before; ++i) {
    KONTOR_ASSIGN_OR_RETURN(const bool more, rows_.Next());
    if (!more) return Error(Reason::kFormatTruncated).Says("the file ends above its head");
  }
  if (!mapping_.has_head) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const bool more, rows_.Next());
  if (!more) return Error(Reason::kFormatTruncated).Says("the file ends above its head");
  head_ = rows_.fields();
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (head_[0].starts_with(kMark)) head_[0].erase(0, kMark.size());
  width_ = head_.size();
  return FindColumns();
}

absl::Status Reader::Run() {
  report_.format = "CSV";
  report_.statement_count = 1;
  statement_.format = mapping_.name.empty() ? "CSV" : StrCat("CSV ", mapping_.name);
  statement_.account.number = model::NormalAccountNumber(mapping_.account);
  if (const auto currency = model::Currency::Parse(mapping_.currency); currency.ok()) {
    statement_.account.currency = *currency;
  }
  KONTOR_RETURN_IF_ERROR(ReadHead());
  KONTOR_RETURN_IF_ERROR(sink_.OnStatement(statement_));
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const bool more, rows_.Next());
    if (!more) break;
    if (!rows_.blank()) KONTOR_RETURN_IF_ERROR(TakeRow());
  }
  return Finish();
}

absl::Status Reader::TakeRow() {
  if (width_ == 0) {
    width_ = rows_.fields().size();
    KONTOR_RETURN_IF_ERROR(FindColumns());
  }
  if (rows_.fields().size() != width_) {
    return Error(Reason::kFormatInvalid)
        .Says(StrCat("the row in line ", rows_.line(), " has ",
                     static_cast<int64_t>(rows_.fields().size()), " fields, the table has ",
                     static_cast<int64_t>(width_)));
  }
  ++report_.line_count;
  absl::StatusOr<model::StatementLine> line = ReadRow();
  if (!line.ok()) {
    Blame(line.status(), StrCat("lines[", prover_.line_count(), "]"));
    return absl::OkStatus();
  }
  line->number = prover_.line_count() + 1;
  KONTOR_RETURN_IF_ERROR(TakeBalance(*line));
  prover_.Add(*line);
  return sink_.OnLine(*line);
}

absl::StatusOr<model::Currency> Reader::RowCurrency() const {
  const std::string_view named = Cell(columns_.currency);
  return model::Currency::Parse(named.empty() ? std::string_view(mapping_.currency) : named);
}

absl::StatusOr<model::Money> Reader::ReadAmount(std::string_view text,
                                                const model::Currency& currency) const {
  std::string plain;
  for (const char c : text) {
    if (c == mapping_.thousands_mark && c != 0) continue;
    plain.push_back(c == mapping_.decimal_mark ? '.' : c);
  }
  // A point that is neither mark would be taken for one.
  if (mapping_.decimal_mark != '.' && mapping_.thousands_mark != '.' &&
      text.find('.') != std::string_view::npos) {
    return Error(Reason::kAmountInvalid).Says("a point stands where the mapping has none");
  }
  KONTOR_ASSIGN_OR_RETURN(const Decimal value, internal::ReadDecimal(plain));
  return model::Money::FromDecimal(currency, value);
}

absl::StatusOr<model::Money> Reader::RowAmount(const model::Currency& currency) const {
  if (columns_.amount == kNoColumn) {
    const std::string_view credit = Cell(columns_.credit);
    const std::string_view debit = Cell(columns_.debit);
    if (credit.empty() == debit.empty()) {
      return Error(Reason::kAmountInvalid).Says("either credit or debit is wanted, not both");
    }
    KONTOR_ASSIGN_OR_RETURN(const model::Money amount,
                            ReadAmount(credit.empty() ? debit : credit, currency));
    return !credit.empty() || amount.IsNegative() ? amount : -amount;
  }
  KONTOR_ASSIGN_OR_RETURN(const model::Money amount, ReadAmount(Cell(columns_.amount), currency));
  if (columns_.direction == kNoColumn) return amount;
  const std::string_view word = Cell(columns_.direction);
  const auto is_word = [word](const std::string& w) { return w == word; };
  const bool credit =
      std::any_of(mapping_.credit_words.begin(), mapping_.credit_words.end(), is_word);
  const bool debit = std::any_of(mapping_.debit_words.begin(), mapping_.debit_words.end(), is_word);
  if (credit == debit) {
    return Error(Reason::kFormatInvalid)
        .Says(StrCat("\"", word.substr(0, 20), "\" is no word for credit or debit"));
  }
  const model::Money unsigned_amount = amount.IsNegative() ? -amount : amount;
  return credit ? unsigned_amount : -unsigned_amount;
}

void Reader::ReadDetail(model::StatementLine& line) const {
  model::EntryDetail detail;
  detail.amount = line.amount;
  detail.references.end_to_end_id = Cell(columns_.end_to_end_id);
  model::BankParty& other = line.amount.IsNegative() ? detail.creditor : detail.debtor;
  other.name = Cell(columns_.other_name);
  other.account.number = model::NormalAccountNumber(Cell(columns_.other_account));
  const std::string_view bank = Cell(columns_.other_bank);
  (model::IsBic(bank) ? other.agent.bic : other.agent.member_id) = bank;
  for (const size_t column : columns_.text) {
    if (!Cell(column).empty()) detail.remittance.unstructured.emplace_back(Cell(column));
  }
  line.details.push_back(std::move(detail));
  line.detail_count = 1;
}

absl::StatusOr<model::StatementLine> Reader::ReadRow() {
  model::StatementLine line;
  KONTOR_ASSIGN_OR_RETURN(const model::Currency currency, RowCurrency());
  KONTOR_ASSIGN_OR_RETURN(line.amount, RowAmount(currency));
  KONTOR_ASSIGN_OR_RETURN(line.booking_date,
                          ReadDate(Cell(columns_.booking_date), mapping_.date_format));
  if (!Cell(columns_.value_date).empty()) {
    KONTOR_ASSIGN_OR_RETURN(line.value_date,
                            ReadDate(Cell(columns_.value_date), mapping_.date_format));
  }
  line.status = model::LineStatus::kBooked;
  line.reference = Cell(columns_.reference);
  line.code.text = Cell(columns_.code);
  ReadDetail(line);
  return line;
}

absl::Status Reader::TakeBalance(const model::StatementLine& line) {
  if (columns_.balance == kNoColumn) return absl::OkStatus();
  const absl::StatusOr<model::Money> balance =
      ReadAmount(Cell(columns_.balance), line.amount.currency());
  if (!balance.ok()) {
    Blame(balance.status(), StrCat("lines[", prover_.line_count(), "].balance"));
    return absl::OkStatus();
  }
  if (last_balance_.has_value()) {
    const auto fits = [](const model::Money& before, const model::Money& amount,
                         const model::Money& after) {
      const auto sum = before.Add(amount);
      return sum.ok() && *sum == after;
    };
    oldest_first_ = oldest_first_ && fits(*last_balance_, line.amount, *balance);
    newest_first_ = newest_first_ && fits(*balance, last_line_.amount, *last_balance_);
    if (!oldest_first_ && !newest_first_ && broken_line_ == 0) broken_line_ = rows_.line();
  } else {
    first_balance_ = *balance;
    first_line_.amount = line.amount;
    first_line_.booking_date = line.booking_date;
  }
  last_balance_ = *balance;
  last_line_.amount = line.amount;
  last_line_.booking_date = line.booking_date;
  return absl::OkStatus();
}

/// Makes opening and closing balance of the running ones.
void Reader::ProveRunning() {
  if (!last_balance_.has_value()) return;
  if (broken_line_ != 0) {
    return Blame(Error(Reason::kStatementUnbalanced)
                     .Says(StrCat("the balance in line ", broken_line_,
                                  " does not follow from its neighbours")),
                 "balances");
  }
  const model::Money& before = oldest_first_ ? *first_balance_ : *last_balance_;
  const model::StatementLine& oldest = oldest_first_ ? first_line_ : last_line_;
  const model::StatementLine& newest = oldest_first_ ? last_line_ : first_line_;
  const auto opening = before.Subtract(oldest.amount);
  if (!opening.ok()) return Blame(opening.status(), "balances");
  model::Balance balance;
  balance.type = model::BalanceType::kOpeningBooked;
  balance.code = "computed";
  balance.amount = *opening;
  balance.date = oldest.booking_date;
  statement_.balances.push_back(balance);
  balance.type = model::BalanceType::kClosingBooked;
  balance.code = "last row";
  balance.amount = oldest_first_ ? *last_balance_ : *first_balance_;
  balance.date = newest.booking_date;
  statement_.balances.push_back(balance);
}

absl::Status Reader::Finish() {
  ProveRunning();
  statement_.proof = prover_.Prove(statement_);
  if (statement_.proof.verdict == Verdict::kProven) {
    statement_.proof.basis = Basis::kRunningBalances;
  }
  switch (statement_.proof.verdict) {
    case Verdict::kProven: ++report_.proven_count; break;
    case Verdict::kUnproven: ++report_.unproven_count; break;
    case Verdict::kRefused: ++report_.refused_count; break;
  }
  return sink_.OnStatementEnd(statement_);
}

}  // namespace

absl::Status ReadCsv(ports::ByteSource& source, const CsvMapping& mapping,
                     ports::StatementSink& sink, ports::ReadReport& report) {
  return Reader(source, mapping, sink, report).Run();
}

}  // namespace kontor::formats
