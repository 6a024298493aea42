// SPDX-License-Identifier: Apache-2.0
// Exact decimals: what is read, what is refused, and that nothing is ever rounded unasked.
#include <limits>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "server/base/decimal.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace bdata = boost::unit_test::data;

namespace kontor::base {
namespace {

using Rounding = Decimal::Rounding;

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

struct Read {
  const char* text;
  const char* want;
  int scale;
  int digits;
};
std::ostream& operator<<(std::ostream& out, const Read& c) { return out << '"' << c.text << '"'; }

const Read kRead[] = {
    {"0", "0", 0, 1},
    {"-0", "0", 0, 1},
    {"-0.000", "0", 0, 1},
    {"10.50", "10.5", 1, 3},
    {"0010.50", "10.5", 1, 3},
    {"100", "100", 0, 1},
    {"-0.01", "-0.01", 2, 1},
    {"0.000000000001", "0.000000000001", 12, 1},
    {"999999999999999999.999999999999", "999999999999999999.999999999999", 12, 30},
    {"-123456789012345678", "-123456789012345678", 0, 18},
};
BOOST_DATA_TEST_CASE(a_number_is_read_and_written_in_its_shortest_form, bdata::make(kRead), c) {
  const Decimal value = D(c.text);
  BOOST_TEST(value.ToString() == c.want);
  BOOST_TEST(value.ScaleNeeded() == c.scale);
  BOOST_TEST(value.SignificantDigits() == c.digits);
}

struct Refused {
  const char* text;
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) {
  return out << '"' << c.text << '"';
}

const Refused kRefused[] = {
    {"", Reason::kAmountInvalid},
    {"-", Reason::kAmountInvalid},
    {".", Reason::kAmountInvalid},
    {".5", Reason::kAmountInvalid},
    {"5.", Reason::kAmountInvalid},
    {"+5", Reason::kAmountInvalid},
    {"--5", Reason::kAmountInvalid},
    {"5-", Reason::kAmountInvalid},
    {" 5", Reason::kAmountInvalid},
    {"5 ", Reason::kAmountInvalid},
    {"1 000", Reason::kAmountInvalid},
    {"1,5", Reason::kAmountInvalid},
    {"1,000.00", Reason::kAmountInvalid},
    {"1.000.000", Reason::kAmountInvalid},
    {"1e3", Reason::kAmountInvalid},
    {"0x10", Reason::kAmountInvalid},
    {"NaN", Reason::kAmountInvalid},
    {"Infinity", Reason::kAmountInvalid},
    {"\xD9\xA1", Reason::kAmountInvalid},  // a digit one, but an Arabic one
    {"1.0000000000001", Reason::kAmountScale},
    {"1.0000000000000", Reason::kAmountScale},
    {"1000000000000000000", Reason::kAmountTooLarge},
    {"0000000000000000001", Reason::kAmountTooLarge},
};
BOOST_DATA_TEST_CASE(what_is_not_plainly_a_number_is_refused, bdata::make(kRefused), c) {
  const auto value = Decimal::Parse(c.text);
  BOOST_REQUIRE(!value.ok());
  BOOST_TEST(Is(value.status(), c.reason), value.status().ToString());
}

BOOST_AUTO_TEST_CASE(a_text_with_a_nul_byte_is_no_number) {
  BOOST_TEST(!Decimal::Parse(std::string_view("1\0", 2)).ok());
}

BOOST_AUTO_TEST_CASE(reading_what_was_written_gives_the_same_number) {
  BOOST_TEST(rc::check("parse(format(x)) == x", [](int64_t unscaled) {
    const int scale = *rc::gen::inRange(0, Decimal::kScaleMax + 1);
    const int64_t within = unscaled % 1'000'000'000'000'000'000;
    const Decimal value = Decimal::FromUnscaled(within, scale);
    const auto again = Decimal::Parse(value.ToString());
    RC_ASSERT(again.ok());
    RC_ASSERT(*again == value);
    RC_ASSERT(Decimal::Parse(value.ToFixed(Decimal::kScaleMax)).value() == value);
  }));
}

BOOST_AUTO_TEST_CASE(order_agrees_with_subtraction) {
  BOOST_TEST(rc::check("a < b exactly when a - b < 0", [](int32_t a, int32_t b) {
    const Decimal x = Decimal::FromUnscaled(a, *rc::gen::inRange(0, 13));
    const Decimal y = Decimal::FromUnscaled(b, *rc::gen::inRange(0, 13));
    const Decimal difference = x.Subtract(y).value();
    RC_ASSERT((x < y) == difference.IsNegative());
    RC_ASSERT((x == y) == difference.IsZero());
  }));
}

BOOST_AUTO_TEST_CASE(adding_and_taking_away_again_changes_nothing) {
  BOOST_TEST(rc::check("(a + b) - b == a", [](int64_t a, int64_t b) {
    const Decimal x = Decimal::FromUnscaled(a, *rc::gen::inRange(0, 13));
    const Decimal y = Decimal::FromUnscaled(b, *rc::gen::inRange(0, 13));
    RC_ASSERT(x.Add(y).value().Subtract(y).value() == x);
  }));
}

struct Rounded {
  const char* text;
  int scale;
  Rounding how;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Rounded& c) {
  return out << c.text << " to " << c.scale;
}
const Rounded kRounded[] = {
    {"2.345", 2, Rounding::kHalfUp, "2.35"},    {"2.345", 2, Rounding::kHalfEven, "2.34"},
    {"2.355", 2, Rounding::kHalfEven, "2.36"},  {"2.345", 2, Rounding::kDown, "2.34"},
    {"-2.345", 2, Rounding::kHalfUp, "-2.35"},  {"-2.345", 2, Rounding::kHalfEven, "-2.34"},
    {"-2.349", 2, Rounding::kDown, "-2.34"},    {"2.3451", 2, Rounding::kHalfEven, "2.35"},
    {"0.5", 0, Rounding::kHalfEven, "0"},       {"1.5", 0, Rounding::kHalfEven, "2"},
    {"7", 2, Rounding::kHalfUp, "7"},
};
BOOST_DATA_TEST_CASE(rounding_happens_only_as_asked, bdata::make(kRounded), c) {
  BOOST_TEST(D(c.text).Round(c.scale, c.how).ToString() == c.want);
}

BOOST_AUTO_TEST_CASE(minor_units_lose_no_digit) {
  BOOST_TEST(D("345.58").ToMinor(2).value() == 34558);
  BOOST_TEST(D("-0.001").ToMinor(3).value() == -1);
  BOOST_TEST(D("7").ToMinor(0).value() == 7);
  BOOST_TEST(Is(D("1.005").ToMinor(2).status(), Reason::kAmountScale));
  BOOST_TEST(Is(D("0.5").ToMinor(0).status(), Reason::kAmountScale));
  BOOST_TEST(Is(D("999999999999999999").ToMinor(2).status(), Reason::kAmountTooLarge));
}

BOOST_AUTO_TEST_CASE(arithmetic_that_does_not_fit_is_an_error_and_not_a_wrong_number) {
  const Decimal large = D("999999999999999999.999999999999");
  Decimal sum = large;
  absl::Status last = absl::OkStatus();
  // Int128 holds some 170 million times this number; doubling finds the edge quickly.
  for (int i = 0; i < 64 && last.ok(); ++i) {
    const auto next = sum.Add(sum);
    last = next.status();
    if (next.ok()) sum = *next;
  }
  BOOST_TEST(Is(last, Reason::kAmountTooLarge));
  BOOST_TEST(Is(large.Multiply(large, Rounding::kHalfUp).status(), Reason::kAmountTooLarge));
  BOOST_TEST(D("0.000001").Multiply(D("0.0000001"), Rounding::kHalfUp).value().IsZero());
  BOOST_TEST(D("1.5").Multiply(D("-1.5"), Rounding::kDown).value().ToString() == "-2.25");
}

BOOST_AUTO_TEST_CASE(the_128_bit_integers_are_written_in_full) {
  BOOST_TEST(ToString(Int128{0}) == "0");
  BOOST_TEST(ToString(-Int128{1}) == "-1");
  Int128 least = std::numeric_limits<int64_t>::min();
  least *= 10;
  BOOST_TEST(ToString(least) == "-92233720368547758080");
}

}  // namespace
}  // namespace kontor::base
