// SPDX-License-Identifier: Apache-2.0
// Puts this folder behind the interface that store and engine ask for. A template on that interface,
// because it lives in a layer above this one: `PortCrypto<ports::Crypto>`.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "server/base/status.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "server/crypto/sealer.h"

namespace kontor::crypto {

/// Thread safety: immutable, all methods from any thread.
template <typename Port>
class PortCrypto final : public Port {
 public:
  /// `ring` seals. Look-up values are keyed by a key derived from the ring's oldest key, which must
  /// stay in the ring for as long as there are rows: the newest one changes with each rotation.
  explicit PortCrypto(KeyRing ring)
      : lookup_key_(DeriveKey(ring.oldest().key, "kontor lookup v1")), sealer_(std::move(ring)) {}

  /// Ends the program when the system has no random bytes: to store in clear would be worse.
  std::string Seal(std::string_view plain, std::string_view associated) const override {
    absl::StatusOr<std::string> sealed = sealer_.Seal(plain, associated);
    KONTOR_CHECK(sealed.ok());
    return *std::move(sealed);
  }

  /// Errors: SEAL_BROKEN.
  absl::StatusOr<std::string> Open(std::string_view sealed,
                                   std::string_view associated) const override {
    absl::StatusOr<std::string> plain = sealer_.Open(sealed, associated);
    if (plain.ok()) return plain;
    return base::Error(base::Reason::kSealBroken)
        .Says({plain.status().message().data(), plain.status().message().size()});
  }

  std::string LookupHash(std::string_view plain) const override {
    return crypto::LookupHash(lookup_key_, "lookup", plain);
  }

  std::string Sha256Hex(std::string_view bytes) const override { return Sha256(bytes).Hex(); }

  void Random(std::uint8_t* bytes, std::size_t count) const override {
    const absl::StatusOr<std::string> random = RandomBytes(count);
    KONTOR_CHECK(random.ok());
    std::memcpy(bytes, random->data(), count);
  }

  const Sealer& sealer() const { return sealer_; }

 private:
  SecretKey256 lookup_key_;
  Sealer sealer_;
};

}  // namespace kontor::crypto
