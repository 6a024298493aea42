// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM over EVP. The plaintext buffer of a failed Open() is wiped before anyone sees it.
#include "server/crypto/sealer.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/internal/openssl.h"

namespace kontor::crypto {
namespace {

constexpr std::string_view kForm = "k1.";
constexpr std::size_t kKeyIdCharactersMax = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kPlaintextBytesMax = 64UL << 20;

bool IsKeyId(std::string_view id) {
  if (id.empty() || id.size() > kKeyIdCharactersMax) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
  });
}

// What the tag also covers. The NUL cannot stand in a key id, so no two pairs give the same bytes.
std::string BoundData(std::string_view key_id, std::string_view associated_data) {
  return base::StrCat(kForm, key_id, std::string_view("\0", 1), associated_data);
}

unsigned char* Mutable(std::string& text, std::size_t offset) {
  return reinterpret_cast<unsigned char*>(text.data()) + offset;
}

struct SealedParts {
  std::string_view key_id;
  std::string_view body;
};

std::optional<SealedParts> Split(std::string_view sealed) {
  if (!sealed.starts_with(kForm)) return std::nullopt;
  sealed.remove_prefix(kForm.size());
  const std::size_t dot = sealed.find('.');
  if (dot == std::string_view::npos || !IsKeyId(sealed.substr(0, dot))) return std::nullopt;
  return SealedParts{sealed.substr(0, dot), sealed.substr(dot + 1)};
}

// A context a thread and direction: making one and looking the algorithm up costs as much as
// sealing a kilobyte. Null when OpenSSL lacks the algorithm.
EVP_CIPHER_CTX* CipherContext(bool encrypts) {
  const auto make = [encrypts] {
    const internal::CipherPtr cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    internal::CipherContextPtr context(EVP_CIPHER_CTX_new());
    const bool done = cipher && context &&
                      EVP_CipherInit_ex(context.get(), cipher.get(), nullptr, nullptr, nullptr,
                                        encrypts ? 1 : 0) == 1;
    return done ? std::move(context) : internal::CipherContextPtr();
  };
  if (encrypts) {
    thread_local const internal::CipherContextPtr sealing = make();
    return sealing.get();
  }
  thread_local const internal::CipherContextPtr opening = make();
  return opening.get();
}

bool Decrypt(const SealingKey& key, std::string_view raw, std::string_view bound,
             std::string& plaintext) {
  EVP_CIPHER_CTX* const context = CipherContext(/*encrypts=*/false);
  const std::string_view nonce = raw.substr(0, kNonceBytes);
  const std::string_view body = raw.substr(kNonceBytes, raw.size() - kNonceBytes - kTagBytes);
  std::string tag(raw.substr(raw.size() - kTagBytes));
  plaintext.assign(body.size(), '\0');
  int size = 0;
  return context != nullptr &&
         EVP_DecryptInit_ex(context, nullptr, nullptr, key.key.Reveal().data(),
                            internal::Bytes(nonce)) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &size, internal::Bytes(bound),
                           static_cast<int>(bound.size())) == 1 &&
         EVP_DecryptUpdate(context, Mutable(plaintext, 0), &size, internal::Bytes(body),
                           static_cast<int>(body.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context, Mutable(plaintext, body.size()), &size) == 1;
}

}  // namespace

absl::StatusOr<KeyRing> KeyRing::Make(std::vector<SealingKey> keys) {
  if (keys.empty()) return absl::InvalidArgumentError("a key ring needs at least one key");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!IsKeyId(keys[i].id)) {
      return absl::InvalidArgumentError(
          "a key id is 1 to 32 characters of a-z, 0-9, '-' and '_'");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (keys[j].id == keys[i].id) {
        return absl::InvalidArgumentError(base::StrCat("key id ", keys[i].id, " comes twice"));
      }
    }
  }
  return KeyRing(std::move(keys));
}

absl::StatusOr<KeyRing> KeyRing::Parse(std::string_view text) {
  std::vector<SealingKey> keys;
  int line_number = 0;
  for (const std::string& whole : base::StrSplit(text, '\n')) {
    ++line_number;
    const std::string_view line = base::Trim(whole);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) {
      return absl::InvalidArgumentError(
          base::StrCat("key ring, line ", line_number, ": expected '<id> <base64 key>'"));
    }
    absl::StatusOr<std::string> bytes = Base64Decode(base::Trim(line.substr(space)));
    std::array<unsigned char, 32> raw{};
    if (!bytes.ok() || bytes->size() != raw.size()) {
      return absl::InvalidArgumentError(
          base::StrCat("key ring, line ", line_number, ": the key is not base64 of 32 bytes"));
    }
    std::memcpy(raw.data(), bytes->data(), raw.size());
    keys.push_back({std::string(line.substr(0, space)), SecretKey256(raw)});
    Wipe(raw);
    Wipe(*bytes);
  }
  return Make(std::move(keys));
}

absl::StatusOr<SecretString> KeyRing::NewLine(std::string_view id) {
  if (!IsKeyId(id)) return absl::InvalidArgumentError("not a key id");
  absl::StatusOr<std::string> key = RandomBytes(32);
  if (!key.ok()) return key.status();
  SecretString line(base::StrCat(id, " ", Base64Encode(*key), "\n"));
  Wipe(*key);
  return line;
}

const SealingKey* KeyRing::Find(std::string_view id) const {
  for (const SealingKey& key : keys_) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

absl::StatusOr<std::string> Sealer::Seal(std::string_view plaintext,
                                         std::string_view associated_data) const {
  if (plaintext.size() > kPlaintextBytesMax || associated_data.size() > kPlaintextBytesMax) {
    return absl::InvalidArgumentError("a value beyond 64 MiB is not sealed in one piece");
  }
  const SealingKey& key = ring_.newest();
  absl::StatusOr<std::string> raw = RandomBytes(kNonceBytes);
  if (!raw.ok()) return raw.status();
  const std::string bound = BoundData(key.id, associated_data);
  raw->resize(kNonceBytes + plaintext.size() + kTagBytes);
  EVP_CIPHER_CTX* const context = CipherContext(/*encrypts=*/true);
  int size = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex(context, nullptr, nullptr, key.key.Reveal().data(),
                         internal::Bytes(*raw)) == 1 &&
      EVP_EncryptUpdate(context, nullptr, &size, internal::Bytes(bound),
                        static_cast<int>(bound.size())) == 1 &&
      EVP_EncryptUpdate(context, Mutable(*raw, kNonceBytes), &size,
                        internal::Bytes(plaintext), static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(context, Mutable(*raw, kNonceBytes + plaintext.size()), &size) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          Mutable(*raw, kNonceBytes + plaintext.size())) == 1;
  if (!done) return internal::OpensslError("seal a value");
  return base::StrCat(kForm, key.id, ".", Base64UrlEncode(*raw));
}

absl::StatusOr<std::string> Sealer::Open(std::string_view sealed,
                                         std::string_view associated_data) const {
  const std::optional<SealedParts> parts = Split(sealed);
  if (!parts) return absl::InvalidArgumentError("not a sealed value");
  const SealingKey* key = ring_.Find(parts->key_id);
  if (key == nullptr) {
    return absl::NotFoundError(base::StrCat("the key ring has no key ", parts->key_id));
  }
  const absl::StatusOr<std::string> raw = Base64UrlDecode(parts->body);
  if (!raw.ok() || raw->size() < kNonceBytes + kTagBytes ||
      raw->size() > kPlaintextBytesMax + kNonceBytes + kTagBytes) {
    return absl::InvalidArgumentError("not a sealed value");
  }
  std::string plaintext;
  if (!Decrypt(*key, *raw, BoundData(key->id, associated_data), plaintext)) {
    Wipe(plaintext);
    ERR_clear_error();
    return absl::DataLossError("a sealed value was altered or stands in another place");
  }
  return plaintext;
}

bool Sealer::NeedsReseal(std::string_view sealed) const {
  const std::optional<SealedParts> parts = Split(sealed);
  return parts && parts->key_id != ring_.newest().id;
}

}  // namespace kontor::crypto
