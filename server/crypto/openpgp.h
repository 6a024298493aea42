// SPDX-License-Identifier: Apache-2.0
// OpenPGP (RFC 4880) as banks use it for files: signed by who sends, encrypted to who reads. No
// agent and no key ring on disk: keys come as bytes and live as long as this object.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/crypto/secret.h"

namespace kontor::crypto {

/// What is to be known of a key; nothing of it is secret.
struct OpenPgpKeyFacts {
  std::string fingerprint;  ///< Of the primary key: 40 hexadecimal digits, in capitals.
  /// Until when its newest fit part signs and is encrypted to. InfinitePast: it has none that does;
  /// InfiniteFuture: without end.
  absl::Time signs_until = absl::InfinitePast();
  absl::Time encrypts_until = absl::InfinitePast();
};

/// Our key and those of one other side. Thread-safe: each call works on key rings of its own, so
/// that a key which ran out meanwhile is seen to have.
///
/// Weak is RSA below 2048 bits and everything but RSA, ECDH, ECDSA and EdDSA: a weak primary key is
/// refused with all that hangs on it, a weak subkey is not used.
class OpenPgp {
 public:
  struct Keys {
    SecretString own;           ///< One secret key, armored or binary; empty: there is none.
    SecretString own_password;  ///< Empty: it has none.
    std::string theirs;         ///< Public keys after each other; empty: there are none.
  };
  /// At most so many bytes of keys on either side.
  static constexpr size_t kKeyBytesMax = size_t{64} << 10U;

  struct SealOptions {
    bool sign = true;
    bool encrypt = true;  ///< To each of their keys that can be encrypted to.
    bool armor = false;
    absl::Time now;
  };
  struct OpenOptions {
    bool must_be_encrypted = true;  ///< To our key, and protected against changes.
    bool must_be_signed = true;     ///< By one of their keys.
    /// Beyond it nothing is unpacked: a few kilobytes may hold gigabytes.
    size_t bytes_max = 0;
    absl::Time now;
  };

  /// Looks at all that time does not change. OPENPGP_KEY_UNUSABLE, field `own` or `theirs`: not a
  /// key, revoked, weak, a password that does not fit, a secret key of theirs, the same on both
  /// sides. No message holds anything of a key but its fingerprint.
  static absl::StatusOr<OpenPgp> Make(Keys keys, absl::Time now);

  /// Ours; none: there is no key of ours.
  const std::optional<OpenPgpKeyFacts>& own() const { return own_facts_; }
  const std::vector<OpenPgpKeyFacts>& theirs() const { return their_facts_; }

  /// Another call gives other bytes. OPENPGP_KEY_UNUSABLE, field as above, when a key that is
  /// needed is not there or ran out. Neither sign nor encrypt: INTERNAL.
  absl::StatusOr<std::string> Seal(std::string_view bytes, const SealOptions& options) const;

  /// The bytes within a message; nothing of them is answered before all of it was checked.
  /// OPENPGP_REQUIRED: no OpenPGP message, or not encrypted. OPENPGP_UNREADABLE: not to our key,
  /// changed on its way, without protection against that, or by a cipher of short blocks.
  /// OPENPGP_SIGNATURE_INVALID: not signed, by somebody else, a signature that is wrong, from the
  /// future, or ran out. TOO_LARGE.
  absl::StatusOr<std::string> Open(std::string_view sealed, const OpenOptions& options) const;

  /// Encrypts to our own key and opens it again. OPENPGP_KEY_UNUSABLE, field `own`.
  absl::Status TryOwnKey(absl::Time now) const;

  /// Whether the bytes begin as a message does, armored or binary. Pure.
  static bool LooksLikeMessage(std::string_view bytes);

 private:
  explicit OpenPgp(Keys keys) : keys_(std::move(keys)) {}

  Keys keys_;
  std::optional<OpenPgpKeyFacts> own_facts_;
  std::vector<OpenPgpKeyFacts> their_facts_;
};

}  // namespace kontor::crypto
