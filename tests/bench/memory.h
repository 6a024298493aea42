// SPDX-License-Identifier: Apache-2.0
// Memory of kontord itself on a store with many finished operations.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace kontor::bench {

struct MemoryOptions {
  int64_t stored = 1'000'000;
  int lines = 3;             ///< Of each invoice.
  int64_t accepted = 20'000;  ///< Invoices accepted while it is watched.
  std::string folder;        ///< Where stores are made; empty: where temporary files go.
  std::vector<std::string> settings;
};

absl::Status RunMemory(const MemoryOptions& options);

}  // namespace kontor::bench
