// SPDX-License-Identifier: Apache-2.0
// Tokens: nobody obtains one that can do more than they can, or that acts as another person.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <boost/test/unit_test.hpp>

#include "tests/unit/security/fixture.h"

namespace kontor::security {
namespace {

using ports::Role;
using testing::ReasonOf;
using testing::TwoAdministrators;

TokenRequest For(std::string principal) {
  TokenRequest request;
  request.principal = std::move(principal);
  return request;
}

BOOST_FIXTURE_TEST_CASE(a_token_is_answered_once, TwoAdministrators) {
  Make(alice, "shop", PrincipalKind::kService);
  const Issued first = directory->IssueToken(alice, "same", For("shop")).value();
  const Issued again = directory->IssueToken(alice, "same", For("shop")).value();
  BOOST_TEST(!first.text.empty());
  BOOST_TEST(again.text.empty());
  BOOST_TEST(first.token.id == again.token.id);
  BOOST_TEST(first.text.ends_with(first.token.suffix));
}

BOOST_FIXTURE_TEST_CASE(no_tokens_text_is_at_rest, TwoAdministrators) {
  const std::string text = Make(alice, "shop", PrincipalKind::kService).text;
  store.reset();
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    for (const std::string& token : {text, alice_token, bob_token}) {
      BOOST_TEST(bytes.find(token.substr(7)) == std::string::npos, file.path());
    }
  }
}

BOOST_FIXTURE_TEST_CASE(an_administrator_cannot_obtain_a_token_that_acts_as_another_person,
                        TwoAdministrators) {
  BOOST_TEST(ReasonOf(directory->IssueToken(alice, NextId(), For("bob")).status()) ==
             "PERMISSION_DENIED");
  // Revoking it first does not help the same administrator …
  const std::string id = directory->ListTokens("bob", false)->at(0).id;
  BOOST_REQUIRE(directory->RevokeToken(alice, NextId(), id, "lost").ok());
  BOOST_TEST(ReasonOf(directory->IssueToken(alice, NextId(), For("bob")).status()) ==
             "SECOND_PERSON_REQUIRED");
  BOOST_TEST(directory->ListTokens("bob", false)->empty());
}

BOOST_FIXTURE_TEST_CASE(two_administrators_replace_a_lost_token, TwoAdministrators) {
  const Issued carol = Make(alice, "carol", PrincipalKind::kPerson);
  BOOST_REQUIRE(directory->RevokeToken(alice, NextId(), carol.token.id, "lost").ok());
  BOOST_TEST(directory->IssueToken(bob, NextId(), For("carol")).ok());
}

BOOST_FIXTURE_TEST_CASE(after_a_person_revoked_their_own_token_any_administrator_helps,
                        TwoAdministrators) {
  const Issued carol = Make(alice, "carol", PrincipalKind::kPerson);
  BOOST_REQUIRE(
      directory->RevokeToken(ActorOf(carol.text), NextId(), carol.token.id, "leaked").ok());
  BOOST_TEST(directory->IssueToken(alice, NextId(), For("carol")).ok());
}

BOOST_FIXTURE_TEST_CASE(everyone_issues_further_tokens_of_their_own, TwoAdministrators) {
  const ports::Actor carol = ActorOf(Make(alice, "carol", PrincipalKind::kPerson).text);
  BOOST_TEST(directory->IssueToken(carol, NextId(), For("carol")).ok());
  BOOST_TEST(directory->IssueToken(carol, NextId(), For("")).ok());
  BOOST_TEST(ReasonOf(directory->IssueToken(carol, NextId(), For("alice")).status()) ==
             "PERMISSION_DENIED");
}

BOOST_FIXTURE_TEST_CASE(a_narrow_token_issues_no_wider_one, TwoAdministrators) {
  const std::string whole = Make(alice, "carol", PrincipalKind::kPerson).text;
  GiveRole(alice, bob, "carol", Role::kViewer);
  GiveRole(alice, bob, "carol", Role::kReleaser);
  TokenRequest narrow = For("");
  narrow.scopes = {Role::kViewer};
  narrow.entities = {"acme-de"};
  const ports::Actor carol = ActorOf(
      directory->IssueToken(ActorOf(whole), NextId(), narrow).value().text);
  TokenRequest wider = For("");
  wider.scopes = {Role::kReleaser};
  BOOST_TEST(ReasonOf(directory->IssueToken(carol, NextId(), wider).status()) == "FIELD_INVALID");
  wider = For("");
  wider.entities = {"acme-fr"};
  BOOST_TEST(ReasonOf(directory->IssueToken(carol, NextId(), wider).status()) == "FIELD_INVALID");
  // "All" is all of the narrow one.
  const Issued same = directory->IssueToken(carol, NextId(), For("")).value();
  const ports::Actor actor = ActorOf(same.text);
  BOOST_TEST((actor.roles == std::set<Role>{Role::kViewer}));
  BOOST_TEST((actor.entities == std::set<std::string>{"acme-de"}));
}

BOOST_FIXTURE_TEST_CASE(scopes_and_entities_must_be_the_principals_own, TwoAdministrators) {
  Principal draft;
  draft.name = "shop";
  draft.entities = {"acme-de"};
  BOOST_REQUIRE(directory->CreatePrincipal(alice, NextId(), draft).ok());
  GiveRole(alice, bob, "shop", Role::kSubmitter);
  TokenRequest request = For("shop");
  request.scopes = {Role::kSubmitter, Role::kViewer};
  BOOST_TEST(ReasonOf(directory->IssueToken(alice, NextId(), request).status()) ==
             "FIELD_INVALID");
  request.scopes = {Role::kSubmitter};
  request.entities = {"acme-fr"};
  BOOST_TEST(ReasonOf(directory->IssueToken(alice, NextId(), request).status()) ==
             "FIELD_INVALID");
  request.entities = {"acme-de"};
  BOOST_TEST(directory->IssueToken(alice, NextId(), request).ok());
}

BOOST_FIXTURE_TEST_CASE(a_token_lives_between_a_minute_and_a_year, TwoAdministrators) {
  Make(alice, "shop", PrincipalKind::kService);
  TokenRequest request = For("shop");
  for (const absl::Duration lifetime :
       {absl::ZeroDuration(), absl::Seconds(-1), absl::Seconds(59),
        absl::Hours(24 * 366) + absl::Seconds(1), absl::InfiniteDuration()}) {
    request.lifetime = lifetime;
    BOOST_TEST(ReasonOf(directory->IssueToken(alice, NextId(), request).status()) ==
               "FIELD_INVALID");
  }
  request.lifetime = absl::Minutes(1);
  BOOST_TEST(directory->IssueToken(alice, NextId(), request).ok());
}

BOOST_FIXTURE_TEST_CASE(nobody_gets_a_token_for_who_is_not_there, TwoAdministrators) {
  BOOST_TEST(ReasonOf(directory->IssueToken(alice, NextId(), For("nobody")).status()) ==
             "NOT_FOUND");
  Make(alice, "shop", PrincipalKind::kService);
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "shop", true, "x").ok());
  BOOST_TEST(ReasonOf(directory->IssueToken(alice, NextId(), For("shop")).status()) ==
             "STATE_CONFLICT");
}

BOOST_FIXTURE_TEST_CASE(tokens_are_revoked_by_their_owner_or_an_administrator, TwoAdministrators) {
  const Issued shop = Make(alice, "shop", PrincipalKind::kService);
  const Issued other = Make(alice, "other", PrincipalKind::kService);
  const ports::Actor stranger = ActorOf(other.text);
  BOOST_TEST(ReasonOf(directory->RevokeToken(stranger, NextId(), shop.token.id, "x").status()) ==
             "PERMISSION_DENIED");
  // Whether the token exists makes no difference to what a stranger sees.
  BOOST_TEST(ReasonOf(directory->RevokeToken(stranger, NextId(), "tok_none", "x").status()) ==
             "PERMISSION_DENIED");
  BOOST_TEST(ReasonOf(directory->RevokeToken(alice, NextId(), "tok_none", "x").status()) ==
             "NOT_FOUND");
  BOOST_TEST(directory->RevokeToken(ActorOf(shop.text), NextId(), shop.token.id, "x").ok());
  BOOST_TEST(directory->RevokeToken(bob, NextId(), other.token.id, "x").ok());
  BOOST_TEST(directory->RevokeToken(bob, NextId(), other.token.id, "twice").ok());
}

BOOST_FIXTURE_TEST_CASE(dead_tokens_are_listed_when_asked_for, TwoAdministrators) {
  const Issued shop = Make(alice, "shop", PrincipalKind::kService);
  BOOST_REQUIRE(directory->RevokeToken(alice, NextId(), shop.token.id, "x").ok());
  BOOST_TEST(directory->ListTokens("shop", false)->empty());
  BOOST_TEST(directory->ListTokens("shop", true)->size() == 1U);
  clock.Advance(absl::Hours(24 * 91));
  BOOST_TEST(directory->ListTokens("", false)->empty());
  BOOST_TEST(directory->ListTokens("", true)->size() == 3U);
}

}  // namespace
}  // namespace kontor::security
