// SPDX-License-Identifier: Apache-2.0
// Rates of principals, on a clock that stands still.
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/security/rate_limiter.h"

namespace kontor::security {
namespace {

using base::Reason;

BOOST_AUTO_TEST_CASE(a_burst_passes_and_the_next_call_is_refused_with_a_wait) {
  base::FakeClock clock(absl::UnixEpoch());
  RateLimiter limiter(clock);
  for (int i = 0; i < 5; ++i) BOOST_TEST(limiter.Take("a", 10, 5).ok());
  const absl::Status refused = limiter.Take("a", 10, 5);
  BOOST_TEST(base::Is(refused, Reason::kRateLimited));
  BOOST_TEST((base::InfoOf(refused).retry_after == absl::Milliseconds(100)));
}

BOOST_AUTO_TEST_CASE(after_the_wait_that_was_named_one_call_passes) {
  base::FakeClock clock(absl::UnixEpoch());
  RateLimiter limiter(clock);
  while (limiter.Take("a", 4, 2).ok()) continue;
  clock.Advance(base::InfoOf(limiter.Take("a", 4, 2)).retry_after - absl::Milliseconds(1));
  BOOST_TEST(!limiter.Take("a", 4, 2).ok());
  clock.Advance(absl::Milliseconds(1));
  BOOST_TEST(limiter.Take("a", 4, 2).ok());
  BOOST_TEST(!limiter.Take("a", 4, 2).ok());
}

BOOST_AUTO_TEST_CASE(refused_calls_do_not_push_the_end_further_away) {
  base::FakeClock clock(absl::UnixEpoch());
  RateLimiter limiter(clock);
  BOOST_TEST(limiter.Take("a", 1, 1).ok());
  for (int i = 0; i < 1000; ++i) BOOST_TEST(!limiter.Take("a", 1, 1).ok());
  clock.Advance(absl::Seconds(1));
  BOOST_TEST(limiter.Take("a", 1, 1).ok());
}

BOOST_AUTO_TEST_CASE(principals_do_not_share_a_bucket) {
  base::FakeClock clock(absl::UnixEpoch());
  RateLimiter limiter(clock);
  BOOST_TEST(limiter.Take("a", 1, 1).ok());
  BOOST_TEST(limiter.Take("b", 1, 1).ok());
  BOOST_TEST(!limiter.Take("a", 1, 1).ok());
}

BOOST_AUTO_TEST_CASE(over_a_long_time_the_rate_is_kept_exactly) {
  base::FakeClock clock(absl::UnixEpoch());
  RateLimiter limiter(clock);
  int passed = 0;
  for (int ms = 0; ms < 10'000; ms += 10) {
    passed += limiter.Take("a", 20, 1).ok() ? 1 : 0;
    clock.Advance(absl::Milliseconds(10));
  }
  BOOST_TEST(passed == 200);
}

BOOST_AUTO_TEST_CASE(a_clock_that_goes_back_gives_no_calls_away) {
  base::FakeClock clock(absl::UnixEpoch() + absl::Hours(1));
  RateLimiter limiter(clock);
  BOOST_TEST(limiter.Take("a", 1, 1).ok());
  clock.Set(absl::UnixEpoch());
  BOOST_TEST(!limiter.Take("a", 1, 1).ok());
}

BOOST_AUTO_TEST_CASE(idle_principals_are_forgotten) {
  base::FakeClock clock(absl::UnixEpoch());
  RateLimiter limiter(clock);
  for (size_t i = 0; i < RateLimiter::kBucketsMax; ++i) {
    BOOST_REQUIRE(limiter.Take(std::to_string(i), 100, 10).ok());
  }
  clock.Advance(absl::Seconds(10));
  BOOST_TEST(limiter.Take("one more", 100, 10).ok());
  BOOST_TEST(limiter.size() == 1U);
}

}  // namespace
}  // namespace kontor::security
