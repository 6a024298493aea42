// SPDX-License-Identifier: Apache-2.0
// A bank statement of many lines, taken in, against bare inserts of the same bytes into SQLite.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace kontor::bench {

struct ImportOptions {
  int rounds = 3;
  int64_t lines = 100'000;  ///< Of each statement, at least.
  std::string folder;       ///< Where the stores are made; empty: where temporary files go.
  std::vector<std::string> settings;
};

/// Every round is another file. Ends with an error when a statement did not add up or lacks lines.
absl::Status RunImport(const ImportOptions& options);

}  // namespace kontor::bench
