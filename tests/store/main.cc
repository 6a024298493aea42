// SPDX-License-Identifier: Apache-2.0
// The store's suite. KONTOR_STORE_TEST_PG (libpq's key=value text) chooses PostgreSQL; without it
// the same cases run on SQLite.
#define BOOST_TEST_MODULE store
#include <boost/test/unit_test.hpp>
