// SPDX-License-Identifier: Apache-2.0
// What webhook delivery is measured against: a loop that does nothing but POST, with libcurl's
// multi interface, as many at once, over connections that stay open.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace kontor::bench {

struct PostOptions {
  std::string url;
  std::string body;
  int64_t count = 0;
  int in_flight = 64;
};

/// POSTs `body` `count` times with the headers that a delivery has; ends when all were answered
/// with 200. Blocks.
absl::Status PostMany(const PostOptions& options);

}  // namespace kontor::bench
