// SPDX-License-Identifier: Apache-2.0
// Runs the tests of the C++ SDK.
#define BOOST_TEST_MODULE sdk
#include <boost/test/unit_test.hpp>
