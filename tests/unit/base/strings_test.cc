// SPDX-License-Identifier: Apache-2.0
// Small string helpers.
#include <limits>
#include <string>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace bdata = boost::unit_test::data;

namespace kontor::base {
namespace {

BOOST_AUTO_TEST_CASE(pieces_are_joined_as_text) {
  BOOST_TEST(StrCat("a", std::string("b"), 'c', 1, int64_t{-2}, size_t{3}) == "abc1-23");
  BOOST_TEST(StrJoin(std::vector<std::string>{"a", "b", ""}, ", ") == "a, b, ");
  BOOST_TEST(StrJoin(std::vector<int>{}, ",").empty());
}

BOOST_AUTO_TEST_CASE(splitting_keeps_empty_parts) {
  BOOST_TEST(StrSplit("a,b,", ',') == (std::vector<std::string>{"a", "b", ""}),
             boost::test_tools::per_element());
  BOOST_TEST(StrSplit("", ',').size() == 1U);
}

BOOST_AUTO_TEST_CASE(letters_beyond_ascii_are_left_alone) {
  BOOST_TEST(ToLower("ÄBC") == "Äbc");
  BOOST_TEST(ToUpper("straße") == "STRAßE");
  BOOST_TEST(Trim(" \t a b \r\n") == "a b");
  BOOST_TEST(Trim(" \n ").empty());
}

const char* const kNoIntegers[] = {"",    "-",   "+1",   " 1", "1 ",
                                   "1.0", "0x1", "1e3", "9223372036854775808",
                                   "-9223372036854775809"};
BOOST_DATA_TEST_CASE(what_is_no_whole_number_is_refused, bdata::make(kNoIntegers), text) {
  BOOST_TEST(Is(ParseInt64(text).status(), Reason::kFieldInvalid));
}

BOOST_AUTO_TEST_CASE(whole_numbers_are_read_up_to_64_bits) {
  BOOST_TEST(ParseInt64("-9223372036854775808").value() == std::numeric_limits<int64_t>::min());
  BOOST_TEST(ParseInt64("0").value() == 0);
}

}  // namespace
}  // namespace kontor::base
