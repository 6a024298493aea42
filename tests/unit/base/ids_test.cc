// SPDX-License-Identifier: Apache-2.0
// ULIDs with a prefix.
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/ids.h"

namespace bdata = boost::unit_test::data;

namespace kontor::base {
namespace {

absl::Time At(int64_t ms) { return absl::FromUnixMillis(ms); }

BOOST_AUTO_TEST_CASE(ids_sort_in_the_order_they_were_made_also_within_a_millisecond) {
  FakeClock clock(At(1'795'887'497'000));
  IdSource ids(clock, SeededRandom(1));
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    if (i % 100 == 0) clock.Advance(absl::Milliseconds(1));
    const std::string id = ids.Next(kInvoicePrefix);
    BOOST_REQUIRE(IsId(id, kInvoicePrefix));
    BOOST_REQUIRE(last < id);
    last = id;
  }
}

BOOST_AUTO_TEST_CASE(a_clock_that_goes_back_makes_no_id_twice) {
  FakeClock clock(At(2'000'000));
  IdSource ids(clock, SeededRandom(2));
  const std::string before = ids.Next("x_");
  clock.Set(At(1'000'000));
  BOOST_TEST(before < ids.Next("x_"));
}

BOOST_AUTO_TEST_CASE(the_time_stands_in_the_first_ten_characters) {
  // The example of the specification: 1469918176385 is 01ARYZ6S41.
  FakeClock clock(At(1'469'918'176'385));
  IdSource ids(clock, SeededRandom(3));
  BOOST_TEST(ids.Next("").substr(0, 10) == "01ARYZ6S41");
}

BOOST_AUTO_TEST_CASE(random_bits_that_run_over_carry_into_the_next_millisecond) {
  FakeClock clock(At(5));
  IdSource ids(clock, [](uint8_t* bytes, size_t count) {
    for (size_t i = 0; i < count; ++i) bytes[i] = 0xFF;
  });
  const std::string first = ids.Next("");
  const std::string second = ids.Next("");
  BOOST_TEST(first < second);
  BOOST_TEST(IsId(second, ""));
}

BOOST_AUTO_TEST_CASE(threads_never_get_the_same_id) {
  const SystemClock clock;
  IdSource ids(clock, SeededRandom(4));
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::jthread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < 500; ++i) mine.push_back(ids.Next("t_"));
    });
  }
  threads.clear();
  std::set<std::string> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  BOOST_TEST(all.size() == 2000U);
}

const char* const kNoIds[] = {
    "",
    "inv_",
    "01ARYZ6S410000000000000000",
    "bil_01ARYZ6S410000000000000000",
    "inv_01ARYZ6S41000000000000000",
    "inv_01ARYZ6S4100000000000000000",
    "inv_01aryz6s410000000000000000",
    "inv_01ARYZ6S41000000000000000I",
    "inv_01ARYZ6S41000000000000000U",
    "inv_81ARYZ6S410000000000000000",
    "inv_01ARYZ6S41 00000000000000",
    "INV_01ARYZ6S410000000000000000",
};
BOOST_DATA_TEST_CASE(what_is_no_id_of_an_invoice_is_seen, bdata::make(kNoIds), text) {
  BOOST_TEST(!IsId(text, kInvoicePrefix));
}

}  // namespace
}  // namespace kontor::base
