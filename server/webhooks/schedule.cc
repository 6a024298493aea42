// SPDX-License-Identifier: Apache-2.0
// Integer arithmetic on durations only.
#include "server/webhooks/schedule.h"

#include <algorithm>
#include <array>

#include "absl/time/clock.h"
#include "server/base/strings.h"

namespace kontor::webhooks {
namespace {

// Index: attempts that have failed. The first attempt waits for nothing.
const std::array<absl::Duration, kAttemptsMax>& Steps() {
  static const std::array<absl::Duration, kAttemptsMax> steps = {
      absl::ZeroDuration(), absl::Seconds(5), absl::Minutes(5), absl::Minutes(30),
      absl::Hours(2),       absl::Hours(5),   absl::Hours(10),  absl::Hours(14),
      absl::Hours(20),      absl::Hours(24)};
  return steps;
}
const absl::Duration kAfterSchedule = absl::Hours(6);
constexpr int kJitterPermille = 100;

constexpr int kRestSteps = 5;
absl::Duration RestStep(int rests) {
  static const std::array<absl::Duration, kRestSteps> steps = {
      absl::Seconds(5), absl::Seconds(30), absl::Minutes(5), absl::Minutes(30), absl::Hours(1)};
  return steps[static_cast<std::size_t>(std::clamp(rests, 0, kRestSteps - 1))];
}

}  // namespace

absl::Duration RetryDelay(int failed_attempts, std::uint32_t random) {
  const absl::Duration step = failed_attempts < kAttemptsMax
                                  ? Steps()[static_cast<std::size_t>(std::max(failed_attempts, 0))]
                                  : kAfterSchedule;
  const int spread = static_cast<int>(random % (2 * kJitterPermille + 1));
  const int permille = 1000 - kJitterPermille + spread;
  return step * permille / 1000;
}

Verdict VerdictOf(const ports::HttpResponse& response) {
  if (!response.status.ok()) return Verdict::kFailed;
  const int status = response.http_status;
  if (status >= 200 && status < 300) return Verdict::kDelivered;
  if (status == 410) return Verdict::kGone;
  if (status == 429 || status == 502 || status == 503 || status == 504) return Verdict::kThrottled;
  return Verdict::kFailed;
}

std::optional<absl::Duration> RetryAfter(const ports::HttpResponse& response, absl::Time now) {
  if (!response.status.ok()) return std::nullopt;
  for (const auto& [name, value] : response.headers) {
    if (name != "retry-after") continue;
    absl::Duration wait;
    if (const absl::StatusOr<std::int64_t> seconds = base::ParseInt64(value); seconds.ok()) {
      wait = absl::Seconds(std::min<std::int64_t>(*seconds, absl::ToInt64Seconds(kRetryAfterMax)));
    } else {
      absl::Time until;
      std::string error;
      // RFC 9110 5.6.7; the two obsolete forms are not worth their ambiguity.
      if (!absl::ParseTime("%a, %d %b %E4Y %H:%M:%S GMT", value, &until, &error)) {
        return std::nullopt;
      }
      wait = std::min(until - now, kRetryAfterMax);
    }
    if (wait <= absl::ZeroDuration()) return std::nullopt;
    return wait;
  }
  return std::nullopt;
}

Breaker Breaker::Broken() {
  Breaker breaker;
  breaker.failures_ = kFailuresToRest;
  breaker.rests_ = kRestsToBroken;
  return breaker;
}

int Breaker::Allowance(int most, absl::Time now) const {
  if (now < rest_until_) return 0;
  return rests_ > 0 ? 1 : most;
}

void Breaker::OnSuccess() { Reset(); }

void Breaker::OnFailure(absl::Time now) {
  ++failures_;
  // Others that were on the wire when the rest began say nothing new.
  if (now < rest_until_) return;
  if (rests_ == 0 && failures_ < kFailuresToRest) return;
  rest_until_ = now + RestStep(rests_);
  ++rests_;
}

void Breaker::RestUntil(absl::Time until) { rest_until_ = std::max(rest_until_, until); }

}  // namespace kontor::webhooks
