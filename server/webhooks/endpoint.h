// SPDX-License-Identifier: Apache-2.0
// An endpoint: one subscription with its target, filter, secrets and state; how it is checked, kept
// and matched. No I/O.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/event.h"
#include "server/ports/store.h"

namespace kontor::webhooks {

/// ObjectRow::kind of endpoints.
inline constexpr char kEndpointKind[] = "webhook_endpoint";

enum class EndpointState {
  kUnverified,  ///< Not yet answered a challenge; gets no events.
  kActive,
  kPaused,    ///< By a person; events wait.
  kBroken,    ///< By the breaker; events wait, it is tried from time to time.
  kDisabled,  ///< It answered 410; events wait until a person resumes or deletes it.
};
std::string_view NameOf(EndpointState state);
std::optional<EndpointState> ParseEndpointState(std::string_view name);

/// What a caller decides about an endpoint.
struct EndpointSpec {
  std::string url;                    ///< https, or http where configuration allows; <= 2000.
  std::string description;            ///< <= 200.
  std::vector<std::string> types;     ///< Exact, or `invoice.*`; empty: all. <= 50.
  std::vector<std::string> entities;  ///< Empty: all. <= 100.
  std::map<std::string, std::string> headers;  ///< Sent with each delivery; <= 20.
  bool unmasked = false;              ///< Granted names and account numbers.
  int max_in_flight = 8;              ///< Deliveries at once, over different subjects; 1 to 64.
  absl::Duration timeout = absl::Seconds(15);  ///< Of one delivery; 1 s to 30 s.
  std::string client_certificate;     ///< Name of a configured certificate; empty: none.
};

/// One signing secret. The newest has no end.
struct EndpointSecret {
  std::string secret;  ///< `whsec_…`
  std::optional<absl::Time> expires;
};

struct Endpoint {
  std::string id;  ///< whe_…
  EndpointSpec spec;
  EndpointState state = EndpointState::kUnverified;
  std::string state_reason;  ///< One sentence when BROKEN or DISABLED.
  bool was_verified = false;  ///< Verified once: events wait for it even while it must be again.
  std::vector<EndpointSecret> secrets;  ///< Newest first.
  std::string owner;                    ///< Name of the principal that made it.
  absl::Time created;
  absl::Time updated;
  std::int64_t version = 0;
};

struct EndpointRules {
  bool allow_plain_http = false;
  std::vector<std::string> client_certificates;  ///< Names that exist.
};

/// Checks a spec. Errors: FIELD_MISSING, FIELD_INVALID, FIELD_TOO_LONG or TEXT_INVALID with the
/// field's path below `endpoint`. Where the target may be is the address guard's business. Pure.
absl::Status CheckSpec(const EndpointSpec& spec, const EndpointRules& rules);

/// True when `event` passes the filter of `spec`. Pure.
bool Matches(const EndpointSpec& spec, const model::Event& event);

/// Whether events are kept for it.
bool TakesEvents(const Endpoint& endpoint);

/// `whsec_` texts that sign at `now`, newest first. Pure.
std::vector<std::string> SigningSecrets(const Endpoint& endpoint, absl::Time now);
/// When the last of the old secrets ends, if there is one that still signs at `now`.
std::optional<absl::Time> OldSecretExpires(const Endpoint& endpoint, absl::Time now);

/// The row that keeps an endpoint; the store seals its body. Pure.
ports::ObjectRow ToRow(const Endpoint& endpoint);
/// Errors: INTERNAL when the row's body is not one of ToRow's.
absl::StatusOr<Endpoint> FromRow(const ports::ObjectRow& row);

}  // namespace kontor::webhooks
