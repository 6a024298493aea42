// SPDX-License-Identifier: Apache-2.0
// Runs only where the shared files are; says so loudly where they are not.
#define BOOST_TEST_MODULE formats_shared
#define BOOST_TEST_NO_MAIN
#include <boost/test/unit_test.hpp>
#include <iostream>

#include "tests/unit/formats/shared_files.h"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  if (!kontor::formats::testing::HasShared()) {
    std::cerr << "SKIPPED: no bank-samples and iso20022 below "
              << kontor::formats::testing::SharedFolder()
              << "; name their folder in KONTOR_SHARED\n";
    return kSkipped;
  }
  return boost::unit_test::unit_test_main(init_unit_test, argc, argv);
}
