// SPDX-License-Identifier: Apache-2.0
// Runs the tests of the wire contract.
#define BOOST_TEST_MODULE proto
#include <boost/test/unit_test.hpp>
