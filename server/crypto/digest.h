// SPDX-License-Identifier: Apache-2.0
// SHA-256, HMAC-SHA-256 and what kontor builds on them: look-up columns, token hashes, derived keys
// and the audit chain. No password hashing here: tokens are random, so one SHA-256 is enough.
#pragma once

#include <array>
#include <compare>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/crypto/secret.h"

namespace kontor::crypto {

/// The 32 bytes of a SHA-256 or HMAC-SHA-256 value.
class Digest256 {
 public:
  static constexpr std::size_t kSize = 32;

  Digest256() = default;
  explicit Digest256(const std::array<unsigned char, kSize>& bytes) : bytes_(bytes) {}
  /// From 64 hexadecimal digits. Errors: INVALID_ARGUMENT.
  static absl::StatusOr<Digest256> FromHex(std::string_view hex);

  /// The raw bytes, 32 of them; valid as long as this object is.
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  /// 64 lower-case hexadecimal digits.
  std::string Hex() const;
  /// RFC 4648 base64 with padding, 44 characters.
  std::string Base64() const;

  auto operator<=>(const Digest256&) const = default;

 private:
  std::array<unsigned char, kSize> bytes_{};
};

/// SHA-256 of `bytes`. Pure, thread safe.
Digest256 Sha256(std::string_view bytes);

/// SHA-256 of a value that arrives in pieces, for files that do not fit into memory.
/// Thread safety: one thread at a time.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  /// Adds a piece.
  void Update(std::string_view piece);
  /// The digest of all pieces; the object begins anew.
  Digest256 Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA-256 of `message` under `key` (any length). Pure, thread safe. Source: RFC 2104.
Digest256 HmacSha256(std::string_view key, std::string_view message);

/// HMAC-SHA-512 of `message` under `key` (any length): 64 raw bytes. Pure, thread safe. Source: RFC
/// 2104.
std::string HmacSha512(std::string_view key, std::string_view message);

/// HKDF-SHA-256 (RFC 5869, no salt): one key for one duty out of a master key, so that no two
/// duties share a key. `label` names the duty, for example "kontor lookup v1". Pure.
SecretKey256 DeriveKey(const SecretKey256& master, std::string_view label);

/// The value of a look-up column for sealed data: HMAC over the column's name and the value, so
/// that equal values in two columns cannot be linked. `value` must already be normalised.
/// Returns 64 hexadecimal digits. Pure, thread safe.
std::string LookupHash(const SecretKey256& key, std::string_view column, std::string_view value);

/// How a bearer token is stored: SHA-256 of the whole token, 64 hexadecimal digits. Tokens hold 256
/// random bits, so neither salt nor a slow hash adds anything. Pure, thread safe.
std::string TokenHash(std::string_view token);

/// A new bearer token: `prefix`, an underscore and 43 base64url characters (256 random bits).
/// Errors: INTERNAL when the generator fails.
absl::StatusOr<SecretString> NewToken(std::string_view prefix);

/// The audit chain: link = SHA-256(previous link || canonical bytes of the row).
class HashChain {
 public:
  /// What the first row is chained to: 32 zero bytes.
  static Digest256 Genesis() { return Digest256{}; }
  /// The link of a row. `canonical` must be one unambiguous encoding of the whole row. Pure.
  static Digest256 Next(const Digest256& previous, std::string_view canonical);
};

}  // namespace kontor::crypto
