// SPDX-License-Identifier: Apache-2.0
// What is late: persons who do not decide before the cut-off, and a bank that does not take, answer
// or book. Each is told once, in a case that ends by itself, and nothing is sent again.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

struct LateHarness : OrderHarness {
  int64_t CountOf(const std::string& id, const std::string& event) {
    const auto types = EventTypes(id);
    return std::ranges::count(types, event);
  }
  bool IsLate(const std::string& id) { return Order(id).contains("deadline_exception_id"); }
  std::vector<std::string> LateReasons(const std::string& id) { return ReasonsIn(LateCaseOf(id)); }
  std::string LateWords(const std::string& id) { return LateCaseOf(id).findings.at(0).message; }
  void TakeNote(const std::string& id) {
    const engine::ResolveRequest noted{LateCaseOf(id).id, model::Resolution::kRetry, "seen", {}};
    const ports::Actor& person =
        LateCaseOf(id).owner_role == "operator" ? operator_one : accountant;
    const auto resolved = engine->ResolveException(person, noted);
    BOOST_REQUIRE_MESSAGE(resolved.ok(), resolved.status().ToString());
    Wait(absl::Minutes(1));
  }
  bool Says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

BOOST_FIXTURE_TEST_SUITE(silence, LateHarness)

BOOST_AUTO_TEST_CASE(a_bank_that_says_nothing_is_asked_for_once_and_the_case_ends_with_its_answer) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Hours(2); });
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(absl::Minutes(115));
  BOOST_TEST(!IsLate(id));
  Wait(absl::Minutes(10));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"BANK_SILENT"});
  const Json order = Order(id);
  BOOST_TEST(Says(LateWords(id), order["message_id"]), LateWords(id));
  BOOST_TEST(Says(LateWords(id), order["file_name"]), LateWords(id));
  BOOST_TEST(LateCaseOf(id).owner_role == "operator");
  BOOST_TEST(CountOf(id, "payment_order.exception") == 1);
  Wait(absl::Hours(5));
  BOOST_TEST(CountOf(id, "payment_order.exception") == 1);
  const std::string known = LateCaseOf(id).id;
  BOOST_REQUIRE(TakeStatus(id, "ACCP", {}).ok());
  Settle();
  BOOST_TEST(!IsLate(id));
  BOOST_TEST((ExceptionOf(known).state == model::ExceptionState::kResolved));
  BOOST_TEST(bank->submits == 1);
  BOOST_TEST(State(id) == "ACCEPTED");
}

BOOST_AUTO_TEST_CASE(what_a_person_took_note_of_does_not_come_again) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Hours(2); });
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(absl::Hours(3));
  TakeNote(id);
  BOOST_TEST(!IsLate(id));
  Wait(absl::Hours(10));
  BOOST_TEST(!IsLate(id));
  BOOST_TEST(CountOf(id, "payment_order.exception") == 1);
  // A booking that does not come is another matter.
  Wait(absl::Hours(24 * 8));
  BOOST_TEST(IsLate(id));
}

BOOST_AUTO_TEST_CASE(a_bank_that_sends_no_statuses_is_not_asked_for_them) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::ZeroDuration(); });
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(absl::Hours(48));
  BOOST_TEST(!IsLate(id));
}

BOOST_AUTO_TEST_CASE(a_payment_that_is_not_booked_in_time_is_named_until_it_is) {
  PutChannel([](model::Channel& channel) { channel.settle_within = absl::Hours(24); });
  const std::string id = CreateSubmitted({AddBill("100.00"), AddBill("50.00")});
  BOOST_REQUIRE(TakeStatus(id, "ACSC", {}).ok());
  // Executed on Monday, so that it is late on Wednesday.
  BOOST_TEST(Order(id)["execution_date"] == "2026-11-30");
  Wait(absl::Hours(24 * 3));
  BOOST_TEST(!IsLate(id));
  Wait(absl::Hours(13));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"BOOKING_OVERDUE"});
  BOOST_TEST(Says(LateWords(id), EndToEndId(id, 0) + ", " + EndToEndId(id, 1)), LateWords(id));
  BOOST_TEST(LateCaseOf(id).owner_role == "accountant");
  BOOST_REQUIRE(loop->OnBooking(BookingOf(id, 0)).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(!Says(LateWords(id), EndToEndId(id, 0)), LateWords(id));
  ports::Booking other = BookingOf(id, 1);
  other.line_key = "other";
  BOOST_REQUIRE(loop->OnBooking(other).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(State(id) == "SETTLED");
  BOOST_TEST(!IsLate(id));
  BOOST_TEST(CountOf(id, "payment_order.exception") == 1);
}

BOOST_AUTO_TEST_CASE(a_free_payment_that_is_booked_ends_its_case_too) {
  PutChannel([](model::Channel& channel) { channel.settle_within = absl::Hours(1); });
  CreateRequest request = RequestFor({});
  FreePayment& payment = request.payments.emplace_back();
  payment.transfer.amount = *model::Money::Parse("EUR", "12.00");
  payment.transfer.creditor.name = "Somebody";
  payment.transfer.creditor.account.number = kVendorIban;
  payment.transfer.creditor.account.scheme = "IBAN";
  payment.transfer.remittance.unstructured = {"a gift"};
  const auto view = loop->Create(preparer, request);
  BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
  Settle();
  ConfirmAll(view->id);
  ApproveAll(view->id);
  BOOST_REQUIRE(Release(view->id).ok());
  Settle();
  BOOST_REQUIRE(TakeStatus(view->id, "ACSC", {}).ok());
  Wait(absl::Hours(24 * 4));
  BOOST_TEST(IsLate(view->id));
  BOOST_REQUIRE(loop->OnBooking(BookingOf(view->id, 0)).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(State(view->id) == "SETTLED");
  BOOST_TEST(!IsLate(view->id));
}

struct Place {
  const char* name;
  ports::FilePlace place;
  absl::Duration after;
  const char* reason;  ///< Empty: nothing is told.
};
std::ostream& operator<<(std::ostream& out, const Place& c) { return out << c.name; }
const Place kPlaces[] = {
    {"still there, early", ports::FilePlace::kOutbox, absl::Hours(1), ""},
    {"still there, late", ports::FilePlace::kOutbox, absl::Hours(3), "FILE_NOT_COLLECTED"},
    {"taken, early", ports::FilePlace::kTaken, absl::Hours(1), ""},
    {"taken, late", ports::FilePlace::kTaken, absl::Hours(3), "BANK_SILENT"},
    {"gone", ports::FilePlace::kNowhere, absl::Hours(1), "FILE_GONE"},
    {"not as it was", ports::FilePlace::kAltered, absl::Hours(1), "FILE_GONE"},
};

BOOST_DATA_TEST_CASE(after_the_hand_over_the_outbox_is_looked_at_and_the_file_is,
                     bdata::make(kPlaces), c) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Hours(2); });
  bank->place_after = c.place;
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(c.after);
  const std::string reason = c.reason;
  BOOST_TEST(IsLate(id) == !reason.empty());
  if (!reason.empty()) BOOST_TEST(LateReasons(id) == std::vector<std::string>{reason});
  BOOST_TEST(bank->submits == 1);
  BOOST_REQUIRE(TakeStatus(id, "ACCP", {}).ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(!IsLate(id));
}

BOOST_AUTO_TEST_CASE(a_look_that_can_say_nothing_leaves_what_was_seen_before) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Hours(4); });
  bank->place_after = ports::FilePlace::kUnknown;
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(absl::Hours(1));
  BOOST_TEST(!IsLate(id));
  bank->place_after = ports::FilePlace::kOutbox;
  Wait(absl::Hours(1));
  bank->place_after = ports::FilePlace::kUnknown;
  Wait(absl::Hours(3));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"FILE_NOT_COLLECTED"});
}

BOOST_AUTO_TEST_CASE(a_bank_that_took_the_file_since_the_last_look_is_silent_and_no_more) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Minutes(5); });
  bank->place_after = ports::FilePlace::kOutbox;
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(absl::Minutes(1));
  bank->place_after = ports::FilePlace::kTaken;
  Wait(absl::Minutes(5));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"BANK_SILENT"});
}

BOOST_AUTO_TEST_CASE(what_ended_and_comes_again_is_told_again) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Hours(99); });
  bank->place_after = ports::FilePlace::kNowhere;
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(absl::Hours(1));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"FILE_GONE"});
  bank->place_after = ports::FilePlace::kOutbox;
  Wait(absl::Hours(1));
  BOOST_TEST(!IsLate(id));
  bank->place_after = ports::FilePlace::kNowhere;
  Wait(absl::Hours(1));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"FILE_GONE"});
}

BOOST_AUTO_TEST_CASE(a_bank_that_cannot_be_reached_is_looked_at_once_for_all_its_orders) {
  bank->find_answer = base::Error(Reason::kChannelUnreachable).Says("down");
  for (int i = 1; i <= 5; ++i) CreateSubmitted({AddBill(std::to_string(i) + "00.00")});
  Wait(absl::Minutes(1));
  const int looks = bank->finds;
  Wait(absl::Minutes(10));
  BOOST_TEST(bank->finds - looks <= 2);
}

BOOST_AUTO_TEST_CASE(a_file_that_the_bank_takes_late_ends_the_wait_for_its_collection) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Hours(2); });
  bank->place_after = ports::FilePlace::kOutbox;
  const std::string id = CreateSubmitted({AddBill("100.00")});
  Wait(absl::Hours(3));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"FILE_NOT_COLLECTED"});
  bank->place_after = ports::FilePlace::kTaken;
  Wait(absl::Minutes(15));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"BANK_SILENT"});
}

BOOST_AUTO_TEST_CASE(an_outbox_that_cannot_be_looked_at_or_shows_nothing_proves_nothing) {
  PutChannel([](model::Channel& channel) { channel.answer_within = absl::Hours(2); });
  const std::string id = CreateSubmitted({AddBill("100.00")});
  bank->find_answer = base::Error(Reason::kChannelUnreachable).Says("down");
  Wait(absl::Hours(1));
  BOOST_TEST(!IsLate(id));
  Wait(absl::Hours(2));
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"BANK_SILENT"});
  bank->sees_outbox = false;
  const std::string blind = CreateSubmitted({AddBill("50.00")});
  const int looks = bank->finds;
  Wait(absl::Hours(3));
  BOOST_TEST(bank->finds == looks);
  BOOST_TEST(LateReasons(blind) == std::vector<std::string>{"BANK_SILENT"});
}

BOOST_AUTO_TEST_CASE(a_channel_that_cannot_see_what_it_handed_over_warns_each_of_its_orders) {
  bank->has_outbox = true;
  bank->sees_outbox = false;
  const std::string id = CreateReady({AddBill("100.00")});
  const Json order = Order(id);
  bool warned = false;
  for (const Json& finding : order["findings"]) {
    BOOST_TEST(finding["severity"] == "SEVERITY_WARNING");
    const std::string message = finding["message"];
    warned = warned || Says(message, "no folder `sent`");
  }
  BOOST_TEST(warned, order.dump(1));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(cut_off, LateHarness)

/// Half past three in Berlin is 14:30 UTC in November; the test's clock begins on Saturday, noon.
void AtHalfPastThree(model::Channel& channel) {
  channel.time_zone = "Europe/Berlin";
  channel.cut_offs = {{"", "", "15:30"}};
  channel.answer_within = absl::ZeroDuration();  // these orders wait for persons
}
absl::Time Monday(int hour, int minute) {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 30, hour, minute, 0), absl::UTCTimeZone());
}

struct CutOffHarness : LateHarness {
  CutOffHarness() { PutChannel(AtHalfPastThree); }
  void At(absl::Time time) {
    clock.Set(time);
    Settle();
  }
};

BOOST_FIXTURE_TEST_CASE(an_order_that_waits_is_told_of_before_its_cut_off_then_escalated,
                        CutOffHarness) {
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(Order(id)["cut_off_time"].get<std::string>().starts_with("2026-11-30T14:30:00"));
  At(Monday(10, 20));
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 0);
  At(Monday(10, 31));
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 1);
  BOOST_TEST(!IsLate(id));
  At(Monday(13, 20));
  BOOST_TEST(CountOf(id, "payment_order.escalated") == 0);
  At(Monday(13, 31));
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 1);
  BOOST_TEST(CountOf(id, "payment_order.escalated") == 1);
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"DECISION_LATE"});
  for (const char* who : {"prn_axel", "prn_anke", "prn_eva", "2 approvals"}) {
    BOOST_TEST(Says(LateWords(id), who), LateWords(id));
  }
  BOOST_TEST(!Says(LateWords(id), "prn_petra"), LateWords(id));
  BOOST_REQUIRE(loop->Approve(approver, id, Digest(id)).ok());
  Wait(absl::Minutes(6));
  BOOST_TEST(Says(LateWords(id), "one approval"), LateWords(id));
  BOOST_TEST(!Says(LateWords(id), "prn_axel"), LateWords(id));
  BOOST_REQUIRE(loop->Approve(second_approver, id, Digest(id)).ok());
  Wait(absl::Minutes(6));
  BOOST_TEST(Says(LateWords(id), "its release"), LateWords(id));
  BOOST_TEST(Says(LateWords(id), "prn_rolf"), LateWords(id));
  const std::string known = LateCaseOf(id).id;
  BOOST_REQUIRE(Release(id).ok());
  BOOST_TEST(!IsLate(id));
  BOOST_TEST((ExceptionOf(known).state == model::ExceptionState::kResolved));
  BOOST_TEST(CountOf(id, "payment_order.escalated") == 1);
  Settle();
  BOOST_TEST(State(id) == "SUBMITTED");
}

BOOST_FIXTURE_TEST_CASE(an_order_that_comes_late_is_escalated_without_a_reminder, CutOffHarness) {
  clock.Set(Monday(13, 45));
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 0);
  BOOST_TEST(CountOf(id, "payment_order.escalated") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_delegate_is_named_among_those_who_can_act, CutOffHarness) {
  const ports::Actor deputy = engine::testing::Person("prn_doris", {ports::Role::kViewer});
  people.all.push_back(deputy);
  clock.Set(Monday(13, 45));
  const base::Date today = base::Date::Of(clock.Now());
  BOOST_REQUIRE(delegations
                    ->Create(approver, {"d-1", "d-1", ports::Role::kPaymentApprover, deputy.name,
                                        today, today, "on holiday"})
                    .ok());
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(Says(LateWords(id), "prn_doris for prn_axel"), LateWords(id));
}

BOOST_FIXTURE_TEST_CASE(another_content_is_told_of_anew, CutOffHarness) {
  const std::string id = CreateReady({AddBill("100.00"), AddBill("50.00")});
  At(Monday(13, 31));
  BOOST_REQUIRE(loop->Cancel(preparer, id, "not this one", {2}).ok());
  Settle();
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(CountOf(id, "payment_order.escalated") == 2);
}

BOOST_FIXTURE_TEST_CASE(a_missed_cut_off_is_told_and_the_order_goes_on_for_the_next_day,
                        CutOffHarness) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  At(Monday(14, 31));
  BOOST_TEST(CountOf(id, "payment_order.cut_off_missed") == 1);
  BOOST_TEST(LateReasons(id) == std::vector<std::string>{"CUT_OFF_PASSED"});
  BOOST_TEST(Says(LateWords(id), "2026-11-30"), LateWords(id));
  BOOST_TEST(Says(LateWords(id), "its release"), LateWords(id));
  BOOST_TEST(Order(id)["execution_date"] == "2026-12-01");
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");  // for another day it is another order
  Wait(absl::Hours(2));
  BOOST_TEST(CountOf(id, "payment_order.cut_off_missed") == 1);
  ApproveAll(id);
  BOOST_REQUIRE(Release(id).ok());
  BOOST_TEST(!IsLate(id));
}

BOOST_FIXTURE_TEST_CASE(a_release_that_comes_too_late_tells_of_the_missed_cut_off, CutOffHarness) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  clock.Set(Monday(14, 31));
  BOOST_TEST(base::Is(Release(id), Reason::kCutOffPassed));
  Settle();
  BOOST_TEST(CountOf(id, "payment_order.cut_off_missed") == 1);
  BOOST_TEST(IsLate(id));
}

struct Quiet {
  const char* name;
  void (*set)(CutOffHarness& h, const std::string& id);
};
std::ostream& operator<<(std::ostream& out, const Quiet& c) { return out << c.name; }
const Quiet kQuiet[] = {
    {"was released",
     [](auto& h, const auto& id) {
       h.ApproveAll(id);
       BOOST_REQUIRE(h.Release(id).ok());
     }},
    {"was cancelled",
     [](auto& h, const auto& id) {
       BOOST_REQUIRE(h.loop->Cancel(h.preparer, id, "not now", {}).ok());
     }},
    {"is held by a person",
     [](auto& h, const auto& id) {
       BOOST_REQUIRE(h.loop->Hold(h.preparer, id, "wait for the goods").ok());
     }},
};

BOOST_DATA_TEST_CASE_F(CutOffHarness, nobody_is_told_of_an_order_that, bdata::make(kQuiet), c) {
  const std::string id = CreateReady({AddBill("100.00")});
  c.set(*this, id);
  At(Monday(13, 31));
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 0);
  BOOST_TEST(CountOf(id, "payment_order.escalated") == 0);
  BOOST_TEST(!IsLate(id));
}

BOOST_DATA_TEST_CASE_F(CutOffHarness, the_case_of_a_late_decision_ends_when_the_order,
                       bdata::make(kQuiet), c) {
  const std::string id = CreateReady({AddBill("100.00")});
  At(Monday(13, 31));
  BOOST_REQUIRE(IsLate(id));
  c.set(*this, id);
  Settle();
  BOOST_TEST(!IsLate(id));
}

BOOST_FIXTURE_TEST_CASE(a_channel_may_tell_nobody, CutOffHarness) {
  PutChannel([](model::Channel& channel) {
    AtHalfPastThree(channel);
    channel.remind_before = channel.escalate_before = absl::ZeroDuration();
  });
  const std::string id = CreateReady({AddBill("100.00")});
  At(Monday(14, 20));
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 0);
  BOOST_TEST(CountOf(id, "payment_order.escalated") == 0);
}

BOOST_FIXTURE_TEST_CASE(without_a_cut_off_nobody_is_told, LateHarness) {
  const std::string id = CreateReady({AddBill("100.00")});
  BOOST_TEST(!Order(id).contains("cut_off_time"));
  clock.Set(Monday(23, 30));
  Settle();
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 0);
  BOOST_TEST(!IsLate(id));
}

BOOST_FIXTURE_TEST_CASE(holidays_of_the_bank_move_the_reminder, CutOffHarness) {
  PutChannel([](model::Channel& channel) {
    AtHalfPastThree(channel);
    channel.holidays = {*base::Date::Parse("2026-11-30")};
  });
  const std::string id = CreateReady({AddBill("100.00")});
  At(Monday(13, 31));
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 0);
  At(Monday(10, 31) + absl::Hours(24));
  BOOST_TEST(CountOf(id, "payment_order.reminder") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_crash_while_it_is_told_tells_it_once, CutOffHarness) {
  const std::string id = CreateReady({AddBill("100.00")});
  crash_in_loop_at = "payment_order.after_validated";
  At(Monday(13, 31));
  BOOST_TEST(crash_in_loop_at.empty());
  Wait(absl::Minutes(10));
  BOOST_TEST(CountOf(id, "payment_order.escalated") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
