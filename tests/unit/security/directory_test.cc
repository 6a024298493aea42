// SPDX-License-Identifier: Apache-2.0
// Principals: what is refused, and what the audit keeps.
#include <functional>
#include <set>

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

Principal Draft(std::string name) {
  Principal draft;
  draft.name = std::move(name);
  return draft;
}

struct BadDraft {
  const char* name;
  std::function<void(Principal&)> spoil;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const BadDraft& c) { return out << c.name; }
const BadDraft kBadDrafts[] = {
    {"no name", [](Principal& p) { p.name = ""; }, "FIELD_MISSING"},
    {"capitals", [](Principal& p) { p.name = "Shop"; }, "FIELD_INVALID"},
    {"a slash", [](Principal& p) { p.name = "a/b"; }, "FIELD_INVALID"},
    {"a blank", [](Principal& p) { p.name = "a b"; }, "FIELD_INVALID"},
    {"65 characters", [](Principal& p) { p.name = std::string(65, 'a'); }, "FIELD_INVALID"},
    {"a taken name", [](Principal& p) { p.name = "alice"; }, "ALREADY_EXISTS"},
    {"a bad source", [](Principal& p) { p.source = "admin/x"; }, "FIELD_INVALID"},
    {"a control character", [](Principal& p) { p.display_name = "\x1B"; }, "TEXT_INVALID"},
    {"a long display name", [](Principal& p) { p.display_name = std::string(201, 'x'); },
     "FIELD_TOO_LONG"},
    {"an empty entity", [](Principal& p) { p.entities = {""}; }, "FIELD_INVALID"},
    {"a star for all", [](Principal& p) { p.entities = {"*"}; }, "FIELD_INVALID"},
    {"a negative rate", [](Principal& p) { p.calls_per_second = -1; }, "FIELD_INVALID"},
    {"a huge rate", [](Principal& p) { p.calls_per_second = 100'001; }, "FIELD_INVALID"},
};
BOOST_DATA_TEST_CASE_F(TwoAdministrators, a_bad_principal_is_refused, bdata::make(kBadDrafts), c) {
  Principal draft = Draft("shop");
  c.spoil(draft);
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(alice, NextId(), draft).status()) == c.want);
}

BOOST_FIXTURE_TEST_CASE(a_new_principal_has_no_roles_whatever_was_asked, TwoAdministrators) {
  Principal draft = Draft("shop");
  draft.roles = {Role::kAdministrator};
  draft.first = true;
  draft.id = bob.principal_id;
  draft.version = 3;
  const Principal made = directory->CreatePrincipal(alice, NextId(), draft).value();
  BOOST_TEST(made.roles.empty());
  BOOST_TEST(!made.first);
  BOOST_TEST(made.id != bob.principal_id);
  BOOST_TEST(made.source == "shop");
  BOOST_TEST(directory->GetPrincipal(made.id)->name == "shop");
  BOOST_TEST(directory->GetPrincipal("shop")->id == made.id);
}

BOOST_FIXTURE_TEST_CASE(only_administrators_change_principals, TwoAdministrators) {
  const std::string text = Make(alice, "shop", PrincipalKind::kService).text;
  ports::Actor shop = ActorOf(text);
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(shop, NextId(), Draft("x")).status()) ==
             "PERMISSION_DENIED");
  BOOST_TEST(ReasonOf(directory->SetDisabled(shop, NextId(), "bob", true, "no").status()) ==
             "PERMISSION_DENIED");
  // An actor that claims a role which the store does not know of is believed nothing.
  shop.roles = {Role::kAdministrator};
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(shop, NextId(), Draft("x")).status()) ==
             "PERMISSION_DENIED");
}

BOOST_FIXTURE_TEST_CASE(an_administrator_who_was_disabled_a_moment_ago_changes_nothing,
                        TwoAdministrators) {
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "bob", true, "left").ok());
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(bob, NextId(), Draft("x")).status()) ==
             "UNAUTHENTICATED");
}

BOOST_FIXTURE_TEST_CASE(a_repeated_request_answers_the_same_principal, TwoAdministrators) {
  const auto first = directory->CreatePrincipal(alice, "same", Draft("shop"));
  const auto again = directory->CreatePrincipal(alice, "same", Draft("shop"));
  BOOST_TEST(first->id == again->id);
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(alice, "same", Draft("other")).status()) ==
             "REQUEST_ID_REUSED");
  // Another administrator's request ids are another source's.
  BOOST_TEST(directory->CreatePrincipal(bob, "same", Draft("other")).ok());
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(alice, "", Draft("y")).status()) ==
             "FIELD_MISSING");
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(alice, "a b", Draft("y")).status()) ==
             "FIELD_INVALID");
}

BOOST_FIXTURE_TEST_CASE(a_request_id_is_not_used_up_by_a_refusal, TwoAdministrators) {
  BOOST_TEST(!directory->CreatePrincipal(alice, "r", Draft("alice")).ok());
  BOOST_TEST(directory->CreatePrincipal(alice, "r", Draft("shop")).ok());
}

BOOST_FIXTURE_TEST_CASE(a_certificate_belongs_to_one_principal, TwoAdministrators) {
  Principal a = Draft("a");
  a.certificate_subject = "CN=shop,O=Acme";
  BOOST_REQUIRE(directory->CreatePrincipal(alice, NextId(), a).ok());
  Principal b = Draft("b");
  b.certificate_subject = a.certificate_subject;
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(alice, NextId(), b).status()) ==
             "ALREADY_EXISTS");
}

BOOST_FIXTURE_TEST_CASE(the_last_administrator_cannot_be_disabled, TwoAdministrators) {
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "bob", true, "left").ok());
  BOOST_TEST(ReasonOf(directory->SetDisabled(alice, NextId(), "alice", true, "oops").status()) ==
             "STATE_CONFLICT");
  BOOST_TEST(!directory->GetPrincipal("alice")->disabled);
  BOOST_TEST(directory->SetDisabled(alice, NextId(), "bob", false, "back").ok());
  BOOST_TEST(directory->SetDisabled(bob, NextId(), "alice", true, "left").ok());
}

BOOST_FIXTURE_TEST_CASE(disabling_wants_a_reason_and_someone, TwoAdministrators) {
  BOOST_TEST(ReasonOf(directory->SetDisabled(alice, NextId(), "bob", true, " ").status()) ==
             "FIELD_MISSING");
  BOOST_TEST(ReasonOf(directory->SetDisabled(alice, NextId(), "nobody", true, "x").status()) ==
             "NOT_FOUND");
}

BOOST_FIXTURE_TEST_CASE(an_administrator_of_some_entities_reaches_no_further, TwoAdministrators) {
  alice.entities = {"acme-de"};
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(alice, NextId(), Draft("all")).status()) ==
             "ENTITY_DENIED");
  Principal french = Draft("french");
  french.entities = {"acme-de", "acme-fr"};
  BOOST_TEST(ReasonOf(directory->CreatePrincipal(alice, NextId(), french).status()) ==
             "ENTITY_DENIED");
  Principal german = Draft("german");
  german.entities = {"acme-de"};
  BOOST_TEST(directory->CreatePrincipal(alice, NextId(), german).ok());
  BOOST_TEST(ReasonOf(directory->SetDisabled(alice, NextId(), "bob", true, "x").status()) ==
             "ENTITY_DENIED");
}

BOOST_FIXTURE_TEST_CASE(principals_are_listed_by_name_and_kind, TwoAdministrators) {
  Make(alice, "shop", PrincipalKind::kService);
  const auto all = directory->ListPrincipals(std::nullopt).value();
  BOOST_REQUIRE(all.size() == 3U);
  BOOST_TEST(all[0].name == "alice");
  BOOST_TEST(all[2].name == "shop");
  BOOST_TEST(directory->ListPrincipals(PrincipalKind::kService)->size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(every_change_leaves_its_audit_row_and_no_row_holds_a_token,
                        TwoAdministrators) {
  const Issued shop = Make(alice, "shop", PrincipalKind::kService);
  BOOST_REQUIRE(directory->RevokeToken(bob, NextId(), shop.token.id, "rotated").ok());
  GiveRole(alice, bob, "shop", Role::kSubmitter);
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "shop", true, "closed").ok());
  std::multiset<std::string> actions;
  for (const ports::AuditEntry& entry : AuditTrail()) {
    actions.insert(entry.action);
    BOOST_TEST(!entry.actor.empty());
    for (const std::string& text : {alice_token, bob_token, shop.text}) {
      BOOST_TEST(entry.before.find(text) == std::string::npos);
      BOOST_TEST(entry.after.find(text) == std::string::npos);
    }
  }
  const std::multiset<std::string> want = {
      "first_token.create", "first_token.redeem", "principal.create", "principal.create",
      "principal.disable",  "role.approve",       "role.grant_by_first_administrator",
      "role.propose",       "token.issue",        "token.issue",      "token.revoke"};
  BOOST_TEST(actions == want, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_refused_change_leaves_nothing_behind, TwoAdministrators) {
  const size_t before = AuditTrail().size();
  BOOST_TEST(!directory->CreatePrincipal(alice, NextId(), Draft("alice")).ok());
  BOOST_TEST(!directory->SetDisabled(alice, NextId(), "nobody", true, "x").ok());
  BOOST_TEST(AuditTrail().size() == before);
}

}  // namespace
}  // namespace kontor::security
