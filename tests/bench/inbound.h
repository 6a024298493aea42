// SPDX-License-Identifier: Apache-2.0
// Durable acceptance of inbound webhooks against the same server answering /healthz.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace kontor::bench {

struct InboundOptions {
  int rounds = 7;
  int64_t messages = 10'000;  ///< A round, of each.
  int in_flight = 64;         ///< Connections; 1 to 1000.
  std::string folder;         ///< Where the store is made; empty: where temporary files go.
  std::vector<std::string> settings;
};

/// Every message is another report, rightly signed; it goes to /healthz too, for the same load. The
/// reports are read and checked by the same server after each round, as always.
absl::Status RunInbound(const InboundOptions& options);

}  // namespace kontor::bench
