// SPDX-License-Identifier: Apache-2.0
// Keeps decoded secrets in memory only as long as one signature takes.
#include "server/crypto/standard_webhooks.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"

namespace kontor::crypto {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretBytesMin = 24;
constexpr std::size_t kSecretBytesMax = 64;

}  // namespace

absl::StatusOr<SecretString> NewSecret() {
  KONTOR_ASSIGN_OR_RETURN(std::string bytes, RandomBytes(kSecretBytes));
  SecretString secret(base::StrCat(kSecretPrefix, Base64Encode(bytes)));
  Wipe(bytes);
  return secret;
}

absl::StatusOr<SecretString> SecretBytes(std::string_view secret) {
  const auto invalid = [] {
    return base::Error(base::Reason::kFieldInvalid)
        .Field("secret")
        .Says("a signing secret is whsec_ and 24 to 64 bytes in base64");
  };
  if (!secret.starts_with(kSecretPrefix)) return invalid();
  absl::StatusOr<std::string> bytes = Base64Decode(secret.substr(kSecretPrefix.size()));
  if (!bytes.ok()) return invalid();
  SecretString result(*std::move(bytes));
  const std::size_t size = result.Reveal().size();
  if (size < kSecretBytesMin || size > kSecretBytesMax) return invalid();
  return result;
}

absl::StatusOr<std::string> SignatureHeaderValue(std::string_view id,
                                                 std::int64_t timestamp_seconds,
                                                 std::string_view body,
                                                 const std::vector<std::string>& secrets,
                                                 const std::vector<Ed25519PrivateKey>& keys) {
  // A '.' in the id would let two different messages have the same signed text.
  if (id.empty() || id.find('.') != std::string_view::npos) {
    return base::Error(base::Reason::kFieldInvalid).Field("id").Says("not an id of a webhook");
  }
  if (secrets.empty() && keys.empty()) {
    return base::Error(base::Reason::kFieldInvalid).Field("secret").Says("nothing to sign with");
  }
  const std::string content = base::StrCat(id, ".", timestamp_seconds, ".", body);
  std::vector<std::string> signatures;
  for (const std::string& secret : secrets) {
    KONTOR_ASSIGN_OR_RETURN(const SecretString bytes, SecretBytes(secret));
    signatures.push_back(base::StrCat("v1,", HmacSha256(bytes.Reveal(), content).Base64()));
  }
  for (const Ed25519PrivateKey& key : keys) {
    KONTOR_ASSIGN_OR_RETURN(const std::string signature, key.Sign(content));
    signatures.push_back(base::StrCat("v1a,", Base64Encode(signature)));
  }
  return base::StrJoin(signatures, " ");
}

}  // namespace kontor::crypto
