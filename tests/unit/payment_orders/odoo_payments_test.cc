// SPDX-License-Identifier: Apache-2.0
// Orders of payments that somebody made in Odoo: sent once, registered never, read again as bills
// are, and cancelled there when the bank does not pay.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

struct PaymentsHarness : OrderHarness {
  std::string CreateOf(const std::vector<int64_t>& payments) {
    const auto view = loop->Create(preparer, RequestForPayments(payments));
    BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
    Settle();
    return view->id;
  }
  std::string ReadyOf(const std::vector<int64_t>& payments) {
    const std::string id = CreateOf(payments);
    if (State(id) == "HELD") ConfirmAll(id);
    BOOST_REQUIRE_EQUAL(State(id), "AWAITING_APPROVAL");
    return id;
  }
  std::string SubmittedOf(const std::vector<int64_t>& payments) {
    const std::string id = ReadyOf(payments);
    ApproveAll(id);
    BOOST_REQUIRE(Release(id).ok());
    Settle();
    BOOST_REQUIRE_EQUAL(State(id), "SUBMITTED");
    return id;
  }
  std::string StateInOdoo(int64_t payment) {
    for (const auto& record : erp->All("account.payment")) {
      if (record.id == payment) return record.snapshot.state;
    }
    return "gone";
  }
};

BOOST_FIXTURE_TEST_SUITE(odoo_payments, PaymentsHarness)

BOOST_AUTO_TEST_CASE(an_order_of_odoos_payments_is_sent_and_registers_no_second_one) {
  const int64_t payment = AddPayment("100.00");
  const std::string id = SubmittedOf({payment});
  const Json line = Payment(id, 0);
  BOOST_TEST(line["odoo_payment_id"] == payment);
  BOOST_TEST(line["amount"]["value"] == "100.00");
  BOOST_TEST(line["remittance_text"] == "RE-77");
  BOOST_TEST(line["creditor"]["account_number"] == kVendorIban);
  BOOST_TEST(!line.contains("operation_id"));
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(erp->All("account.payment").size() == 1U);
  BOOST_TEST(erp->Calls("CreateDrafts") == 0);
  const auto match = loop->OnBooking(BookingOf(id, 0));
  BOOST_REQUIRE_MESSAGE(match.ok(), match.status().ToString());
  BOOST_REQUIRE(match->has_value());
  BOOST_TEST((*match)->odoo_payments ==
             std::vector<std::string>{"account.payment," + std::to_string(payment)});
  Settle();
  BOOST_TEST(State(id) == "SETTLED");
  BOOST_TEST(StateInOdoo(payment) == "in_process");
}

struct Unfit {
  const char* name;
  void (*spoil)(PaymentsHarness& h, int64_t payment);
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Unfit& c) { return out << c.name; }
const Unfit kUnfit[] = {
    {"is incoming", [](auto& h, int64_t id) { h.erp->booked_payments[id].outgoing = false; },
     Reason::kOdooPaymentUnfit},
    {"was marked as sent", [](auto& h, int64_t id) { h.erp->booked_payments[id].sent = true; },
     Reason::kOdooPaymentUnfit},
    {"is reconciled with a bank line",
     [](auto& h, int64_t id) { h.erp->booked_payments[id].matched = true; },
     Reason::kOdooPaymentUnfit},
    {"is a draft",
     [](auto& h, int64_t id) { h.erp->EditPayment(id, [](auto& s) { s.state = "draft"; }); },
     Reason::kOdooPaymentUnfit},
    {"is cancelled",
     [](auto& h, int64_t id) { h.erp->EditPayment(id, [](auto& s) { s.state = "canceled"; }); },
     Reason::kOdooPaymentUnfit},
    {"was rejected",
     [](auto& h, int64_t id) { h.erp->EditPayment(id, [](auto& s) { s.state = "rejected"; }); },
     Reason::kOdooPaymentUnfit},
    {"names no partner", [](auto& h, int64_t id) { h.erp->booked_payments[id].partner_id = 0; },
     Reason::kOdooPaymentUnfit},
    {"is of no amount",
     [](auto& h, int64_t id) {
       h.erp->EditPayment(id, [](auto& s) { s.total = *model::Decimal::Parse("0"); });
     },
     Reason::kOdooPaymentUnfit},
    {"is in another currency",
     [](auto& h, int64_t id) { h.erp->EditPayment(id, [](auto& s) { s.currency_code = "USD"; }); },
     Reason::kFieldConflict},
    {"has no entry",
     [](auto& h, int64_t id) { h.erp->EditPayment(id, [](auto& s) { s.move_id = 0; }); },
     Reason::kPaymentWithoutEntry},
    {"names no account", [](auto& h, int64_t id) { h.erp->booked_payments[id].account.reset(); },
     Reason::kBankAccountUnknown},
    {"goes to an account that nobody trusts",
     [](auto& h, int64_t id) { h.erp->booked_payments[id].account->trusted = false; },
     Reason::kBankAccountUntrusted},
    {"is gone", [](auto& h, int64_t id) { h.erp->DeleteRecord(id, "account.payment"); },
     Reason::kNotFound},
    {"was made by an order of an older life",
     [](auto& h, int64_t id) {
       h.erp->EditPayment(
           id, [](auto& s) { s.reference = "01JEXW3T9VQ0R4M2K8Y7N6P5ZA-1 BILL/2026/11/0007"; });
     },
     Reason::kOdooPaymentUnfit},
    {"has a text that the bank would cut",
     [](auto& h, int64_t id) {
       h.erp->EditPayment(id, [](auto& s) { s.reference = std::string(141, 'x'); });
     },
     Reason::kOdooPaymentUnfit},
};

BOOST_DATA_TEST_CASE(no_order_is_made_of_a_payment_that, bdata::make(kUnfit), c) {
  const int64_t payment = AddPayment("100.00");
  c.spoil(*this, payment);
  const absl::Status status = loop->Create(preparer, RequestForPayments({payment})).status();
  BOOST_TEST(base::Is(status, c.reason), status.ToString());
}

BOOST_DATA_TEST_CASE(no_order_is_released_when_a_payment, bdata::make(kUnfit), c) {
  const int64_t payment = AddPayment("100.00");
  const std::string id = ReadyOf({payment});
  ApproveAll(id);
  c.spoil(*this, payment);
  BOOST_TEST(!Release(id).ok());
  Settle();
  BOOST_TEST(State(id) == "DRAFT");
  BOOST_TEST(bank->submits == 0);
}

struct Changed {
  const char* name;
  void (*change)(PaymentsHarness& h, int64_t payment);
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Changed& c) { return out << c.name; }
const Changed kChanged[] = {
    {"amount",
     [](auto& h, int64_t id) {
       h.erp->EditPayment(id, [](auto& s) { s.total = *model::Decimal::Parse("100.01"); });
     },
     Reason::kOdooPaymentChanged},
    {"partner", [](auto& h, int64_t id) { h.erp->booked_payments[id].partner_id = 901; },
     Reason::kOdooPaymentChanged},
    {"account",
     [](auto& h, int64_t id) { h.erp->booked_payments[id].account->number = kOtherIban; },
     Reason::kBeneficiaryChanged},
    {"text",
     [](auto& h, int64_t id) { h.erp->EditPayment(id, [](auto& s) { s.reference = "RE-78"; }); },
     Reason::kApprovalVoid},
};

BOOST_DATA_TEST_CASE(a_release_is_refused_after_a_change_of_its, bdata::make(kChanged), c) {
  const int64_t payment = AddPayment("100.00");
  const std::string id = ReadyOf({payment});
  ApproveAll(id);
  c.change(*this, payment);
  const absl::Status status = Release(id);
  BOOST_TEST(base::Is(status, c.reason), status.ToString());
  BOOST_TEST(Order(id)["approvals"][0].contains("void_reason"));
  BOOST_TEST(bank->submits == 0);
}

BOOST_AUTO_TEST_CASE(the_same_payment_is_in_one_order_only) {
  const int64_t payment = AddPayment("100.00");
  CreateRequest twice = RequestForPayments({payment, payment});
  BOOST_TEST(base::Is(loop->Create(preparer, twice).status(), Reason::kFieldConflict));
  const std::string first = ReadyOf({payment});
  const std::string second = CreateOf({payment});
  BOOST_TEST(State(second) == "DRAFT");
  const auto reasons = ReasonsOf(second);
  BOOST_TEST((std::ranges::find(reasons, "STATE_CONFLICT") != reasons.end()));
  // Whoever gives it up gives it free.
  BOOST_REQUIRE(loop->Cancel(preparer, first, "the other one", {}).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(State(second) == "AWAITING_APPROVAL");
}

/// A payment that somebody registered on the bill in Odoo.
int64_t PaymentOf(PaymentsHarness& h, int64_t bill, const std::string& total) {
  const int64_t payment = h.AddPayment(total);
  h.erp->booked_payments[payment].bills = {{bill, "BILL/7"}};
  return payment;
}

BOOST_AUTO_TEST_CASE(a_bill_that_an_order_pays_is_not_paid_by_a_payment_of_odoos_beside_it) {
  const int64_t bill = AddBill("100.00");
  const std::string first = CreateReady({bill});
  const std::string second = CreateOf({PaymentOf(*this, bill, "100.00")});
  BOOST_TEST(State(second) == "DRAFT");
  const auto reasons = ReasonsOf(second);
  BOOST_TEST((std::ranges::find(reasons, "STATE_CONFLICT") != reasons.end()));
}

BOOST_AUTO_TEST_CASE(a_bill_whose_payment_is_at_the_bank_is_not_paid_when_odoo_cancels_that) {
  const int64_t bill = AddBill("100.00");
  const int64_t payment = PaymentOf(*this, bill, "100.00");
  const std::string first = SubmittedOf({payment});
  erp->EditPayment(payment, [](auto& s) { s.state = "canceled"; });
  Wait(absl::Hours(2));
  const Json order = Order(first);
  BOOST_REQUIRE(order.contains("deadline_exception_id"));
  BOOST_TEST(ReasonsIn(LateCaseOf(first)) == std::vector<std::string>{"ODOO_PAYMENT_CHANGED"});
  const std::string second = Create({bill});
  BOOST_TEST(State(second) == "DRAFT");
  const auto reasons = ReasonsOf(second);
  BOOST_TEST((std::ranges::find(reasons, "STATE_CONFLICT") != reasons.end()));
}

BOOST_AUTO_TEST_CASE(a_refused_payment_is_not_sent_again_before_it_is_cancelled_in_odoo) {
  const int64_t refused = AddPayment("100.00");
  const int64_t paid = AddPayment("50.00");
  const std::string first = SubmittedOf({refused, paid});
  erp->EditPayment(refused, [](auto& s) { s.hashed = true; });
  BOOST_REQUIRE(TakeStatus(first, "PART", {{Payment(first, 0)["end_to_end_id"], "RJCT", "AC04"}})
                    .ok());
  Settle();
  BOOST_REQUIRE(loop->OnBooking(BookingOf(first, 1)).ok());
  Settle();
  const std::string second = CreateOf({refused});
  BOOST_TEST(State(second) == "DRAFT");
}

BOOST_AUTO_TEST_CASE(a_settled_payment_is_never_taken_again) {
  const int64_t payment = AddPayment("100.00");
  const std::string id = SubmittedOf({payment});
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 0)).ok());
  Settle();
  BOOST_TEST(State(id) == "SETTLED");
  const std::string again = CreateOf({payment});
  BOOST_TEST(State(again) == "DRAFT");
  const auto reasons = ReasonsOf(again);
  BOOST_TEST((std::ranges::find(reasons, "STATE_CONFLICT") != reasons.end()));
}

BOOST_AUTO_TEST_CASE(a_payment_that_another_order_registered_is_not_sent_again) {
  const std::string first = CreateSubmitted({AddBill("100.00")});
  const auto made = erp->All("account.payment");
  BOOST_REQUIRE(made.size() == 1U);
  const int64_t template_id = AddPayment("1.00");
  erp->booked_payments[made[0].id] = erp->booked_payments[template_id];
  const std::string again = CreateOf({made[0].id});
  BOOST_TEST(State(again) == "DRAFT");
  bool told = false;
  const Json order = Order(again);
  for (const Json& finding : order["findings"]) {
    const std::string message = finding["message"];
    told = told || message.find("of a payment order already") != std::string::npos;
  }
  BOOST_TEST(told);
}

BOOST_AUTO_TEST_CASE(a_payment_on_another_journal_is_not_paid_from_the_account) {
  const std::string id = CreateOf({AddPayment("100.00", "BNK2")});
  BOOST_TEST(State(id) == "DRAFT");
  const auto reasons = ReasonsOf(id);
  BOOST_TEST((std::ranges::find(reasons, "ODOO_PAYMENT_UNFIT") != reasons.end()));
}

BOOST_AUTO_TEST_CASE(bills_and_payments_are_not_named_together) {
  CreateRequest request = RequestFor({AddBill("10.00")});
  request.odoo_payments = {AddPayment("20.00")};
  BOOST_TEST(base::Is(loop->Create(preparer, request).status(), Reason::kFieldConflict));
}

BOOST_AUTO_TEST_CASE(a_refusal_or_a_return_cancels_odoos_payment) {
  const int64_t refused = AddPayment("100.00");
  const int64_t returned = AddPayment("50.00");
  const std::string first = SubmittedOf({refused});
  BOOST_REQUIRE(TakeStatus(first, "RJCT", {{"", "", "AC04"}}).ok());
  Settle();
  BOOST_TEST(StateInOdoo(refused) == "canceled");
  const std::string second = SubmittedOf({returned});
  BOOST_REQUIRE(loop->OnBooking(BookingOf(second, 0)).ok());
  ports::Booking back = BookingOf(second, 0);
  back.debit = false;
  back.returned = true;
  back.line_key = "back";
  BOOST_REQUIRE(loop->OnBooking(back).ok());
  Settle();
  BOOST_TEST(State(second) == "RETURNED");
  BOOST_TEST(StateInOdoo(returned) == "canceled");
  BOOST_TEST(erp->Calls("Undo") == 2);
  int told = 0;
  for (const ports::AuditEntry& row : Audit()) {
    if (row.action == "payment_order.payment_cancelled_in_odoo") ++told;
  }
  BOOST_TEST(told == 2);
}

BOOST_AUTO_TEST_CASE(what_odoo_refuses_to_cancel_is_told_until_somebody_has_done_it) {
  const int64_t payment = AddPayment("100.00");
  const std::string id = SubmittedOf({payment});
  erp->EditPayment(payment, [](auto& s) { s.hashed = true; });
  BOOST_REQUIRE(TakeStatus(id, "RJCT", {{"", "", "AC04"}}).ok());
  Wait(absl::Minutes(2));
  Wait(absl::Minutes(1));
  BOOST_TEST(ReasonsIn(LateCaseOf(id)) == std::vector<std::string>{"ODOO_REFUSED"});
  erp->EditPayment(payment, [](auto& s) { s.hashed = false; });
  Wait(absl::Minutes(2));
  Wait(absl::Minutes(1));
  BOOST_TEST(!Order(id).contains("deadline_exception_id"));
  BOOST_TEST(StateInOdoo(payment) == "canceled");
}

BOOST_AUTO_TEST_CASE(an_odoo_that_does_not_answer_is_asked_again) {
  const int64_t payment = AddPayment("100.00");
  const std::string id = SubmittedOf({payment});
  erp->broken["Undo"] = base::Error(Reason::kOdooUnreachable).Says("down");
  BOOST_REQUIRE(TakeStatus(id, "RJCT", {{"", "", "AC04"}}).ok());
  Wait(absl::Minutes(2));
  BOOST_TEST(StateInOdoo(payment) == "in_process");
  erp->broken.clear();
  for (int i = 0; i < 4; ++i) Wait(absl::Minutes(6));
  BOOST_TEST(StateInOdoo(payment) == "canceled");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
