// SPDX-License-Identifier: Apache-2.0
// Text from outside, and what may be shown of account numbers.
#include <optional>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/base/text.h"

namespace bdata = boost::unit_test::data;

namespace kontor::base {
namespace {

struct Bad {
  const char* name;
  std::string bytes;
};
std::ostream& operator<<(std::ostream& out, const Bad& c) { return out << c.name; }

const Bad kNotUtf8[] = {
    {"a lone continuation", "\x80"},
    {"a cut sequence", "\xC3"},
    {"a cut sequence of three", "\xE2\x82"},
    {"an overlong slash", "\xC0\xAF"},
    {"an overlong of three", "\xE0\x80\xAF"},
    {"a surrogate", "\xED\xA0\x80"},
    {"beyond U+10FFFF", "\xF4\x90\x80\x80"},
    {"five bytes", "\xF8\x88\x80\x80\x80"},
    {"Latin-1", "Stra\xDF"
               "e"},
    {"0xFF", "\xFF"},
};
BOOST_DATA_TEST_CASE(bytes_that_are_not_utf8_are_refused, bdata::make(kNotUtf8), c) {
  BOOST_TEST(CountCodePoints(c.bytes) == -1);
  BOOST_TEST(HasControlCharacters(c.bytes, true));
  BOOST_TEST(Is(CheckText(c.bytes, 100, "f"), Reason::kTextInvalid));
}

const Bad kControls[] = {
    {"NUL", std::string(1, '\0')}, {"bell", "\a"},
    {"escape", "\x1B[31m"},        {"delete", "\x7F"},
    {"C1 next line", "\xC2\x85"},  {"right-to-left override", "\xE2\x80\xAE"},
    {"isolate", "\xE2\x81\xA6"},   {"carriage return", "a\rb"},
};
BOOST_DATA_TEST_CASE(control_characters_are_refused_also_in_many_lines, bdata::make(kControls), c) {
  BOOST_TEST(Is(CheckText(c.bytes, 100, "f", true), Reason::kTextInvalid));
  BOOST_TEST(Is(CheckText(c.bytes, 100, "f", false), Reason::kTextInvalid));
}

BOOST_AUTO_TEST_CASE(line_feeds_and_tabs_are_for_texts_of_many_lines) {
  BOOST_TEST(CheckText("a\n\tb", 100, "f", true).ok());
  BOOST_TEST(Is(CheckText("a\nb", 100, "f", false), Reason::kTextInvalid));
}

BOOST_AUTO_TEST_CASE(length_is_counted_in_characters_and_not_in_bytes) {
  BOOST_TEST(CountCodePoints("Müller €𝄞") == 9);
  BOOST_TEST(CheckText("ééé", 3, "f").ok());
  const absl::Status status = CheckText("éééé", 3, "lines[0].description");
  BOOST_TEST(Is(status, Reason::kFieldTooLong));
  BOOST_TEST(InfoOf(status).field == "lines[0].description");
  BOOST_TEST(InfoOf(status).metadata.at("length") == "4");
}

struct Reasoned {
  const char* reason;
  std::optional<Reason> refusal;
};
const Reasoned kReasons[] = {
    {"", Reason::kFieldMissing}, {"four", std::nullopt},          {"five!", Reason::kFieldTooLong},
    {"\n\t", std::nullopt},      {"a\x01", Reason::kTextInvalid}, {"\xff", Reason::kTextInvalid},
};

BOOST_AUTO_TEST_CASE(a_reason_is_given_and_is_no_longer_than_allowed) {
  for (const Reasoned& c : kReasons) {
    const absl::Status status = CheckReason(c.reason, 4);
    BOOST_TEST(status.ok() == !c.refusal.has_value());
    if (!c.refusal) continue;
    BOOST_TEST(Is(status, *c.refusal));
    BOOST_TEST(InfoOf(status).field == "reason");
  }
}

BOOST_AUTO_TEST_CASE(of_an_account_number_four_characters_are_shown_and_of_a_short_one_none) {
  BOOST_TEST(Masked("DE89370400440532013000") == "…3000");
  BOOST_TEST(Masked("1234") == "…");
  BOOST_TEST(Masked("") == "…");
}

}  // namespace
}  // namespace kontor::base
