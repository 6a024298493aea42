// SPDX-License-Identifier: Apache-2.0
// When a delivery is tried again, what an answer means, and when an endpoint is left alone for a
// while. Pure values and functions: whoever calls says what time it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "server/ports/http_client.h"

namespace kontor::webhooks {

/// Attempts of the schedule 0 s, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h
/// (Standard Webhooks 1.0.0, "Deliverability and reliability": about 75 hours).
inline constexpr int kAttemptsMax = 10;
inline constexpr absl::Duration kRetryAfterMax = absl::Hours(24);

/// The wait after `failed_attempts` attempts failed, 1 to kAttemptsMax: the schedule's next step,
/// shortened or lengthened by up to a tenth by `random`, so that endpoints that failed together do
/// not come back together. After the last step: a fixed six hours, with the same jitter. Pure.
absl::Duration RetryDelay(int failed_attempts, std::uint32_t random);

/// What an endpoint's answer means.
enum class Verdict {
  kDelivered,  ///< 2xx.
  kGone,       ///< 410: the endpoint wants nothing more.
  kThrottled,  ///< 429, 502, 503, 504: alive, but not now.
  kFailed,     ///< Any other status, redirects too, or no answer.
};
Verdict VerdictOf(const ports::HttpResponse& response);

/// The wait that a `retry-after` header asks for (seconds or an HTTP date), at most kRetryAfterMax;
/// nullopt when there is none or it is unreadable or past. Pure.
std::optional<absl::Duration> RetryAfter(const ports::HttpResponse& response, absl::Time now);

/// The circuit breaker of one endpoint. It only postpones; nothing is given up.
/// After kFailuresToRest failures in a row it rests, each time longer; then one delivery is let
/// through, and its result decides. Thread safety: one thread at a time.
class Breaker {
 public:
  static constexpr int kFailuresToRest = 5;
  /// From this many rests in a row the endpoint is shown as BROKEN.
  static constexpr int kRestsToBroken = 3;

  /// The breaker of an endpoint that was broken when this process started.
  static Breaker Broken();
  /// Deliveries that may start now: `most`, 1 after a rest, 0 during one.
  int Allowance(int most, absl::Time now) const;
  void OnSuccess();
  void OnFailure(absl::Time now);
  /// Rests until then without counting a failure: the endpoint asked for it.
  void RestUntil(absl::Time until);
  /// Forgets failures and rests: a person resumed the endpoint.
  void Reset() { *this = Breaker(); }

  int failures() const { return failures_; }
  int rests() const { return rests_; }
  bool is_broken() const { return rests_ >= kRestsToBroken; }
  absl::Time rest_until() const { return rest_until_; }

 private:
  int failures_ = 0;
  int rests_ = 0;
  absl::Time rest_until_ = absl::InfinitePast();
};

}  // namespace kontor::webhooks
