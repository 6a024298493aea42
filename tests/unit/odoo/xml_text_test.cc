// SPDX-License-Identifier: Apache-2.0
// Texts around xmlrpc-c.
#include "adapters/odoo/xml_text.h"

#include <boost/test/unit_test.hpp>

namespace kontor::odoo {
namespace {

BOOST_AUTO_TEST_CASE(characters_that_xml_forbids_are_taken_out) {
  BOOST_TEST(XmlSafe("a\tb\nc\rd") == "a\tb\nc\rd");
  BOOST_TEST(XmlSafe(std::string("a\0b\x07\x1b", 5)) == "ab");
  BOOST_TEST(XmlSafe("Näve & Søn <x>") == "Näve & Søn <x>");
  BOOST_TEST(XmlSafe("\xff") == "\xEF\xBF\xBD");
  BOOST_TEST(XmlSafe("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD");          // overlong
  BOOST_TEST(XmlSafe("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
  BOOST_TEST(XmlSafe("x\xE2\x82") == "x\xEF\xBF\xBD\xEF\xBF\xBD");        // cut
}

BOOST_AUTO_TEST_CASE(astral_characters_are_hidden_and_come_back) {
  for (const std::string text : {"plain", "", "😀", "a😀b𝄞c", "\xEE\x80\x80",
                                 "\xEE\x80\x80" "00E000", "\xF4\x8F\xBF\xBD", "Ω€"}) {
    BOOST_TEST(ShowAstral(HideAstral(text)) == text);
  }
  BOOST_TEST(HideAstral("😀") == "\xEE\x80\x80" "01F600");
}

BOOST_AUTO_TEST_CASE(doubles_are_renamed_before_anybody_parses_them) {
  const auto out = PrepareXmlAnswer(
      "<?xml version='1.0'?><methodResponse><params><param><value><double>99999999.99</double>"
      "</value></param></params></methodResponse>");
  BOOST_REQUIRE(out.ok());
  BOOST_TEST(out->find("<string>99999999.99</string>") != std::string::npos);
  BOOST_TEST(out->find("double") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_not_an_answer_is_refused) {
  for (const char* const text :
       {"", "<html><body>502</body></html>", "{}",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><methodResponse/>", "<!doctype html><methodResponse/>",
        "<methodResponse><!ENTITY x 'y'></methodResponse>"}) {
    BOOST_TEST(!PrepareXmlAnswer(text).ok(), text);
  }
}

}  // namespace
}  // namespace kontor::odoo
