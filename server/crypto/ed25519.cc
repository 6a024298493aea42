// SPDX-License-Identifier: Apache-2.0
// Ed25519 over EVP. Every failure of a check looks the same to the caller, so that a forger learns
// nothing from it.
#include "server/crypto/ed25519.h"

#include <cstring>

#include <openssl/pem.h>

#include <nlohmann/json.hpp>

#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "server/crypto/internal/openssl.h"

namespace kontor::crypto {
namespace {

constexpr std::size_t kSeedSize = 32;
constexpr std::size_t kSignatureSize = 64;

// A private key file is not protected by a passphrase here; without this callback OpenSSL would
// ask for one on the terminal and block a service.
int NoPassphrase(char*, int, int, void*) { return 0; }

}  // namespace

struct Ed25519PrivateKey::Key {
  internal::PkeyPtr pkey;
};

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromKey(std::shared_ptr<const Key> key) {
  Ed25519PrivateKey result;
  std::size_t size = result.public_key_.size();
  if (EVP_PKEY_get_raw_public_key(key->pkey.get(), result.public_key_.data(), &size) != 1 ||
      size != result.public_key_.size()) {
    return internal::OpensslError("read an Ed25519 public key");
  }
  result.key_ = std::move(key);
  return result;
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::Generate() {
  absl::StatusOr<std::string> seed = RandomBytes(kSeedSize);
  if (!seed.ok()) return seed.status();
  absl::StatusOr<Ed25519PrivateKey> key = FromSeed(*seed);
  Wipe(*seed);
  return key;
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromSeed(std::string_view seed) {
  if (seed.size() != kSeedSize) {
    return absl::InvalidArgumentError("an Ed25519 private key is a seed of 32 bytes");
  }
  auto key = std::make_shared<Key>();
  key->pkey.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, internal::Bytes(seed),
                                               seed.size()));
  if (!key->pkey) return internal::OpensslError("make an Ed25519 key");
  return FromKey(std::move(key));
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromPem(std::string_view pem) {
  const internal::BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto key = std::make_shared<Key>();
  key->pkey.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (!key->pkey || EVP_PKEY_get_base_id(key->pkey.get()) != EVP_PKEY_ED25519) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        "not an unencrypted PEM private key of type Ed25519 (openssl genpkey -algorithm ed25519)");
  }
  return FromKey(std::move(key));
}

absl::StatusOr<SecretString> Ed25519PrivateKey::ToPem() const {
  const internal::BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key_->pkey.get(), nullptr, nullptr, 0,
                                            nullptr, nullptr) != 1) {
    return internal::OpensslError("write an Ed25519 key as PEM");
  }
  char* start = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &start);  // NOLINT(google-runtime-int)
  return SecretString(std::string(start, static_cast<std::size_t>(size)));
}

absl::StatusOr<SecretString> Ed25519PrivateKey::Seed() const {
  std::string seed(kSeedSize, '\0');
  std::size_t size = seed.size();
  auto* out = reinterpret_cast<unsigned char*>(seed.data());
  if (EVP_PKEY_get_raw_private_key(key_->pkey.get(), out, &size) != 1) {
    return internal::OpensslError("read an Ed25519 private key");
  }
  return SecretString(std::move(seed));
}

absl::StatusOr<std::string> Ed25519PrivateKey::Sign(std::string_view message) const {
  const internal::DigestContextPtr context(EVP_MD_CTX_new());
  std::string signature(kSignatureSize, '\0');
  std::size_t size = signature.size();
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->pkey.get()) != 1 ||
      EVP_DigestSign(context.get(), out, &size, internal::Bytes(message), message.size()) != 1) {
    return internal::OpensslError("sign with an Ed25519 key");
  }
  return signature;
}

absl::Status VerifyEd25519(const Ed25519PublicKey& key, std::string_view message,
                           std::string_view signature) {
  const internal::PkeyPtr pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const internal::DigestContextPtr context(EVP_MD_CTX_new());
  const bool valid =
      pkey && context && signature.size() == kSignatureSize &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
      EVP_DigestVerify(context.get(), internal::Bytes(signature), signature.size(),
                       internal::Bytes(message), message.size()) == 1;
  ERR_clear_error();
  if (!valid) return absl::UnauthenticatedError("the signature does not match");
  return absl::OkStatus();
}

absl::StatusOr<Ed25519PublicKey> PublicKeyFromBytes(std::string_view bytes) {
  Ed25519PublicKey key;
  if (bytes.size() != key.size()) {
    return absl::InvalidArgumentError("an Ed25519 public key has 32 bytes");
  }
  std::memcpy(key.data(), bytes.data(), key.size());
  return key;
}

std::string PublicKeyBytes(const Ed25519PublicKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string KeyThumbprint(const Ed25519PublicKey& key) {
  // RFC 7638 section 3: the required members only, in lexicographic order, without white space.
  const std::string canonical = base::StrCat(R"({"crv":"Ed25519","kty":"OKP","x":")",
                                             Base64UrlEncode(PublicKeyBytes(key)), R"("})");
  return Base64UrlEncode(Sha256(canonical).view());
}

std::string Jwks(const std::vector<PublishedKey>& keys) {
  nlohmann::json set = {{"keys", nlohmann::json::array()}};
  for (const PublishedKey& key : keys) {
    set["keys"].push_back({{"kty", "OKP"},
                           {"crv", "Ed25519"},
                           {"alg", "EdDSA"},
                           {"use", "sig"},
                           {"kid", key.key_id.empty() ? KeyThumbprint(key.key) : key.key_id},
                           {"x", Base64UrlEncode(PublicKeyBytes(key.key))}});
  }
  return set.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace kontor::crypto
