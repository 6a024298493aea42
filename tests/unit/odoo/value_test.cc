// SPDX-License-Identifier: Apache-2.0
// Numbers as texts: no digit lost, no digit made up.
#include "adapters/odoo/value.h"

#include <ostream>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace kontor::odoo {
namespace {

namespace bdata = boost::unit_test::data;

struct FloatCase {
  const char* text;
  const char* want;  ///< Empty: refused.
};
std::ostream& operator<<(std::ostream& out, const FloatCase& c) { return out << c.text; }

const FloatCase kFloats[] = {
    {"0.30000000000000004", "0.3"},
    {"345.58", "345.58"},
    {"345.58000000000004", "345.58"},
    {"99999999.99", "99999999.99"},
    {"99999999.98999999", "99999999.99"},
    {"9999999.98999999", "9999999.98999999"},
    {"0.0", "0"},
    {"-0.0", "0"},
    {"-12.5", "-12.5"},
    {"100", "100"},
    {"1e-05", "0.00001"},
    {"1.5E+3", "1500"},
    {"1e+16", "10000000000000000"},
    {"9.999999999999999999", "10"},
    {"0.9999999999999999", "1"},
    {"0.00000000000049", "0"},
    {"123456789012345.6", "123456789012346"},
    {"1e18", ""},
    {"1e999", ""},
    {"", ""},
    {"-", ""},
    {"1.2.3", ""},
    {"NaN", ""},
    {"inf", ""},
    {"0x10", ""},
    {"1,5", ""},
    {" 1", ""},
};

BOOST_DATA_TEST_CASE(a_float_text_is_read_at_fifteen_significant_digits, bdata::make(kFloats), c) {
  const auto decimal = DecimalOfFloatText(c.text);
  if (*c.want == '\0') {
    BOOST_TEST(!decimal.ok());
  } else {
    BOOST_REQUIRE_MESSAGE(decimal.ok(), decimal.status().ToString());
    BOOST_TEST(decimal->ToString() == c.want);
  }
}

BOOST_AUTO_TEST_CASE(numbers_with_a_point_stay_texts_and_whole_ones_become_integers) {
  const auto json = ParseJson(R"({"a": 0.1, "b": 7, "c": -3, "d": [1.50, true, null, "x"],
                                  "e": 18446744073709551615, "f": 99999999999999999999})");
  BOOST_REQUIRE(json.ok());
  BOOST_TEST((*json)["a"] == "0.1");
  BOOST_TEST((*json)["b"] == 7);
  BOOST_TEST((*json)["c"] == -3);
  BOOST_TEST((*json)["d"][0] == "1.50");
  BOOST_TEST((*json)["d"][2].is_null());
  BOOST_TEST((*json)["e"] == "18446744073709551615");
  BOOST_TEST((*json)["f"] == "99999999999999999999");
}

BOOST_AUTO_TEST_CASE(anything_but_one_json_value_is_refused) {
  for (const char* const text : {"", "{", "<html>", "{\"a\":1} x", "[1,]", "nul", "\xff"}) {
    BOOST_TEST(!ParseJson(text).ok(), text);
  }
  BOOST_TEST(!ParseJson(std::string(1000, '[') + std::string(1000, ']')).ok());
}

BOOST_AUTO_TEST_CASE(false_is_empty_whatever_the_field) {
  const auto json = ParseJson(R"({"t": false, "l": [5, "five"], "d": "2026-11-02 10:11:12"})");
  BOOST_REQUIRE(json.ok());
  BOOST_TEST(TextOf(*json, "t") == "");
  BOOST_TEST(IntOf(*json, "t") == 0);
  BOOST_TEST(LinkIdOf(*json, "t") == 0);
  BOOST_TEST(LinkNameOf(*json, "t") == "");
  BOOST_TEST(!DateOf(*json, "t").has_value());
  BOOST_TEST(DecimalOf(*json, "t")->IsZero());
  BOOST_TEST(TextOf(*json, "missing") == "");
  BOOST_TEST(LinkIdOf(*json, "l") == 5);
  BOOST_TEST(LinkNameOf(*json, "l") == "five");
  BOOST_TEST(DateOf(*json, "d")->ToString() == "2026-11-02");
}

BOOST_AUTO_TEST_CASE(an_amount_that_its_currency_cannot_hold_is_unreadable) {
  const auto json = ParseJson(R"({"a": 1.005, "b": 1.5, "c": "x"})");
  BOOST_REQUIRE(json.ok());
  BOOST_TEST(!AmountOf(*json, "a", 2).ok());
  BOOST_TEST(AmountOf(*json, "a", 3).ok());
  BOOST_TEST(!AmountOf(*json, "b", 0).ok());
  BOOST_TEST(!AmountOf(*json, "c", 2).ok());
}

BOOST_AUTO_TEST_CASE(tracebacks_and_control_characters_are_not_shown) {
  BOOST_TEST(Presentable("Traceback (most recent call last):\n  File \"/secret\"") == "");
  BOOST_TEST(Presentable("two\nlines\x07") == "two lines");
  BOOST_TEST(Presentable("('Seen before.', {'id': 280}, 'Open', None)") == "Seen before.");
  BOOST_TEST(Presentable("(\"It's there.\", {})") == "It's there.");
  BOOST_TEST(Presentable("('never closed") == "('never closed");
  const std::string shown = Presentable(std::string(499, 'a') + "é" + std::string(500, 'b'));
  BOOST_TEST(shown == std::string(499, 'a') + "…");
}

}  // namespace
}  // namespace kontor::odoo
