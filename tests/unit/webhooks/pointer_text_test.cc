// SPDX-License-Identifier: Apache-2.0
// One text out of a body: as reading the whole body would find it, and nothing where that finds
// none.
#include "server/webhooks/pointer_text.h"

#include <ostream>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace kontor::webhooks {
namespace {

namespace bdata = boost::unit_test::data;

struct Case {
  const char* body;
  const char* pointer;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.body << " at " << c.pointer;
}

const Case kCases[] = {
    {R"({"id":"a"})", "/id", "a"},
    {R"({"x":{"id":"b"},"id":"a"})", "/id", "a"},
    {R"({"x":{"id":"b"},"id":"a"})", "/x/id", "b"},
    {R"({"x":{"x":{"id":"deep"}}})", "/x/x/id", "deep"},
    {R"({"id":17})", "/id", "17"},
    {R"({"id":-17})", "/id", "-17"},
    {R"({"id":18446744073709551615})", "/id", "18446744073709551615"},
    {R"({"items":["a",{"id":"b"}]})", "/items/1/id", "b"},
    {R"([["a"],["b","c"]])", "/1/1", "c"},
    {R"({"a/b":{"m~n":"x"}})", "/a~1b/m~0n", "x"},
    {R"({"":"empty name"})", "/", "empty name"},
    {R"("whole")", "", "whole"},
    {R"({"id":"first","id":"second"})", "/id", "first"},
    {R"({"id":"a","rest":[1,2)", "/id", "a"},  // what follows is read later, by others
    // Nothing stands there.
    {R"({"id":"a"})", "/other", ""},
    {R"({"id":"a"})", "/id/more", ""},
    {R"({"id":{"a":"b"}})", "/id", ""},
    {R"({"id":["a"]})", "/id", ""},
    {R"({"id":1.5})", "/id", ""},
    {R"({"id":null})", "/id", ""},
    {R"({"id":true})", "/id", ""},
    {R"({"x":{"y":"a"},"y":{"x":"b"}})", "/x/x", ""},
    {R"({"x":[{"id":"a"}],"id":[]})", "/x/id", ""},
    {R"([["a"],"b"])", "/0/1", ""},
    {R"(["a"])", "/01", ""},
    {R"(["a"])", "/-", ""},
    {R"({"x":{}} {"id":"a"})", "/id", ""},
    // No JSON up to there.
    {R"({"x":,"id":"a"})", "/id", ""},
    {R"({"id":"a)", "/id", ""},
    {"", "/id", ""},
    {"<xml/>", "/id", ""},
    // No pointer.
    {R"({"id":"a"})", "id", ""},
    {R"({"id":"a"})", "/i~d", ""},
};

BOOST_AUTO_TEST_SUITE(pointer_text)

BOOST_DATA_TEST_CASE(the_text_at_a_pointer_is_found_or_none, bdata::make(kCases), c) {
  BOOST_TEST(TextAt(c.body, c.pointer) == c.text);
}

BOOST_AUTO_TEST_CASE(depth_alone_breaks_nothing) {
  const std::string deep(100'000, '[');
  BOOST_TEST(TextAt(deep, "/0/0/1").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::webhooks
