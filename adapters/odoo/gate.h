// SPDX-License-Identifier: Apache-2.0
// How many calls a connection may have under way, and how many it may begin in a second. Waits with
// a bound; time comes through base::Clock.
#pragma once

#include <condition_variable>
#include <mutex>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/clock.h"

namespace kontor::odoo {

/// Thread-safe.
class Gate {
 public:
  /// `per_second_max` 0: no limit.
  Gate(const base::Clock& clock, int in_flight_max, int per_second_max)
      : clock_(clock), in_flight_max_(in_flight_max), per_second_max_(per_second_max) {}

  /// Waits for a turn until `deadline`: DEADLINE_EXCEEDED, not applied, when none came. OK must be
  /// followed by Leave.
  absl::Status Enter(absl::Time deadline);
  void Leave();

 private:
  const base::Clock& clock_;
  const int in_flight_max_;
  const int per_second_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int in_flight_ = 0;
  absl::Time next_start_ = absl::InfinitePast();
};

/// Leaves the gate at the end of a scope.
class GateLeave {
 public:
  explicit GateLeave(Gate& gate) : gate_(gate) {}
  ~GateLeave() { gate_.Leave(); }
  GateLeave(const GateLeave&) = delete;
  GateLeave& operator=(const GateLeave&) = delete;

 private:
  Gate& gate_;
};

}  // namespace kontor::odoo
