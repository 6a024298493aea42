// SPDX-License-Identifier: Apache-2.0
// Runs the tests of the command line.
#define BOOST_TEST_MODULE cli
#include <boost/test/unit_test.hpp>
