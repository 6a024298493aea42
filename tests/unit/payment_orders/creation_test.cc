// SPDX-License-Identifier: Apache-2.0
// From bills to an order that waits for its approvals: what is taken, what is refused, what is
// held.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

BOOST_FIXTURE_TEST_SUITE(creation, OrderHarness)

BOOST_AUTO_TEST_CASE(an_order_of_bills_waits_for_approvals_once_its_account_is_confirmed) {
  const std::string id = Create({AddBill("119.00"), AddBill("50.00")});
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>(2, "BENEFICIARY_UNCONFIRMED"));
  BOOST_TEST(PaymentState(id, 0) == "HELD");
  ConfirmAll(id);
  const Json order = Order(id);
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(order["total"]["value"] == "169.00");
  BOOST_TEST(order["payment_count"] == 2);
  BOOST_TEST(order["approvals_needed"] == 2);
  BOOST_TEST(order["policy_versions"][0] == "approval/v1");
  BOOST_TEST(!order.contains("exception_id"));
  const Json payment = Payment(id, 0);
  BOOST_TEST(payment["creditor"]["account_number"] == kVendorIban);
  BOOST_TEST(payment["bills"][0]["amount"]["value"] == "119.00");
  BOOST_TEST(EventTypes(id) ==
             (std::vector<std::string>{"payment_order.created", "payment_order.held",
                                       "payment_order.validated"}));
}

BOOST_AUTO_TEST_CASE(a_filter_takes_every_open_bill) {
  AddBill("10.00");
  AddBill("20.00");
  CreateRequest request = RequestFor({});
  request.query.emplace();
  const auto view = loop->Create(preparer, request);
  BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
  BOOST_TEST(Order(view->id)["total"]["value"] == "30.00");
}

BOOST_AUTO_TEST_CASE(a_bill_may_be_paid_in_part) {
  CreateRequest request = RequestFor({AddBill("100.00")});
  request.bills[0].amount = *model::Money::Parse("EUR", "40.00");
  const auto view = loop->Create(preparer, request);
  BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
  BOOST_TEST(Order(view->id)["total"]["value"] == "40.00");
}

BOOST_AUTO_TEST_CASE(a_repeated_request_is_the_same_order_and_another_content_is_refused) {
  CreateRequest request = RequestFor({AddBill("10.00")});
  const auto first = loop->Create(preparer, request);
  const auto again = loop->Create(preparer, request);
  BOOST_REQUIRE(first.ok() && again.ok());
  BOOST_TEST(first->id == again->id);
  request.digest = "other";
  BOOST_TEST(base::Is(loop->Create(preparer, request).status(), Reason::kRequestIdReused));
}

struct Refused {
  const char* name;
  void (*spoil)(OrderHarness& harness, int64_t bill, CreateRequest& request);
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) { return out << c.name; }
const Refused kRefused[] = {
    {"no request id", [](auto&, int64_t, auto& r) { r.request_id.clear(); }, Reason::kFieldMissing},
    {"a request id that is too long",
     [](auto&, int64_t, auto& r) { r.request_id.append(129, 'x'); }, Reason::kFieldTooLong},
    {"a request id with a line break", [](auto&, int64_t, auto& r) { r.request_id = "pay\nday"; },
     Reason::kTextInvalid},
    {"a request id with a space", [](auto&, int64_t, auto& r) { r.request_id = "pay day"; },
     Reason::kTextInvalid},
    {"neither filter nor bills nor payments", [](auto&, int64_t, auto& r) { r.bills.clear(); },
     Reason::kFieldMissing},
    {"bills and a filter", [](auto&, int64_t, auto& r) { r.query.emplace(); },
     Reason::kFieldConflict},
    {"an unknown urgency", [](auto&, int64_t, auto& r) { r.urgency = "SOON"; },
     Reason::kFieldInvalid},
    {"an unknown account", [](auto&, int64_t, auto& r) { r.account = "other"; },
     Reason::kOwnAccountUnknown},
    {"an account of another entity",
     [](auto& h, int64_t, auto&) { h.PutAccount([](auto& a) { a.entity = "bremen"; }); },
     Reason::kOwnAccountUnknown},
    {"an unknown entity", [](auto&, int64_t, auto& r) { r.entity = "bremen"; },
     Reason::kEntityUnknown},
    {"an unknown bill", [](auto&, int64_t, auto& r) { r.bills[0].move_id = 4711; },
     Reason::kNotFound},
    {"a bill that is paid", [](auto& h, int64_t bill, auto&) { h.erp->PayByHand(bill, "100.00"); },
     Reason::kNothingToPay},
    {"more than is left",
     [](auto&, int64_t, auto& r) { r.bills[0].amount = *model::Money::Parse("EUR", "100.01"); },
     Reason::kOverpayment},
    {"nothing",
     [](auto&, int64_t, auto& r) { r.bills[0].amount = *model::Money::Parse("EUR", "0.00"); },
     Reason::kOverpayment},
    {"an amount in another currency",
     [](auto&, int64_t, auto& r) { r.bills[0].amount = *model::Money::Parse("USD", "1.00"); },
     Reason::kFieldConflict},
    {"another currency than the bill's", [](auto&, int64_t, auto& r) { r.currency_code = "USD"; },
     Reason::kFieldConflict},
};

BOOST_DATA_TEST_CASE(an_order_is_refused_for, bdata::make(kRefused), c) {
  const int64_t bill = AddBill("100.00");
  CreateRequest request = RequestFor({bill});
  c.spoil(*this, bill, request);
  const absl::Status status = loop->Create(preparer, request).status();
  BOOST_TEST(base::Is(status, c.reason), status.ToString());
}

struct Wrong {
  const char* name;
  void (*spoil)(OrderHarness& harness, int64_t bill);
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Wrong& c) { return out << c.name; }
const Wrong kWrong[] = {
    {"a vendor without an account",
     [](auto& h, int64_t bill) { h.erp->payables[bill].account.reset(); }, "BANK_ACCOUNT_UNKNOWN"},
    {"an account that nobody trusts in Odoo",
     [](auto& h, int64_t bill) { h.erp->payables[bill].account->trusted = false; },
     "BANK_ACCOUNT_UNTRUSTED"},
    {"an IBAN with a wrong digit",
     [](auto& h, int64_t bill) {
       h.erp->payables[bill].account->number = "DE02120300000000202052";
     },
     "IBAN_INVALID"},
    {"a name that no bank takes",
     [](auto& h, int64_t bill) { h.erp->payables[bill].partner_name = "株式会社"; },
     "CHARACTER_REFUSED"},
    {"a dialect that is none",
     [](auto& h, int64_t) { h.PutAccount([](auto& a) { a.dialect = "none"; }); },
     "DIALECT_INVALID"},
    {"a channel that is gone",
     [](auto& h, int64_t) { h.PutAccount([](auto& a) { a.channel = "none"; }); },
     "CHANNEL_UNKNOWN"},
};

BOOST_DATA_TEST_CASE(what_is_wrong_keeps_an_order_a_draft_until_it_is_mended, bdata::make(kWrong),
                     c) {
  const int64_t bill = AddBill("100.00");
  const ports::Payable good = erp->payables[bill];
  c.spoil(*this, bill);
  const std::string id = Create({bill});
  BOOST_TEST(State(id) == "DRAFT");
  const auto reasons = ReasonsOf(id);
  BOOST_TEST((std::ranges::find(reasons, c.reason) != reasons.end()), Order(id).dump(1));
  BOOST_TEST(CaseOf(id).barred == preparer.principal_id);
  erp->payables[bill] = good;
  PutAccount([](auto&) {});
  Wait(absl::Minutes(1));
  BOOST_TEST(State(id) == "HELD");  // now only its account is to be confirmed
  ConfirmAll(id);
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_bill_stands_in_one_open_order_only) {
  const int64_t bill = AddBill("100.00");
  const std::string first = CreateReady({bill});
  const std::string second = Create({bill});
  BOOST_TEST(State(second) == "DRAFT");
  BOOST_TEST(Order(second)["findings"].dump().find(first) != std::string::npos);
  BOOST_REQUIRE(loop->Cancel(preparer, first, "not needed", {}).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(State(second) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_payment_just_like_another_is_held_as_a_duplicate) {
  const auto order = [&] {
    CreateRequest request = RequestFor({});
    FreePayment& payment = request.payments.emplace_back();
    payment.transfer.amount = *model::Money::Parse("EUR", "70.00");
    payment.transfer.creditor.name = "Muster Lieferant GmbH";
    payment.transfer.creditor.account.number = kVendorIban;
    payment.transfer.creditor.account.scheme = "IBAN";
    payment.transfer.remittance.unstructured = {"Invoice 7"};
    const auto view = loop->Create(preparer, request);
    BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
    Settle();
    return view->id;
  };
  const std::string first = order();
  ConfirmAll(first);
  BOOST_TEST(State(first) == "AWAITING_APPROVAL");
  const std::string twin = order();
  BOOST_TEST(State(twin) == "HELD");
  BOOST_TEST(ReasonsOf(twin) == std::vector<std::string>{"PAYMENT_DUPLICATE"});
  BOOST_TEST(Payment(twin, 0)["holds"][0]["got"] == first);
}

BOOST_AUTO_TEST_CASE(what_is_suspicious_is_accepted_by_two_others_and_never_by_its_preparer) {
  SetPolicy("checks", R"({"hold_new_accounts": true})");
  const std::string id = Create({AddBill("100.00")});
  ConfirmAll(id);
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"FRAUD_RULE"});
  const std::string exception = CaseOf(id).id;
  preparer.roles.insert(ports::Role::kAccountant);
  const engine::ResolveRequest accept{exception, model::Resolution::kAccept, "known", {}};
  BOOST_TEST(
      base::Is(engine->ResolveException(preparer, accept).status(), Reason::kDutiesNotSeparate));
  BOOST_REQUIRE(engine->ResolveException(accountant, accept).ok());
  BOOST_TEST(
      base::Is(engine->ResolveException(preparer, accept).status(), Reason::kDutiesNotSeparate));
  BOOST_TEST(base::Is(engine->ResolveException(accountant, accept).status(),
                      Reason::kSecondPersonRequired));
  BOOST_REQUIRE(engine->ResolveException(second_accountant, accept).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_rejected_case_cancels_the_order_and_gives_its_bills_back) {
  SetPolicy("checks", R"({"hold_new_accounts": true})");
  const int64_t bill = AddBill("100.00");
  const std::string id = Create({bill});
  const engine::ResolveRequest reject{CaseOf(id).id, model::Resolution::kReject, "unknown", {}};
  BOOST_REQUIRE(engine->ResolveException(accountant, reject).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(State(id) == "CANCELLED");
  BOOST_TEST(State(Create({bill})) == "HELD");
}

BOOST_AUTO_TEST_CASE(an_account_is_confirmed_by_an_approver_who_did_not_write_it) {
  const int64_t bill = AddBill("100.00");
  erp->payables[bill].account->editor = "prn_axel@example.com";
  const std::string id = Create({bill});
  const std::string account = Payment(id, 0)["beneficiary_id"];
  const std::string digest = Json::parse(loop->GetBeneficiary(approver, account)->json)["digest"];
  const auto confirm = [&](const ports::Actor& who, const std::string& what) {
    return loop->ConfirmBeneficiary(who, account, what, "called").status();
  };
  BOOST_TEST(base::Is(confirm(approver, digest), Reason::kDutiesNotSeparate));
  BOOST_TEST(base::Is(confirm(preparer, digest), Reason::kPermissionDenied));
  for (const ports::Role writes : {ports::Role::kSubmitter, ports::Role::kAccountant}) {
    ports::Actor both = second_approver;
    both.roles.insert(writes);
    BOOST_TEST(base::Is(confirm(both, digest), Reason::kDutiesNotSeparate));
  }
  ports::Actor service = second_approver;
  service.is_person = false;
  BOOST_TEST(base::Is(confirm(service, digest), Reason::kPersonRequired));
  BOOST_TEST(base::Is(confirm(second_approver, "0"), Reason::kBeneficiaryChanged));
  BOOST_TEST(base::Is(loop->ConfirmBeneficiary(second_approver, account, digest, "").status(),
                      Reason::kFieldMissing));
  BOOST_TEST(confirm(second_approver, digest).ok());
  Settle();
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_blocked_account_holds_its_open_orders_and_voids_their_approvals) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  BOOST_TEST(State(id) == "APPROVED");
  const std::string account = Payment(id, 0)["beneficiary_id"];
  BOOST_REQUIRE(loop->BlockBeneficiary(approver, account, "they moved").ok());
  Settle();
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(Told(id, "payment_order.approvals_voided"));
  BOOST_TEST(Told(account, "beneficiary.blocked"));
}

BOOST_AUTO_TEST_CASE(an_account_that_was_paid_before_is_paid_again_and_held_when_it_changed) {
  CreateSubmitted({AddBill("100.00")});
  BOOST_TEST(State(Create({AddBill("60.00")})) == "AWAITING_APPROVAL");
  const int64_t bill = AddBill("70.00");
  for (auto& [move, payable] : erp->payables) payable.account->holder = "Somebody Else";
  const std::string id = Create({bill});
  ConfirmAll(id);
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"FRAUD_RULE"});
}

BOOST_AUTO_TEST_CASE(an_unusual_amount_and_too_many_payments_are_held) {
  CreateSubmitted({AddBill("100.00")});
  SetPolicy("checks", R"({"unusual_factor": "3", "velocity_count": 2})");
  BOOST_TEST(State(Create({AddBill("300.00")})) == "AWAITING_APPROVAL");
  const std::string id = Create({AddBill("300.01")});
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>(2, "FRAUD_RULE"));
}

BOOST_AUTO_TEST_CASE(a_changed_account_in_odoo_is_told_and_holds_the_order) {
  const int64_t bill = AddBill("100.00");
  const std::string id = CreateReady({bill});
  ApproveAll(id);
  erp->payables[bill].account->number = kOtherIban;
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(Told(Payment(id, 0)["beneficiary_id"], "beneficiary.changed"));
  for (const Json& approval : Order(id)["approvals"]) {
    BOOST_TEST(approval.contains("void_reason"));
  }
}

BOOST_AUTO_TEST_CASE(an_odoo_that_does_not_answer_changes_nothing) {
  const std::string id = CreateReady({AddBill("100.00")});
  erp->broken["ReadPayables"] =
      base::Error(Reason::kOdooUnreachable).Happened(base::Outcome::kNotApplied).Says("down");
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  erp->broken.clear();
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(who_may_not_see_the_entity_finds_nothing) {
  const std::string id = Create({AddBill("100.00")});
  ports::Actor other = everything;
  other.entities = {"bremen"};
  BOOST_TEST(base::Is(loop->Get(other, id, true).status(), Reason::kNotFound));
  BOOST_TEST(base::Is(loop->Cancel(other, id, "why", {}).status(), Reason::kNotFound));
  BOOST_TEST(base::Is(loop->Trace(other, id).status(), Reason::kNotFound));
  BOOST_TEST(loop->List(other, {}, {})->rows.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
