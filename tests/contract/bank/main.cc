// SPDX-License-Identifier: Apache-2.0
// A runner of our own: a machine without sshd skips the SFTP run loudly instead of passing it.
#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_MODULE bank_contract
#include <boost/test/unit_test.hpp>

#include <cstdio>

#include "tests/contract/bank/rig.h"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  if (const std::string why = kontor::bank::testing::CannotRun(); !why.empty()) {
    std::fprintf(stderr, "SKIPPED: %s\n", why.c_str());
    return kSkipped;
  }
  return boost::unit_test::unit_test_main(&init_unit_test, argc, argv);
}
