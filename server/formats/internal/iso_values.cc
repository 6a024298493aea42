// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/iso_values.h"

#include <array>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// The usual case, without an allocation: digits, perhaps a point, no more decimals than allowed.
std::optional<int64_t> PlainMinor(std::string_view text, int scale) {
  constexpr size_t kDigitsSafe = 15;
  int64_t minor = 0;
  int decimals = -1;
  size_t digits = 0;
  for (const char c : text) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
    } else if (IsDigit(c)) {
      minor = minor * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
      if (++digits > kDigitsSafe) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  const int given = decimals < 0 ? 0 : decimals;
  if (digits == 0 || given > scale) return std::nullopt;
  for (int i = given; i < scale; ++i) minor *= 10;
  constexpr int64_t kMinorMax = 999'999'999'999'999;
  if (minor > kMinorMax) return std::nullopt;
  return minor;
}

/// As Decimal::Parse takes it: no plus sign, a digit on either side of the point, no padding zeros.
std::string Plain(std::string_view text) {
  std::string out;
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  } else if (text.starts_with('-')) {
    text.remove_prefix(1);
    out.push_back('-');
  }
  const size_t point = text.find('.');
  std::string_view integer = text.substr(0, point);
  std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (integer.empty() && fraction.empty()) return std::string(text);
  while (integer.size() > 1 && integer.front() == '0') integer.remove_prefix(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  out.append(integer.empty() ? std::string_view("0") : integer);
  if (!fraction.empty()) {
    out.push_back('.');
    out.append(fraction);
  }
  return out;
}

}  // namespace

absl::StatusOr<model::Money> AmountReader::Read(std::string_view text, std::string_view currency) {
  if (last_.IsNone() || last_.code() != currency) {
    if (currency.empty()) {
      return Error(Reason::kCurrencyUnknown).Says("the amount has no currency");
    }
    KONTOR_ASSIGN_OR_RETURN(last_, model::Currency::Parse(currency));
  }
  if (const std::optional<int64_t> minor = PlainMinor(text, last_.scale()); minor.has_value()) {
    return model::Money(last_, *minor);
  }
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal value, ReadDecimal(text));
  if (value.IsNegative()) {
    return Error(Reason::kAmountInvalid).Says("the amount has a sign");
  }
  return model::Money::FromDecimal(last_, value);
}

absl::StatusOr<base::Decimal> ReadDecimal(std::string_view text) {
  return base::Decimal::Parse(Plain(text));
}

absl::StatusOr<base::Date> ReadDay(std::string_view text) {
  constexpr size_t kDaySize = 10;
  if (text.size() > kDaySize) {
    const char next = text[kDaySize];
    if (next != 'T' && next != 'Z' && next != '+' && next != '-') {
      return Error(Reason::kDateInvalid)
          .Says(StrCat("\"", text.substr(0, 2 * kDaySize), "\" is not a date"));
    }
  }
  return base::Date::Parse(text.substr(0, kDaySize));
}

std::optional<bool> ReadBool(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

std::optional<int64_t> ReadCount(std::string_view text) {
  constexpr size_t kDigitsMax = 18;
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  int64_t value = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace kontor::formats::internal
