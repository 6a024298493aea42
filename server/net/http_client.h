// SPDX-License-Identifier: Apache-2.0
// ports::HttpClient over libcurl's multi interface, with one thread of its own.
// It never follows a redirect, never uses a proxy of the environment and never sends a request a
// second time by itself: what the caller does not know it cannot account for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/net/address_guard.h"
#include "server/ports/http_client.h"

namespace kontor::net {

struct HttpClientOptions {
  std::vector<std::string> allowed_networks;  ///< Private networks that may be dialled, as CIDR.
  int in_flight_max = 256;        ///< Requests on the wire at once, 1 to 4096.
  int in_flight_per_host_max = 64;  ///< Connections to one host and port, 1 to 4096.
  int queue_max = 10000;          ///< Requests waiting for their turn; beyond it QUEUE_FULL.
  int idle_connections_max = 64;  ///< Connections kept open for reuse.
  std::string user_agent = "kontor";
};

/// Makes a client and starts its thread (named `http-out`). Its destructor ends what is in flight:
/// each `done` is still called, with SHUTTING_DOWN.
///
/// The status of a response is OK when a whole answer arrived. Else its reason is one of
/// TARGET_REFUSED (address guard), FIELD_INVALID (URL, header), QUEUE_FULL, PEER_UNREACHABLE,
/// DEADLINE_EXCEEDED, PEER_ANSWER_LOST, TOO_LARGE (the answer) and SHUTTING_DOWN, and its outcome
/// kNotApplied exactly when the connection was never ready to carry the request, so that no byte
/// of it left: names not resolved, connections refused, TLS handshakes failed, time run out before.
/// A connection kept alive that the peer closes just then gives PEER_ANSWER_LOST for all methods
/// but GET and HEAD, which libcurl may repeat. Errors: CONFIG_INVALID for options out of range,
/// INTERNAL when libcurl cannot start.
absl::StatusOr<std::unique_ptr<ports::HttpClient>> MakeHttpClient(HttpClientOptions options);

}  // namespace kontor::net
