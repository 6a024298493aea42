// SPDX-License-Identifier: Apache-2.0
#include "server/security/gatekeeper.h"

#include <algorithm>

#include "server/base/status.h"

namespace kontor::security {

Gatekeeper::Gatekeeper(ports::Store& store, const base::Clock& clock, const ports::Crypto& crypto,
                       Settings settings)
    : settings_(settings), authenticator_(store, clock, crypto, settings), limiter_(clock) {}

absl::StatusOr<Identity> Gatekeeper::Admit(std::string_view method,
                                           std::string_view authorization,
                                           std::string_view certificate_subject) {
  const MethodRule* const rule = FindRule(method);
  if (rule != nullptr && rule->access == Access::kOpen) {
    // One bucket for all: whoever guesses at the first token shares it with everyone.
    KONTOR_RETURN_IF_ERROR(limiter_.Take("", settings_.open_calls_per_second,
                                         settings_.open_calls_per_second));
    return Identity{};
  }
  KONTOR_ASSIGN_OR_RETURN(const std::string token, BearerTokenOf(authorization));
  KONTOR_ASSIGN_OR_RETURN(Identity identity, authenticator_.Identify(token, certificate_subject));
  KONTOR_RETURN_IF_ERROR(Count(identity));
  KONTOR_RETURN_IF_ERROR(Authorize(identity.actor, method, ""));
  return identity;
}

absl::Status Gatekeeper::Count(const Identity& identity) {
  if (identity.calls_per_second == 0) {
    return limiter_.Take(identity.actor.principal_id, settings_.calls_per_second,
                         settings_.calls_burst);
  }
  // A rate of its own gets a burst in the same proportion as the default's.
  const int64_t burst = int64_t{identity.calls_per_second} * settings_.calls_burst /
                        std::max(settings_.calls_per_second, 1);
  constexpr int64_t kBurstMax = 10'000'000;
  return limiter_.Take(identity.actor.principal_id, identity.calls_per_second,
                       static_cast<int>(std::clamp(burst, int64_t{1}, kBurstMax)));
}

}  // namespace kontor::security
