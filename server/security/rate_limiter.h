// SPDX-License-Identifier: Apache-2.0
// How often each principal may call: a token bucket a principal, kept as the one instant at which
// it would be full again (the generic cell rate algorithm), so that nothing needs refilling.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/clock.h"

namespace kontor::security {

/// Thread-safe.
class RateLimiter {
 public:
  static constexpr size_t kBucketsMax = 100'000;

  explicit RateLimiter(const base::Clock& clock) : clock_(clock) {}
  /// Counts one call of `who`. `per_second` and `burst` are at least 1.
  /// Errors: RATE_LIMITED with the wait after which one call fits again.
  absl::Status Take(const std::string& who, int per_second, int burst);
  size_t size() const;

 private:
  /// Drops buckets that are full: they are as good as none.
  void DropIdle(absl::Time now);

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, absl::Time> full_at_;
};

}  // namespace kontor::security
