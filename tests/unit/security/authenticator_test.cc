// SPDX-License-Identifier: Apache-2.0
// Who is calling: by token, by certificate, and no longer than that is true.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/security/fixture.h"

namespace bdata = boost::unit_test::data;

namespace kontor::security {
namespace {

using ports::Role;
using testing::ReasonOf;
using testing::TwoAdministrators;

struct Ready : TwoAdministrators {
  Ready() : authenticator(*store, clock, crypto, settings) {}
  std::string Try(const std::string& token, const std::string& certificate = "") {
    const auto actor = authenticator.Authenticate(token, certificate);
    return actor.ok() ? actor->name : ReasonOf(actor.status());
  }
  Authenticator authenticator;
};

const char* const kNoTokens[] = {
    "",
    "x",
    "kontor_",
    "kontor_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "kontor_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "kontor_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "kontor_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'",
    "KONTOR_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "kontor_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
};
BOOST_DATA_TEST_CASE_F(Ready, what_is_no_token_names_nobody, bdata::make(kNoTokens), text) {
  BOOST_TEST(Try(text) == "UNAUTHENTICATED");
}

BOOST_FIXTURE_TEST_CASE(a_token_names_its_principal_and_one_letter_less_nobody, Ready) {
  BOOST_TEST(Try(alice_token) == "alice");
  BOOST_TEST(Try(bob_token) == "bob");
  std::string forged = alice_token;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  BOOST_TEST(Try(forged) == "UNAUTHENTICATED");
  BOOST_TEST(Try(alice_token.substr(0, alice_token.size() - 1)) == "UNAUTHENTICATED");
}

BOOST_FIXTURE_TEST_CASE(a_token_ends_on_the_instant, Ready) {
  BOOST_TEST(Try(alice_token) == "alice");
  clock.Advance(settings.token_lifetime - absl::Microseconds(1));
  BOOST_TEST(Try(alice_token) == "alice");
  clock.Advance(absl::Microseconds(1));
  BOOST_TEST(Try(alice_token) == "TOKEN_EXPIRED");
}

BOOST_FIXTURE_TEST_CASE(a_revoked_token_ends_at_once_although_it_was_in_memory, Ready) {
  const Issued shop = Make(alice, "shop", PrincipalKind::kService);
  BOOST_TEST(Try(shop.text) == "shop");
  BOOST_REQUIRE(directory->RevokeToken(alice, NextId(), shop.token.id, "x").ok());
  BOOST_TEST(Try(shop.text) == "UNAUTHENTICATED");
}

BOOST_FIXTURE_TEST_CASE(a_disabled_principals_tokens_end_at_once_and_come_back_with_it, Ready) {
  const Issued shop = Make(alice, "shop", PrincipalKind::kService);
  BOOST_TEST(Try(shop.text) == "shop");
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "shop", true, "x").ok());
  BOOST_TEST(Try(shop.text) == "UNAUTHENTICATED");
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "shop", false, "x").ok());
  BOOST_TEST(Try(shop.text) == "shop");
}

BOOST_FIXTURE_TEST_CASE(a_role_counts_from_the_moment_it_is_granted_to_the_moment_it_is_not,
                        Ready) {
  const Issued shop = Make(alice, "shop", PrincipalKind::kService);
  BOOST_TEST(authenticator.Authenticate(shop.text, "")->roles.empty());
  GiveRole(alice, bob, "shop", Role::kSubmitter);
  BOOST_TEST(authenticator.Authenticate(shop.text, "")->Has(Role::kSubmitter));
  const std::string id = directory->ListGrants("shop", GrantState::kGranted)->at(0).id;
  BOOST_REQUIRE(directory->RevokeGrant(alice, NextId(), id, "x").ok());
  BOOST_TEST(authenticator.Authenticate(shop.text, "")->roles.empty());
}

BOOST_FIXTURE_TEST_CASE(a_scoped_token_has_its_scope_and_no_more, Ready) {
  Principal draft;
  draft.name = "shop";
  draft.entities = {"a", "b"};
  BOOST_REQUIRE(directory->CreatePrincipal(alice, NextId(), draft).ok());
  GiveRole(alice, bob, "shop", Role::kSubmitter);
  GiveRole(alice, bob, "shop", Role::kViewer);
  TokenRequest request;
  request.principal = "shop";
  request.scopes = {Role::kViewer};
  request.entities = {"b"};
  const Issued issued = directory->IssueToken(alice, NextId(), request).value();
  const ports::Actor actor = authenticator.Authenticate(issued.text, "").value();
  BOOST_TEST((actor.roles == std::set<Role>{Role::kViewer}));
  BOOST_TEST((actor.entities == std::set<std::string>{"b"}));
  BOOST_TEST(actor.token_id == issued.token.id);
  BOOST_TEST(actor.scoped);
  BOOST_TEST(!authenticator.Authenticate(alice_token, "")->scoped);
  // A role that the principal loses is lost to the token as well.
  const auto grants = directory->ListGrants("shop", GrantState::kGranted).value();
  for (const RoleGrant& grant : grants) {
    if (grant.role == Role::kViewer) {
      BOOST_REQUIRE(directory->RevokeGrant(alice, NextId(), grant.id, "x").ok());
    }
  }
  BOOST_TEST(authenticator.Authenticate(issued.text, "")->roles.empty());
}

BOOST_FIXTURE_TEST_CASE(entities_that_have_nothing_in_common_are_none_and_not_all, Ready) {
  const Issued shop = Make(alice, "shop", PrincipalKind::kService);
  TokenRequest request;
  request.principal = "shop";
  request.entities = {"a"};
  const Issued narrow = directory->IssueToken(alice, NextId(), request).value();
  // The principal is narrowed later, behind the directory's back.
  const absl::Status moved = store->Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject("principal", "shop"));
    const size_t at = row->body.find("\"entities\":[]");
    BOOST_REQUIRE(at != std::string::npos);
    row->body.replace(at, 13, "\"entities\":[\"b\"]");
    return unit.PutObject(*row);
  });
  BOOST_REQUIRE(moved.ok());
  BOOST_TEST(Try(narrow.text) == "ENTITY_DENIED");
  BOOST_TEST((authenticator.Authenticate(shop.text, "")->entities == std::set<std::string>{"b"}));
}

BOOST_FIXTURE_TEST_CASE(a_certificate_names_its_principal, Ready) {
  Principal draft;
  draft.name = "shop";
  draft.certificate_subject = "CN=shop,O=Acme";
  BOOST_REQUIRE(directory->CreatePrincipal(alice, NextId(), draft).ok());
  BOOST_TEST(Try("", "CN=shop,O=Acme") == "shop");
  BOOST_TEST(Try("", "CN=shop") == "UNAUTHENTICATED");
  BOOST_TEST(Try("", "CN=shop,O=Acme,C=DE") == "UNAUTHENTICATED");
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "shop", true, "x").ok());
  BOOST_TEST(Try("", "CN=shop,O=Acme") == "UNAUTHENTICATED");
}

BOOST_FIXTURE_TEST_CASE(a_token_under_another_principals_certificate_is_refused, Ready) {
  Principal draft;
  draft.name = "shop";
  draft.certificate_subject = "CN=shop";
  BOOST_REQUIRE(directory->CreatePrincipal(alice, NextId(), draft).ok());
  TokenRequest request;
  request.principal = "shop";
  const std::string text = directory->IssueToken(alice, NextId(), request)->text;
  BOOST_TEST(Try(text, "CN=shop") == "shop");
  BOOST_TEST(Try(text, "") == "shop");
  BOOST_TEST(Try(text, "CN=thief") == "UNAUTHENTICATED");
  BOOST_TEST(Try(alice_token, "CN=proxy") == "alice");
}

BOOST_FIXTURE_TEST_CASE(the_last_use_is_written_now_and_then_and_empties_no_cache, Ready) {
  BOOST_TEST(Try(alice_token) == "alice");
  BOOST_TEST(Try(alice_token) == "alice");
  const auto last_use = [this] {
    // The write is behind this one in the queue of the commit thread, or done.
    BOOST_REQUIRE(store->Commit([](ports::Unit&) { return absl::OkStatus(); }).ok());
    return directory->ListTokens("alice", false)->at(0).last_use;
  };
  const absl::Time first = clock.Now();
  BOOST_TEST((last_use() == first));
  clock.Advance(absl::Minutes(5));
  BOOST_TEST(Try(alice_token) == "alice");
  BOOST_TEST((last_use() == first));
  clock.Advance(absl::Minutes(5));
  BOOST_TEST(Try(alice_token) == "alice");
  BOOST_TEST((last_use() == clock.Now()));
  BOOST_TEST((directory->GetToken(directory->ListTokens("alice", false)->at(0).id)->last_use ==
              clock.Now()));
}

BOOST_FIXTURE_TEST_CASE(a_full_memory_forgets_the_oldest_and_still_answers_right, Ready) {
  Settings small = settings;
  small.cache_max = 2;
  Authenticator tiny(*store, clock, crypto, small);
  const std::string shop = Make(alice, "shop", PrincipalKind::kService).text;
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(tiny.Authenticate(alice_token, "")->name == "alice");
    BOOST_TEST(tiny.Authenticate(bob_token, "")->name == "bob");
    BOOST_TEST(tiny.Authenticate(shop, "")->name == "shop");
  }
}

BOOST_FIXTURE_TEST_CASE(a_store_outlives_its_authenticators, Ready) {
  { const Authenticator gone(*store, clock, crypto, settings); }
  BOOST_TEST(Make(alice, "shop", PrincipalKind::kService).text.size() == 39U);
}

struct Header {
  const char* text;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Header& c) { return out << '"' << c.text << '"'; }
const Header kHeaders[] = {
    {"", ""},
    {"Bearer abc", "abc"},
    {"bearer abc", "abc"},
    {"BEARER  abc ", "abc"},
    {"Bearer", "UNAUTHENTICATED"},
    {"Bearerabc", "UNAUTHENTICATED"},
    {"Basic abc", "UNAUTHENTICATED"},
    {"abc", "UNAUTHENTICATED"},
};
BOOST_DATA_TEST_CASE(the_token_stands_behind_bearer, bdata::make(kHeaders), c) {
  const auto token = BearerTokenOf(c.text);
  BOOST_TEST((token.ok() ? *token : ReasonOf(token.status())) == c.want);
}

}  // namespace
}  // namespace kontor::security
