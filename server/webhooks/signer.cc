// SPDX-License-Identifier: Apache-2.0
#include "server/webhooks/signer.h"

namespace kontor::webhooks {

std::string PublishedKeys(const std::vector<crypto::Ed25519PrivateKey>& keys) {
  std::vector<crypto::PublishedKey> published;
  for (const crypto::Ed25519PrivateKey& key : keys) published.push_back({"", key.public_key()});
  return crypto::Jwks(published);
}

}  // namespace kontor::webhooks
