// SPDX-License-Identifier: Apache-2.0
// The schedule step by step, the meaning of answers, and the breaker under a clock of the test's
// own.
#include <ostream>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/webhooks/schedule.h"

namespace bdata = boost::unit_test::data;

namespace kontor::webhooks {
namespace {

constexpr std::uint32_t kNoJitter = 100;  // the middle of 0 … 200

ports::HttpResponse Answer(int status, const std::string& retry_after = "") {
  ports::HttpResponse response;
  response.http_status = status;
  if (!retry_after.empty()) response.headers.emplace_back("retry-after", retry_after);
  return response;
}

BOOST_AUTO_TEST_CASE(the_schedule_is_that_of_the_standard) {
  const absl::Duration steps[] = {absl::Seconds(5), absl::Minutes(5), absl::Minutes(30),
                                  absl::Hours(2),   absl::Hours(5),   absl::Hours(10),
                                  absl::Hours(14),  absl::Hours(20),  absl::Hours(24)};
  absl::Duration sum;
  for (int failed = 1; failed < kAttemptsMax; ++failed) {
    BOOST_TEST((RetryDelay(failed, kNoJitter) == steps[failed - 1]), "after " << failed);
    sum += steps[failed - 1];
  }
  BOOST_TEST((sum == absl::Hours(75) + absl::Minutes(35) + absl::Seconds(5)));
  BOOST_TEST((RetryDelay(kAttemptsMax, kNoJitter) == absl::Hours(6)));
  BOOST_TEST((RetryDelay(1000, kNoJitter) == absl::Hours(6)));
}

BOOST_AUTO_TEST_CASE(jitter_stays_within_a_tenth_and_reaches_both_ends) {
  BOOST_TEST((RetryDelay(2, 0) == absl::Seconds(270)));
  BOOST_TEST((RetryDelay(2, 200) == absl::Seconds(330)));
  for (std::uint32_t random = 0; random < 5000; random += 37) {
    BOOST_TEST((RetryDelay(2, random) >= absl::Seconds(270)));
    BOOST_TEST((RetryDelay(2, random) <= absl::Seconds(330)));
  }
}

BOOST_AUTO_TEST_CASE(only_2xx_is_success) {
  for (const int status : {200, 201, 202, 204, 299}) {
    BOOST_TEST((VerdictOf(Answer(status)) == Verdict::kDelivered));
  }
  for (const int status : {429, 502, 503, 504}) {
    BOOST_TEST((VerdictOf(Answer(status)) == Verdict::kThrottled));
  }
  for (const int status : {0, 100, 199, 300, 301, 302, 307, 400, 401, 404, 409, 413, 500, 501}) {
    BOOST_TEST((VerdictOf(Answer(status)) == Verdict::kFailed), status);
  }
  BOOST_TEST((VerdictOf(Answer(410)) == Verdict::kGone));
  ports::HttpResponse lost = Answer(200);
  lost.status = base::Error(base::Reason::kPeerAnswerLost);
  BOOST_TEST((VerdictOf(lost) == Verdict::kFailed));
}

struct RetryAfterCase {
  const char* value;
  absl::Duration want;  // zero: none
};
std::ostream& operator<<(std::ostream& out, const RetryAfterCase& c) { return out << c.value; }

// Now is 2026-03-01T12:00:00Z, a Sunday.
const RetryAfterCase kRetryAfter[] = {
    {"1", absl::Seconds(1)},
    {"120", absl::Seconds(120)},
    {"86400", absl::Hours(24)},
    {"86401", absl::Hours(24)},
    {"9223372036854775807", absl::Hours(24)},
    {"Sun, 01 Mar 2026 12:10:00 GMT", absl::Minutes(10)},
    {"Sun, 01 Mar 2099 12:10:00 GMT", absl::Hours(24)},
    {"Sun, 01 Mar 2026 11:59:59 GMT", absl::ZeroDuration()},
    {"0", absl::ZeroDuration()},
    {"-5", absl::ZeroDuration()},
    {"1.5", absl::ZeroDuration()},
    {"soon", absl::ZeroDuration()},
    {"99999999999999999999", absl::ZeroDuration()},
    {"2026-03-01T12:10:00Z", absl::ZeroDuration()},
};

BOOST_DATA_TEST_CASE(retry_after_is_read_in_both_forms_and_bounded, bdata::make(kRetryAfter), c) {
  const absl::Time now = absl::FromUnixSeconds(1772366400);
  const auto wait = RetryAfter(Answer(503, c.value), now);
  BOOST_TEST((wait.value_or(absl::ZeroDuration()) == c.want));
}

BOOST_AUTO_TEST_CASE(the_breaker_rests_longer_each_time_and_lets_one_through_between) {
  absl::Time now = absl::UnixEpoch();
  Breaker breaker;
  for (int i = 1; i < Breaker::kFailuresToRest; ++i) {
    breaker.OnFailure(now);
    BOOST_TEST(breaker.Allowance(8, now) == 8);
  }
  const absl::Duration rests[] = {absl::Seconds(5), absl::Seconds(30), absl::Minutes(5),
                                  absl::Minutes(30), absl::Hours(1), absl::Hours(1)};
  int round = 0;
  for (const absl::Duration rest : rests) {
    breaker.OnFailure(now);
    breaker.OnFailure(now);  // another that was on the wire: no longer rest for it
    BOOST_TEST(breaker.is_broken() == (++round >= Breaker::kRestsToBroken));
    BOOST_TEST(breaker.Allowance(8, now) == 0);
    BOOST_TEST(breaker.Allowance(8, now + rest - absl::Nanoseconds(1)) == 0);
    now += rest;
    BOOST_TEST(breaker.Allowance(8, now) == 1);
  }
  breaker.OnSuccess();
  BOOST_TEST(breaker.Allowance(8, now) == 8);
  BOOST_TEST(breaker.failures() == 0);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_asks_for_a_pause_gets_it_without_being_broken) {
  const absl::Time now = absl::UnixEpoch();
  Breaker breaker;
  breaker.RestUntil(now + absl::Minutes(2));
  breaker.RestUntil(now + absl::Minutes(1));
  BOOST_TEST(breaker.Allowance(8, now + absl::Seconds(119)) == 0);
  BOOST_TEST(breaker.Allowance(8, now + absl::Minutes(2)) == 8);
  BOOST_TEST(!breaker.is_broken());
}

BOOST_AUTO_TEST_CASE(what_was_broken_before_a_restart_begins_with_one) {
  const Breaker breaker = Breaker::Broken();
  BOOST_TEST(breaker.is_broken());
  BOOST_TEST(breaker.Allowance(8, absl::UnixEpoch()) == 1);
}

}  // namespace
}  // namespace kontor::webhooks
