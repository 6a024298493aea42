// SPDX-License-Identifier: Apache-2.0
// Fields of SWIFT's MT940 and MT942, each by itself. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/model/statement.h"

namespace kontor::formats::internal {

/// `15d`: digits with one decimal comma, which must stand there: "11," and "11,4" are fine, "11" is
/// a cut or a mistake. At most `scale` decimals that are not zero. AMOUNT_INVALID, AMOUNT_SCALE,
/// AMOUNT_TOO_LARGE.
absl::StatusOr<model::Money> ReadMtAmount(std::string_view text, const model::Currency& currency);

/// `YYMMDD`; years 80 to 99 are of the last century. DATE_INVALID.
absl::StatusOr<model::Date> ReadMtDate(std::string_view text);

/// :60F: :60M: :62F: :62M: :64: :65:, `C|D YYMMDD CCY amount`; the balance's type stays unset.
absl::StatusOr<model::Balance> ReadMtBalance(std::string_view text);

/// :90C: :90D:, `number CCY amount`.
struct MtTotal {
  int64_t count = 0;
  model::Money sum;  ///< Unsigned.
};
absl::StatusOr<MtTotal> ReadMtTotal(std::string_view text);

/// The first line of :61: and its supplementary details, if any. Fills dates, amount, references
/// and code; booked unless the mark says "expected".
absl::StatusOr<model::StatementLine> ReadMtLine(std::string_view text,
                                                std::string_view supplementary,
                                                const model::Currency& currency);

/// :25: and :25P: in the forms that banks use: an IBAN (with the currency behind it, too), a bank
/// code and an account number, or whatever the bank calls it.
model::BankAccountNumber ReadMtAccount(std::string_view text, model::BankAgent& servicer);

/// Whether :25: says this text instead of a reference.
bool IsNoMtReference(std::string_view text);

}  // namespace kontor::formats::internal
