// SPDX-License-Identifier: Apache-2.0
#include "server/base/decimal.h"

#include <algorithm>
#include <array>
#include <limits>

#include "server/base/strings.h"
#include "server/base/status.h"

namespace kontor::base {
namespace {

constexpr int kPowerMax = 38;

Int128 PowerOfTen(int exponent) {
  static const auto kPowers = [] {
    std::array<Int128, kPowerMax + 1> powers{};
    powers[0] = 1;
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
  }();
  KONTOR_CHECK(exponent >= 0 && exponent <= kPowerMax);
  return kPowers[static_cast<size_t>(exponent)];
}

absl::Status TooLarge() {
  return Error(Reason::kAmountTooLarge).Says("the number is too large");
}

/// a / b rounded; b > 0.
Int128 Divide(Int128 a, Int128 b, Decimal::Rounding rounding) {
  const Int128 quotient = a / b;
  const Int128 rest = a % b;
  if (rest == 0 || rounding == Decimal::Rounding::kDown) return quotient;
  const Int128 twice = (rest < 0 ? -rest : rest) * 2;
  const bool half = twice == b;
  const bool up =
      twice > b || (half && (rounding == Decimal::Rounding::kHalfUp || quotient % 2 != 0));
  if (!up) return quotient;
  return a < 0 ? quotient - 1 : quotient + 1;
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string ToString(Int128 value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  std::string out;
  while (value != 0) {
    const int digit = static_cast<int>(value % 10);
    out.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    value /= 10;
  }
  if (negative) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return out;
}

Decimal Decimal::FromUnscaled(Int128 unscaled, int scale) {
  KONTOR_CHECK(scale >= 0 && scale <= kScaleMax);
  Decimal out;
  out.unscaled_ = unscaled;
  out.scale_ = scale;
  out.Normalise();
  return out;
}

void Decimal::Normalise() {
  while (scale_ > 0 && unscaled_ % 10 == 0) {
    unscaled_ /= 10;
    --scale_;
  }
}

absl::StatusOr<Decimal> Decimal::Parse(std::string_view text) {
  const std::string_view whole = text;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view integer = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const bool shaped = !integer.empty() && AllDigits(integer) && AllDigits(fraction) &&
                      (point == std::string_view::npos || !fraction.empty());
  if (!shaped) {
    constexpr size_t kShownMax = 40;
    return Error(Reason::kAmountInvalid)
        .Says(StrCat("\"", whole.substr(0, kShownMax), "\" is not a number"));
  }
  if (fraction.size() > kScaleMax) {
    return Error(Reason::kAmountScale).Says("more than 12 digits after the point");
  }
  if (integer.size() > kIntegerDigitsMax) return TooLarge();
  Int128 unscaled = 0;
  for (const char c : integer) unscaled = unscaled * 10 + (c - '0');
  for (const char c : fraction) unscaled = unscaled * 10 + (c - '0');
  return FromUnscaled(negative ? -unscaled : unscaled, static_cast<int>(fraction.size()));
}

std::string Decimal::ToString() const { return ToFixed(scale_); }

std::string Decimal::ToFixed(int scale) const {
  KONTOR_CHECK(scale >= scale_ && scale <= kScaleMax);
  const Int128 shifted = unscaled_ * PowerOfTen(scale - scale_);
  const bool negative = shifted < 0;
  std::string digits = base::ToString(negative ? -shifted : shifted);
  if (scale > 0) {
    const size_t width = static_cast<size_t>(scale) + 1;
    if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
    digits.insert(digits.size() - static_cast<size_t>(scale), 1, '.');
  }
  return negative ? "-" + digits : digits;
}

int Decimal::SignificantDigits() const {
  Int128 value = Abs().unscaled_;
  while (value != 0 && value % 10 == 0) value /= 10;
  return value == 0 ? 1 : static_cast<int>(base::ToString(value).size());
}

absl::StatusOr<int64_t> Decimal::ToMinor(int scale) const {
  if (scale_ > scale) {
    return Error(Reason::kAmountScale)
        .Says(StrCat(ToString(), " has more than ", scale, " decimals"));
  }
  const Int128 minor = unscaled_ * PowerOfTen(scale - scale_);
  if (minor > std::numeric_limits<int64_t>::max() || minor < std::numeric_limits<int64_t>::min()) {
    return TooLarge();
  }
  return static_cast<int64_t>(minor);
}

Decimal Decimal::Round(int scale, Rounding rounding) const {
  KONTOR_CHECK(scale >= 0 && scale <= kScaleMax);
  if (scale >= scale_) return *this;
  return FromUnscaled(Divide(unscaled_, PowerOfTen(scale_ - scale), rounding), scale);
}

Decimal Decimal::operator-() const {
  Decimal out = *this;
  out.unscaled_ = -out.unscaled_;
  return out;
}

absl::StatusOr<Decimal> Decimal::Add(const Decimal& other) const {
  const int scale = std::max(scale_, other.scale_);
  Int128 a = 0;
  Int128 b = 0;
  Int128 sum = 0;
  if (__builtin_mul_overflow(unscaled_, PowerOfTen(scale - scale_), &a) ||
      __builtin_mul_overflow(other.unscaled_, PowerOfTen(scale - other.scale_), &b) ||
      __builtin_add_overflow(a, b, &sum)) {
    return TooLarge();
  }
  return FromUnscaled(sum, scale);
}

absl::StatusOr<Decimal> Decimal::Subtract(const Decimal& other) const { return Add(-other); }

absl::StatusOr<Decimal> Decimal::Multiply(const Decimal& other, Rounding rounding) const {
  Int128 product = 0;
  if (__builtin_mul_overflow(unscaled_, other.unscaled_, &product)) return TooLarge();
  int scale = scale_ + other.scale_;
  if (scale > kScaleMax) {
    product = Divide(product, PowerOfTen(scale - kScaleMax), rounding);
    scale = kScaleMax;
  }
  return FromUnscaled(product, scale);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  // At most 30 digits each after Parse; products stay within 38, so integer parts are compared
  // first and fractions at the common scale only when those are equal.
  const Int128 ia = a.unscaled_ / PowerOfTen(a.scale_);
  const Int128 ib = b.unscaled_ / PowerOfTen(b.scale_);
  if (ia != ib) return ia < ib ? std::strong_ordering::less : std::strong_ordering::greater;
  const int scale = std::max(a.scale_, b.scale_);
  const Int128 fa = (a.unscaled_ % PowerOfTen(a.scale_)) * PowerOfTen(scale - a.scale_);
  const Int128 fb = (b.unscaled_ % PowerOfTen(b.scale_)) * PowerOfTen(scale - b.scale_);
  if (fa == fb) return std::strong_ordering::equal;
  return fa < fb ? std::strong_ordering::less : std::strong_ordering::greater;
}

}  // namespace kontor::base
