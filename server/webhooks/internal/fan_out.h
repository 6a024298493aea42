// SPDX-License-Identifier: Apache-2.0
// Turns events into deliveries, and answers into endpoint states, within one unit of the store:
// what was taken from the feed and what came of it are written together. Private to
// server/webhooks.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/ids.h"
#include "server/ports/store.h"
#include "server/webhooks/internal/lane.h"

namespace kontor::webhooks::internal {

struct FannedOut {
  int events = 0;
  bool more = false;  ///< The batch was full.
  std::vector<Ready> deliveries;  ///< In the order of the feed.
};

/// Writes a delivery for each of at most `batch` events after the cursor and each endpoint that
/// takes events and whose filter it passes, and moves the cursor. Endpoints are read in the same
/// unit, so that an event numbered after an endpoint's activation cannot miss it. Without a cursor
/// the feed begins at its end: webhooks tell what happens from now on.
absl::StatusOr<FannedOut> FanOutEvents(ports::Unit& unit, int batch, absl::Time now,
                                       base::IdSource& ids);

/// Moves an endpoint's state with an audit row, where it still stands where the transition begins
/// (to DISABLED: ACTIVE or BROKEN); else nothing, since a person decided meanwhile.
absl::Status Apply(const Transition& transition, absl::Time now, ports::Unit& unit);

}  // namespace kontor::webhooks::internal
