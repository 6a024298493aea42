// SPDX-License-Identifier: Apache-2.0
// IBANs: examples are those that the IBAN registry prints for its countries.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "server/base/status.h"
#include "server/model/validate.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

const char* const kGood[] = {
    "DE89370400440532013000",         "AT611904300234573201",       "CH9300762011623852957",
    "NL91ABNA0417164300",             "FR1420041010050500013M02606", "BE68539007547034",
    "GB29NWBK60161331926819",         "ES9121000418450200051332",   "IT60X0542811101000000123456",
    "NO9386011117947",                "MT84MALT011000012345MTLCAST001S",
    "SC18SSCB11010000000000001497USD", "SA0380000000608010167519",   "PL61109010140000071219812874",
    "LC55HEMM000100010012001200023015",
};
BOOST_DATA_TEST_CASE(a_right_iban_passes, bdata::make(kGood), text) {
  BOOST_TEST(CheckIban(text).ok(), CheckIban(text).ToString());
}

const char* const kWrong[] = {
    "",
    "D",
    "DE",
    "DE89",
    "DE8937040044053201300",    // one short
    "DE893704004405320130000",  // one long
    "DE88370400440532013000",   // check digits
    "DE89370400440532013001",   // last digit
    "DE89370400440532103000",   // two digits swapped
    "de89370400440532013000",   // lower case
    "DE89 3704 0044 0532 0130 00",
    "DE89-37040044053201300",
    "US89370400440532013000",   // no IBANs there
    "ZZ89370400440532013000",
    "8937040044053201300000",
    "DEXX370400440532013000",
    "NL91ABNA041716430",
    "DE8937040044053201300\xC3",
};
BOOST_DATA_TEST_CASE(a_wrong_iban_is_refused, bdata::make(kWrong), text) {
  BOOST_TEST(base::Is(CheckIban(text), base::Reason::kIbanInvalid));
}

BOOST_AUTO_TEST_CASE(a_refusal_does_not_show_the_number) {
  const std::string text = CheckIban("DE88370400440532013000").ToString();
  BOOST_TEST(text.find("37040044053201") == std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(every_single_wrong_digit_is_found) {
  BOOST_TEST(rc::check("one digit changed is refused", [] {
    std::string iban = "DE89370400440532013000";
    const auto at = *rc::gen::inRange<size_t>(2, iban.size());
    const char digit = static_cast<char>('0' + *rc::gen::inRange(0, 10));
    RC_PRE(iban[at] != digit);
    iban[at] = digit;
    RC_ASSERT(!CheckIban(iban).ok());
  }));
}

BOOST_AUTO_TEST_CASE(only_two_letters_and_two_digits_look_like_an_iban) {
  BOOST_TEST(LooksLikeIban("DE89"));
  BOOST_TEST(LooksLikeIban("de89370400440532013000"));
  BOOST_TEST(!LooksLikeIban(""));
  BOOST_TEST(!LooksLikeIban("DE8"));
  BOOST_TEST(!LooksLikeIban("123456789"));
  BOOST_TEST(!LooksLikeIban("A1234567"));
  BOOST_TEST(!LooksLikeIban("ABC1234"));
}

BOOST_AUTO_TEST_CASE(an_account_number_loses_its_spaces_and_an_iban_its_small_letters) {
  BOOST_TEST(NormalAccountNumber("de89 3704 0044 0532 0130 00") == "DE89370400440532013000");
  BOOST_TEST(NormalAccountNumber("12-34 ab") == "12-34ab");
  BOOST_TEST(NormalAccountNumber(" ").empty());
}

}  // namespace
}  // namespace kontor::model
