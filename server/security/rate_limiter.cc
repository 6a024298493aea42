// SPDX-License-Identifier: Apache-2.0
#include "server/security/rate_limiter.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::security {

absl::Status RateLimiter::Take(const std::string& who, int per_second, int burst) {
  const absl::Duration each = absl::Seconds(1) / std::max(per_second, 1);
  const absl::Duration room = each * std::max(burst, 1);
  const absl::Time now = clock_.Now();
  const std::lock_guard lock(mutex_);
  if (full_at_.size() >= kBucketsMax) DropIdle(now);
  absl::Time& full_at = full_at_.try_emplace(who, now).first->second;
  const absl::Time next = std::max(full_at, now) + each;
  if (next - now > room) {
    return base::Error(base::Reason::kRateLimited)
        .With("calls_per_second", base::StrCat(per_second))
        .RetryAfter(next - now - room)
        .Says(base::StrCat("more than ", per_second, " calls a second"));
  }
  full_at = next;
  return absl::OkStatus();
}

size_t RateLimiter::size() const {
  const std::lock_guard lock(mutex_);
  return full_at_.size();
}

void RateLimiter::DropIdle(absl::Time now) {
  std::erase_if(full_at_, [now](const auto& bucket) { return bucket.second <= now; });
}

}  // namespace kontor::security
