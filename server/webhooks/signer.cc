// SPDX-License-Identifier: Apache-2.0
// Keeps decoded secrets in memory only as long as one signature takes.
#include "server/webhooks/signer.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"

namespace kontor::webhooks {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretBytesMin = 24;
constexpr std::size_t kSecretBytesMax = 64;

}  // namespace

absl::StatusOr<crypto::SecretString> NewSecret() {
  KONTOR_ASSIGN_OR_RETURN(std::string bytes, crypto::RandomBytes(kSecretBytes));
  crypto::SecretString secret(base::StrCat(kSecretPrefix, crypto::Base64Encode(bytes)));
  crypto::Wipe(bytes);
  return secret;
}

absl::StatusOr<crypto::SecretString> SecretBytes(std::string_view secret) {
  const auto invalid = [] {
    return base::Error(base::Reason::kFieldInvalid)
        .Field("secret")
        .Says("a signing secret is whsec_ and 24 to 64 bytes in base64");
  };
  if (!secret.starts_with(kSecretPrefix)) return invalid();
  absl::StatusOr<std::string> bytes = crypto::Base64Decode(secret.substr(kSecretPrefix.size()));
  if (!bytes.ok()) return invalid();
  crypto::SecretString result(*std::move(bytes));
  const std::size_t size = result.Reveal().size();
  if (size < kSecretBytesMin || size > kSecretBytesMax) return invalid();
  return result;
}

absl::StatusOr<std::string> SignatureHeaderValue(
    std::string_view id, std::int64_t timestamp_seconds, std::string_view body,
    const std::vector<std::string>& secrets, const std::vector<crypto::Ed25519PrivateKey>& keys) {
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
    KONTOR_ASSIGN_OR_RETURN(const crypto::SecretString bytes, SecretBytes(secret));
    signatures.push_back(
        base::StrCat("v1,", crypto::HmacSha256(bytes.Reveal(), content).Base64()));
  }
  for (const crypto::Ed25519PrivateKey& key : keys) {
    KONTOR_ASSIGN_OR_RETURN(const std::string signature, key.Sign(content));
    signatures.push_back(base::StrCat("v1a,", crypto::Base64Encode(signature)));
  }
  return base::StrJoin(signatures, " ");
}

std::string PublishedKeys(const std::vector<crypto::Ed25519PrivateKey>& keys) {
  std::vector<crypto::PublishedKey> published;
  for (const crypto::Ed25519PrivateKey& key : keys) published.push_back({"", key.public_key()});
  return crypto::Jwks(published);
}

}  // namespace kontor::webhooks
