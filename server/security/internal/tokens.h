// SPDX-License-Identifier: Apache-2.0
// How tokens look and how they are looked up. The text of a token must not be kept anywhere.
#pragma once

#include <string>
#include <string_view>

#include "server/ports/crypto.h"

namespace kontor::security::internal {

inline constexpr std::string_view kTokenPrefix = "kontor_";
inline constexpr size_t kTokenRandomCharacters = 32;  ///< base64url of 24 random bytes.

/// `kontor_` and 192 random bits.
std::string NewTokenText(const ports::Crypto& crypto);
/// Whether the text has that form; anything else is not worth a look into the store.
bool IsTokenText(std::string_view text);
/// What is stored of a token: a keyed hash, so that the store alone does not even allow guessing.
std::string TokenLookup(const ports::Crypto& crypto, std::string_view text);
/// What is stored to find a principal by its certificate.
std::string CertificateLookup(const ports::Crypto& crypto, std::string_view subject);

}  // namespace kontor::security::internal
