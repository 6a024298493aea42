// SPDX-License-Identifier: Apache-2.0
// What checking evidence needs of cryptography, without a server; over OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kontor::cli {

/// Hex.
std::string Sha256Hex(std::string_view bytes);
/// Base64, either alphabet, with or without padding; none for anything else.
std::optional<std::string> Base64Decode(std::string_view text);
/// Whether `signature` is that of `message` under an Ed25519 key of 32 raw bytes.
bool IsSigned(std::string_view key, std::string_view message, std::string_view signature);

}  // namespace kontor::cli
