// SPDX-License-Identifier: Apache-2.0
// Whether a message that came in is its sender's: HMAC variants, Standard Webhooks, basic, API key
// and client certificate. Pure; comparisons take the same time for right and wrong values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/crypto/secret.h"
#include "server/model/source.h"
#include "server/net/http_listener.h"

namespace kontor::webhooks {

/// A message that is its sender's.
struct VerifiedMessage {
  std::string event_id;  ///< The sender's, else the digest of the body.
  /// Under these a repetition is known; when the id is not signed, the body's digest is one of
  /// them, so that a replay under another id is found too.
  std::vector<std::string> keys;
};

/// Errors: SIGNATURE_INVALID, MESSAGE_STALE; never saying which part was nearly right.
absl::StatusOr<VerifiedMessage> VerifyMessage(const model::Source& source,
                                              const net::HttpServerRequest& request,
                                              absl::Time now);

/// The id and keys that a message would have, verified or not.
VerifiedMessage IdentityOf(const model::Source& source, const net::HttpServerRequest& request);

/// Headers that a rightly signed message of this body has, for the curl line and the source's own
/// checks. Errors: FAILED_PRECONDITION (SIGNATURE_INVALID) when the source has no secret.
absl::StatusOr<net::HttpHeaders> SignedHeaders(const model::Source& source, std::string_view body,
                                               std::string_view id, absl::Time now);

/// A fresh secret for the scheme: `whsec_…` for Standard Webhooks, else 43 base64url characters;
/// empty for schemes without one. Errors: INTERNAL.
absl::StatusOr<crypto::SecretString> NewSourceSecret(model::HookScheme scheme);
/// FIELD_INVALID at `secret` for one that the scheme cannot use or that is too short.
absl::Status CheckSourceSecret(model::HookScheme scheme, std::string_view secret);

/// The text that a challenge in the body is answered by; none when the body holds no challenge.
std::optional<std::string> ChallengeIn(const model::Source& source, std::string_view body);
/// The same for a GET.
std::optional<std::string> ChallengeInQuery(const model::Source& source, std::string_view query);

}  // namespace kontor::webhooks
