// SPDX-License-Identifier: Apache-2.0
// Sealing of personal data and secrets at rest: AES-256-GCM under a key ring, as base64 text.
// Form: k1.<key id>.<base64url of 12-byte nonce, ciphertext, 16-byte tag>. The form and key id are
// authenticated together with the caller's associated data. It does not hide a value's length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/crypto/secret.h"

namespace kontor::crypto {

/// One key of a ring. Ids are 1 to 32 characters of a-z, 0-9, '-' and '_'.
struct SealingKey {
  std::string id;
  SecretKey256 key;
};

/// Keys in the order of their age: all open, the last seals.
/// Thread safety: immutable after Make().
class KeyRing {
 public:
  /// Errors: INVALID_ARGUMENT without a key, for a bad id or one that comes twice.
  static absl::StatusOr<KeyRing> Make(std::vector<SealingKey> keys);
  /// From text: a line a key, `<id> <base64 of 32 bytes>`, oldest first; empty lines and lines that
  /// begin with '#' are skipped. Errors: INVALID_ARGUMENT naming the line, never its content.
  static absl::StatusOr<KeyRing> Parse(std::string_view text);
  /// The line of Parse() for a fresh random key named `id`. Errors: INVALID_ARGUMENT, INTERNAL.
  static absl::StatusOr<SecretString> NewLine(std::string_view id);

  const SealingKey& newest() const { return keys_.back(); }
  const SealingKey& oldest() const { return keys_.front(); }
  /// The key named `id`, or null.
  const SealingKey* Find(std::string_view id) const;
  std::size_t size() const { return keys_.size(); }

 private:
  explicit KeyRing(std::vector<SealingKey> keys) : keys_(std::move(keys)) {}
  std::vector<SealingKey> keys_;
};

/// Seals and opens values. Thread safety: all methods may run on many threads at once.
class Sealer {
 public:
  explicit Sealer(KeyRing ring) : ring_(std::move(ring)) {}

  /// Seals `plaintext` (at most 64 MiB) under the newest key. `associated_data` binds it to its
  /// place (table, column, row id): it is not stored, and Open() needs the same.
  /// Not deterministic: a random nonce, so a key should seal fewer than 2^32 values (NIST SP
  /// 800-38D, 8.3). Errors: INVALID_ARGUMENT for a longer text, INTERNAL.
  absl::StatusOr<std::string> Seal(std::string_view plaintext,
                                   std::string_view associated_data) const;
  /// Opens what Seal() made. Errors: INVALID_ARGUMENT when `sealed` has another form, NOT_FOUND
  /// when its key is not in the ring (named), DATA_LOSS when it was altered or stands in another
  /// place.
  absl::StatusOr<std::string> Open(std::string_view sealed, std::string_view associated_data) const;
  /// True when `sealed` is of another key than the newest, so that a sweep can seal it again.
  bool NeedsReseal(std::string_view sealed) const;

  const KeyRing& ring() const { return ring_; }

 private:
  KeyRing ring_;
};

}  // namespace kontor::crypto
