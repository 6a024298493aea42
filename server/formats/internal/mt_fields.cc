// SPDX-License-Identifier: Apache-2.0
// Field definitions: SWIFT, Standards MT, category 9; deviations as banks send them.
#include "server/formats/internal/mt_fields.h"

#include <algorithm>
#include <cstdlib>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/line_reader.h"
#include "server/model/validate.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

absl::Status Bad(std::string_view what) { return Error(Reason::kFormatInvalid).Says(what); }

/// The entry date's `MMDD` in the year that lies nearest to the value date.
absl::StatusOr<model::Date> ReadEntryDate(std::string_view text, const model::Date& value) {
  const int year = static_cast<int>(std::chrono::year_month_day(value.days()).year());
  constexpr int kHalfYear = 183;
  const std::string day = StrCat("-", text.substr(0, 2), "-", text.substr(2, 2));
  // The 29th of February exists in some of these years only.
  for (const int candidate : {year, year - 1, year + 1}) {
    const auto date = model::Date::Parse(std::to_string(candidate) + day);
    if (date.ok() && std::abs(date->DaysSince(value)) <= kHalfYear) return *date;
  }
  return Error(Reason::kDateInvalid).Says("the entry date is no day near the value date");
}

struct Mark {
  bool credit = false;
  bool reversal = false;
  bool expected = false;
  size_t size = 0;
};

/// C, D, RC, RD (reversals), EC, ED (expected).
absl::StatusOr<Mark> ReadMark(std::string_view text) {
  Mark mark;
  const bool two = text.starts_with('R') || text.starts_with('E');
  mark.reversal = text.starts_with('R');
  mark.expected = text.starts_with('E');
  const std::string_view side = text.substr(two ? std::min<size_t>(1, text.size()) : 0, 1);
  if (side != "C" && side != "D") return Bad("the mark is not one of C, D, RC, RD, EC and ED");
  // A reversal of a credit takes money away.
  mark.credit = (side == "C") != mark.reversal;
  mark.size = two ? 2 : 1;
  return mark;
}

/// Type, references and what stands behind them.
absl::Status ReadReferences(std::string_view rest, model::StatementLine& line) {
  constexpr size_t kTypeSize = 4;
  constexpr size_t kReferenceMax = 16;
  if (rest.size() < kTypeSize || !IsCapital(rest[0])) {
    return Bad("there is no transaction type of four characters behind the amount");
  }
  line.code.proprietary = rest.substr(0, kTypeSize);
  line.code.proprietary_issuer = "SWIFT";
  rest.remove_prefix(kTypeSize);
  const size_t slashes = rest.find("//");
  std::string_view owner = rest.substr(0, slashes);
  if (slashes != std::string_view::npos) {
    line.account_servicer_ref = ToUtf8(base::Trim(rest.substr(slashes + 2)));
  } else if (owner.size() > kReferenceMax) {
    // Some banks go on with a name behind the 16 characters of the reference.
    line.additional = ToUtf8(base::Trim(owner.substr(kReferenceMax)));
    owner = owner.substr(0, kReferenceMax);
  }
  owner = base::Trim(owner);
  if (!IsNoMtReference(owner)) line.account_owner_ref = ToUtf8(owner);
  return absl::OkStatus();
}

}  // namespace

bool IsNoMtReference(std::string_view text) {
  return text.empty() || text == "NONREF" || text == "KREF+" || text == "EREF+" ||
         text == "NOTPROVIDED";
}

absl::StatusOr<model::Money> ReadMtAmount(std::string_view text, const model::Currency& currency) {
  const size_t comma = text.find(',');
  const std::string_view integer = text.substr(0, comma);
  if (comma == std::string_view::npos || !AllDigits(integer)) {
    return Error(Reason::kAmountInvalid)
        .Says(StrCat("\"", ToUtf8(text.substr(0, 20)), "\" is no amount with a decimal comma"));
  }
  const std::string_view decimals = text.substr(comma + 1);
  if (!decimals.empty() && !AllDigits(decimals)) {
    return Error(Reason::kAmountInvalid)
        .Says(StrCat("\"", ToUtf8(text.substr(0, 20)), "\" is no amount with a decimal comma"));
  }
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal value, ReadDecimal(StrCat(integer, ".", decimals)));
  return model::Money::FromDecimal(currency, value);
}

absl::StatusOr<model::Date> ReadMtDate(std::string_view text) {
  constexpr size_t kSize = 6;
  if (text.size() != kSize || !AllDigits(text)) {
    return Error(Reason::kDateInvalid)
        .Says(StrCat("\"", ToUtf8(text.substr(0, kSize)), "\" is not a date as YYMMDD"));
  }
  const std::string_view century = text.substr(0, 2) >= "80" ? "19" : "20";
  return model::Date::Parse(
      StrCat(century, text.substr(0, 2), "-", text.substr(2, 2), "-", text.substr(4, 2)));
}

absl::StatusOr<model::Balance> ReadMtBalance(std::string_view text) {
  constexpr size_t kDateAt = 1;
  constexpr size_t kCurrencyAt = 7;
  constexpr size_t kAmountAt = 10;
  text = base::Trim(text);
  if (text.size() <= kAmountAt || (text[0] != 'C' && text[0] != 'D')) {
    return Bad("a balance is C or D, a date, a currency and an amount");
  }
  model::Balance balance;
  KONTOR_ASSIGN_OR_RETURN(balance.date, ReadMtDate(text.substr(kDateAt, 6)));
  KONTOR_ASSIGN_OR_RETURN(const model::Currency currency,
                          model::Currency::Parse(text.substr(kCurrencyAt, 3)));
  KONTOR_ASSIGN_OR_RETURN(balance.amount, ReadMtAmount(text.substr(kAmountAt), currency));
  if (text[0] == 'D') balance.amount = -balance.amount;
  return balance;
}

absl::StatusOr<MtTotal> ReadMtTotal(std::string_view text) {
  constexpr size_t kCountMax = 5;
  text = base::Trim(text);
  size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  if (digits == 0 || digits > kCountMax || text.size() < digits + 3) {
    return Bad("a total is a number, a currency and an amount");
  }
  MtTotal total;
  total.count = ReadCount(text.substr(0, digits)).value_or(0);
  KONTOR_ASSIGN_OR_RETURN(const model::Currency currency,
                          model::Currency::Parse(text.substr(digits, 3)));
  KONTOR_ASSIGN_OR_RETURN(total.sum, ReadMtAmount(text.substr(digits + 3), currency));
  return total;
}

absl::StatusOr<model::StatementLine> ReadMtLine(std::string_view text,
                                                std::string_view supplementary,
                                                const model::Currency& currency) {
  constexpr size_t kDateSize = 6;
  constexpr size_t kEntrySize = 4;
  model::StatementLine line;
  KONTOR_ASSIGN_OR_RETURN(line.value_date, ReadMtDate(text.substr(0, kDateSize)));
  text.remove_prefix(kDateSize);
  if (text.size() >= kEntrySize && AllDigits(text.substr(0, kEntrySize))) {
    KONTOR_ASSIGN_OR_RETURN(line.booking_date,
                            ReadEntryDate(text.substr(0, kEntrySize), *line.value_date));
    text.remove_prefix(kEntrySize);
  }
  KONTOR_ASSIGN_OR_RETURN(const Mark mark, ReadMark(text));
  text.remove_prefix(mark.size);
  if (!text.empty() && IsCapital(text[0])) text.remove_prefix(1);  // third letter of the currency
  const auto* const end =
      std::find_if(text.begin(), text.end(), [](char c) { return !IsDigit(c) && c != ','; });
  const auto size = static_cast<size_t>(end - text.begin());
  KONTOR_ASSIGN_OR_RETURN(line.amount, ReadMtAmount(text.substr(0, size), currency));
  if (!mark.credit) line.amount = -line.amount;
  line.reversal = mark.reversal;
  line.status = mark.expected ? model::LineStatus::kPending : model::LineStatus::kBooked;
  KONTOR_RETURN_IF_ERROR(ReadReferences(text.substr(size), line));
  if (!supplementary.empty()) {
    if (!line.additional.empty()) line.additional.push_back(' ');
    line.additional += ToUtf8(base::Trim(supplementary));
  }
  return line;
}

model::BankAccountNumber ReadMtAccount(std::string_view text, model::BankAgent& servicer) {
  constexpr size_t kCurrencySize = 3;
  model::BankAccountNumber account;
  account.number = model::NormalAccountNumber(ToUtf8(base::Trim(text)));
  std::string_view number = account.number;
  if (const size_t slash = number.find('/'); slash != std::string_view::npos) {
    const std::string_view bank = number.substr(0, slash);
    if (model::IsBic(bank)) servicer.bic = bank;
    if (AllDigits(bank)) servicer.member_id = bank;
    // A BIC before an IBAN only says whose it is.
    if (model::CheckIban(number.substr(slash + 1)).ok()) number = number.substr(slash + 1);
  }
  if (number.size() > kCurrencySize) {
    const std::string_view shorter = number.substr(0, number.size() - kCurrencySize);
    const auto currency = model::Currency::Parse(number.substr(number.size() - kCurrencySize));
    if (currency.ok() && model::CheckIban(shorter).ok()) {
      account.currency = *currency;
      number = shorter;
    }
  }
  account.number = std::string(number);
  if (model::CheckIban(account.number).ok()) account.scheme = "IBAN";
  return account;
}

}  // namespace kontor::formats::internal
