// SPDX-License-Identifier: Apache-2.0
// Turns are taken in no particular order: fairness between lanes is the engine's.
#include "adapters/odoo/gate.h"

#include <algorithm>
#include <chrono>

#include "server/base/status.h"

namespace kontor::odoo {

absl::Status Gate::Enter(absl::Time deadline) {
  // Waiting is by the wall; the longest nap bounds how late a change of the clock is noticed.
  constexpr absl::Duration kNapMax = absl::Milliseconds(100);
  std::unique_lock lock(mutex_);
  while (true) {
    const absl::Time now = clock_.Now();
    if (now >= deadline) {
      return base::Error(base::Reason::kDeadlineExceeded)
          .Says("no turn came for the call within its time")
          .Happened(base::Outcome::kNotApplied);
    }
    const bool in_time = per_second_max_ == 0 || now >= next_start_;
    if (in_flight_ < in_flight_max_ && in_time) break;
    const absl::Duration wait = in_time ? kNapMax : std::min(kNapMax, next_start_ - now);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(std::max(wait, absl::Milliseconds(1))));
  }
  ++in_flight_;
  if (per_second_max_ > 0) {
    next_start_ = std::max(next_start_, clock_.Now()) + absl::Seconds(1) / per_second_max_;
  }
  return absl::OkStatus();
}

void Gate::Leave() {
  const std::lock_guard lock(mutex_);
  --in_flight_;
  changed_.notify_one();
}

}  // namespace kontor::odoo
