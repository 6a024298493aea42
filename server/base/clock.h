// SPDX-License-Identifier: Apache-2.0
// Time is injected, so that tests decide what time it is and never sleep.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace kontor::base {

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The instant, UTC.
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

/// Stands still until told otherwise.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void Advance(absl::Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
  }
  void Set(absl::Time now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
  }

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
};

/// `2026-11-28T17:38:17.123456Z`: microseconds, UTC, always the same width, so that text sorts.
std::string FormatInstant(absl::Time time);
absl::StatusOr<absl::Time> ParseInstant(std::string_view text);

}  // namespace kontor::base
