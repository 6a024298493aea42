// SPDX-License-Identifier: Apache-2.0
// Exact decimal numbers: prices, quantities, rates, percentages. A scaled 128-bit integer with at
// most 12 fraction digits; every operation is checked, nothing rounds unless asked.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace kontor::base {

/// GCC's 128-bit integer; __extension__ keeps -Wpedantic quiet.
__extension__ using Int128 = __int128;

class Decimal {
 public:
  static constexpr int kScaleMax = 12;
  static constexpr int kIntegerDigitsMax = 18;

  enum class Rounding { kHalfUp, kHalfEven, kDown };

  constexpr Decimal() = default;
  /// unscaled × 10^-scale; scale in [0, 12].
  static Decimal FromUnscaled(Int128 unscaled, int scale);
  static Decimal FromInt(int64_t value) { return FromUnscaled(value, 0); }
  /// Reads `-?digits[.digits]`: at most 18 before and 12 after the point. No exponent, no plus
  /// sign, no spaces, no thousands separators. Errors: AMOUNT_INVALID, AMOUNT_SCALE,
  /// AMOUNT_TOO_LARGE.
  static absl::StatusOr<Decimal> Parse(std::string_view text);

  /// Shortest form: no trailing zeros, "-0" never. "10.50" → "10.5".
  std::string ToString() const;
  /// Exactly `scale` fraction digits; CHECKs that nothing is cut off (ask ScaleNeeded first).
  std::string ToFixed(int scale) const;

  /// Fraction digits that are not trailing zeros: 10.50 → 1.
  int ScaleNeeded() const { return scale_; }
  /// Significant digits of the shortest form.
  int SignificantDigits() const;
  Int128 unscaled() const { return unscaled_; }
  /// The value × 10^scale; AMOUNT_SCALE when digits would be lost, AMOUNT_TOO_LARGE when too big.
  absl::StatusOr<int64_t> ToMinor(int scale) const;
  Decimal Round(int scale, Rounding rounding) const;

  bool IsZero() const { return unscaled_ == 0; }
  bool IsNegative() const { return unscaled_ < 0; }
  Decimal operator-() const;
  Decimal Abs() const { return IsNegative() ? -*this : *this; }

  /// Checked: AMOUNT_TOO_LARGE on overflow.
  absl::StatusOr<Decimal> Add(const Decimal& other) const;
  absl::StatusOr<Decimal> Subtract(const Decimal& other) const;
  /// Product rounded to 12 fraction digits at most.
  absl::StatusOr<Decimal> Multiply(const Decimal& other, Rounding rounding) const;

  friend bool operator==(const Decimal& a, const Decimal& b) = default;  // kept normalised
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

 private:
  void Normalise();
  Int128 unscaled_ = 0;
  int scale_ = 0;
};

/// Decimal digits of a 128-bit integer, with sign.
std::string ToString(Int128 value);

}  // namespace kontor::base
