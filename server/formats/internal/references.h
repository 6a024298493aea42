// SPDX-License-Identifier: Apache-2.0
// References that carry check digits.
#pragma once

#include <string_view>

namespace kontor::formats::internal {

/// ISO 11649: RF, two check digits, up to 21 letters and digits; MOD 97-10.
bool IsCreditorReference(std::string_view text);
/// Swiss QR reference: 27 digits, the last one by modulo 10, recursive.
bool IsQrReference(std::string_view text);
/// A Swiss or Liechtenstein IBAN whose institution id is 30000 to 31999.
bool IsQrIban(std::string_view iban);
/// UUID version 4 in lower case.
bool IsUetr(std::string_view text);
/// 18 letters and digits and two check digits (ISO 17442, MOD 97-10).
bool IsLei(std::string_view text);

}  // namespace kontor::formats::internal
