// SPDX-License-Identifier: Apache-2.0
// Digests over EVP. The fixed algorithms cannot fail except for lack of memory or a broken OpenSSL
// installation; going on without a digest would be worse than stopping, hence Must().
#include "server/crypto/digest.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include "absl/status/status.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/internal/openssl.h"

namespace kontor::crypto {
namespace {

constexpr std::size_t kTokenBytes = 32;

void Must(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "kontor: OpenSSL cannot compute %s on this machine\n", what);
  std::abort();
}

// Fetched once: looking an algorithm up by name costs more than hashing a short text.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Must(algorithm != nullptr, "SHA-256");
  return algorithm;
}

// One context a thread, used again and again.
EVP_MD_CTX* DigestContext() {
  thread_local const internal::DigestContextPtr context(EVP_MD_CTX_new());
  Must(context != nullptr, "SHA-256");
  return context.get();
}

internal::MacContextPtr NewHmacContext() {
  const internal::MacPtr mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  internal::MacContextPtr context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_end()};
  Must(context != nullptr && EVP_MAC_CTX_set_params(context.get(), parameters) == 1,
       "HMAC-SHA-256");
  return context;
}

EVP_MAC_CTX* HmacContext() {
  thread_local const internal::MacContextPtr context = NewHmacContext();
  return context.get();
}

}  // namespace

absl::StatusOr<Digest256> Digest256::FromHex(std::string_view hex) {
  absl::StatusOr<std::string> bytes = HexDecode(hex);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() != kSize) {
    return absl::InvalidArgumentError("a SHA-256 digest has 64 hexadecimal digits");
  }
  std::array<unsigned char, kSize> raw;
  std::memcpy(raw.data(), bytes->data(), kSize);
  return Digest256(raw);
}

std::string Digest256::Hex() const { return HexEncode(view()); }
std::string Digest256::Base64() const { return Base64Encode(view()); }

Digest256 Sha256(std::string_view bytes) {
  std::array<unsigned char, Digest256::kSize> raw;
  unsigned int size = 0;
  EVP_MD_CTX* const context = DigestContext();
  Must(EVP_DigestInit_ex(context, Sha256Algorithm(), nullptr) == 1 &&
           EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
           EVP_DigestFinal_ex(context, raw.data(), &size) == 1 && size == raw.size(),
       "SHA-256");
  return Digest256(raw);
}

struct Sha256Stream::State {
  internal::DigestContextPtr context{EVP_MD_CTX_new()};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  Must(state_->context && EVP_DigestInit_ex(state_->context.get(), Sha256Algorithm(), nullptr) == 1,
       "SHA-256");
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::Update(std::string_view piece) {
  Must(EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()) == 1, "SHA-256");
}

Digest256 Sha256Stream::Finish() {
  std::array<unsigned char, Digest256::kSize> raw;
  unsigned int size = 0;
  Must(EVP_DigestFinal_ex(state_->context.get(), raw.data(), &size) == 1 && size == raw.size() &&
           EVP_DigestInit_ex(state_->context.get(), Sha256Algorithm(), nullptr) == 1,
       "SHA-256");
  return Digest256(raw);
}

Digest256 HmacSha256(std::string_view key, std::string_view message) {
  std::array<unsigned char, Digest256::kSize> raw;
  std::size_t size = 0;
  Must(key.size() <= 1U << 20, "HMAC with a key beyond 1 MiB");
  // An empty key must still be a pointer: OpenSSL reads a null key as "keep the former one".
  const auto* key_data = internal::Bytes(key.empty() ? std::string_view("", 0) : key);
  EVP_MAC_CTX* const context = HmacContext();
  Must(EVP_MAC_init(context, key_data, key.size(), nullptr) == 1 &&
           EVP_MAC_update(context, internal::Bytes(message), message.size()) == 1 &&
           EVP_MAC_final(context, raw.data(), &size, raw.size()) == 1 && size == raw.size(),
       "HMAC-SHA-256");
  return Digest256(raw);
}

std::string HmacSha512(std::string_view key, std::string_view message) {
  constexpr std::size_t kSize = 64;
  std::string raw(kSize, '\0');
  unsigned int size = 0;
  Must(key.size() <= 1U << 20, "HMAC with a key beyond 1 MiB");
  const void* key_data = key.empty() ? static_cast<const void*>("") : key.data();
  Must(HMAC(EVP_sha512(), key_data, static_cast<int>(key.size()), internal::Bytes(message),
            message.size(), reinterpret_cast<unsigned char*>(raw.data()), &size) != nullptr &&
           size == kSize,
       "HMAC-SHA-512");
  return raw;
}

SecretKey256 DeriveKey(const SecretKey256& master, std::string_view label) {
  const internal::KdfPtr kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  Must(kdf != nullptr, "HKDF");
  const internal::KdfContextPtr context(EVP_KDF_CTX_new(kdf.get()));
  char digest_name[] = "SHA256";
  auto* key = const_cast<unsigned char*>(master.Reveal().data());
  auto* info = const_cast<char*>(label.data());
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, master.Reveal().size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, label.size()),
      OSSL_PARAM_construct_end()};
  std::array<unsigned char, 32> derived;
  Must(context != nullptr &&
           EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters) == 1,
       "HKDF");
  SecretKey256 result(derived);
  Wipe(derived);
  return result;
}

std::string LookupHash(const SecretKey256& key, std::string_view column, std::string_view value) {
  const auto& raw = key.Reveal();
  const std::string_view key_view(reinterpret_cast<const char*>(raw.data()), raw.size());
  // The NUL parts name and value: a column's name never holds one.
  return HmacSha256(key_view, base::StrCat(column, std::string_view("\0", 1), value)).Hex();
}

std::string TokenHash(std::string_view token) { return Sha256(token).Hex(); }

absl::StatusOr<SecretString> NewToken(std::string_view prefix) {
  absl::StatusOr<std::string> bytes = RandomBytes(kTokenBytes);
  if (!bytes.ok()) return bytes.status();
  SecretString token(base::StrCat(prefix, "_", Base64UrlEncode(*bytes)));
  Wipe(*bytes);
  return token;
}

Digest256 HashChain::Next(const Digest256& previous, std::string_view canonical) {
  Sha256Stream stream;
  stream.Update(previous.view());
  stream.Update(canonical);
  return stream.Finish();
}

}  // namespace kontor::crypto
