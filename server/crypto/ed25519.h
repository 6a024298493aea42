// SPDX-License-Identifier: Apache-2.0
// Ed25519 keys, signatures and the JWKS that publishes the public halves.
// Raw keys are 32 bytes, signatures 64 (RFC 8032). No other algorithm is offered: a peer cannot
// choose one.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/crypto/secret.h"

namespace kontor::crypto {

using Ed25519PublicKey = std::array<unsigned char, 32>;

/// A private key. Copies share it. Thread safety: immutable, Sign() may run on many threads.
class Ed25519PrivateKey {
 public:
  /// A fresh random key. Errors: INTERNAL.
  static absl::StatusOr<Ed25519PrivateKey> Generate();
  /// The key of a 32-byte seed (RFC 8032, 5.1.5). Errors: INVALID_ARGUMENT for another length.
  static absl::StatusOr<Ed25519PrivateKey> FromSeed(std::string_view seed);
  /// The key of an unencrypted PKCS#8 PEM block. Errors: INVALID_ARGUMENT for anything else.
  static absl::StatusOr<Ed25519PrivateKey> FromPem(std::string_view pem);

  /// PKCS#8 PEM, not encrypted: write it to a file of mode 0600 only. Errors: INTERNAL.
  absl::StatusOr<SecretString> ToPem() const;
  /// The 32-byte seed. Errors: INTERNAL.
  absl::StatusOr<SecretString> Seed() const;
  const Ed25519PublicKey& public_key() const { return public_key_; }
  /// 64 bytes over `message`. Deterministic. Errors: INTERNAL.
  absl::StatusOr<std::string> Sign(std::string_view message) const;

 private:
  struct Key;
  static absl::StatusOr<Ed25519PrivateKey> FromKey(std::shared_ptr<const Key> key);

  std::shared_ptr<const Key> key_;
  Ed25519PublicKey public_key_{};
};

/// OK when `signature` is that of `message` under `key`; else UNAUTHENTICATED, whatever is wrong
/// with it. Pure, thread safe.
absl::Status VerifyEd25519(const Ed25519PublicKey& key, std::string_view message,
                           std::string_view signature);

/// A public key from its 32 raw bytes. Errors: INVALID_ARGUMENT for another length.
absl::StatusOr<Ed25519PublicKey> PublicKeyFromBytes(std::string_view bytes);
/// The 32 raw bytes of `key`.
std::string PublicKeyBytes(const Ed25519PublicKey& key);

/// The RFC 7638 thumbprint (SHA-256, base64url) of a public key: its `kid`. Pure.
std::string KeyThumbprint(const Ed25519PublicKey& key);

/// A published key.
struct PublishedKey {
  std::string key_id;  ///< `kid`; empty takes KeyThumbprint().
  Ed25519PublicKey key{};
};

/// A JWK set (RFC 7517, OKP keys of RFC 8037) of `keys` in the given order, one line of JSON, with
/// `alg` EdDSA and `use` sig. Pure.
std::string Jwks(const std::vector<PublishedKey>& keys);

}  // namespace kontor::crypto
