// SPDX-License-Identifier: Apache-2.0
// The door for every call: authenticate, count, authorize, in this order. The API's gate is a thin
// cover over it.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "server/security/access.h"
#include "server/security/authenticator.h"
#include "server/security/rate_limiter.h"

namespace kontor::security {

/// Thread-safe. May block on the store, as Authenticator does.
class Gatekeeper {
 public:
  Gatekeeper(ports::Store& store, const base::Clock& clock, const ports::Crypto& crypto,
             Settings settings);

  /// `method` as in MethodRules, `authorization` the header's whole value, `certificate_subject` as
  /// verified by TLS (empty: none). For an open method the identity is empty.
  /// Errors: UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_USED, RATE_LIMITED, PERMISSION_DENIED,
  /// PERSON_REQUIRED, ENTITY_DENIED, STORE_UNAVAILABLE.
  absl::StatusOr<Identity> Admit(std::string_view method, std::string_view authorization,
                                 std::string_view certificate_subject);

 private:
  absl::Status Count(const Identity& identity);

  const Settings settings_;
  Authenticator authenticator_;
  RateLimiter limiter_;
};

}  // namespace kontor::security
