// SPDX-License-Identifier: Apache-2.0
// Signatures after Standard Webhooks 1.0.0 (specification, "Signature scheme"): HMAC-SHA256 as
// `v1`, Ed25519 as `v1a`; of events that go out, and of payment orders to banks. Pure; it keeps no
// secrets and chooses none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/crypto/ed25519.h"
#include "server/crypto/secret.h"

namespace kontor::crypto {

inline constexpr std::string_view kSecretPrefix = "whsec_";
inline constexpr std::string_view kIdHeader = "webhook-id";
inline constexpr std::string_view kTimestampHeader = "webhook-timestamp";
inline constexpr std::string_view kSignatureHeader = "webhook-signature";

/// A fresh secret: `whsec_` and 32 random bytes in base64. Errors: INTERNAL.
absl::StatusOr<SecretString> NewSecret();

/// The 24 to 64 bytes of a `whsec_` text. Errors: FIELD_INVALID at `secret`, never showing it.
absl::StatusOr<SecretString> SecretBytes(std::string_view secret);

/// The value of `webhook-signature`: for each of `secrets` (`whsec_` texts) a `v1`, then for each
/// of `keys` a `v1a`, parted by spaces; several of each while one replaces the other. What is
/// signed is `<id>.<timestamp>.<body>`, the body byte for byte. Errors: FIELD_INVALID for an id
/// that is empty or holds a '.', a bad secret, or nothing to sign with; INTERNAL.
absl::StatusOr<std::string> SignatureHeaderValue(
    std::string_view id, std::int64_t timestamp_seconds, std::string_view body,
    const std::vector<std::string>& secrets, const std::vector<Ed25519PrivateKey>& keys);

}  // namespace kontor::crypto
