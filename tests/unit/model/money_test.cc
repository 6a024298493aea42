// SPDX-License-Identifier: Apache-2.0
// Currencies and total amounts.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "server/base/status.h"
#include "server/model/money.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

using base::Is;
using base::Reason;

struct Good {
  const char* code;
  const char* value;
  int64_t minor;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const Good& c) { return out << c.value << c.code; }
const Good kGood[] = {
    {"EUR", "345.58", 34558, "345.58 EUR"},
    {"EUR", "345.5", 34550, "345.50 EUR"},
    {"EUR", "-0.01", -1, "-0.01 EUR"},
    {"EUR", "10.500000000000", 1050, "10.50 EUR"},
    {"JPY", "1000", 1000, "1000 JPY"},
    {"JPY", "1000.0", 1000, "1000 JPY"},
    {"KWD", "1.001", 1001, "1.001 KWD"},
    {"CLF", "0.0001", 1, "0.0001 CLF"},
    {"EUR", "9999999999999.99", 999'999'999'999'999, "9999999999999.99 EUR"},
};
BOOST_DATA_TEST_CASE(an_amount_is_read_exactly_at_its_currencys_scale, bdata::make(kGood), c) {
  const Money money = Money::Parse(c.code, c.value).value();
  BOOST_TEST(money.minor() == c.minor);
  BOOST_TEST(money.ToString() == c.text);
}

struct Refused {
  const char* code;
  const char* value;
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) { return out << c.value << c.code; }
const Refused kRefused[] = {
    {"EUR", "1.005", Reason::kAmountScale},
    {"JPY", "0.5", Reason::kAmountScale},
    {"KWD", "0.0001", Reason::kAmountScale},
    {"EUR", "10000000000000.00", Reason::kAmountTooLarge},
    {"JPY", "1000000000000000", Reason::kAmountTooLarge},
    {"EUR", "999999999999999999", Reason::kAmountTooLarge},
    {"EUR", "", Reason::kAmountInvalid},
    {"EUR", "1,50", Reason::kAmountInvalid},
    {"EUR", "1e2", Reason::kAmountInvalid},
    {"", "1", Reason::kCurrencyUnknown},
    {"eur", "1", Reason::kCurrencyUnknown},
    {"EURO", "1", Reason::kCurrencyUnknown},
    {"EU", "1", Reason::kCurrencyUnknown},
    {"XYZ", "1", Reason::kCurrencyUnknown},
    {"XAU", "1", Reason::kCurrencyUnknown},  // gold has no minor unit
    {"XTS", "1", Reason::kCurrencyUnknown},
    {"DEM", "1", Reason::kCurrencyUnknown},
    {"HRK", "1", Reason::kCurrencyUnknown},
    {"ZZZ", "1", Reason::kCurrencyUnknown},
    {"AAA", "1", Reason::kCurrencyUnknown},
};
BOOST_DATA_TEST_CASE(an_amount_that_would_have_to_be_rounded_or_guessed_is_refused,
                     bdata::make(kRefused), c) {
  const auto money = Money::Parse(c.code, c.value);
  BOOST_REQUIRE(!money.ok());
  BOOST_TEST(Is(money.status(), c.reason), money.status().ToString());
}

BOOST_AUTO_TEST_CASE(an_amount_with_three_decimals_in_euro_is_refused) {
  BOOST_TEST(Is(Money::Parse("EUR", "12.345").status(), Reason::kAmountScale));
}

BOOST_AUTO_TEST_CASE(the_first_and_last_currency_of_the_table_are_found) {
  BOOST_TEST(Currency::Parse("AED").ok());
  BOOST_TEST(Currency::Parse("ZWG").ok());
  BOOST_TEST(Currency::Parse("ISK").value().scale() == 0);
  BOOST_TEST(Currency::Parse("TND").value().scale() == 3);
  BOOST_TEST(Currency().IsNone());
}

BOOST_AUTO_TEST_CASE(an_amount_is_shown_with_all_decimals_of_its_currency_and_never_rounded) {
  const auto shown = [](const char* code, const char* amount) {
    return AmountText(code, base::Decimal::Parse(amount).value());
  };
  BOOST_TEST(shown("EUR", "160.7") == "160.70");
  BOOST_TEST(shown("EUR", "-3") == "-3.00");
  BOOST_TEST(shown("JPY", "160") == "160");
  BOOST_TEST(shown("KWD", "0.5") == "0.500");
  BOOST_TEST(shown("EUR", "1.005") == "1.005");
  BOOST_TEST(shown("JPY", "1.5") == "1.5");
  BOOST_TEST(shown("XXQ", "1.5") == "1.5");
  BOOST_TEST(shown("", "1.50") == "1.5");
}

BOOST_AUTO_TEST_CASE(two_currencies_are_never_added_up) {
  const Money eur = Money::Parse("EUR", "1").value();
  const Money usd = Money::Parse("USD", "1").value();
  BOOST_TEST(Is(eur.Add(usd).status(), Reason::kFieldConflict));
  BOOST_TEST(Is(eur.Subtract(usd).status(), Reason::kFieldConflict));
}

BOOST_AUTO_TEST_CASE(a_sum_of_more_than_fifteen_digits_is_an_error) {
  const Money most = Money::Parse("EUR", "9999999999999.99").value();
  const Money cent = Money::Parse("EUR", "0.01").value();
  BOOST_TEST(Is(most.Add(cent).status(), Reason::kAmountTooLarge));
  BOOST_TEST(Is((-most).Subtract(cent).status(), Reason::kAmountTooLarge));
  BOOST_TEST(most.Subtract(most).value().IsZero());
}

BOOST_AUTO_TEST_CASE(reading_what_was_written_gives_the_same_amount) {
  BOOST_TEST(rc::check("parse(format(m)) == m", [] {
    const auto code = *rc::gen::element<std::string>("EUR", "JPY", "KWD", "CLF", "USD", "ISK");
    const auto minor =
        *rc::gen::inRange<int64_t>(-999'999'999'999'999, 1'000'000'000'000'000);
    const Money money(Currency::Parse(code).value(), minor);
    RC_ASSERT(Money::Parse(code, money.ValueText()).value() == money);
    RC_ASSERT(Money::FromDecimal(money.currency(), money.ToDecimal()).value() == money);
    RC_ASSERT(money.Add(-money).value().IsZero());
  }));
}

}  // namespace
}  // namespace kontor::model
