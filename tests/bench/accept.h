// SPDX-License-Identifier: Apache-2.0
// Durable acceptance of CreateInvoice against an empty RPC on the same server.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/bench/load.h"

namespace kontor::bench {

struct AcceptOptions {
  LoadOptions load;
  int rounds = 7;
  std::string folder;                 ///< Where the store is made; empty: where temporary files go.
  std::vector<std::string> settings;  ///< Of the server, beside the usual ones.
};

absl::Status RunAccept(const AcceptOptions& options);

}  // namespace kontor::bench
