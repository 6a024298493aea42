// SPDX-License-Identifier: Apache-2.0
// Calendar dates and instants.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "server/base/clock.h"
#include "server/base/date.h"
#include "server/base/status.h"

namespace bdata = boost::unit_test::data;

namespace kontor::base {
namespace {

const char* const kNoDates[] = {
    "",           "2026",        "2026-2-01",  "2026-02-1",   "26-02-01",   "2026/02/01",
    "01.02.2026", "2026-02-30",  "2026-13-01", "2026-00-01",  "2026-01-00", "2025-02-29",
    "1900-02-29", "2100-02-29",  "1899-12-31", "2200-01-01",  "2026-02-01 ", " 2026-02-01",
    "2026-02-01T00:00:00Z",      "-026-02-01", "2026-+2-01",  "2026-0a-01", "tomorrow",
};
BOOST_DATA_TEST_CASE(a_date_that_does_not_exist_is_refused, bdata::make(kNoDates), text) {
  const auto date = Date::Parse(text);
  BOOST_REQUIRE(!date.ok());
  BOOST_TEST(Is(date.status(), Reason::kDateInvalid));
}

const char* const kDates[] = {"1900-01-01", "1970-01-01", "2000-02-29", "2024-02-29",
                              "2026-11-28", "2199-12-31"};
BOOST_DATA_TEST_CASE(an_existing_date_is_read_and_written_alike, bdata::make(kDates), text) {
  BOOST_TEST(Date::Parse(text).value().ToString() == text);
}

BOOST_AUTO_TEST_CASE(every_day_of_three_centuries_survives_being_written_and_read) {
  BOOST_TEST(rc::check("parse(format(d)) == d", [] {
    const Date first = Date::Parse("1900-01-01").value();
    const Date day = first.PlusDays(*rc::gen::inRange(0, 109'573));
    RC_ASSERT(Date::Parse(day.ToString()).value() == day);
    RC_ASSERT(day.PlusDays(1) > day);
    RC_ASSERT(day.PlusDays(1).DaysSince(day) == 1);
  }));
}

BOOST_AUTO_TEST_CASE(the_day_of_an_instant_is_that_of_utc_also_before_1970) {
  BOOST_TEST(Date::Of(ParseInstant("2026-01-01T00:30:00+02:00").value()).ToString() ==
             "2025-12-31");
  BOOST_TEST(Date::Of(ParseInstant("1969-12-31T23:59:59Z").value()).ToString() == "1969-12-31");
  BOOST_TEST(Date::Of(absl::UnixEpoch()).ToString() == "1970-01-01");
}

BOOST_AUTO_TEST_CASE(instants_have_one_width_so_that_text_sorts) {
  const absl::Time time = absl::FromUnixMicros(1'795'887'497'000'001);
  BOOST_TEST(FormatInstant(time).size() == FormatInstant(absl::UnixEpoch()).size());
  BOOST_TEST((ParseInstant(FormatInstant(time)).value() == time));
  BOOST_TEST(FormatInstant(time) < FormatInstant(time + absl::Microseconds(1)));
}

const char* const kNoInstants[] = {"", "2026-01-01", "2026-01-01 10:00:00", "2026-01-01T10:00:00",
                                   "2026-01-01T25:00:00Z", "2026-02-30T10:00:00Z", "now"};
BOOST_DATA_TEST_CASE(an_instant_without_its_zone_is_refused, bdata::make(kNoInstants), text) {
  BOOST_TEST(!ParseInstant(text).ok());
}

BOOST_AUTO_TEST_CASE(the_fake_clock_moves_only_when_told) {
  FakeClock clock(absl::UnixEpoch());
  BOOST_TEST((clock.Now() == clock.Now()));
  clock.Advance(absl::Seconds(5));
  BOOST_TEST((clock.Now() == absl::UnixEpoch() + absl::Seconds(5)));
  clock.Set(absl::UnixEpoch());
  BOOST_TEST((clock.Now() == absl::UnixEpoch()));
}

}  // namespace
}  // namespace kontor::base
