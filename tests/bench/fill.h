// SPDX-License-Identifier: Apache-2.0
// Finished operations as the engine leaves them: every row that a posted invoice has in the end.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tests/bench/stored.h"

namespace kontor::bench {

struct FillOptions {
  int64_t count = 0;
  int lines = 3;        ///< Of each invoice.
  bool progress = true;  ///< A line every 100,000.
};

/// Adds `count` invoices whose operations are POSTED: request, document with content and reading,
/// operation with its steps, two events, two audit rows, the duplicate key where there is one.
absl::Status FillFinished(Stored& stored, const FillOptions& options);

/// Adds `count` events of `subjects` subjects in turn, and nothing else.
absl::Status FillEvents(Stored& stored, int64_t count, int64_t subjects, int lines);

}  // namespace kontor::bench
