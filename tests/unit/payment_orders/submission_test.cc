// SPDX-License-Identifier: Apache-2.0
// The file reaches the bank once, whatever happens on the way, and Odoo gets its payments once.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/model/bank.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

BOOST_FIXTURE_TEST_SUITE(submission, OrderHarness)

BOOST_AUTO_TEST_CASE(the_bank_gets_what_was_approved_and_odoo_its_payment) {
  const int64_t bill = AddBill("100.00");
  const std::string id = CreateSubmitted({bill});
  const Json order = Order(id);
  BOOST_REQUIRE(bank->files.size() == 1U);
  const auto& [name, text] = *bank->files.begin();
  BOOST_TEST(order["file_name"] == name);
  BOOST_TEST(order["file_sha256"] == crypto.Sha256Hex(text));
  BOOST_TEST(text.find("<InstdAmt Ccy=\"EUR\">100.00</InstdAmt>") != std::string::npos);
  BOOST_TEST(text.find(kVendorIban) != std::string::npos);
  BOOST_TEST(text.find(EndToEndId(id, 0)) != std::string::npos);
  const auto payments = erp->All("account.payment");
  BOOST_REQUIRE(payments.size() == 1U);
  BOOST_TEST(payments[0].posts == 1);
  BOOST_TEST(erp->All("account.move")[0].snapshot.residual.IsZero());
  BOOST_TEST(Payment(id, 0)["payment_id"].get<std::string>().starts_with("pay_"));
}

struct Case {
  const char* name;
  std::deque<Trouble> trouble;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Case kCases[] = {
    {"the channel refuses once", {Trouble::kRefused}},
    {"the channel refuses for a while", std::deque<Trouble>(6, Trouble::kRefused)},
    {"the answer is lost before", {Trouble::kLostBefore}},
    {"the answer is lost after", {Trouble::kLostAfter}},
    {"the answer is lost twice", {Trouble::kLostBefore, Trouble::kLostBefore}},
    {"everything at once", {Trouble::kRefused, Trouble::kLostBefore, Trouble::kLostAfter}},
};

BOOST_DATA_TEST_CASE(an_order_reaches_the_bank_once_though, bdata::make(kCases), c) {
  bank->trouble = c.trouble;
  const std::string id = CreateReleased({AddBill("100.00")});
  for (int i = 0; i < 8; ++i) Wait(absl::Minutes(5));
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(erp->All("account.payment").size() == 1U);
  BOOST_TEST(!Order(id).contains("exception_id"));
}

BOOST_AUTO_TEST_CASE(a_channel_that_refuses_for_long_is_told_to_people) {
  bank->trouble = std::deque<Trouble>(100, Trouble::kRefused);
  const std::string id = CreateReleased({AddBill("100.00")});
  for (int i = 0; i < 4; ++i) Wait(absl::Minutes(1));
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"CHANNEL_INVALID"});
  BOOST_TEST(CaseOf(id).technical);
  BOOST_REQUIRE(loop->Cancel(preparer, id, "we pay by hand", {}).ok());
  bank->trouble.clear();
  Wait(absl::Minutes(10));
  BOOST_TEST(State(id) == "CANCELLED");
  BOOST_TEST(bank->files.empty());
}

struct Said {
  const char* name;
  Trouble trouble;
  bool sent;
};
std::ostream& operator<<(std::ostream& out, const Said& c) { return out << c.name; }
const Said kSaid[] = {{"it has the file", Trouble::kLostAfter, true},
                      {"it never got it", Trouble::kLostBefore, false}};

BOOST_DATA_TEST_CASE(what_the_channel_cannot_see_two_people_ask_the_bank_for, bdata::make(kSaid),
                     c) {
  bank->sees_outbox = false;
  bank->trouble = {c.trouble};
  const std::string id = CreateReleased({AddBill("100.00")});
  Settle();
  BOOST_TEST(Submission(id) == "UNKNOWN");
  for (int i = 0; i < 6; ++i) Wait(absl::Minutes(10));
  BOOST_TEST(bank->submits == 1);  // never again by itself
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"BANK_OUTCOME_UNKNOWN"});
  BOOST_TEST(base::Is(loop->Cancel(preparer, id, "why", {}).status(), Reason::kStateConflict));
  BOOST_TEST(base::Is(loop->ResolveSubmission(preparer, id, c.sent, "asked").status(),
                      Reason::kDutiesNotSeparate));
  BOOST_TEST(base::Is(loop->ResolveSubmission(program, id, c.sent, "asked").status(),
                      Reason::kPersonRequired));
  BOOST_REQUIRE(loop->ResolveSubmission(operator_one, id, c.sent, "asked").ok());
  BOOST_REQUIRE(loop->ResolveSubmission(operator_one, id, c.sent, "asked").ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(Submission(id) == "UNKNOWN");  // one person is not enough
  // Who says otherwise does not count for the same.
  BOOST_REQUIRE(loop->ResolveSubmission(operator_two, id, !c.sent, "asked").ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(Submission(id) == "UNKNOWN");
  BOOST_REQUIRE(loop->ResolveSubmission(operator_one, id, c.sent, "again").ok());
  BOOST_REQUIRE(loop->ResolveSubmission(operator_two, id, c.sent, "asked again").ok());
  Wait(absl::Minutes(1));
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(bank->submits == (c.sent ? 1 : 2));
  BOOST_TEST(!Order(id).contains("exception_id"));
}

BOOST_AUTO_TEST_CASE(a_status_or_a_booking_ends_the_doubt) {
  bank->sees_outbox = false;
  bank->trouble = {Trouble::kLostAfter, Trouble::kLostAfter};
  const std::string first = CreateReleased({AddBill("100.00")});
  const std::string second = CreateReleased({AddBill("50.00")});
  Settle();
  BOOST_TEST(Submission(first) == "UNKNOWN");
  BOOST_REQUIRE(TakeStatus(first, "ACCP", {}).ok());
  BOOST_TEST(State(first) == "ACCEPTED");
  BOOST_TEST(Submission(second) == "UNKNOWN");
  // Odoo's payment comes after it; until then the statement waits.
  const absl::Status waits = loop->OnBooking(BookingOf(second, 0)).status();
  BOOST_TEST((waits.code() == absl::StatusCode::kUnavailable), waits.ToString());
  BOOST_TEST(State(second) == "SETTLED");
  Settle();
  BOOST_TEST(bank->submits == 2);
}

BOOST_AUTO_TEST_CASE(a_restored_store_does_not_send_again_what_the_bank_has) {
  const std::string id = CreateReleased({AddBill("100.00")});
  bank->trouble = {Trouble::kRefused};
  Settle();
  // The bank got the file in the life that the backup does not know of.
  const std::string name = Order(id)["file_name"];
  if (State(id) != "SUBMITTED") {
    bank->files[name] = "as it was sent";
    Wait(absl::Minutes(5));
  }
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_lease_outlasts_a_hand_over_that_takes_its_whole_time) {
  const Settings usual;
  const std::string id = CreateReleased({AddBill("100.00")});
  // Reading Odoo took nearly as long as the lease lasts.
  bank->before_find = [&] { clock.Advance(usual.lease_ttl - absl::Seconds(1)); };
  bank->on_submit = [&] {
    const absl::Time end = clock.Now() + usual.call_timeout;
    const absl::Status taken = store->Commit([&](ports::Unit& unit) {
      return unit.AcquireLease("payment_orders", "node-2", end, usual.lease_ttl).status();
    });
    BOOST_TEST(base::Is(taken, Reason::kLeaseLost));
  };
  Settle();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->submits == 1);
}

struct Takeover {
  const char* name;
  bool in_time;  ///< Another node takes the lease once it has ended, as this node sees it too.
};
std::ostream& operator<<(std::ostream& out, const Takeover& c) { return out << c.name; }
const Takeover kTakeovers[] = {{"a node whose time is over", true},
                               {"a node whose clock is late", false}};

BOOST_DATA_TEST_CASE(a_file_is_not_handed_over_by, bdata::make(kTakeovers), c) {
  constexpr absl::Duration kLong = absl::Hours(1);
  const std::string id = CreateReleased({AddBill("100.00")});
  bank->before_find = [&] {
    if (c.in_time) clock.Advance(kLong);
    const absl::Time now = clock.Now() + (c.in_time ? absl::ZeroDuration() : kLong);
    BOOST_REQUIRE(store
                      ->Commit([&](ports::Unit& unit) {
                        return unit.AcquireLease("payment_orders", "node-2", now, kLong).status();
                      })
                      .ok());
  };
  BOOST_TEST(!loop->RunUntilIdle());  // the lease is another's
  BOOST_TEST(Submission(id) == "GENERATED");
  BOOST_TEST(bank->submits == 0);
  Wait(3 * kLong);
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->submits == 1);
}

BOOST_AUTO_TEST_CASE(a_booking_of_an_order_that_was_never_sent_holds_it) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  const auto match = loop->OnBooking(BookingOf(id, 0));
  BOOST_REQUIRE(match.ok());
  BOOST_TEST(!match->has_value());
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(!Release(id).ok());
  Wait(absl::Hours(1));
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(bank->submits == 0);
}

struct Shadow {
  const char* name;
  void (*set)(OrderHarness& harness);
};
std::ostream& operator<<(std::ostream& out, const Shadow& c) { return out << c.name; }
const Shadow kShadows[] = {
    {"a channel",
     [](auto& h) { h.PutChannel([](auto& c) { c.state = model::ChannelState::kShadow; }); }},
    {"an entity", [](auto& h) { h.SetEntity([](auto& e) { e.mode = engine::Mode::kShadow; }); }},
    {"a connection",
     [](auto& h) { h.SetConnection([](auto& c) { c.mode = engine::Mode::kShadow; }); }},
};

BOOST_DATA_TEST_CASE(nothing_leaves_in_the_shadow_of, bdata::make(kShadows), c) {
  const int64_t bill = AddBill("100.00");
  const std::string id = CreateReady({bill});
  ApproveAll(id);
  c.set(*this);
  BOOST_REQUIRE(Release(id).ok());
  Wait(absl::Hours(1));
  BOOST_TEST(Submission(id) == "SHADOWED");
  BOOST_TEST(bank->submits == 0);
  BOOST_TEST(erp->All("account.payment").empty());
  BOOST_TEST(Told(id, "payment_order.shadowed"));
  // Nothing of it happens later by surprise.
  PutChannel([](auto&) {});
  SetEntity([](auto& e) { e.mode = engine::Mode::kLive; });
  SetConnection([](auto& connection) { connection.mode = engine::Mode::kLive; });
  Wait(absl::Hours(1));
  BOOST_TEST(bank->submits == 0);
  BOOST_TEST(State(Create({bill})) == "AWAITING_APPROVAL");
}

BOOST_DATA_TEST_CASE(a_crash_anywhere_pays_once_and_forgets_nothing, bdata::make(kFailpoints),
                     failpoint) {
  crash_in_loop_at = failpoint;
  const std::string id = CreateReleased({AddBill("100.00")});
  for (int i = 0; i < 3; ++i) Wait(absl::Minutes(1));
  BOOST_TEST(State(id) == "SUBMITTED");
  const auto again = [&](const std::function<void()>& act) {
    try {
      act();
    } catch (const engine::testing::Crash&) {
      RestartLoop();
      act();
    }
  };
  again([&] { BOOST_TEST(TakeStatus(id, "ACSP", {}).ok()); });
  again([&] {
    const auto match = loop->OnBooking(BookingOf(id, 0));
    BOOST_REQUIRE_MESSAGE(match.ok(), match.status().ToString());
    BOOST_REQUIRE(match->has_value());
    BOOST_TEST((*match)->odoo_payments.size() == 1U);
  });
  Settle();
  BOOST_CHECK_MESSAGE(crash_in_loop_at.empty(), "the failpoint was not reached");
  BOOST_TEST(State(id) == "SETTLED");
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(erp->All("account.payment").size() == 1U);
  const auto types = EventTypes(id);
  BOOST_TEST(std::ranges::count(types, "payment_order.submitted") == 1);
  BOOST_TEST(std::ranges::count(types, "payment_order.settled") == 1);
}

BOOST_AUTO_TEST_CASE(any_id_leads_to_the_whole_trail) {
  const int64_t bill = AddBill("100.00");
  erp->EditReference(bill, "RE-2026-7");
  const std::string id = CreateSubmitted({bill});
  static_cast<void>(loop->OnBooking(BookingOf(id, 0)));
  const Json order = Order(id);
  const Json payment = Payment(id, 0);
  for (const std::string& any :
       {id, order["message_id"].get<std::string>(), EndToEndId(id, 0),
        payment["payment_id"].get<std::string>(), payment["operation_id"].get<std::string>(),
        std::string("RE-2026-7"), order["file_sha256"].get<std::string>(), std::string("stm_1"),
        Events().back().id}) {
    const auto trail = loop->Trace(preparer, any);
    BOOST_REQUIRE_MESSAGE(trail.ok(), any << ": " << trail.status().ToString());
    BOOST_REQUIRE(trail->orders.size() == 1U);
    BOOST_TEST(trail->orders[0].id == id);
  }
  std::vector<std::string> what;
  const auto whole = loop->Trace(preparer, id);
  for (const Trail::Entry& entry : whole->entries) what.push_back(entry.what);
  for (const char* expected : {"payment_order.created", "approval", "release",
                               "payment_order.submitted", "payment_order.settled"}) {
    BOOST_TEST((std::ranges::find(what, expected) != what.end()), expected);
  }
  BOOST_TEST(base::Is(loop->Trace(preparer, "nothing").status(), Reason::kNotFound));
  BOOST_TEST(base::Is(loop->Trace(preparer, "").status(), Reason::kFieldMissing));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
