// SPDX-License-Identifier: Apache-2.0
// Another channel takes an order up only when it is proven that the first never had it. In doubt
// nothing goes twice, whatever it costs in time.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/strings.h"
#include "server/model/bank.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;
using model::ChannelState;

constexpr char kOther[] = "other-bank";
constexpr char kRouting[] = R"({"routes": [{"name": "main", "account": "main-account",
  "fallback_channel": "other-bank", "service_level": "SEPA", "charge_bearer": "SLEV"}]})";

struct TwoWays : OrderHarness {
  TwoWays() {
    PutOther(ChannelState::kLive);
    SetPolicy("routing", kRouting);
  }
  void PutOther(ChannelState state) {
    PutChannel([state](model::Channel& channel) {
      channel.id = "bch_other";
      channel.name = kOther;
      channel.settings = kOtherSettings;
      channel.state = state;
    });
  }
  void Refuse(int times) {
    bank->trouble.insert(bank->trouble.end(), static_cast<size_t>(times), Trouble::kRefused);
  }
  void WaitLong() {
    for (int i = 0; i < 8; ++i) Wait(absl::Minutes(5));
  }
  int Told(const std::string& id, const std::string& type) {
    const auto types = EventTypes(id);
    return static_cast<int>(std::ranges::count(types, type));
  }
};

BOOST_FIXTURE_TEST_SUITE(fallback, TwoWays)

BOOST_AUTO_TEST_CASE(what_three_times_provably_did_not_leave_goes_by_the_other_channel_once) {
  Refuse(100);
  const std::string id = CreateReleased({AddBill("100.00")});
  const std::string digest = Digest(id);
  BOOST_TEST(Order(id)["fallback_channel"] == kOther);
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->submits == 3);
  BOOST_TEST(bank->files.empty());
  BOOST_REQUIRE(other_bank->files.size() == 1U);
  const Json order = Order(id);
  BOOST_TEST(order["file_name"] == other_bank->files.begin()->first);
  BOOST_TEST(order["file_sha256"] == crypto.Sha256Hex(other_bank->files.begin()->second));
  BOOST_TEST(order["channel"] == kOther);
  BOOST_TEST(order["first_channel"] == "house-bank");
  BOOST_TEST(order["digest"] == digest);  // it is what was approved
  BOOST_TEST(!order.contains("exception_id"));
  BOOST_TEST(Told(id, "payment_order.rerouted") == 1);
  BOOST_TEST(Told(id, "payment_order.submitted") == 1);
  BOOST_TEST(erp->All("account.payment").size() == 1U);
  const auto audit = Audit();
  const auto row = std::ranges::find(audit, "payment_order.rerouted", &ports::AuditEntry::action);
  BOOST_REQUIRE(row != audit.end());
  BOOST_TEST(row->subject == id);
  BOOST_TEST(row->after.find(kOther) != std::string::npos);
  const auto trail = loop->Trace(preparer, id);
  const auto entry =
      std::ranges::find(trail->entries, "payment_order.rerouted", &Trail::Entry::what);
  BOOST_REQUIRE(entry != trail->entries.end());
  BOOST_TEST(entry->note == "by other-bank, as it did not leave by house-bank");
  // Only the bank that has it has a say in it.
  BOOST_TEST(base::Is(TakeStatus(id, "ACCP", {}), Reason::kNotFound));
  BOOST_TEST(TakeStatus(id, "ACCP", {}, kOther).ok());
  BOOST_TEST(State(id) == "ACCEPTED");
}

struct Case {
  const char* name;
  std::deque<Trouble> trouble;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Trouble kNo = Trouble::kRefused;
const Case kStays[] = {
    {"two refusals", {kNo, kNo}},
    {"a lost answer, and it was not there", {Trouble::kLostBefore, kNo, kNo, kNo, kNo, kNo, kNo}},
    {"a lost answer among refusals", {kNo, Trouble::kLostBefore, kNo, kNo, kNo, kNo}},
    {"a lost answer, and it was there", {kNo, kNo, Trouble::kLostAfter}},
};

BOOST_DATA_TEST_CASE(the_first_channel_keeps_the_order_after, bdata::make(kStays), c) {
  bank->trouble = c.trouble;
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(other_bank->submits == 0);
  BOOST_TEST(Told(id, "payment_order.rerouted") == 0);
}

BOOST_AUTO_TEST_CASE(an_order_in_doubt_stays_where_it_is_whatever_two_persons_say) {
  bank->sees_outbox = false;
  bank->trouble = {Trouble::kLostBefore};
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(Submission(id) == "UNKNOWN");
  BOOST_TEST(other_bank->submits == 0);
  Refuse(100);
  BOOST_REQUIRE(loop->ResolveSubmission(operator_one, id, false, "asked").ok());
  BOOST_REQUIRE(loop->ResolveSubmission(operator_two, id, false, "asked").ok());
  WaitLong();
  BOOST_TEST(other_bank->submits == 0);
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"CHANNEL_INVALID"});
}

BOOST_AUTO_TEST_CASE(a_file_of_another_under_the_name_is_for_people_and_no_other_way_mends_it) {
  const std::string id = CreateReleased({AddBill("100.00")});
  const std::string message = Order(id)["message_id"];
  bank->find_answer = base::Error(Reason::kChannelUnreachable);
  bank->files[message + ".xml"] = "<Foreign/>";
  WaitLong();
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"CHANNEL_FILE_CONFLICT"});
  BOOST_TEST(other_bank->submits == 0);
}

const ChannelState kClosed[] = {ChannelState::kShadow, ChannelState::kTest, ChannelState::kPaused};

BOOST_DATA_TEST_CASE(another_channel_that_is_not_live_takes_nothing_and_people_hear_of_it,
                     bdata::make({0, 1, 2}), which) {
  PutOther(kClosed[which]);
  Refuse(100);
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(State(id) == "RELEASED");
  BOOST_TEST(other_bank->submits == 0);
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"CHANNEL_INVALID"});
  // Once it is live, it takes the order up, and the case is closed.
  PutOther(ChannelState::kLive);
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(other_bank->files.size() == 1U);
  BOOST_TEST(!Order(id).contains("exception_id"));
}

BOOST_AUTO_TEST_CASE(both_channels_may_be_away_and_the_order_waits_at_the_other) {
  Refuse(100);
  other_bank->trouble = std::deque<Trouble>(6, Trouble::kRefused);
  const std::string id = CreateReleased({AddBill("100.00")});
  for (int i = 0; i < 12; ++i) Wait(absl::Minutes(5));
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->submits == 3);  // it does not go back
  BOOST_TEST(other_bank->files.size() == 1U);
  BOOST_TEST(Told(id, "payment_order.rerouted") == 1);
}

BOOST_AUTO_TEST_CASE(doubt_at_the_other_channel_is_found_out_there) {
  Refuse(3);
  other_bank->trouble = {Trouble::kLostAfter};
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(other_bank->submits == 1);
  BOOST_TEST(bank->submits == 3);
}

BOOST_AUTO_TEST_CASE(a_crash_between_the_two_channels_pays_once) {
  Refuse(100);
  crash_in_loop_at = "payment_order.after_rerouted";
  const std::string id = CreateReleased({AddBill("100.00")});
  WaitLong();
  BOOST_TEST(crash_in_loop_at.empty());
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->files.empty());
  BOOST_TEST(other_bank->submits == 1);
  BOOST_TEST(Told(id, "payment_order.rerouted") == 1);
}

BOOST_AUTO_TEST_CASE(a_restored_store_does_not_send_again_what_the_other_channel_took) {
  Refuse(1);
  const std::string id = CreateReleased({AddBill("100.00")});
  BOOST_REQUIRE(loop->RunUntilIdle());
  BOOST_REQUIRE_EQUAL(Submission(id), "GENERATED");
  // In the life that the backup does not know of, it went by the other channel.
  other_bank->files[Order(id)["file_name"]] = "as it was sent";
  WaitLong();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(bank->submits == 1);
  BOOST_TEST(other_bank->submits == 0);
  BOOST_TEST(Order(id)["channel"] == kOther);
  BOOST_TEST(TakeStatus(id, "ACCP", {}, kOther).ok());
}

BOOST_AUTO_TEST_CASE(the_other_channel_is_part_of_what_is_approved) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  SetPolicy("routing", R"({"routes": [{"name": "main", "account": "main-account",
    "service_level": "SEPA", "charge_bearer": "SLEV"}]})");
  BOOST_TEST(base::Is(Release(id), Reason::kApprovalVoid));
  Settle();
  BOOST_TEST(!Order(id).contains("fallback_channel"));
}

struct Wrong {
  const char* name;
  const char* channel;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Wrong& c) { return out << c.name; }
const Wrong kWrong[] = {{"itself", "house-bank", "FIELD_CONFLICT"},
                        {"nothing known", "no-such", "CHANNEL_UNKNOWN"}};

BOOST_DATA_TEST_CASE(a_route_that_falls_back_on_is_a_finding, bdata::make(kWrong), c) {
  SetPolicy("routing", base::StrCat(R"({"routes": [{"name": "main", "account": "main-account",
    "fallback_channel": ")",
                                    c.channel, R"(", "service_level": "SEPA"}]})"));
  const std::string id = Create({AddBill("100.00")});
  BOOST_TEST(State(id) == "DRAFT");
  BOOST_TEST(ReasonsOf(id).front() == c.reason);  // its account is not confirmed either
}

BOOST_AUTO_TEST_CASE(who_asks_for_the_way_is_told_of_both) {
  model::RouteQuestion question;
  question.entity = "hamburg";
  question.amount = *model::Money::Parse("EUR", "10.00");
  const auto route = loop->ExplainRoute(preparer, question);
  BOOST_REQUIRE_MESSAGE(route.ok(), route.status().ToString());
  BOOST_TEST(route->channel == "house-bank");
  BOOST_TEST(route->fallback_channel == kOther);
  BOOST_TEST(route->verdicts.back().why.find(kOther) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
