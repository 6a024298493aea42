// SPDX-License-Identifier: Apache-2.0
// Brings events to endpoints: writes one durable delivery an event and endpoint, sends them in
// order per subject and in parallel across subjects, and records what came of it. At least once;
// the `webhook-id` tells a receiver what it has seen. It never gives a delivery up by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/crypto/ed25519.h"
#include "server/ports/http_client.h"
#include "server/ports/store.h"
#include "server/webhooks/endpoint.h"

namespace kontor::webhooks {

struct CertificateFiles {
  std::string certificate_file;
  std::string key_file;
};

struct Settings {
  bool allow_plain_http = false;  ///< Accept http targets; for tests and closed networks.
  std::string ca_file;            ///< Extra trust anchors; empty: the system's.
  std::map<std::string, CertificateFiles> client_certificates;  ///< By name.
  std::string node = "kontord";   ///< Name of this process in the lease.
  absl::Duration poll_interval = absl::Seconds(1);    ///< Between looks at what became due.
  absl::Duration reload_interval = absl::Seconds(10);  ///< Between looks at other nodes' changes.
  absl::Duration lease_ttl = absl::Seconds(60);  ///< One node delivers; longer than any time-out.
  int fan_out_batch = 500;                       ///< Events turned into deliveries at once.
  absl::Duration connect_timeout = absl::Seconds(5);
};

/// What webhooks need of the rest. References outlive what is made of them.
struct Dependencies {
  ports::Store& store;
  ports::HttpClient& http;
  const base::Clock& clock;
  base::IdSource& ids;
  /// Sign `v1a`, newest first; several while one replaces the other. May be empty.
  std::vector<crypto::Ed25519PrivateKey> signing_keys;
  /// Log line without payloads or secrets: event name and key/values. May be empty.
  std::function<void(const std::string& event,
                     const std::vector<std::pair<std::string, std::string>>& fields)>
      log;
};

/// What is known of an endpoint beside its row; since this process started.
struct EndpointHealth {
  int failures_in_a_row = 0;
  std::optional<absl::Time> last_success;
  std::string last_error;
};

struct DelivererCounts {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;  ///< Attempts that will be repeated.
  std::uint64_t parked = 0;  ///< Deliveries that a person must look at.
  std::uint64_t fanned_out = 0;
};

/// The request that carries `body` to `endpoint` under `id`, signed as of `now`.
/// Errors: those of signing. Pure but for its arguments.
absl::StatusOr<ports::HttpRequest> MakeRequest(const Endpoint& endpoint, const std::string& id,
                                               std::string body, absl::Time now,
                                               const Dependencies& deps, const Settings& settings);

/// One sentence about a response that was no success; without its content. Pure.
std::string ErrorText(const ports::HttpResponse& response);

/// Thread safety: Tick() on one thread at a time; the rest from any thread.
class Deliverer {
 public:
  Deliverer(const Dependencies& deps, const Settings& settings);
  /// As Stop() without patience.
  ~Deliverer();
  Deliverer(const Deliverer&) = delete;
  Deliverer& operator=(const Deliverer&) = delete;

  /// Starts the thread (named `delivery`) that calls Tick().
  void Start();
  /// Sends nothing more, waits at most `patience` for answers under way, records them and gives the
  /// lease back. What is not answered is delivered again after the next start.
  void Stop(absl::Duration patience);
  /// Something may have changed: the next Tick() comes at once and looks at events and endpoints
  /// whether or not the store has told of a change yet.
  void Wake();

  /// One round: take answers, send what is ready, record, fan out, read what is due, send that.
  /// Writing goes on beside it unless `wait_for_store`; then this blocks until it is on disk, which
  /// makes rounds repeatable for tests. Returns true when another round would find work at once.
  bool Tick(bool wait_for_store = true);
  /// Requests on the wire now.
  int on_wire() const;

  EndpointHealth HealthOf(const std::string& endpoint_id) const;
  DelivererCounts counts() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace kontor::webhooks
