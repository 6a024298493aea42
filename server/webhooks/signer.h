// SPDX-License-Identifier: Apache-2.0
// Signatures of outgoing webhooks, and the keys by which receivers check them. The scheme itself is
// crypto/standard_webhooks.h.
#pragma once

#include <string>
#include <vector>

#include "server/crypto/ed25519.h"
#include "server/crypto/standard_webhooks.h"

namespace kontor::webhooks {

using crypto::kIdHeader;
using crypto::kSecretPrefix;
using crypto::kSignatureHeader;
using crypto::kTimestampHeader;
using crypto::NewSecret;
using crypto::SecretBytes;
using crypto::SignatureHeaderValue;

/// Body of `GET /.well-known/jwks.json`: the public halves of `keys`, newest first, so that
/// receivers can check `v1a`. Pure.
std::string PublishedKeys(const std::vector<crypto::Ed25519PrivateKey>& keys);

}  // namespace kontor::webhooks
