// SPDX-License-Identifier: Apache-2.0
// Versions of policies: proposed by one person, activated by another, never changed.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;
using model::PolicyState;

constexpr char kOne[] = R"({"steps": [{"name": "all", "approvals": 1}]})";

BOOST_FIXTURE_TEST_SUITE(policy_versions, OrderHarness)

BOOST_AUTO_TEST_CASE(another_person_activates_a_version_and_the_one_before_retires) {
  const auto proposed = policies->Propose(administrator, "r", "d", "approval", kOne, "why");
  BOOST_REQUIRE_MESSAGE(proposed.ok(), proposed.status().ToString());
  BOOST_TEST(proposed->Name() == "approval/v2");
  BOOST_TEST(policies->Get("approval")->Name() == "approval/v1");
  BOOST_TEST(base::Is(policies->Activate(administrator, proposed->id, proposed->digest).status(),
                      Reason::kDutiesNotSeparate));
  BOOST_TEST(base::Is(policies->Activate(program, proposed->id, proposed->digest).status(),
                      Reason::kPersonRequired));
  BOOST_TEST(base::Is(policies->Activate(second_administrator, proposed->id, "0").status(),
                      Reason::kApprovalVoid));
  BOOST_REQUIRE(policies->Activate(second_administrator, "approval/v2", proposed->digest).ok());
  BOOST_REQUIRE(policies->Activate(second_administrator, "approval/v2", proposed->digest).ok());
  BOOST_TEST(policies->Get("approval")->Name() == "approval/v2");
  BOOST_TEST((policies->Get("approval/v1")->state == PolicyState::kRetired));
  const auto old = policies->Get("approval/v1");
  BOOST_TEST(base::Is(policies->Activate(administrator, old->id, old->digest).status(),
                      Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(a_declined_version_never_comes_into_force) {
  const auto proposed = policies->Propose(administrator, "r", "d", "approval", kOne, "why");
  BOOST_REQUIRE(policies->Decline(administrator, proposed->id, "mistake").ok());
  BOOST_REQUIRE(policies->Decline(administrator, proposed->id, "mistake").ok());
  BOOST_TEST(
      base::Is(policies->Activate(second_administrator, proposed->id, proposed->digest).status(),
               Reason::kStateConflict));
  BOOST_TEST(base::Is(policies->Decline(administrator, "approval", "no").status(),
                      Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(a_repeated_proposal_is_one_version) {
  const auto first = policies->Propose(administrator, "r", "d", "approval", kOne, "why");
  const auto again = policies->Propose(administrator, "r", "d", "approval", kOne, "why");
  BOOST_TEST(first->id == again->id);
  BOOST_TEST(base::Is(policies->Propose(administrator, "r", "e", "approval", kOne, "why").status(),
                      Reason::kRequestIdReused));
  BOOST_TEST(policies->List("approval")->size() == 2U);
}

struct Bad {
  const char* name;
  const char* kind;
  const char* content;
};
std::ostream& operator<<(std::ostream& out, const Bad& c) { return out << c.name; }
const Bad kBad[] = {
    {"an unknown kind", "colours", "{}"},
    {"a list that nobody imported", "lists",
     R"({"lists": [{"name": "un", "format": "UN_XML", "file": "un.xml", "sha256":
     "0000000000000000000000000000000000000000000000000000000000000000"}]})"},
    {"a list of a format that is none", "lists",
     R"({"lists": [{"name": "un", "format": "PDF", "file": "un.pdf", "sha256":
     "0000000000000000000000000000000000000000000000000000000000000000"}]})"},
    {"a threshold at which everybody is alike", "lists",
     R"({"lists": [], "threshold_percent": 49})"},
    {"no JSON", "approval", "steps"},
    {"no steps", "approval", "{}"},
    {"no eyes", "approval", R"({"steps": [{"name": "a", "approvals": 0}]})"},
    {"too many eyes", "approval", R"({"steps": [{"name": "a", "approvals": 6}]})"},
    {"an amount without a currency", "approval",
     R"({"steps": [{"name": "a", "approvals": 1, "amount_to": "5"}]})"},
    {"an unknown key", "approval", R"({"steps": [{"name": "a", "approvals": 1, "x": 1}]})"},
    {"a route without an account", "routing", R"({"routes": [{"name": "a"}]})"},
    {"a window of no days", "checks", R"({"duplicate_window_days": 0})"},
};

BOOST_DATA_TEST_CASE(a_policy_is_refused_for, bdata::make(kBad), c) {
  BOOST_TEST(!policies->Propose(administrator, "r", "d", c.kind, c.content, "why").ok());
  BOOST_TEST(policies->List("")->size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_policy_needs_a_person_and_a_reason) {
  BOOST_TEST(base::Is(policies->Propose(program, "r", "d", "approval", kOne, "why").status(),
                      Reason::kPersonRequired));
  BOOST_TEST(base::Is(policies->Propose(administrator, "r", "d", "approval", kOne, "").status(),
                      Reason::kFieldMissing));
  for (const auto& [request_id, refusal] :
       {std::pair(std::string(), Reason::kFieldMissing),
        std::pair(std::string(129, 'x'), Reason::kFieldTooLong),
        std::pair(std::string("our\nrules"), Reason::kTextInvalid)}) {
    BOOST_TEST(base::Is(
        policies->Propose(administrator, request_id, "d", "approval", kOne, "why").status(),
        refusal));
  }
  BOOST_TEST(base::Is(policies->Get("approval/v9").status(), Reason::kNotFound));
}

BOOST_AUTO_TEST_CASE(two_versions_are_compared_place_by_place) {
  const auto proposed = policies->Propose(administrator, "r", "d", "approval", kOne, "why");
  const auto diff = policies->Diff("", proposed->id);
  BOOST_REQUIRE_MESSAGE(diff.ok(), diff.status().ToString());
  BOOST_TEST(diff->before == "approval/v1");
  BOOST_TEST(diff->after == "approval/v2");
  BOOST_REQUIRE(diff->changes.size() == 2U);
  BOOST_TEST(diff->changes[0].path == "/steps/0/approvals");
  BOOST_TEST(diff->changes[0].before == "2");
  BOOST_TEST(diff->changes[0].after == "1");
}

BOOST_AUTO_TEST_CASE(a_route_of_the_policy_decides_and_says_why) {
  SetPolicy("routing", R"({"routes": [
      {"name": "large", "currency_code": "EUR", "amount_from": "1000", "account": "other"},
      {"name": "rest", "account": "main-account", "service_level": "SEPA",
       "charge_bearer": "SLEV"}]})");
  model::RouteQuestion question;
  question.entity = "hamburg";
  question.amount = *model::Money::Parse("EUR", "10.00");
  const auto route = loop->ExplainRoute(preparer, question);
  BOOST_REQUIRE_MESSAGE(route.ok(), route.status().ToString());
  BOOST_TEST(route->route == "rest");
  BOOST_TEST(route->channel == "house-bank");
  BOOST_REQUIRE(route->verdicts.size() == 2U);
  BOOST_TEST(route->verdicts[0].why == "it begins at 1000 EUR");
  const std::string id = CreateReady({AddBill("10.00")});
  BOOST_TEST(Payment(id, 0)["route"] == "rest");
  BOOST_TEST(Order(id)["policy_versions"].dump().find("routing/v1") != std::string::npos);
  CreateRequest request = RequestFor({AddBill("1000.00")});
  request.account.clear();
  request.currency_code = "EUR";
  const auto large = loop->Create(preparer, request);
  BOOST_REQUIRE_MESSAGE(large.ok(), large.status().ToString());
  Settle();
  BOOST_TEST(State(large->id) == "DRAFT");
  BOOST_TEST(ReasonsOf(large->id) == std::vector<std::string>{"OWN_ACCOUNT_UNKNOWN"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
