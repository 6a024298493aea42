// SPDX-License-Identifier: Apache-2.0
// Checked arithmetic on minor units; nothing here rounds.
#include "server/model/money.h"

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::model {
namespace {

constexpr int64_t kMinorMax = 999'999'999'999'999;  // Money::kDigitsMax nines

bool Fits(int64_t minor) { return minor >= -kMinorMax && minor <= kMinorMax; }

absl::Status TooLarge() {
  return base::Error(base::Reason::kAmountTooLarge).Says("the amount has more than 15 digits");
}

}  // namespace

absl::StatusOr<Money> Money::Parse(std::string_view currency_code, std::string_view value) {
  KONTOR_ASSIGN_OR_RETURN(const Currency currency, Currency::Parse(currency_code));
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal decimal, base::Decimal::Parse(value));
  return FromDecimal(currency, decimal);
}

absl::StatusOr<Money> Money::FromDecimal(const Currency& currency, const base::Decimal& value) {
  if (currency.IsNone()) {
    return base::Error(base::Reason::kCurrencyUnknown).Says("the amount has no currency");
  }
  if (value.ScaleNeeded() > currency.scale()) {
    return base::Error(base::Reason::kAmountScale)
        .With("scale_max", base::StrCat(currency.scale()))
        .Says(base::StrCat(value.ToString(), " has more decimals than ", currency.code(), " (",
                           currency.scale(), ")"));
  }
  KONTOR_ASSIGN_OR_RETURN(const int64_t minor, value.ToMinor(currency.scale()));
  if (!Fits(minor)) return TooLarge();
  return Money(currency, minor);
}

base::Decimal Money::ToDecimal() const {
  return base::Decimal::FromUnscaled(minor_, currency_.scale());
}

std::string Money::ValueText() const { return ToDecimal().ToFixed(currency_.scale()); }

std::string Money::ToString() const { return base::StrCat(ValueText(), " ", currency_.code()); }

absl::StatusOr<Money> Money::Add(const Money& other) const {
  if (currency_ != other.currency_) {
    return base::Error(base::Reason::kFieldConflict)
        .Says(base::StrCat(currency_.code(), " and ", other.currency_.code(),
                           " cannot be added up"));
  }
  int64_t sum = 0;
  if (__builtin_add_overflow(minor_, other.minor_, &sum) || !Fits(sum)) return TooLarge();
  return Money(currency_, sum);
}

absl::StatusOr<Money> Money::Subtract(const Money& other) const { return Add(-other); }

std::string AmountText(std::string_view currency_code, const base::Decimal& amount) {
  const auto currency = Currency::Parse(currency_code);
  const bool fits = currency.ok() && amount.ScaleNeeded() <= currency->scale();
  return fits ? amount.ToFixed(currency->scale()) : amount.ToString();
}

}  // namespace kontor::model
