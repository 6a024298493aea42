// SPDX-License-Identifier: Apache-2.0
// Total amounts: whole minor units of a currency. Never rounds: more digits are an error.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/decimal.h"

namespace kontor::model {

/// An ISO 4217 currency in use. Small, copyable; compares by code.
class Currency {
 public:
  Currency() = default;  ///< No currency: empty code, scale 0.
  /// Three capitals of ISO 4217's list one (source: table in currency.cc). CURRENCY_UNKNOWN.
  static absl::StatusOr<Currency> Parse(std::string_view code);
  const std::string& code() const { return code_; }
  /// Digits after the point: EUR 2, JPY 0, KWD 3.
  int scale() const { return scale_; }
  bool IsNone() const { return code_.empty(); }
  friend bool operator==(const Currency& a, const Currency& b) { return a.code_ == b.code_; }
  friend auto operator<=>(const Currency& a, const Currency& b) { return a.code_ <=> b.code_; }

 private:
  std::string code_;
  int scale_ = 0;
};

class Money {
 public:
  /// Amounts of more digits cannot be read back from Odoo exactly; counted in minor units.
  static constexpr int kDigitsMax = 15;

  Money() = default;
  Money(Currency currency, int64_t minor) : currency_(std::move(currency)), minor_(minor) {}
  /// `value` as Decimal::Parse takes it, at most the currency's decimals and 15 digits.
  /// Errors: AMOUNT_INVALID, AMOUNT_SCALE, AMOUNT_TOO_LARGE, CURRENCY_UNKNOWN.
  static absl::StatusOr<Money> Parse(std::string_view currency_code, std::string_view value);
  static absl::StatusOr<Money> FromDecimal(const Currency& currency, const base::Decimal& value);

  const Currency& currency() const { return currency_; }
  int64_t minor() const { return minor_; }
  base::Decimal ToDecimal() const;
  /// With exactly the currency's decimals: "345.58", "1000" for JPY.
  std::string ValueText() const;
  /// "345.58 EUR".
  std::string ToString() const;
  bool IsZero() const { return minor_ == 0; }
  bool IsNegative() const { return minor_ < 0; }
  Money operator-() const { return {currency_, -minor_}; }
  /// FIELD_CONFLICT for two currencies; AMOUNT_TOO_LARGE beyond 15 digits.
  absl::StatusOr<Money> Add(const Money& other) const;
  absl::StatusOr<Money> Subtract(const Money& other) const;
  friend bool operator==(const Money& a, const Money& b) = default;

 private:
  Currency currency_;
  int64_t minor_ = 0;
};

/// `amount` with exactly the decimals of the currency: "160.70" of 160.7 EUR. An amount with more,
/// or in a currency that ISO 4217 does not list, as it comes.
std::string AmountText(std::string_view currency_code, const base::Decimal& amount);

}  // namespace kontor::model
