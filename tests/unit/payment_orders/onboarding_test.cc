// SPDX-License-Identifier: Apache-2.0
// By a channel in test only a marked test order leaves; what comes of it is noted as proof.
#include "server/engine/banks/onboarding.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/engine/banks/rows.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;
using model::ChannelState;

struct InTest : OrderHarness {
  InTest() { PutState(ChannelState::kTest); }
  void PutState(ChannelState state) {
    PutChannel([state](model::Channel& channel) { channel.state = state; });
  }
  CreateRequest TestRequest(const std::string& amount = "0.01") {
    CreateRequest request = RequestFor({});
    request.test = true;
    AddPayment(request, amount);
    return request;
  }
  static void AddPayment(CreateRequest& request, const std::string& amount) {
    FreePayment& payment = request.payments.emplace_back();
    payment.transfer.amount = *model::Money::Parse("EUR", amount);
    payment.transfer.creditor.name = "Probe GmbH";
    payment.transfer.creditor.account.number = kVendorIban;
    payment.transfer.creditor.account.scheme = "IBAN";
    payment.transfer.remittance.unstructured = {"Probe"};
  }
  /// A test order that was released.
  std::string CreateTest() {
    const auto view = loop->Create(preparer, TestRequest());
    BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
    Settle();
    ConfirmAll(view->id);
    ApproveAll(view->id);
    const absl::Status released = Release(view->id);
    BOOST_REQUIRE_MESSAGE(released.ok(), released.ToString());
    Settle();
    return view->id;
  }
  std::string Missing() {
    std::string missing;
    BOOST_REQUIRE(store
                      ->Read([&](ports::ReadView& view) -> absl::Status {
                        KONTOR_ASSIGN_OR_RETURN(const auto channel,
                                                banks::FindChannel(view, "house-bank", "name"));
                        KONTOR_ASSIGN_OR_RETURN(const auto proofs, banks::ProofsOf(view, channel));
                        missing = banks::MissingOf(proofs);
                        return absl::OkStatus();
                      })
                      .ok());
    return missing;
  }
  std::string WordsOf(const std::string& id) { return Order(id)["findings"].dump(); }
};

BOOST_FIXTURE_TEST_SUITE(channels_in_test, InTest)

BOOST_AUTO_TEST_CASE(a_real_order_waits_and_is_told_what_is_missing_and_goes_on_when_it_is_live) {
  const std::string id = Create({AddBill("100.00")});
  BOOST_TEST(State(id) == "DRAFT");
  BOOST_TEST(ReasonsOf(id).front() == "CHANNEL_PAUSED");  // its account is not confirmed either
  for (const char* point : {"KEYS", "TEST_PAYMENT", "STATUS", "STATEMENT", "two signatures"}) {
    BOOST_TEST(WordsOf(id).find(point) != std::string::npos, WordsOf(id));
  }
  PutState(ChannelState::kLive);
  Wait(absl::Minutes(5));
  ConfirmAll(id);
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(bank->submits == 0);
}

BOOST_AUTO_TEST_CASE(a_test_order_leaves_and_proves_what_it_does) {
  BOOST_TEST(Missing() == "KEYS, TEST_PAYMENT, STATUS, STATEMENT");
  const std::string id = CreateTest();
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(Order(id)["test"] == true);
  BOOST_TEST(bank->files.size() == 1U);
  BOOST_TEST(erp->All("account.payment").empty());  // Odoo does not know the creditor
  BOOST_TEST(Missing() == "STATUS, STATEMENT");
  BOOST_REQUIRE(TakeStatus(id, "ACCP", {}).ok());
  BOOST_TEST(Missing() == "STATEMENT");
  int rows = 0;
  for (const ports::AuditEntry& row : Audit()) rows += row.action == "bank_channel.onboarding";
  BOOST_TEST(rows == 3);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_no_status_that_proves_the_way) {
  const std::string id = CreateTest();
  BOOST_REQUIRE(TakeStatus(id, "RJCT", {{"", "", "AC01"}}).ok());
  BOOST_TEST(State(id) == "REJECTED");
  BOOST_TEST(Missing() == "STATUS, STATEMENT");
}

BOOST_AUTO_TEST_CASE(a_real_orders_hand_over_and_status_prove_nothing) {
  PutState(ChannelState::kLive);
  const std::string id = CreateSubmitted({AddBill("100.00")});
  PutState(ChannelState::kTest);
  BOOST_REQUIRE(TakeStatus(id, "ACCP", {}).ok());
  BOOST_TEST(Missing() == "KEYS, TEST_PAYMENT, STATUS, STATEMENT");
}

BOOST_AUTO_TEST_CASE(another_setting_makes_the_proofs_void) {
  CreateTest();
  PutChannel([](model::Channel& channel) {
    channel.state = ChannelState::kTest;
    channel.secret = "new";
  });
  BOOST_TEST(Missing() == "KEYS, TEST_PAYMENT, STATUS, STATEMENT");
}

BOOST_AUTO_TEST_CASE(a_test_order_needs_the_channel_to_be_in_test_first) {
  PutState(ChannelState::kShadow);
  const auto view = loop->Create(preparer, TestRequest());
  BOOST_REQUIRE(view.ok());
  Settle();
  BOOST_TEST(State(view->id) == "DRAFT");
  BOOST_TEST(ReasonsOf(view->id).front() == "CHANNEL_PAUSED");
  BOOST_TEST(WordsOf(view->id).find("kontorctl bank onboard house-bank") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_live_channel_takes_a_test_order_as_any_other) {
  PutState(ChannelState::kLive);
  BOOST_TEST(State(CreateTest()) == "SUBMITTED");
}

BOOST_AUTO_TEST_CASE(a_test_goes_by_its_account_whatever_the_routes_say) {
  SetPolicy("routing", R"({"routes": [{"name": "rest", "account": "elsewhere"}]})");
  BOOST_TEST(State(CreateTest()) == "SUBMITTED");
}

BOOST_AUTO_TEST_CASE(a_real_order_that_was_released_before_does_not_leave_by_a_channel_in_test) {
  PutState(ChannelState::kLive);
  const std::string id = CreateReleased({AddBill("100.00")});
  PutState(ChannelState::kTest);
  for (int i = 0; i < 3; ++i) Wait(absl::Minutes(5));
  BOOST_TEST(State(id) == "RELEASED");
  BOOST_TEST(bank->submits == 0);
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"CHANNEL_PAUSED"});
  PutState(ChannelState::kLive);
  Wait(absl::Minutes(5));
  BOOST_TEST(State(id) == "SUBMITTED");
  BOOST_TEST(!Order(id).contains("exception_id"));
}

struct Wrong {
  const char* name;
  void (*change)(CreateRequest& request);
};
std::ostream& operator<<(std::ostream& out, const Wrong& c) { return out << c.name; }
const Wrong kWrong[] = {
    {"no account",
     [](auto& r) {
       r.account.clear();
       r.currency_code = "EUR";
     }},
    {"two payments", [](auto& r) { InTest::AddPayment(r, "0.02"); }},
    {"too much",
     [](auto& r) { r.payments[0].transfer.amount = *model::Money::Parse("EUR", "1.01"); }},
    {"a bill beside the payment",
     [](auto& r) {
       r.payments[0].bills = {{7, std::nullopt}};
     }},
    {"bills instead",
     [](auto& r) {
       r.payments.clear();
       r.bills = {{7, std::nullopt}};
     }},
};

BOOST_DATA_TEST_CASE(a_test_order_is_refused_with, bdata::make(kWrong), c) {
  CreateRequest request = TestRequest();
  c.change(request);
  const absl::Status refused = loop->Create(preparer, request).status();
  BOOST_TEST(base::Is(refused, Reason::kFieldInvalid), refused.ToString());
  BOOST_TEST(base::InfoOf(refused).field == "test");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
