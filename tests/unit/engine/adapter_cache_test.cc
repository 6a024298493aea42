// SPDX-License-Identifier: Apache-2.0
// An adapter is kept while its thing stays as it is, and no longer.
#include "server/engine/adapter_cache.h"

#include <boost/test/unit_test.hpp>

namespace kontor::engine::testing {
namespace {

struct Cache {
  absl::StatusOr<std::shared_ptr<int>> Get(const std::string& id, int64_t version) {
    return cache.Get(id, version, [this]() -> absl::StatusOr<std::shared_ptr<int>> {
      ++made;
      if (!refusal.ok()) return refusal;
      return std::make_shared<int>(made);
    });
  }

  AdapterCache<int> cache;
  int made = 0;
  absl::Status refusal;
};

BOOST_FIXTURE_TEST_SUITE(adapter_cache, Cache)

BOOST_AUTO_TEST_CASE(the_same_version_has_the_same_adapter) {
  const auto first = Get("bch_1", 1).value();
  BOOST_TEST((Get("bch_1", 1).value() == first));
  BOOST_TEST(made == 1);
}

BOOST_AUTO_TEST_CASE(each_thing_has_its_own) {
  const auto first = Get("bch_1", 1).value();
  BOOST_TEST((Get("bch_2", 1).value() != first));
  BOOST_TEST((Get("bch_1", 1).value() == first));
  BOOST_TEST(made == 2);
}

BOOST_AUTO_TEST_CASE(another_version_is_made_anew_even_an_older_one) {
  const auto first = Get("bch_1", 2).value();
  BOOST_TEST((Get("bch_1", 3).value() != first));
  BOOST_TEST((Get("bch_1", 2).value() != first));  // a restored store counts again
  BOOST_TEST(made == 3);
}

BOOST_AUTO_TEST_CASE(an_older_adapter_lives_as_long_as_it_is_held) {
  const auto first = Get("bch_1", 1).value();
  BOOST_REQUIRE(Get("bch_1", 2).ok());
  BOOST_TEST(*first == 1);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_not_kept) {
  refusal = absl::InvalidArgumentError("no such folder");
  BOOST_TEST((Get("bch_1", 1).status() == refusal));
  BOOST_TEST((Get("bch_1", 1).status() == refusal));
  BOOST_TEST(made == 2);
  refusal = absl::OkStatus();
  BOOST_TEST(Get("bch_1", 1).ok());
}

BOOST_AUTO_TEST_CASE(a_version_that_cannot_be_opened_does_not_bring_the_older_one_back) {
  BOOST_REQUIRE(Get("bch_1", 1).ok());
  refusal = absl::InvalidArgumentError("no such folder");
  BOOST_TEST(!Get("bch_1", 2).ok());
}

BOOST_AUTO_TEST_CASE(a_version_that_could_not_be_opened_leaves_the_former_one_kept) {
  const auto first = Get("bch_1", 1).value();
  refusal = absl::InvalidArgumentError("no such folder");
  BOOST_TEST(!Get("bch_1", 2).ok());
  BOOST_TEST((Get("bch_1", 1).value() == first));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::engine::testing
