// SPDX-License-Identifier: Apache-2.0
// What the bank says: statuses bring an order forward or refuse it, and only bookings settle it.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/formats/streams.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

BOOST_FIXTURE_TEST_SUITE(bank_says, OrderHarness)

struct Group {
  const char* status;
  const char* state;
};
std::ostream& operator<<(std::ostream& out, const Group& c) { return out << c.status; }
const Group kGroups[] = {
    {"RCVD", "ACKNOWLEDGED"}, {"ACTC", "ACKNOWLEDGED"}, {"PDNG", "ACKNOWLEDGED"},
    {"PATC", "ACKNOWLEDGED"}, {"WHAT", "ACKNOWLEDGED"}, {"ACCP", "ACCEPTED"},
    {"ACSP", "ACCEPTED"},     {"ACSC", "ACCEPTED"},     {"PART", "SUBMITTED"},
    {"RJCT", "REJECTED"},
};

BOOST_DATA_TEST_CASE(a_group_status_is_that_of_its_payments, bdata::make(kGroups), c) {
  const std::string id = CreateSubmitted({AddBill("100.00"), AddBill("50.00")});
  BOOST_REQUIRE(TakeStatus(id, c.status, {}).ok());
  BOOST_TEST(State(id) == c.state);
  BOOST_TEST(State(id) != "SETTLED");
}

BOOST_AUTO_TEST_CASE(a_payments_own_status_goes_before_its_groups) {
  const std::string id = CreateSubmitted({AddBill("100.00"), AddBill("50.00")});
  BOOST_REQUIRE(
      TakeStatus(id, "PART", {{EndToEndId(id, 0), "ACSP", ""}, {EndToEndId(id, 1), "RJCT", "AC04"}})
          .ok());
  BOOST_TEST(PaymentState(id, 0) == "ACCEPTED");
  BOOST_TEST(PaymentState(id, 1) == "REJECTED");
  BOOST_TEST(State(id) == "ACCEPTED");
  const std::string why = Payment(id, 1)["status_reasons"][0];
  BOOST_TEST(why.find("AC04") != std::string::npos);
  BOOST_TEST(why.find("closed") != std::string::npos, why);
  BOOST_TEST(Told(id, "payment.rejected"));
}

BOOST_AUTO_TEST_CASE(words_that_come_late_take_nothing_back) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  BOOST_REQUIRE(TakeStatus(id, "ACSP", {}).ok());
  BOOST_REQUIRE(TakeStatus(id, "RCVD", {}).ok());
  BOOST_TEST(State(id) == "ACCEPTED");
}

BOOST_AUTO_TEST_CASE(a_refusal_undoes_odoos_payment_and_gives_the_bill_back) {
  const int64_t bill = AddBill("100.00");
  const std::string id = CreateSubmitted({bill});
  BOOST_REQUIRE(TakeStatus(id, "RJCT", {{"", "", "AM04"}}).ok());
  Settle();
  BOOST_TEST(State(id) == "REJECTED");
  BOOST_TEST(erp->All("account.payment")[0].snapshot.state == "canceled");
  BOOST_TEST(Order(id)["findings"][0]["reason"] == "BANK_REJECTED");
  const engine::ResolveRequest noted{CaseOf(id).id, model::Resolution::kRetry, "seen", {}};
  BOOST_REQUIRE(engine->ResolveException(accountant, noted).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(!Order(id).contains("exception_id"));
}

BOOST_AUTO_TEST_CASE(a_refusal_after_an_acceptance_still_counts) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  BOOST_REQUIRE(TakeStatus(id, "ACSP", {}).ok());
  BOOST_REQUIRE(TakeStatus(id, "RJCT", {}).ok());
  BOOST_TEST(State(id) == "REJECTED");
}

BOOST_AUTO_TEST_CASE(a_refusal_as_duplicate_does_not_free_the_bill_to_be_paid_again) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  for (const char* code : {"AM05", "DU01", "DU04", "DUPL"}) {
    BOOST_REQUIRE(TakeStatus(id, "RJCT", {{"", "", code}}).ok());
    Settle();
    BOOST_TEST(State(id) == "SUBMITTED");
    BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"BANK_OUTCOME_UNKNOWN"});
  }
  BOOST_TEST(erp->All("account.payment")[0].snapshot.state != "canceled");
}

BOOST_AUTO_TEST_CASE(another_bank_has_no_say) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  BOOST_TEST(base::Is(TakeStatus(id, "RJCT", {}, "other-bank"), Reason::kNotFound));
  BOOST_TEST(base::Is(TakeStatus(id, "RJCT", {}, ""), Reason::kNotFound));
  BOOST_TEST(State(id) == "SUBMITTED");
}

BOOST_AUTO_TEST_CASE(a_status_of_an_order_that_was_not_sent_is_refused) {
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(base::Is(TakeStatus(id, "ACCP", {}), Reason::kNotFound));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_status_file_told_twice_is_one) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  const std::string text = StatusFile(id, "ACCP", {});
  for (int i = 0; i < 2; ++i) {
    formats::TextSource source(text);
    BOOST_TEST(loop->OnStatusFile("blb_same", "house-bank", source).ok());
  }
  const auto types = EventTypes(id);
  BOOST_TEST(std::ranges::count(types, "payment_order.accepted") == 1);
}

BOOST_AUTO_TEST_CASE(a_status_file_that_cannot_be_read_changes_nothing) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  std::string text = StatusFile(id, "RJCT", {});
  text.resize(text.size() - 20);
  formats::TextSource source(text);
  BOOST_TEST(!loop->OnStatusFile("blb_cut", "house-bank", source).ok());
  BOOST_TEST(State(id) == "SUBMITTED");
}

BOOST_AUTO_TEST_CASE(bookings_settle_payment_by_payment) {
  const std::string id = CreateSubmitted({AddBill("100.00"), AddBill("50.00")});
  const auto first = loop->OnBooking(BookingOf(id, 0));
  BOOST_REQUIRE_MESSAGE(first.ok(), first.status().ToString());
  BOOST_REQUIRE(first->has_value());
  BOOST_TEST((*first)->payment_order_id == id);
  BOOST_TEST((*first)->transfer_ids == std::vector<std::string>{"1"});
  BOOST_REQUIRE((*first)->odoo_payments.size() == 1U);
  BOOST_TEST(erp->ByExternalId((*first)->odoo_payments[0]).has_value());
  BOOST_TEST(State(id) == "PARTIALLY_SETTLED");
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 1)).ok());
  BOOST_TEST(State(id) == "SETTLED");
  Settle();
  const auto again = loop->OnBooking(BookingOf(id, 0));
  BOOST_REQUIRE(again.ok() && again->has_value());
  BOOST_TEST((*again)->odoo_payments == (*first)->odoo_payments);
  const auto types = EventTypes(id);
  BOOST_TEST(std::ranges::count(types, "payment.settled") == 2);
}

BOOST_AUTO_TEST_CASE(one_booking_of_a_whole_batch_settles_all_of_it) {
  const std::string id = CreateSubmitted({AddBill("100.00"), AddBill("50.00")});
  ports::Booking booking = BookingOf(id, 0);
  booking.end_to_end_id.clear();
  booking.payment_information_id = Order(id)["message_id"].get<std::string>() + "-B1";
  booking.amount = *model::Money::Parse("EUR", "150.00");
  const auto match = loop->OnBooking(booking);
  BOOST_REQUIRE_MESSAGE(match.ok(), match.status().ToString());
  BOOST_REQUIRE(match->has_value());
  BOOST_TEST((*match)->odoo_payments.size() == 2U);
  BOOST_TEST(State(id) == "SETTLED");
}

struct Unproven {
  const char* name;
  void (*change)(ports::Booking& booking);
};
std::ostream& operator<<(std::ostream& out, const Unproven& c) { return out << c.name; }
const Unproven kUnproven[] = {
    {"another account", [](auto& b) { b.account_iban = kOtherIban; }},
    {"a smaller amount", [](auto& b) { b.amount = *model::Money::Parse("EUR", "99.99"); }},
    {"a larger amount", [](auto& b) { b.amount = *model::Money::Parse("EUR", "100.01"); }},
    {"another currency", [](auto& b) { b.amount = *model::Money::Parse("USD", "100.00"); }},
    {"another id", [](auto& b) { b.end_to_end_id = "SOMETHING-1"; }},
    {"no id", [](auto& b) { b.end_to_end_id = "NOTPROVIDED"; }},
    {"a pending line", [](auto& b) { b.booked = false; }},
};

BOOST_DATA_TEST_CASE(nothing_is_settled_by, bdata::make(kUnproven), c) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  ports::Booking booking = BookingOf(id, 0);
  c.change(booking);
  const auto match = loop->OnBooking(booking);
  BOOST_REQUIRE(match.ok());
  BOOST_TEST(!match->has_value());
  BOOST_TEST(State(id) == "SUBMITTED");
}

BOOST_AUTO_TEST_CASE(a_return_undoes_odoos_payment_with_the_reason_in_words) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 0)).ok());
  Settle();
  ports::Booking back = BookingOf(id, 0);
  back.line_key = "return";
  back.debit = false;
  back.returned = true;
  back.reason_code = "AC04";
  const auto match = loop->OnBooking(back);
  BOOST_REQUIRE_MESSAGE(match.ok(), match.status().ToString());
  BOOST_REQUIRE(match->has_value());
  BOOST_TEST((*match)->odoo_payments.empty());
  Settle();
  BOOST_TEST(State(id) == "RETURNED");
  BOOST_TEST(Told(id, "payment.returned"));
  const std::string why = Payment(id, 0)["status_reasons"][0];
  BOOST_TEST(why.find("closed") != std::string::npos, why);
  BOOST_TEST(erp->All("account.payment")[0].snapshot.state == "canceled");
}

BOOST_AUTO_TEST_CASE(a_return_before_the_other_bookings_does_not_make_the_order_accepted_again) {
  const std::string id = CreateSubmitted({AddBill("100.00"), AddBill("50.00")});
  BOOST_REQUIRE(TakeStatus(id, "ACCP", {}).ok());
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 0)).ok());
  ports::Booking back = BookingOf(id, 0);
  back.line_key = "return";
  back.debit = false;
  back.returned = true;
  BOOST_REQUIRE(loop->OnBooking(back).ok());
  BOOST_TEST(State(id) == "PARTIALLY_SETTLED");
  BOOST_TEST(std::ranges::count(EventTypes(id), "payment_order.accepted") == 1);
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 1)).ok());
  BOOST_TEST(State(id) == "PARTIALLY_SETTLED");
  BOOST_TEST(PaymentState(id, 0) == "RETURNED");
}

struct Paid {
  const char* account;
  bool settles;
};
std::ostream& operator<<(std::ostream& out, const Paid& c) { return out << c.account; }
const Paid kPaid[] = {
    {"", true},
    {"DE75 **** **** 1199", true},  // masked
    {"0532013000", true},           // as the bank's own country writes it
    {"NL91ABNA0417164300", false},
    {"nl91 abna 0417 1643 00", false},
};

BOOST_DATA_TEST_CASE(a_booking_to_an_account_that_nobody_approved_settles_nothing,
                     bdata::make(kPaid), c) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  ports::Booking booking = BookingOf(id, 0);
  booking.other_account = c.account;
  const auto match = loop->OnBooking(booking);
  BOOST_REQUIRE_MESSAGE(match.ok(), match.status().ToString());
  BOOST_TEST(match->has_value() == c.settles);
  BOOST_TEST((PaymentState(id, 0) == "SETTLED") == c.settles);
  if (!c.settles) BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"FILE_ALTERED"});
}

BOOST_AUTO_TEST_CASE(a_return_whose_statement_overtakes_that_of_the_booking_stays_a_return) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  ports::Booking back = BookingOf(id, 0);
  back.line_key = "return";
  back.debit = false;
  back.returned = true;
  BOOST_REQUIRE(loop->OnBooking(back).ok());
  BOOST_TEST(PaymentState(id, 0) == "RETURNED");
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 0)).ok());
  Settle();
  BOOST_TEST(PaymentState(id, 0) == "RETURNED");
  BOOST_TEST(State(id) == "RETURNED");
  BOOST_TEST(!Told(id, "payment.settled"));
  ports::Booking anew = BookingOf(id, 0);
  anew.line_key = "another";
  BOOST_REQUIRE(loop->OnBooking(anew).ok());
  BOOST_TEST(PaymentState(id, 0) == "SETTLED");
}

BOOST_AUTO_TEST_CASE(a_second_booking_of_one_payment_is_told_to_people) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 0)).ok());
  ports::Booking second = BookingOf(id, 0);
  second.line_key = "second";
  BOOST_REQUIRE(loop->OnBooking(second).ok());
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"PAYMENT_DUPLICATE"});
}

BOOST_AUTO_TEST_CASE(a_booking_of_a_refused_payment_is_believed_and_told) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  BOOST_REQUIRE(TakeStatus(id, "RJCT", {}).ok());
  Settle();
  const auto match = loop->OnBooking(BookingOf(id, 0));
  BOOST_REQUIRE_MESSAGE(match.ok(), match.status().ToString());
  BOOST_TEST(State(id) == "SETTLED");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"BANK_REJECTED"});
}

BOOST_AUTO_TEST_CASE(a_booking_that_the_bank_takes_back_settles_nothing) {
  const std::string id = CreateSubmitted({AddBill("100.00")});
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 0)).ok());
  BOOST_REQUIRE(loop->OnBookingRevoked(BookingOf(id, 0)).ok());
  BOOST_TEST(State(id) == "ACCEPTED");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"BANK_OUTCOME_UNKNOWN"});
}

BOOST_AUTO_TEST_CASE(a_booking_waits_while_odoos_payment_is_being_made_and_not_longer) {
  erp->broken["CreateDrafts"] =
      base::Error(Reason::kOdooUnreachable).Happened(base::Outcome::kNotApplied).Says("down");
  const std::string id = CreateReleased({AddBill("100.00")});
  Settle();
  BOOST_TEST(loop->OnBooking(BookingOf(id, 0)).status().code() == absl::StatusCode::kUnavailable);
  BOOST_TEST(State(id) == "SETTLED");  // the money moved, whatever Odoo says
  erp->broken.clear();
  for (int i = 0; i < 4; ++i) Wait(absl::Minutes(6));
  const auto match = loop->OnBooking(BookingOf(id, 0));
  BOOST_REQUIRE_MESSAGE(match.ok(), match.status().ToString());
  BOOST_TEST((*match)->odoo_payments.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_payment_that_odoo_refuses_keeps_no_booking_waiting) {
  erp->broken["CreateDrafts"] =
      base::Error(Reason::kOdooRefused).Happened(base::Outcome::kRefused).Says("no");
  const std::string id = CreateReleased({AddBill("100.00")});
  Settle();
  const auto match = loop->OnBooking(BookingOf(id, 0));
  BOOST_REQUIRE_MESSAGE(match.ok(), match.status().ToString());
  BOOST_REQUIRE(match->has_value());
  BOOST_TEST((*match)->odoo_payments.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
