// SPDX-License-Identifier: Apache-2.0
// What the store and the engine need of cryptography; server/crypto implements it over OpenSSL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace kontor::ports {

/// Thread-safe.
class Crypto {
 public:
  virtual ~Crypto() = default;
  /// AES-256-GCM; base64 text that names its key. `associated` binds it to its row
  /// ("documents/inv_…").
  virtual std::string Seal(std::string_view plain, std::string_view associated) const = 0;
  /// SEAL_BROKEN when key, text or `associated` do not fit.
  virtual absl::StatusOr<std::string> Open(std::string_view sealed,
                                           std::string_view associated) const = 0;
  /// Keyed, stable hex digest for look-up columns and token hashes.
  virtual std::string LookupHash(std::string_view plain) const = 0;
  virtual std::string Sha256Hex(std::string_view bytes) const = 0;
  virtual void Random(uint8_t* bytes, size_t count) const = 0;
};

}  // namespace kontor::ports
