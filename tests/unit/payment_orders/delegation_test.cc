// SPDX-License-Identifier: Apache-2.0
// A lent role gives nobody more than its delegator has: from a day to a day, never to oneself,
// never on, and delegate and delegator count once.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;
using ports::Role;

struct DelegationHarness : OrderHarness {
  ports::Actor deputy = engine::testing::Person("prn_doris", {Role::kViewer});
  ports::Actor machine = engine::testing::Program("shop");

  DelegationHarness() {
    people.all.push_back(deputy);
    people.all.push_back(machine);
    people.all.push_back(administrator);
  }
  base::Date Today() { return base::Date::Of(clock.Now()); }
  DelegationRequest Lending(Role role) {
    DelegationRequest request;
    request.request_id = request.digest = std::to_string(++requests);
    request.role = role;
    request.delegate = deputy.name;
    request.first = Today();
    request.last = Today().PlusDays(7);
    request.reason = "on holiday";
    return request;
  }
  /// The approver lends to the deputy, unless told otherwise.
  std::string Lend(const ports::Actor& delegator, Role role,
                   const std::function<void(DelegationRequest&)>& change = {}) {
    DelegationRequest request = Lending(role);
    if (change) change(request);
    const auto made = delegations->Create(delegator, request);
    BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
    return made->id;
  }
  absl::Status Approve(const ports::Actor& actor, const std::string& id) {
    return loop->Approve(actor, id, Digest(id)).status();
  }
  absl::Status ReleaseBy(const ports::Actor& actor, const std::string& id) {
    return loop->Release(actor, id, Digest(id)).status();
  }
  std::vector<ports::AuditEntry> AuditOf(const std::string& subject) {
    std::vector<ports::AuditEntry> rows;
    for (ports::AuditEntry& row : Audit()) {
      if (row.subject == subject) rows.push_back(std::move(row));
    }
    return rows;
  }
};

BOOST_FIXTURE_TEST_SUITE(delegation, DelegationHarness)

BOOST_AUTO_TEST_CASE(a_delegate_approves_for_the_delegator_and_everything_names_the_delegation) {
  const std::string lent = Lend(approver, Role::kPaymentApprover);
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(deputy, id).ok());
  BOOST_REQUIRE(Approve(deputy, id).ok());  // counts once
  const Json approval = Order(id)["approvals"][0];
  BOOST_TEST(Order(id)["approvals"].size() == 1U);
  BOOST_TEST(approval["name"] == deputy.name);
  BOOST_TEST(approval["delegator"] == approver.name);
  BOOST_TEST(approval["delegation_id"] == lent);
  BOOST_REQUIRE(Approve(second_approver, id).ok());
  BOOST_TEST(State(id) == "APPROVED");
  const auto rows = AuditOf(id);
  const Json after = Json::parse(rows[1].after);
  BOOST_TEST(rows[1].actor == deputy.principal_id);
  BOOST_TEST(after["delegation"] == lent);
  BOOST_TEST(after["delegator"] == approver.principal_id);
  BOOST_TEST(!Json::parse(rows[2].after).contains("delegation"));
  Json event;
  for (const model::Event& one : Events()) {
    if (one.type == "payment_order.approved") event = Json::parse(one.data);
  }
  BOOST_TEST(event["approvals"][0]["delegation_id"] == lent);
  const auto trail = loop->Trace(preparer, id);
  BOOST_REQUIRE(trail.ok());
  BOOST_TEST(std::ranges::any_of(trail->entries, [&](const Trail::Entry& entry) {
    return entry.what == "approval" && entry.note.find(lent) != std::string::npos;
  }));
  const auto evidence = loop->GetEvidence(engine::testing::Person("prn_x", {Role::kAuditor}), id);
  BOOST_REQUIRE(evidence.ok());
  BOOST_TEST(std::ranges::any_of(evidence->files, [&](const EvidenceFile& file) {
    return file.path == "delegations/" + lent + ".json";
  }));
}

BOOST_AUTO_TEST_CASE(a_delegate_releases_for_the_delegator) {
  const std::string lent = Lend(releasing, Role::kPaymentReleaser);
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  BOOST_REQUIRE(ReleaseBy(deputy, id).ok());
  BOOST_REQUIRE(ReleaseBy(deputy, id).ok());  // as asked already
  const Json order = Order(id);
  BOOST_TEST(order["releaser"] == deputy.name);
  BOOST_TEST(order["release_delegator"] == releasing.name);
  BOOST_TEST(order["release_delegation_id"] == lent);
  Settle();
  BOOST_TEST(State(id) == "SUBMITTED");
  const auto rows = AuditOf(id);
  BOOST_TEST(std::ranges::any_of(rows, [&](const ports::AuditEntry& row) {
    return row.action == "payment_order.release" && row.after.find(lent) != std::string::npos;
  }));
}

struct Refused {
  const char* name;
  void (*spoil)(DelegationHarness& h, ports::Actor& by, DelegationRequest& request);
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) { return out << c.name; }
const Refused kRefused[] = {
    {"to oneself", [](auto& h, auto&, auto& r) { r.delegate = h.approver.name; },
     Reason::kDutiesNotSeparate},
    {"to oneself by id", [](auto& h, auto&, auto& r) { r.delegate = h.approver.principal_id; },
     Reason::kDutiesNotSeparate},
    {"to a service", [](auto& h, auto&, auto& r) { r.delegate = h.machine.name; },
     Reason::kPersonRequired},
    {"to nobody", [](auto&, auto&, auto& r) { r.delegate.clear(); }, Reason::kFieldMissing},
    {"to somebody unknown", [](auto&, auto&, auto& r) { r.delegate = "nobody"; },
     Reason::kNotFound},
    {"by a service", [](auto&, auto& by, auto&) { by.is_person = false; }, Reason::kPersonRequired},
    {"of a role that one does not have",
     [](auto&, auto&, auto& r) { r.role = Role::kPaymentReleaser; }, Reason::kPermissionDenied},
    {"by who has no role", [](auto& h, auto& by, auto&) { by = h.preparer; },
     Reason::kPermissionDenied},
    {"by an administrator for others", [](auto& h, auto& by, auto&) { by = h.administrator; },
     Reason::kPermissionDenied},
    {"with a token that does not give the role",
     [](auto&, auto& by, auto&) { by.roles = {Role::kViewer}; }, Reason::kPermissionDenied},
    {"with a token that is narrowed to entities",
     [](auto&, auto& by, auto&) { by.narrowed = true; }, Reason::kPermissionDenied},
    {"of another role",
     [](auto&, auto& by, auto& r) {
       by.roles.insert(Role::kAdministrator);
       r.role = Role::kAdministrator;
     },
     Reason::kFieldInvalid},
    {"from no day", [](auto&, auto&, auto& r) { r.first.reset(); }, Reason::kFieldMissing},
    {"to no day", [](auto&, auto&, auto& r) { r.last.reset(); }, Reason::kFieldMissing},
    {"from yesterday", [](auto& h, auto&, auto& r) { r.first = h.Today().PlusDays(-1); },
     Reason::kFieldInvalid},
    {"from far ahead",
     [](auto& h, auto&, auto& r) {
       r.first = h.Today().PlusDays(kDelegationAheadDaysMax + 1);
       r.last = r.first;
     },
     Reason::kFieldInvalid},
    {"to a day before its first", [](auto& h, auto&, auto& r) { r.last = h.Today().PlusDays(-1); },
     Reason::kFieldInvalid},
    {"for too long",
     [](auto& h, auto&, auto& r) { r.last = h.Today().PlusDays(kDelegationDaysMax + 1); },
     Reason::kFieldInvalid},
    {"without a reason", [](auto&, auto&, auto& r) { r.reason.clear(); }, Reason::kFieldMissing},
    {"without a request id", [](auto&, auto&, auto& r) { r.request_id.clear(); },
     Reason::kFieldMissing},
};

BOOST_DATA_TEST_CASE(nothing_is_lent, bdata::make(kRefused), c) {
  ports::Actor by = approver;
  DelegationRequest request = Lending(Role::kPaymentApprover);
  c.spoil(*this, by, request);
  const absl::Status status = delegations->Create(by, request).status();
  BOOST_TEST(base::Is(status, c.reason), status.ToString());
  BOOST_TEST(delegations->List(administrator, "", false)->empty());
}

BOOST_AUTO_TEST_CASE(a_repeated_request_is_one_delegation_and_other_content_is_refused) {
  DelegationRequest request = Lending(Role::kPaymentApprover);
  const auto first = delegations->Create(approver, request);
  const auto again = delegations->Create(approver, request);
  BOOST_REQUIRE(first.ok() && again.ok());
  BOOST_TEST(first->id == again->id);
  // The answer was lost before midnight, and the first day has passed since.
  clock.Advance(absl::Hours(24));
  const auto late = delegations->Create(approver, request);
  BOOST_REQUIRE_MESSAGE(late.ok(), late.status().ToString());
  BOOST_TEST(late->id == first->id);
  request.digest = "other";
  BOOST_TEST(base::Is(delegations->Create(approver, request).status(), Reason::kRequestIdReused));
}

BOOST_AUTO_TEST_CASE(who_sees_other_entities_alone_knows_of_no_delegation) {
  const std::string lent = Lend(approver, Role::kPaymentApprover);
  ports::Actor elsewhere = engine::testing::Person("prn_elsewhere", {Role::kAdministrator});
  elsewhere.entities = {"berlin"};
  BOOST_TEST(base::Is(delegations->Get(elsewhere, lent).status(), Reason::kNotFound));
  BOOST_TEST(delegations->List(elsewhere, "", false)->empty());
  BOOST_TEST(
      base::Is(delegations->Revoke(elsewhere, lent, "not mine").status(), Reason::kNotFound));
  people.At(approver.principal_id).entities = {"berlin"};
  BOOST_TEST(delegations->Get(elsewhere, lent).ok());
  people.At(approver.principal_id).entities = {"berlin", "hamburg"};
  BOOST_TEST(base::Is(delegations->Get(elsewhere, lent).status(), Reason::kNotFound));
  deputy.entities = {"berlin"};
  BOOST_TEST(delegations->Get(deputy, lent).ok());  // it is theirs
}

/// What makes a delegation to the deputy useless; the order waits for approvals.
struct Useless {
  const char* name;
  void (*spoil)(DelegationHarness& h, const std::string& lent, ports::Actor& by);
};
std::ostream& operator<<(std::ostream& out, const Useless& c) { return out << c.name; }
const Useless kUseless[] = {
    {"it is another person's",
     [](auto&, const auto&, auto& by) {
       by = engine::testing::Person("prn_other", {Role::kViewer});
     }},
    {"it was revoked",
     [](auto& h, const auto& lent, auto&) {
       BOOST_REQUIRE(h.delegations->Revoke(h.approver, lent, "back again").ok());
     }},
    {"its delegator lost the role",
     [](auto& h, const auto&, auto&) { h.people.At("prn_axel").roles = {Role::kViewer}; }},
    {"its delegator is gone",
     [](auto& h, const auto&, auto&) {
       std::erase_if(h.people.all, [](const auto& one) { return one.name == "prn_axel"; });
     }},
    {"its delegator is a service now",
     [](auto& h, const auto&, auto&) { h.people.At("prn_axel").is_person = false; }},
    {"its delegator may not see the entity",
     [](auto& h, const auto&, auto&) { h.people.At("prn_axel").entities = {"berlin"}; }},
    {"the token gives less than its principal has",
     [](auto&, const auto&, auto& by) { by.scoped = true; }},
    {"the token is a service's", [](auto&, const auto&, auto& by) { by.is_person = false; }},
};

BOOST_DATA_TEST_CASE(a_delegate_approves_nothing_when, bdata::make(kUseless), c) {
  const std::string lent = Lend(approver, Role::kPaymentApprover);
  const std::string id = CreateReady({AddBill("100.00")});
  ports::Actor by = deputy;
  c.spoil(*this, lent, by);
  const absl::Status status = Approve(by, id);
  BOOST_TEST((status.code() == absl::StatusCode::kPermissionDenied), status.ToString());
  BOOST_TEST(!Order(id).contains("approvals"));
}

struct Span {
  const char* name;
  int first;  ///< Days from today.
  int last;
  bool in_force;
};
std::ostream& operator<<(std::ostream& out, const Span& c) { return out << c.name; }
const Span kSpans[] = {
    {"not yet", 1, 3, false},
    {"its first day", 0, 3, true},
    {"its only day", 0, 0, true},
};

BOOST_DATA_TEST_CASE(days_decide, bdata::make(kSpans), c) {
  const std::string id = CreateReady({AddBill("100.00")});
  Lend(approver, Role::kPaymentApprover, [&](DelegationRequest& request) {
    request.first = Today().PlusDays(c.first);
    request.last = Today().PlusDays(c.last);
  });
  BOOST_TEST(Approve(deputy, id).ok() == c.in_force);
}

BOOST_AUTO_TEST_CASE(the_last_day_is_the_last) {
  const std::string lent = Lend(approver, Role::kPaymentApprover, [&](DelegationRequest& request) {
    request.last = Today().PlusDays(1);
  });
  clock.Advance(absl::Hours(24));
  BOOST_TEST(Approve(deputy, CreateReady({AddBill("100.00")})).ok());
  const std::string late = CreateReady({AddBill("50.00")});
  clock.Advance(absl::Hours(24));
  BOOST_TEST(base::Is(Approve(deputy, late), Reason::kPermissionDenied));
  BOOST_TEST(
      (StateOf(*delegations->Get(administrator, lent), clock.Now()) == DelegationState::kEnded));
}

BOOST_AUTO_TEST_CASE(nothing_is_lent_on) {
  Lend(approver, Role::kPaymentApprover);
  DelegationRequest on = Lending(Role::kPaymentApprover);
  on.delegate = accountant.name;
  BOOST_TEST(base::Is(delegations->Create(deputy, on).status(), Reason::kPermissionDenied));
  // Made while the deputy had the role, and worth nothing once they have it by a delegation alone.
  people.At(deputy.principal_id).roles.insert(Role::kPaymentApprover);
  ports::Actor with_role = deputy;
  with_role.roles.insert(Role::kPaymentApprover);
  BOOST_REQUIRE(delegations->Create(with_role, on).ok());
  const std::string early = CreateReady({AddBill("50.00")});
  BOOST_TEST(Approve(accountant, early).ok());
  people.At(deputy.principal_id).roles.erase(Role::kPaymentApprover);
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(base::Is(Approve(accountant, id), Reason::kPermissionDenied));
}

BOOST_AUTO_TEST_CASE(a_lent_role_is_for_orders_alone) {
  Lend(approver, Role::kPaymentApprover);
  const std::string id = Create({AddBill("100.00")});
  const std::string beneficiary = Payment(id, 0)["beneficiary_id"];
  const std::string digest =
      Json::parse(loop->GetBeneficiary(approver, beneficiary)->json)["digest"];
  BOOST_TEST(!loop->ConfirmBeneficiary(deputy, beneficiary, digest, "called them").ok());
  BOOST_TEST(State(id) == "HELD");
}

BOOST_AUTO_TEST_CASE(delegate_and_delegator_count_once_in_either_order) {
  Lend(approver, Role::kPaymentApprover);
  const std::string first = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(deputy, first).ok());
  BOOST_TEST(base::Is(Approve(approver, first), Reason::kDutiesNotSeparate));
  const std::string second = CreateReady({AddBill("50.00")});
  BOOST_REQUIRE(Approve(approver, second).ok());
  BOOST_TEST(base::Is(Approve(deputy, second), Reason::kDutiesNotSeparate));
  for (const std::string& id : {first, second}) {
    BOOST_TEST(State(id) == "AWAITING_APPROVAL");
    BOOST_REQUIRE(Approve(second_approver, id).ok());
    BOOST_TEST(State(id) == "APPROVED");
  }
}

BOOST_AUTO_TEST_CASE(an_approver_of_their_own_right_counts_once_with_who_lent_them_theirs) {
  Lend(approver, Role::kPaymentApprover,
       [&](DelegationRequest& request) { request.delegate = second_approver.name; });
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(second_approver, id).ok());
  BOOST_TEST(!Order(id)["approvals"][0].contains("delegation_id"));
  BOOST_TEST(base::Is(Approve(approver, id), Reason::kDutiesNotSeparate));
  BOOST_REQUIRE(Approve(everything, id).ok());
  BOOST_TEST(State(id) == "APPROVED");
}

BOOST_AUTO_TEST_CASE(two_delegates_of_one_delegator_count_once) {
  const ports::Actor other = engine::testing::Person("prn_dora", {Role::kViewer});
  people.all.push_back(other);
  Lend(approver, Role::kPaymentApprover);
  Lend(approver, Role::kPaymentApprover,
       [&](DelegationRequest& request) { request.delegate = other.name; });
  Lend(approver, Role::kPaymentApprover,
       [&](DelegationRequest& request) { request.delegate = everything.name; });
  const std::string first = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(deputy, first).ok());
  BOOST_TEST(base::Is(Approve(other, first), Reason::kDutiesNotSeparate));
  const std::string second = CreateReady({AddBill("50.00")});
  BOOST_REQUIRE(Approve(everything, second).ok());  // of their own right
  BOOST_TEST(base::Is(Approve(other, second), Reason::kDutiesNotSeparate));
}

BOOST_AUTO_TEST_CASE(one_person_counts_once_however_many_lend_to_them) {
  Lend(approver, Role::kPaymentApprover);
  Lend(second_approver, Role::kPaymentApprover);
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(deputy, id).ok());
  BOOST_REQUIRE(Approve(deputy, id).ok());
  BOOST_TEST(Order(id)["approvals"].size() == 1U);
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(who_prepared_an_order_decides_nothing_by_another_s_role) {
  Lend(approver, Role::kPaymentApprover,
       [&](DelegationRequest& request) { request.delegate = preparer.name; });
  Lend(releasing, Role::kPaymentReleaser,
       [&](DelegationRequest& request) { request.delegate = preparer.name; });
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(base::Is(Approve(preparer, id), Reason::kDutiesNotSeparate));
  ApproveAll(id);
  BOOST_TEST(base::Is(ReleaseBy(preparer, id), Reason::kDutiesNotSeparate));
  BOOST_TEST(State(id) == "APPROVED");
}

BOOST_AUTO_TEST_CASE(nobody_decides_by_the_role_of_who_prepared_the_order) {
  Lend(everything, Role::kPaymentApprover);
  Lend(everything, Role::kPaymentReleaser);
  const auto view = loop->Create(everything, RequestFor({AddBill("100.00")}));
  BOOST_REQUIRE(view.ok());
  Settle();
  ConfirmAll(view->id);
  BOOST_TEST(base::Is(Approve(deputy, view->id), Reason::kDutiesNotSeparate));
  ApproveAll(view->id);
  BOOST_TEST(base::Is(ReleaseBy(deputy, view->id), Reason::kDutiesNotSeparate));
}

BOOST_AUTO_TEST_CASE(neither_who_approved_nor_on_whose_behalf_it_was_releases) {
  Lend(everything, Role::kPaymentApprover);
  Lend(releasing, Role::kPaymentReleaser);
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(deputy, id).ok());
  BOOST_REQUIRE(Approve(approver, id).ok());
  BOOST_TEST(base::Is(ReleaseBy(deputy, id), Reason::kDutiesNotSeparate));
  BOOST_TEST(base::Is(ReleaseBy(everything, id), Reason::kDutiesNotSeparate));
  BOOST_TEST(Release(id).ok());
}

BOOST_AUTO_TEST_CASE(nobody_releases_by_the_role_of_who_approved) {
  Lend(everything, Role::kPaymentReleaser);
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(everything, id).ok());
  BOOST_REQUIRE(Approve(approver, id).ok());
  BOOST_TEST(base::Is(ReleaseBy(deputy, id), Reason::kDutiesNotSeparate));
  BOOST_TEST(Release(id).ok());
}

BOOST_AUTO_TEST_CASE(a_policy_that_names_approvers_binds_their_delegates) {
  SetPolicy("approval",
            R"({"steps": [{"name": "all", "approvals": 1, "approvers": ["prn_anke"]}]})");
  Lend(approver, Role::kPaymentApprover);
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(base::Is(Approve(deputy, id), Reason::kPermissionDenied));
  const std::string lent = Lend(second_approver, Role::kPaymentApprover);
  BOOST_REQUIRE(Approve(deputy, id).ok());
  BOOST_TEST(Order(id)["approvals"][0]["delegation_id"] == lent);
}

BOOST_AUTO_TEST_CASE(an_approval_that_was_lent_is_taken_back_by_either_of_the_two) {
  const std::string lent = Lend(approver, Role::kPaymentApprover);
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(deputy, id).ok());
  BOOST_TEST(
      base::Is(loop->RevokeApproval(accountant, id, "no").status(), Reason::kPermissionDenied));
  BOOST_REQUIRE(loop->RevokeApproval(approver, id, "not this one").ok());
  BOOST_TEST(Order(id)["approvals"][0].contains("void_reason"));
  BOOST_REQUIRE(Approve(deputy, id).ok());
  BOOST_REQUIRE(delegations->Revoke(deputy, lent, "enough").ok());
  BOOST_REQUIRE(loop->RevokeApproval(deputy, id, "in doubt").ok());  // though it has ended
  BOOST_TEST(Order(id)["approvals"][1].contains("void_reason"));
}

BOOST_AUTO_TEST_CASE(a_decision_that_was_made_stays_when_its_delegation_ends) {
  const std::string lent = Lend(approver, Role::kPaymentApprover);
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_REQUIRE(Approve(deputy, id).ok());
  BOOST_REQUIRE(delegations->Revoke(approver, lent, "back again").ok());
  BOOST_REQUIRE(Approve(second_approver, id).ok());
  BOOST_TEST(State(id) == "APPROVED");
  BOOST_TEST(Release(id).ok());
}

BOOST_AUTO_TEST_CASE(strangers_revoke_nothing) {
  const std::string lent = Lend(approver, Role::kPaymentApprover);
  for (const ports::Actor& stranger : {preparer, second_approver, accountant}) {
    BOOST_TEST(
        base::Is(delegations->Revoke(stranger, lent, "why").status(), Reason::kPermissionDenied));
  }
  BOOST_TEST(base::Is(delegations->Revoke(approver, lent, "").status(), Reason::kFieldMissing));
  BOOST_TEST(
      base::Is(delegations->Revoke(approver, "pdl_none", "why").status(), Reason::kNotFound));
  BOOST_REQUIRE(delegations->Revoke(administrator, lent, "left the company").ok());
  BOOST_REQUIRE(delegations->Revoke(administrator, lent, "again").ok());
  const auto found = delegations->Get(administrator, lent);
  BOOST_REQUIRE(found.ok());
  BOOST_TEST(found->revoke_reason == "left the company");
  std::vector<std::string> actions;
  for (const ports::AuditEntry& row : AuditOf(lent)) actions.push_back(row.action);
  BOOST_TEST(actions ==
             (std::vector<std::string>{"payment_delegation.create", "payment_delegation.revoke"}));
}

BOOST_AUTO_TEST_CASE(delegations_are_listed_by_person_and_the_open_ones_alone) {
  const std::string first = Lend(approver, Role::kPaymentApprover);
  const std::string second = Lend(releasing, Role::kPaymentReleaser);
  BOOST_REQUIRE(delegations->Revoke(approver, first, "back again").ok());
  const auto names_of = [](const absl::StatusOr<std::vector<Delegation>>& listed) {
    std::vector<std::string> out;
    for (const Delegation& one : *listed) out.push_back(one.id);
    return out;
  };
  BOOST_TEST(names_of(delegations->List(administrator, "", false)) ==
             (std::vector<std::string>{second, first}));
  BOOST_TEST(names_of(delegations->List(administrator, approver.name, false)) ==
             std::vector<std::string>{first});
  BOOST_TEST(names_of(delegations->List(administrator, deputy.name, true)) ==
             std::vector<std::string>{second});
  BOOST_TEST(names_of(delegations->List(administrator, "nobody", false)).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
