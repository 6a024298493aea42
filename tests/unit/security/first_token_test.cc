// SPDX-License-Identifier: Apache-2.0
// The first token: once, and only on an empty store.
#include <thread>

#include <boost/test/unit_test.hpp>

#include "tests/unit/security/fixture.h"

namespace kontor::security {
namespace {

using testing::Fixture;
using testing::ReasonOf;

BOOST_FIXTURE_TEST_CASE(the_first_token_makes_one_administrator_who_is_a_person, Fixture) {
  const Issued issued = Alice();
  BOOST_TEST(issued.text.starts_with("kontor_"));
  BOOST_TEST(issued.text.size() == 39U);
  const ports::Actor actor = ActorOf(issued.text);
  BOOST_TEST(actor.name == "alice");
  BOOST_TEST(actor.is_person);
  BOOST_TEST((actor.roles == std::set<ports::Role>{ports::Role::kAdministrator}));
  BOOST_TEST(actor.entities.empty());
  const auto grants = directory->ListGrants("alice", std::nullopt).value();
  BOOST_REQUIRE(grants.size() == 1U);
  BOOST_TEST(grants[0].approver == "bootstrap");
}

BOOST_FIXTURE_TEST_CASE(the_first_token_works_once, Fixture) {
  const std::string text = directory->EnsureFirstToken(false).value().value();
  BOOST_TEST(directory->Redeem({text, "alice", "", std::nullopt}).ok());
  BOOST_TEST(ReasonOf(directory->Redeem({text, "eve", "", std::nullopt}).status()) ==
             "TOKEN_USED");
  BOOST_TEST(directory->ListPrincipals(std::nullopt)->size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(of_many_at_once_one_redeems_it, Fixture) {
  const std::string text = directory->EnsureFirstToken(false).value().value();
  std::vector<std::string> reasons(8);
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < reasons.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto issued = directory->Redeem({text, "p" + std::to_string(i), "", std::nullopt});
      reasons[i] = issued.ok() ? "OK" : ReasonOf(issued.status());
    });
  }
  threads.clear();
  BOOST_TEST(std::count(reasons.begin(), reasons.end(), "OK") == 1);
  BOOST_TEST(std::count(reasons.begin(), reasons.end(), "TOKEN_USED") == 7);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_first_token_makes_nobody, Fixture) {
  BOOST_REQUIRE(directory->EnsureFirstToken(false).ok());
  for (const char* text : {"", "kontor_", "kontor_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "secret"}) {
    BOOST_TEST(ReasonOf(directory->Redeem({text, "eve", "", std::nullopt}).status()) ==
               "UNAUTHENTICATED");
  }
  BOOST_TEST(directory->ListPrincipals(std::nullopt)->empty());
}

BOOST_FIXTURE_TEST_CASE(a_first_token_that_was_lost_is_replaced_only_when_asked, Fixture) {
  const std::string lost = directory->EnsureFirstToken(false).value().value();
  BOOST_TEST(!directory->EnsureFirstToken(false).value().has_value());
  const std::string found = directory->EnsureFirstToken(true).value().value();
  BOOST_TEST(ReasonOf(directory->Redeem({lost, "eve", "", std::nullopt}).status()) ==
             "UNAUTHENTICATED");
  BOOST_TEST(directory->Redeem({found, "alice", "", std::nullopt}).ok());
}

BOOST_FIXTURE_TEST_CASE(a_store_with_a_principal_gets_no_first_token, Fixture) {
  Alice();
  BOOST_TEST(!directory->EnsureFirstToken(false).value().has_value());
  BOOST_TEST(!directory->EnsureFirstToken(true).value().has_value());
}

BOOST_FIXTURE_TEST_CASE(a_bad_name_or_lifetime_does_not_use_the_token_up, Fixture) {
  const std::string text = directory->EnsureFirstToken(false).value().value();
  BOOST_TEST(ReasonOf(directory->Redeem({text, "", "", std::nullopt}).status()) ==
             "FIELD_MISSING");
  BOOST_TEST(ReasonOf(directory->Redeem({text, "Alice!", "", std::nullopt}).status()) ==
             "FIELD_INVALID");
  BOOST_TEST(ReasonOf(directory->Redeem({text, "alice", "", absl::Hours(24 * 367)}).status()) ==
             "FIELD_INVALID");
  BOOST_TEST(ReasonOf(directory->Redeem({text, "alice", "\x01", std::nullopt}).status()) ==
             "TEXT_INVALID");
  BOOST_TEST(directory->Redeem({text, "alice", "", absl::Hours(1)}).ok());
}

BOOST_FIXTURE_TEST_CASE(the_first_token_is_no_token_to_call_with, Fixture) {
  const std::string text = directory->EnsureFirstToken(false).value().value();
  Authenticator authenticator(*store, clock, crypto, settings);
  BOOST_TEST(ReasonOf(authenticator.Authenticate(text, "").status()) == "UNAUTHENTICATED");
  BOOST_REQUIRE(directory->Redeem({text, "alice", "", std::nullopt}).ok());
  BOOST_TEST(ReasonOf(authenticator.Authenticate(text, "").status()) == "TOKEN_USED");
}

}  // namespace
}  // namespace kontor::security
