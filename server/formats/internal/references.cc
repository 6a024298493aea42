// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/references.h"

#include <algorithm>

namespace kontor::formats::internal {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }

/// Whether letters as 10 to 35 and digits leave 1 by 97; −1 for other characters.
int Remainder97(int remainder, std::string_view text) {
  constexpr int kModulus = 97;
  for (const char c : text) {
    if (remainder < 0) return remainder;
    if (IsDigit(c)) {
      remainder = (remainder * 10 + (c - '0')) % kModulus;
    } else if (IsCapital(c)) {
      remainder = (remainder * 100 + (c - 'A' + 10)) % kModulus;
    } else {
      return -1;
    }
  }
  return remainder;
}

}  // namespace

bool IsCreditorReference(std::string_view text) {
  constexpr size_t kMin = 5;
  constexpr size_t kMax = 25;
  if (text.size() < kMin || text.size() > kMax || !text.starts_with("RF")) return false;
  if (!IsDigit(text[2]) || !IsDigit(text[3])) return false;
  return Remainder97(Remainder97(0, text.substr(4)), text.substr(0, 4)) == 1;
}

bool IsQrReference(std::string_view text) {
  constexpr size_t kSize = 27;
  constexpr int kTable[] = {0, 9, 4, 6, 8, 2, 7, 1, 3, 5};
  if (text.size() != kSize || !std::all_of(text.begin(), text.end(), IsDigit)) return false;
  int carry = 0;
  for (const char c : text.substr(0, kSize - 1)) carry = kTable[(carry + (c - '0')) % 10];
  return (10 - carry) % 10 == text.back() - '0';
}

bool IsQrIban(std::string_view iban) {
  constexpr size_t kInstitutionAt = 4;
  if (!iban.starts_with("CH") && !iban.starts_with("LI")) return false;
  if (iban.size() < kInstitutionAt + 5) return false;
  const std::string_view institution = iban.substr(kInstitutionAt, 5);
  return institution >= "30000" && institution <= "31999";
}

bool IsUetr(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
  if (text.size() != kShape.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = IsDigit(c) || (c >= 'a' && c <= 'f');
    const char want = kShape[i];
    if (want == 'x' && !hex) return false;
    if (want == 'v' && c != '8' && c != '9' && c != 'a' && c != 'b') return false;
    if (want != 'x' && want != 'v' && c != want) return false;
  }
  return true;
}

bool IsLei(std::string_view text) {
  constexpr size_t kSize = 20;
  return text.size() == kSize && Remainder97(0, text) == 1;
}

}  // namespace kontor::formats::internal
