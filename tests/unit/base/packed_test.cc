// SPDX-License-Identifier: Apache-2.0
#include "server/base/packed.h"

#include <limits>

#include <boost/test/unit_test.hpp>

namespace kontor::base {
namespace {

BOOST_AUTO_TEST_SUITE(packed)

BOOST_AUTO_TEST_CASE(what_is_packed_is_read_again) {
  const std::string odd("\0\xff\n", 3);
  PackedWriter out;
  out.Text("");
  out.Text(odd);
  out.Number(std::numeric_limits<int64_t>::min());
  out.Texts({"a", "", odd});
  out.Number(-1);
  const std::string bytes = out.Take();
  PackedReader in(bytes);
  BOOST_TEST(in.Text().value().empty());
  BOOST_TEST(in.Text().value() == odd);
  BOOST_TEST(in.Number().value() == std::numeric_limits<int64_t>::min());
  BOOST_TEST(in.Texts().value() == (std::vector<std::string>{"a", "", odd}));
  BOOST_TEST(in.Number().value() == -1);
  BOOST_TEST(in.AtEnd());
  BOOST_TEST(!in.Text().ok());
  BOOST_TEST(!in.Number().ok());
}

BOOST_AUTO_TEST_CASE(a_record_that_is_cut_anywhere_is_refused) {
  PackedWriter out;
  out.Text("abc");
  out.Texts({"d", "ef"});
  const std::string whole = out.Take();
  for (size_t length = 0; length < whole.size(); ++length) {
    PackedReader in(std::string_view(whole).substr(0, length));
    const auto text = in.Text();
    BOOST_TEST((!text.ok() || !in.Texts().ok()), length);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::base
