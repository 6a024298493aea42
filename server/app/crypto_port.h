// SPDX-License-Identifier: Apache-2.0
// ports::Crypto over server/crypto: the sealing ring of this service and what is derived from it.
#pragma once

#include <string>

#include "server/crypto/digest.h"
#include "server/crypto/sealer.h"
#include "server/ports/crypto.h"

namespace kontor::app {

/// Thread-safe, immutable.
class CryptoPort final : public ports::Crypto {
 public:
  /// The look-up key is derived from the ring's oldest key, so that adding a key changes no
  /// look-up.
  explicit CryptoPort(crypto::KeyRing ring);

  std::string Seal(std::string_view plain, std::string_view associated) const override;
  absl::StatusOr<std::string> Open(std::string_view sealed,
                                   std::string_view associated) const override;
  std::string LookupHash(std::string_view plain) const override;
  std::string Sha256Hex(std::string_view bytes) const override;
  void Random(uint8_t* bytes, size_t count) const override;

 private:
  crypto::Sealer sealer_;
  crypto::SecretKey256 lookup_key_;
};

}  // namespace kontor::app
