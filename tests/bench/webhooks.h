// SPDX-License-Identifier: Apache-2.0
// Durable webhook deliveries, ordered per subject, against a bare POST loop to the same receiver.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace kontor::bench {

struct WebhooksOptions {
  int rounds = 7;
  int64_t events = 20'000;    ///< A round.
  int64_t subjects = 5'000;   ///< They follow each other subject by subject.
  int in_flight = 64;         ///< Of the endpoint and of the bare loop; 1 to 64.
  int lines = 3;              ///< Of the invoice in each event.
  std::string folder;         ///< Where the store is made; empty: where temporary files go.
  std::vector<std::string> settings;
};

absl::Status RunWebhooks(const WebhooksOptions& options);

}  // namespace kontor::bench
