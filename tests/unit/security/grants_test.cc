// SPDX-License-Identifier: Apache-2.0
// Nobody gives themselves, or alone anyone, a role.
#include <boost/test/unit_test.hpp>

#include "tests/unit/security/fixture.h"

namespace kontor::security {
namespace {

using ports::Role;
using testing::Fixture;
using testing::ReasonOf;
using testing::TwoAdministrators;

BOOST_FIXTURE_TEST_CASE(a_role_takes_a_second_administrator, TwoAdministrators) {
  Make(alice, "carol", PrincipalKind::kPerson);
  const RoleGrant proposed =
      directory->ProposeGrant(alice, NextId(), "carol", Role::kReleaser, "month end").value();
  BOOST_TEST((proposed.state == GrantState::kProposed));
  BOOST_TEST(directory->GetPrincipal("carol")->roles.empty());
  const RoleGrant granted = directory->ApproveGrant(bob, NextId(), proposed.id, "").value();
  BOOST_TEST((granted.state == GrantState::kGranted));
  BOOST_TEST(granted.proposer == "alice");
  BOOST_TEST(granted.approver == "bob");
  BOOST_TEST(directory->GetPrincipal("carol")->roles.contains(Role::kReleaser));
}

BOOST_FIXTURE_TEST_CASE(one_administrator_alone_grants_nothing, TwoAdministrators) {
  Make(alice, "carol", PrincipalKind::kPerson);
  const std::string id =
      directory->ProposeGrant(alice, NextId(), "carol", Role::kAccountant, "x")->id;
  BOOST_TEST(ReasonOf(directory->ApproveGrant(alice, NextId(), id, "").status()) ==
             "SECOND_PERSON_REQUIRED");
  BOOST_TEST(directory->GetPrincipal("carol")->roles.empty());
}

BOOST_FIXTURE_TEST_CASE(who_gets_a_role_does_not_approve_it, TwoAdministrators) {
  const std::string id = directory->ProposeGrant(alice, NextId(), "bob", Role::kReleaser, "x")->id;
  BOOST_TEST(ReasonOf(directory->ApproveGrant(bob, NextId(), id, "").status()) ==
             "SECOND_PERSON_REQUIRED");
}

BOOST_FIXTURE_TEST_CASE(who_is_no_administrator_neither_proposes_nor_approves, TwoAdministrators) {
  const ports::Actor carol = ActorOf(Make(alice, "carol", PrincipalKind::kPerson).text);
  BOOST_TEST(ReasonOf(directory->ProposeGrant(carol, NextId(), "carol", Role::kViewer, "x")
                          .status()) == "PERMISSION_DENIED");
  const std::string id = directory->ProposeGrant(alice, NextId(), "bob", Role::kViewer, "x")->id;
  BOOST_TEST(ReasonOf(directory->ApproveGrant(carol, NextId(), id, "").status()) ==
             "PERMISSION_DENIED");
}

BOOST_FIXTURE_TEST_CASE(a_service_neither_proposes_nor_approves, TwoAdministrators) {
  const std::string text = Make(alice, "robot", PrincipalKind::kService).text;
  GiveRole(alice, bob, "robot", Role::kAdministrator);
  const ports::Actor robot = ActorOf(text);
  BOOST_TEST(ReasonOf(directory->ProposeGrant(robot, NextId(), "bob", Role::kViewer, "x")
                          .status()) == "PERSON_REQUIRED");
  const std::string id = directory->ProposeGrant(alice, NextId(), "bob", Role::kViewer, "x")->id;
  BOOST_TEST(ReasonOf(directory->ApproveGrant(robot, NextId(), id, "").status()) ==
             "PERSON_REQUIRED");
}

BOOST_FIXTURE_TEST_CASE(a_grant_is_approved_once, TwoAdministrators) {
  Make(alice, "carol", PrincipalKind::kPerson);
  const std::string id = directory->ProposeGrant(alice, NextId(), "carol", Role::kViewer, "x")->id;
  BOOST_TEST(directory->ApproveGrant(bob, "approve", id, "").ok());
  BOOST_TEST(directory->ApproveGrant(bob, "approve", id, "").ok());
  BOOST_TEST(ReasonOf(directory->ApproveGrant(bob, "again", id, "").status()) ==
             "STATE_CONFLICT");
  BOOST_TEST(ReasonOf(directory->ApproveGrant(bob, NextId(), "prp_none", "").status()) ==
             "NOT_FOUND");
}

BOOST_FIXTURE_TEST_CASE(nobody_holds_or_awaits_a_role_twice, TwoAdministrators) {
  Make(alice, "carol", PrincipalKind::kPerson);
  const std::string id = directory->ProposeGrant(alice, NextId(), "carol", Role::kViewer, "x")->id;
  BOOST_TEST(ReasonOf(directory->ProposeGrant(bob, NextId(), "carol", Role::kViewer, "y")
                          .status()) == "ALREADY_EXISTS");
  BOOST_REQUIRE(directory->ApproveGrant(bob, NextId(), id, "").ok());
  BOOST_TEST(ReasonOf(directory->ProposeGrant(bob, NextId(), "carol", Role::kViewer, "y")
                          .status()) == "ALREADY_EXISTS");
  BOOST_REQUIRE(directory->RevokeGrant(alice, NextId(), id, "z").ok());
  BOOST_TEST(directory->ProposeGrant(bob, NextId(), "carol", Role::kViewer, "y").ok());
}

BOOST_FIXTURE_TEST_CASE(a_proposal_that_was_withdrawn_cannot_be_approved, TwoAdministrators) {
  Make(alice, "carol", PrincipalKind::kPerson);
  const std::string id = directory->ProposeGrant(alice, NextId(), "carol", Role::kViewer, "x")->id;
  BOOST_REQUIRE(directory->RevokeGrant(alice, NextId(), id, "wrong one").ok());
  BOOST_TEST(ReasonOf(directory->ApproveGrant(bob, NextId(), id, "").status()) ==
             "STATE_CONFLICT");
  BOOST_TEST(ReasonOf(directory->RevokeGrant(bob, NextId(), id, "x").status()) ==
             "STATE_CONFLICT");
}

BOOST_FIXTURE_TEST_CASE(a_disabled_principal_gets_no_role, TwoAdministrators) {
  Make(alice, "carol", PrincipalKind::kPerson);
  const std::string id = directory->ProposeGrant(alice, NextId(), "carol", Role::kViewer, "x")->id;
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "carol", true, "left").ok());
  BOOST_TEST(ReasonOf(directory->ApproveGrant(bob, NextId(), id, "").status()) ==
             "STATE_CONFLICT");
  BOOST_TEST(ReasonOf(directory->ProposeGrant(alice, NextId(), "carol", Role::kAuditor, "x")
                          .status()) == "STATE_CONFLICT");
}

BOOST_FIXTURE_TEST_CASE(one_administrator_takes_a_role_away, TwoAdministrators) {
  Make(alice, "carol", PrincipalKind::kPerson);
  GiveRole(alice, bob, "carol", Role::kReleaser);
  const std::string id = directory->ListGrants("carol", GrantState::kGranted)->at(0).id;
  BOOST_TEST(directory->RevokeGrant(bob, NextId(), id, "moved on").ok());
  BOOST_TEST(directory->GetPrincipal("carol")->roles.empty());
}

BOOST_FIXTURE_TEST_CASE(the_last_administrator_keeps_the_role, TwoAdministrators) {
  const std::string of_bob = directory->ListGrants("bob", GrantState::kGranted)->at(0).id;
  const std::string of_alice = directory->ListGrants("alice", GrantState::kGranted)->at(0).id;
  BOOST_REQUIRE(directory->RevokeGrant(alice, NextId(), of_bob, "x").ok());
  BOOST_TEST(ReasonOf(directory->RevokeGrant(alice, NextId(), of_alice, "x").status()) ==
             "STATE_CONFLICT");
  BOOST_TEST(directory->GetPrincipal("alice")->roles.contains(Role::kAdministrator));
}

BOOST_FIXTURE_TEST_CASE(a_service_does_not_count_as_the_last_administrator, TwoAdministrators) {
  Make(alice, "robot", PrincipalKind::kService);
  GiveRole(alice, bob, "robot", Role::kAdministrator);
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "bob", true, "x").ok());
  BOOST_TEST(ReasonOf(directory->SetDisabled(alice, NextId(), "alice", true, "x").status()) ==
             "STATE_CONFLICT");
}

BOOST_FIXTURE_TEST_CASE(the_first_administrator_makes_the_second_alone_but_once, Fixture) {
  const ports::Actor alice = ActorOf(Alice().text);
  Make(alice, "robot", PrincipalKind::kService);
  Make(alice, "bob", PrincipalKind::kPerson);
  Make(alice, "carol", PrincipalKind::kPerson);
  const auto propose = [&](const std::string& name, Role role) {
    return directory->ProposeGrant(alice, NextId(), name, role, "x").value().state;
  };
  BOOST_TEST((propose("bob", Role::kReleaser) == GrantState::kProposed));
  BOOST_TEST((propose("robot", Role::kAdministrator) == GrantState::kProposed));
  BOOST_TEST((propose("bob", Role::kAdministrator) == GrantState::kGranted));
  BOOST_TEST((propose("carol", Role::kAdministrator) == GrantState::kProposed));
  // Not a second time either, when the first second one is gone.
  const std::string of_bob = directory->ListGrants("bob", GrantState::kGranted)->at(0).id;
  BOOST_REQUIRE(directory->RevokeGrant(alice, NextId(), of_bob, "x").ok());
  BOOST_TEST((propose("bob", Role::kAdministrator) == GrantState::kProposed));
  BOOST_TEST(directory->GetPrincipal("bob")->roles.empty());
}

BOOST_FIXTURE_TEST_CASE(grants_are_listed_newest_first_by_principal_and_state, TwoAdministrators) {
  Make(alice, "carol", PrincipalKind::kPerson);
  GiveRole(alice, bob, "carol", Role::kViewer);
  BOOST_REQUIRE(directory->ProposeGrant(alice, NextId(), "carol", Role::kAuditor, "x").ok());
  const auto grants = directory->ListGrants("carol", std::nullopt).value();
  BOOST_REQUIRE(grants.size() == 2U);
  BOOST_TEST((grants[0].role == Role::kAuditor));
  BOOST_TEST(directory->ListGrants("", GrantState::kProposed)->size() == 1U);
  BOOST_TEST(directory->ListGrants("", std::nullopt)->size() == 4U);
}

}  // namespace
}  // namespace kontor::security
