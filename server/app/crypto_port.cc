// SPDX-License-Identifier: Apache-2.0
#include "server/app/crypto_port.h"

#include <cstring>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"

namespace kontor::app {

CryptoPort::CryptoPort(crypto::KeyRing ring)
    : sealer_(std::move(ring)),
      lookup_key_(crypto::DeriveKey(sealer_.ring().oldest().key, "kontor lookup v1")) {}

std::string CryptoPort::Seal(std::string_view plain, std::string_view associated) const {
  auto sealed = sealer_.Seal(plain, associated);
  // Fails only without entropy or beyond 64 MiB, which every limit on input lies below: writing
  // plain text instead is never an answer.
  KONTOR_CHECK(sealed.ok());
  return *std::move(sealed);
}

absl::StatusOr<std::string> CryptoPort::Open(std::string_view sealed,
                                             std::string_view associated) const {
  auto plain = sealer_.Open(sealed, associated);
  if (plain.ok()) return plain;
  return base::Error(base::Reason::kSealBroken)
      .Says(base::StrCat("a sealed value of ", associated, " cannot be opened"));
}

std::string CryptoPort::LookupHash(std::string_view plain) const {
  return crypto::LookupHash(lookup_key_, "kontor", plain);
}

std::string CryptoPort::Sha256Hex(std::string_view bytes) const {
  return crypto::Sha256(bytes).Hex();
}

void CryptoPort::Random(uint8_t* bytes, size_t count) const {
  const auto random = crypto::RandomBytes(count);
  KONTOR_CHECK(random.ok());
  std::memcpy(bytes, random->data(), count);
}

}  // namespace kontor::app
