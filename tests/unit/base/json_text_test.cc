// SPDX-License-Identifier: Apache-2.0
// JSON written without a tree of values: the same text as a library writes, keys sorted.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/json_text.h"

namespace bdata = boost::unit_test::data;

namespace kontor::base {
namespace {

struct Case {
  std::string text;
  std::string want;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.want; }

const Case kStrings[] = {
    {"", R"("")"},
    {"Kaffee, 5 kg", R"("Kaffee, 5 kg")"},
    {R"(say "no" \ yes)", R"("say \"no\" \\ yes")"},
    {"line\nfeed\ttab\rreturn\bback\fform", R"("line\nfeed\ttab\rreturn\bback\fform")"},
    {std::string("nul\0 and \x1f", 10), R"("nul\u0000 and \u001f")"},
    {"\x7f stays", "\"\x7f stays\""},
    {"a/b", R"("a/b")"},
    {"Möwe & Anker €", R"("Möwe & Anker €")"},
    {"\xF0\x9F\x8D\xB5 tea", "\"\xF0\x9F\x8D\xB5 tea\""},
    {"cut \xC3", "\"cut \xEF\xBF\xBD\""},
    {"lone \x80!", "\"lone \xEF\xBF\xBD!\""},
    {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
};
BOOST_DATA_TEST_CASE(a_text_is_escaped_no_more_than_json_asks, bdata::make(kStrings), c) {
  BOOST_TEST(JsonString(c.text) == c.want);
  std::string out = "before";
  AppendJsonString(&out, c.text);
  BOOST_TEST(out == "before" + c.want);
}

BOOST_AUTO_TEST_CASE(members_stand_sorted_whatever_order_they_came_in) {
  JsonObject object;
  BOOST_TEST(object.empty());
  BOOST_TEST(object.ToText() == "{}");
  object.Text("zip", "24103");
  object.Number("count", -7);
  object.Flag("is_company", false);
  object.Flag("active", true);
  object.Texts("taxes", {"19%", "\"7%\""});
  object.Texts("none", {});
  object.Raw("lines", JsonArray({R"({"a":1})", "[]"}));
  BOOST_TEST(!object.empty());
  BOOST_TEST(object.ToText() ==
             R"({"active":true,"count":-7,"is_company":false,"lines":[{"a":1},[]],"none":[],)"
             R"("taxes":["19%","\"7%\""],"zip":"24103"})");
}

BOOST_AUTO_TEST_CASE(an_object_can_go_on_after_it_was_written) {
  JsonObject object;
  object.Text("b", "2");
  BOOST_TEST(object.ToText() == R"({"b":"2"})");
  object.Text("a", "1");
  BOOST_TEST(object.ToText() == R"({"a":"1","b":"2"})");
}

BOOST_AUTO_TEST_CASE(an_array_of_nothing_is_an_array) {
  BOOST_TEST(JsonArray({}) == "[]");
  BOOST_TEST(JsonArray({"1", "2"}) == "[1,2]");
}

}  // namespace
}  // namespace kontor::base
