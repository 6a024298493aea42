// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "server/base/strings.h"
#include "server/security/internal/tokens.h"

namespace kontor::security::internal {

std::string NewTokenText(const ports::Crypto& crypto) {
  std::array<uint8_t, kTokenRandomCharacters / 4 * 3> random{};
  crypto.Random(random.data(), random.size());
  const absl::string_view bytes(reinterpret_cast<const char*>(random.data()), random.size());
  return base::StrCat(kTokenPrefix, absl::WebSafeBase64Escape(bytes));
}

bool IsTokenText(std::string_view text) {
  if (!text.starts_with(kTokenPrefix)) return false;
  text.remove_prefix(kTokenPrefix.size());
  return text.size() == kTokenRandomCharacters &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

std::string TokenLookup(const ports::Crypto& crypto, std::string_view text) {
  return crypto.LookupHash(base::StrCat("token\n", text));
}

std::string CertificateLookup(const ports::Crypto& crypto, std::string_view subject) {
  return crypto.LookupHash(base::StrCat("certificate\n", subject));
}

}  // namespace kontor::security::internal
