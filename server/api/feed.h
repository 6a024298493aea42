// SPDX-License-Identifier: Apache-2.0
// Reading the event feed for a caller.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "server/api/methods.h"

namespace kontor::api {

struct FeedPage {
  std::vector<model::Event> events;
  int64_t end = 0;         ///< Last sequence when the page was read.
  int64_t next_after = 0;  ///< Where to read on.
  bool at_end = false;
};

/// Events after filter.after that the caller may see, at most `limit`.
absl::StatusOr<FeedPage> ReadFeed(const Parts& parts, const Call& call,
                                  const ports::EventFilter& filter, int limit);
/// A filter for one entity (empty: all the caller's); ENTITY_DENIED for another's.
absl::StatusOr<ports::EventFilter> FilterFor(const Call& call, const std::string& entity,
                                             int64_t after);

}  // namespace kontor::api
