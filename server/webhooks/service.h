// SPDX-License-Identifier: Apache-2.0
// Everything that may be asked of outgoing webhooks: endpoints, challenge, ping, secrets,
// deliveries and replays. Who may ask is decided before; each change leaves an audit row naming the
// actor.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/crypto/secret.h"
#include "server/net/address_guard.h"
#include "server/ports/actor.h"
#include "server/webhooks/deliverer.h"
#include "server/webhooks/endpoint.h"

namespace kontor::webhooks {

/// Identifies a mutating call for ever: the same id with the same digest gives the first answer
/// again (without secrets), with another digest REQUEST_ID_REUSED. Empty id: not kept.
struct RequestKey {
  std::string request_id;
  std::string digest;  ///< SHA-256 of the normalised request, hex.
};

/// An endpoint with a secret that is told this once; empty when a request was repeated.
struct EndpointAndSecret {
  Endpoint endpoint;
  crypto::SecretString secret;
};

struct PingResult {
  int http_status = 0;  ///< 0: no answer.
  std::string error;    ///< One sentence; empty on success.
  absl::Duration elapsed;
};

/// What to deliver again: given deliveries or events, or a window of time. At most
/// kReplayEventsMax events in one call.
struct ReplaySelection {
  std::string endpoint_id;  ///< Empty: every endpoint whose filter the events pass.
  std::vector<std::string> event_ids;
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;
};
struct ReplayResult {
  std::int64_t events = 0;
  std::int64_t deliveries = 0;
};
inline constexpr int kReplayEventsMax = 10000;
/// Why a person decided, in characters.
inline constexpr int kReasonMax = 1000;

/// Thread safety: all methods from any thread but the commit thread and the HTTP client's; they
/// block on the store, Verify and Ping on the endpoint too.
/// Errors of all: NOT_FOUND for an unknown endpoint, and the store's.
class Service {
 public:
  /// `guard` is the one that the HTTP client dials by. `deliverer` outlives this.
  Service(const Dependencies& deps, const Settings& settings, net::AddressGuard guard,
          Deliverer& deliverer);

  /// Makes an UNVERIFIED endpoint. `secret`: `whsec_…` to use, empty for a fresh one.
  /// Errors: those of CheckSpec, TARGET_REFUSED, REQUEST_ID_REUSED.
  absl::StatusOr<EndpointAndSecret> Create(const ports::Actor& actor, const RequestKey& key,
                                           EndpointSpec spec, std::string secret);
  absl::StatusOr<Endpoint> Get(const std::string& id) const;
  /// Newest first.
  absl::StatusOr<std::vector<Endpoint>> List(std::optional<EndpointState> state) const;
  /// Takes `spec` whole; another URL makes the endpoint UNVERIFIED, and events wait for it.
  /// `expected_version` 0: no check, else VERSION_CONFLICT.
  absl::StatusOr<Endpoint> Update(const ports::Actor& actor, const std::string& id,
                                  EndpointSpec spec, std::int64_t expected_version);
  /// Removes it and drops its open deliveries; answers how many. Repeating it is NOT_FOUND.
  absl::StatusOr<std::int64_t> Delete(const ports::Actor& actor, const std::string& id,
                                      const std::string& reason);

  /// Sends a challenge; the right answer makes the endpoint ACTIVE (PAUSED stays PAUSED).
  /// Errors: CHALLENGE_FAILED saying what came back, STATE_CONFLICT when the URL was changed
  /// meanwhile. Repeatable.
  absl::StatusOr<Endpoint> Verify(const ports::Actor& actor, const std::string& id);
  /// Sends one signed `endpoint.ping`. What came back is the result, not an error. Repeatable.
  absl::StatusOr<PingResult> Ping(const ports::Actor& actor, const std::string& id);

  /// A new secret signs at once; the former sign too for `overlap`, 0 to 30 days.
  absl::StatusOr<EndpointAndSecret> RotateSecret(const ports::Actor& actor, const RequestKey& key,
                                                 const std::string& id, absl::Duration overlap,
                                                 std::string secret);
  /// ACTIVE, BROKEN or DISABLED → PAUSED. Repeatable.
  absl::StatusOr<Endpoint> Pause(const ports::Actor& actor, const std::string& id,
                                 const std::string& reason);
  /// PAUSED, BROKEN, DISABLED → ACTIVE; deliveries that were kept back are tried again.
  /// Errors: STATE_CONFLICT when it was never verified, or must be again. Repeatable.
  absl::StatusOr<Endpoint> Resume(const ports::Actor& actor, const std::string& id,
                                  const std::string& reason);

  /// Newest first. What waits for a PAUSED, DISABLED or UNVERIFIED endpoint is
  /// PARKED here.
  absl::StatusOr<ports::Listed<ports::DeliveryRow>> ListDeliveries(
      const std::string& endpoint_id, std::optional<ports::DeliveryState> state,
      const ports::Page& page) const;
  /// Schedules events again under their ids. A delivery that is kept back comes back as due instead
  /// of doubling. Errors: FIELD_MISSING without a selection, FIELD_INVALID for one too large,
  /// NOT_FOUND for an unknown event, REQUEST_ID_REUSED.
  absl::StatusOr<ReplayResult> Replay(const ports::Actor& actor, const RequestKey& key,
                                      const ReplaySelection& selection, const std::string& reason);

 private:
  EndpointRules Rules() const;
  absl::Status CheckTarget(const EndpointSpec& spec) const;
  absl::StatusOr<Endpoint> Change(
      const ports::Actor& actor, const std::string& id, const std::string& action,
      const std::string& reason, const std::function<absl::Status(Endpoint&)>& change);
  absl::StatusOr<std::int64_t> EndDeliveries(const std::string& endpoint_id,
                                             ports::DeliveryState from, ports::DeliveryState to);
  ports::HttpResponse SendNow(const Endpoint& endpoint, std::string body);

  const Dependencies deps_;
  const Settings settings_;
  const net::AddressGuard guard_;
  Deliverer& deliverer_;
};

}  // namespace kontor::webhooks
