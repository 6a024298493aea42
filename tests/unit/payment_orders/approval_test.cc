// SPDX-License-Identifier: Apache-2.0
// Who may approve what: by policy, by persons, each of them once, and never their own work.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

BOOST_FIXTURE_TEST_SUITE(approval, OrderHarness)

BOOST_AUTO_TEST_CASE(two_different_approvers_make_an_order_approved) {
  const std::string id = CreateReady({AddBill("100.00")});
  const std::string digest = Digest(id);
  BOOST_REQUIRE(loop->Approve(approver, id, digest).ok());
  BOOST_REQUIRE(loop->Approve(approver, id, digest).ok());  // the same person counts once
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(Order(id)["approvals"].size() == 1U);
  BOOST_REQUIRE(loop->Approve(second_approver, id, digest).ok());
  BOOST_TEST(State(id) == "APPROVED");
  BOOST_TEST(Told(id, "payment_order.approved"));
  const Json approval = Order(id)["approvals"][1];
  BOOST_TEST(approval["name"] == second_approver.name);
  BOOST_TEST(approval["digest"] == digest);
  BOOST_TEST(approval["policy_version"] == "approval/v1");
}

BOOST_AUTO_TEST_CASE(who_prepared_an_order_neither_approves_nor_releases_it) {
  const auto view = loop->Create(everything, RequestFor({AddBill("100.00")}));
  Settle();
  const std::string id = view->id;
  ConfirmAll(id);
  BOOST_TEST(
      base::Is(loop->Approve(everything, id, Digest(id)).status(), Reason::kDutiesNotSeparate));
  ApproveAll(id);
  BOOST_TEST(
      base::Is(loop->Release(everything, id, Digest(id)).status(), Reason::kDutiesNotSeparate));
  BOOST_TEST(State(id) == "APPROVED");
}

BOOST_AUTO_TEST_CASE(who_approved_an_order_does_not_release_it) {
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(loop->Approve(everything, id, Digest(id)).ok());
  BOOST_REQUIRE(loop->Approve(approver, id, Digest(id)).ok());
  BOOST_TEST(
      base::Is(loop->Release(everything, id, Digest(id)).status(), Reason::kDutiesNotSeparate));
  // Nor does who took the approval back.
  BOOST_REQUIRE(loop->RevokeApproval(everything, id, "wrong").ok());
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_REQUIRE(loop->Approve(second_approver, id, Digest(id)).ok());
  BOOST_TEST(State(id) == "APPROVED");
  BOOST_TEST(
      base::Is(loop->Release(everything, id, Digest(id)).status(), Reason::kDutiesNotSeparate));
  BOOST_TEST(Release(id).ok());
}

struct Stranger {
  const char* name;
  std::set<ports::Role> roles;
  bool is_person;
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Stranger& c) { return out << c.name; }
using ports::Role;
const Stranger kNoApprovers[] = {
    {"nobody", {}, true, Reason::kPermissionDenied},
    {"a preparer", {Role::kPaymentPreparer}, true, Reason::kPermissionDenied},
    {"a releaser", {Role::kPaymentReleaser}, true, Reason::kPermissionDenied},
    {"a releaser of documents", {Role::kReleaser}, true, Reason::kPermissionDenied},
    {"an administrator", {Role::kAdministrator}, true, Reason::kPermissionDenied},
    {"an accountant", {Role::kAccountant}, true, Reason::kPermissionDenied},
    {"an operator", {Role::kOperator}, true, Reason::kPermissionDenied},
    {"a service", {Role::kPaymentApprover}, false, Reason::kPersonRequired},
};

BOOST_DATA_TEST_CASE(an_order_is_not_approved_by, bdata::make(kNoApprovers), c) {
  const std::string id = CreateReady({AddBill("100.00")});
  ports::Actor actor = engine::testing::Person("prn_x", c.roles);
  actor.is_person = c.is_person;
  BOOST_TEST(base::Is(loop->Approve(actor, id, Digest(id)).status(), c.reason));
  BOOST_TEST(Order(id).value("approvals", Json::array()).empty());
}

const Stranger kNoReleasers[] = {
    {"nobody", {}, true, Reason::kPermissionDenied},
    {"a preparer", {Role::kPaymentPreparer}, true, Reason::kPermissionDenied},
    {"an approver", {Role::kPaymentApprover}, true, Reason::kPermissionDenied},
    {"a releaser of documents", {Role::kReleaser}, true, Reason::kPermissionDenied},
    {"an administrator", {Role::kAdministrator}, true, Reason::kPermissionDenied},
    {"a service", {Role::kPaymentReleaser}, false, Reason::kPersonRequired},
};

BOOST_DATA_TEST_CASE(an_order_is_not_released_by, bdata::make(kNoReleasers), c) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  ports::Actor actor = engine::testing::Person("prn_x", c.roles);
  actor.is_person = c.is_person;
  BOOST_TEST(base::Is(loop->Release(actor, id, Digest(id)).status(), c.reason));
  Settle();
  BOOST_TEST(State(id) == "APPROVED");
  BOOST_TEST(bank->submits == 0);
}

BOOST_AUTO_TEST_CASE(an_approval_of_something_else_is_refused) {
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(
      base::Is(loop->Approve(approver, id, std::string(64, '0')).status(), Reason::kApprovalVoid));
}

BOOST_AUTO_TEST_CASE(an_order_that_is_not_ready_is_not_approved) {
  const std::string id = Create({AddBill("100.00")});
  BOOST_TEST(base::Is(loop->Approve(approver, id, Digest(id)).status(), Reason::kStateConflict));
  BOOST_TEST(base::Is(loop->Release(releasing, id, Digest(id)).status(), Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(without_a_policy_that_covers_it_an_order_goes_nowhere) {
  SetPolicy("approval", R"({"steps": [{"name": "small", "currency_code": "EUR",
                                       "amount_to": "50", "approvals": 1}]})");
  const std::string id = Create({AddBill("100.00")});
  ConfirmAll(id);
  BOOST_TEST(State(id) == "VALIDATED");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"POLICY_MISSING"});
  BOOST_TEST(base::Is(loop->Approve(approver, id, Digest(id)).status(), Reason::kStateConflict));
  SetPolicy("approval", R"({"steps": [{"name": "all", "approvals": 1}]})");
  Wait(absl::Minutes(1));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(!Order(id).contains("exception_id"));
}

BOOST_AUTO_TEST_CASE(steps_by_amount_ask_for_more_eyes) {
  SetPolicy("approval", R"({"steps": [
      {"name": "small", "currency_code": "EUR", "amount_to": "50", "approvals": 1},
      {"name": "rest", "approvals": 3}]})");
  BOOST_TEST(Order(CreateReady({AddBill("50.00")}))["approvals_needed"] == 1);
  BOOST_TEST(Order(CreateReady({AddBill("50.01")}))["approvals_needed"] == 3);
}

BOOST_AUTO_TEST_CASE(a_policy_may_name_the_approvers) {
  SetPolicy("approval",
            R"({"steps": [{"name": "all", "approvals": 1, "approvers": ["prn_anke"]}]})");
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(base::Is(loop->Approve(approver, id, Digest(id)).status(), Reason::kPermissionDenied));
  BOOST_TEST(loop->Approve(second_approver, id, Digest(id)).ok());
  BOOST_TEST(State(id) == "APPROVED");
}

BOOST_AUTO_TEST_CASE(a_changed_policy_voids_what_was_approved_by_the_old_one) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  SetPolicy("approval", R"({"steps": [{"name": "all", "approvals": 1}]})");
  BOOST_TEST(base::Is(Release(id), Reason::kApprovalVoid));
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(base::Is(Release(id), Reason::kStateConflict));
  BOOST_REQUIRE(loop->Approve(approver, id, Digest(id)).ok());
  BOOST_TEST(Release(id).ok());
}

BOOST_AUTO_TEST_CASE(taking_a_payment_out_voids_the_approvals) {
  const std::string id = CreateReady({AddBill("100.00"), AddBill("50.00")});
  ApproveAll(id);
  const std::string before = Digest(id);
  BOOST_REQUIRE(loop->Cancel(preparer, id, "not this one", {2}).ok());
  BOOST_TEST(base::Is(loop->Release(releasing, id, before).status(), Reason::kStateConflict));
  Settle();
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(Order(id)["total"]["value"] == "100.00");
  BOOST_TEST(Digest(id) != before);
  BOOST_TEST(base::Is(loop->Approve(approver, id, before).status(), Reason::kApprovalVoid));
  BOOST_TEST(
      base::Is(loop->Cancel(preparer, id, "and this", {1}).status(), Reason::kStateConflict));
  BOOST_TEST(base::Is(loop->Cancel(preparer, id, "and that", {7}).status(), Reason::kNotFound));
}

BOOST_AUTO_TEST_CASE(a_held_order_waits_and_goes_on_by_somebody_else_than_its_preparer) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  BOOST_REQUIRE(loop->Hold(preparer, id, "wait for the goods").ok());
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(base::Is(Release(id), Reason::kStateConflict));
  BOOST_TEST(
      base::Is(loop->Unhold(preparer, id, "they came").status(), Reason::kDutiesNotSeparate));
  BOOST_REQUIRE(loop->Unhold(approver, id, "they came").ok());
  Settle();
  BOOST_TEST(State(id) == "APPROVED");  // nothing changed, so the approvals still count
  BOOST_TEST(Release(id).ok());
}

BOOST_AUTO_TEST_CASE(a_reason_is_asked_for) {
  const std::string id = CreateReady({AddBill("100.00")});
  for (const absl::Status& status :
       {loop->Cancel(preparer, id, "", {}).status(), loop->Hold(preparer, id, "").status(),
        loop->Unhold(approver, id, "").status(), loop->RevokeApproval(approver, id, "").status(),
        loop->ResolveSubmission(operator_one, id, true, "").status()}) {
    BOOST_TEST(base::Is(status, Reason::kFieldMissing), status.ToString());
  }
}

BOOST_AUTO_TEST_CASE(every_act_of_a_person_leaves_an_audit_row) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  std::vector<std::string> actions;
  for (const ports::AuditEntry& row : Audit()) {
    if (row.subject == id) actions.push_back(row.action);
  }
  BOOST_TEST(actions == (std::vector<std::string>{"payment_order.create", "payment_order.approve",
                                                  "payment_order.approve", "payment_order.release",
                                                  "payment_order.submitted"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
