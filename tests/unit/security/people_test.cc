// SPDX-License-Identifier: Apache-2.0
// People as the engine asks for them: what they have now, and nobody who is disabled.
#include "server/security/people.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/security/fixture.h"

namespace kontor::security {
namespace {

using ports::Role;
using testing::TwoAdministrators;

struct WithPeople : TwoAdministrators {
  WithPeople() {
    Make(alice, "carla", PrincipalKind::kPerson);
    Make(alice, "shop", PrincipalKind::kService);
    GiveRole(alice, bob, "carla", Role::kPaymentApprover);
    GiveRole(alice, bob, "shop", Role::kSubmitter);
  }
  std::optional<ports::Actor> Find(const std::string& name) {
    std::optional<ports::Actor> found;
    BOOST_REQUIRE(store
                      ->Read([&](ports::ReadView& view) -> absl::Status {
                        KONTOR_ASSIGN_OR_RETURN(found, people->Find(view, name));
                        return absl::OkStatus();
                      })
                      .ok());
    return found;
  }
  std::vector<std::string> With(Role role) {
    std::vector<std::string> names;
    BOOST_REQUIRE(store
                      ->Read([&](ports::ReadView& view) -> absl::Status {
                        KONTOR_ASSIGN_OR_RETURN(const auto found, people->WithRole(view, role));
                        for (const ports::Actor& one : found) names.push_back(one.name);
                        return absl::OkStatus();
                      })
                      .ok());
    return names;
  }
  std::unique_ptr<ports::People> people = MakePeople();
};

BOOST_FIXTURE_TEST_CASE(a_person_is_found_by_name_and_by_id_with_the_roles_of_now, WithPeople) {
  const auto by_name = Find("carla");
  BOOST_REQUIRE(by_name.has_value());
  BOOST_TEST(by_name->is_person);
  BOOST_TEST(by_name->Has(Role::kPaymentApprover));
  const auto by_id = Find(by_name->principal_id);
  BOOST_REQUIRE(by_id.has_value());
  BOOST_TEST(by_id->name == "carla");
  BOOST_TEST(!Find("nobody").has_value());
  BOOST_TEST(!Find("").has_value());
  BOOST_TEST(!Find("shop")->is_person);
  const auto grants = directory->ListGrants("carla", GrantState::kGranted);
  BOOST_REQUIRE(grants.ok());
  for (const RoleGrant& grant : *grants) {
    BOOST_REQUIRE(directory->RevokeGrant(alice, NextId(), grant.id, "left").ok());
  }
  BOOST_TEST(!Find("carla")->Has(Role::kPaymentApprover));
}

BOOST_FIXTURE_TEST_CASE(who_is_disabled_is_nobody, WithPeople) {
  BOOST_TEST(With(Role::kPaymentApprover) == std::vector<std::string>{"carla"});
  BOOST_REQUIRE(directory->SetDisabled(alice, NextId(), "carla", true, "left").ok());
  BOOST_TEST(!Find("carla").has_value());
  BOOST_TEST(With(Role::kPaymentApprover).empty());
}

BOOST_FIXTURE_TEST_CASE(programs_are_not_among_persons_with_a_role, WithPeople) {
  GiveRole(alice, bob, "carla", Role::kSubmitter);
  BOOST_TEST(With(Role::kSubmitter) == std::vector<std::string>{"carla"});
  BOOST_TEST(With(Role::kAdministrator) == (std::vector<std::string>{"alice", "bob"}));
}

}  // namespace
}  // namespace kontor::security
