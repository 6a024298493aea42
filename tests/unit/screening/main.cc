// SPDX-License-Identifier: Apache-2.0
// The one translation unit that brings in the runner.
#define BOOST_TEST_MODULE screening
#include <boost/test/unit_test.hpp>
