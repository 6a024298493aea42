// SPDX-License-Identifier: Apache-2.0
// Values as XML Schema and ISO 20022 write them.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/date.h"
#include "server/base/decimal.h"
#include "server/model/money.h"

namespace kontor::formats::internal {

/// Reads amounts; remembers the last currency, since a file seldom has two.
class AmountReader {
 public:
  /// An unsigned amount: digits with at most the currency's decimals, as xs:decimal writes them
  /// (`+5`, `.5`, `5.` and zeros at either end are fine). Errors: CURRENCY_UNKNOWN,
  /// AMOUNT_INVALID (also for a sign: the direction stands in a field of its own), AMOUNT_SCALE,
  /// AMOUNT_TOO_LARGE.
  absl::StatusOr<model::Money> Read(std::string_view text, std::string_view currency);

 private:
  model::Currency last_;
};

/// An xs:decimal, signed. Errors: AMOUNT_INVALID, AMOUNT_SCALE, AMOUNT_TOO_LARGE.
absl::StatusOr<base::Decimal> ReadDecimal(std::string_view text);
/// The calendar day of an xs:date or xs:dateTime as written: the bank's own, whatever its zone.
absl::StatusOr<base::Date> ReadDay(std::string_view text);
/// true, false, 1, 0; none for anything else.
std::optional<bool> ReadBool(std::string_view text);
/// Digits only, at most 18; none for anything else.
std::optional<int64_t> ReadCount(std::string_view text);

}  // namespace kontor::formats::internal
