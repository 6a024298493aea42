// SPDX-License-Identifier: Apache-2.0
// Stores with many finished operations: whether acceptance slows down, and what memory they cost.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/bench/load.h"
#include "tests/bench/world.h"

namespace kontor::bench {

struct GrowthOptions {
  LoadOptions load;
  int rounds = 7;
  int64_t small = 10'000;
  int64_t large = 1'000'000;
  std::string folder;      ///< Where stores are made; empty: where temporary files go.
  std::string small_url;   ///< store.url of the small one; empty: SQLite in its folder.
  std::string large_url;   ///< Likewise.
  std::vector<std::string> settings;
};

absl::Status RunGrowth(const GrowthOptions& options);

/// A folder below `parent` whose store holds `count` finished operations and is set up. It is kept,
/// and found again by its name the next time: filling takes minutes. An address of a store that is
/// not in the folder is filled whenever the folder is new.
absl::StatusOr<ServerOptions> FilledServer(const std::string& parent, int64_t count, int lines,
                                           const std::string& store_url,
                                           const std::vector<std::string>& settings);

}  // namespace kontor::bench
