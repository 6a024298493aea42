// SPDX-License-Identifier: Apache-2.0
// The bytes that leave for banks: a change of them is seen, and meant.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/base/strings.h"
#include "tests/unit/formats/orders.h"

namespace kontor::formats {
namespace {

BOOST_AUTO_TEST_SUITE(golden)

BOOST_AUTO_TEST_CASE(every_dialects_file_is_as_it_was) {
  for (const Dialect& dialect : BuiltInDialects()) {
    const std::string name = base::StrCat("tests/golden/formats/pain001/", dialect.name, ".xml");
    const testing::Written written = testing::Write(dialect, testing::RichOrder(dialect));
    BOOST_REQUIRE(written.status.ok());
    if (std::getenv("KONTOR_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(name, std::ios::binary) << written.file;
    }
    std::ifstream file(name, std::ios::binary);
    std::ostringstream wanted;
    wanted << file.rdbuf();
    BOOST_TEST_CONTEXT(name) { BOOST_TEST(written.file == wanted.str()); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
