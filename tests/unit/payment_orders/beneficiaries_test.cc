// SPDX-License-Identifier: Apache-2.0
// One account under several names: each is confirmed by itself, takes nothing from the others, and
// gains nothing from them.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/strings.h"
#include "server/engine/payment_orders/internal/flow.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;
using base::StrCat;

constexpr char kOtherName[] = "Factoring Beispiel AG";
constexpr absl::Duration kLook = absl::Minutes(6);  ///< Longer than the watch interval.

struct HoldersHarness : OrderHarness {
  int64_t AddBillFor(const std::string& total, const std::string& holder) {
    const int64_t id = AddBill(total);
    erp->payables[id].account->holder = holder;
    return id;
  }
  std::string AccountOf(const std::string& id, size_t index = 0) {
    return Payment(id, index)["beneficiary_id"];
  }
  Json Account(const std::string& id) {
    const auto view = loop->GetBeneficiary(approver, id);
    BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
    return Json::parse(view->json);
  }
  std::string AccountState(const std::string& id) {
    return Account(id)["state"].get<std::string>().substr(6);
  }
  absl::Status Confirm(const std::string& account) {
    const std::string digest = Account(account)["digest"];
    const absl::Status status =
        loop->ConfirmBeneficiary(second_approver, account, digest, "called").status();
    Settle();
    return status;
  }
  absl::Status Block(const std::string& account) {
    const absl::Status status = loop->BlockBeneficiary(approver, account, "they moved").status();
    Settle();
    return status;
  }
};

BOOST_FIXTURE_TEST_SUITE(holders_of_an_account, HoldersHarness)

BOOST_AUTO_TEST_CASE(bills_that_name_different_holders_are_confirmed_each_and_both_paid) {
  const std::string first = CreateReady({AddBill("100.00")});
  const std::string second = Create({AddBillFor("60.00", kOtherName)});
  BOOST_TEST(State(second) == "HELD");
  BOOST_TEST(ReasonsOf(second) == std::vector<std::string>{"BENEFICIARY_UNCONFIRMED"});
  BOOST_TEST(AccountOf(first) != AccountOf(second));
  Wait(kLook);
  BOOST_TEST(State(first) == "AWAITING_APPROVAL");
  BOOST_TEST(AccountState(AccountOf(first)) == "CONFIRMED");
  BOOST_REQUIRE(Confirm(AccountOf(second)).ok());
  for (int i = 0; i < 3; ++i) Wait(kLook);
  for (const std::string& id : {first, second}) {
    BOOST_TEST(State(id) == "AWAITING_APPROVAL");
    ApproveAll(id);
    BOOST_REQUIRE(Release(id).ok());
    Settle();
  }
  BOOST_TEST(bank->submits == 2);
}

BOOST_AUTO_TEST_CASE(one_order_may_pay_to_an_account_under_two_names_when_both_are_confirmed) {
  const std::string id = Create({AddBill("100.00"), AddBillFor("60.00", kOtherName)});
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>(2, "BENEFICIARY_UNCONFIRMED"));
  BOOST_REQUIRE(Confirm(AccountOf(id, 0)).ok());
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"BENEFICIARY_UNCONFIRMED"});
  BOOST_TEST(PaymentState(id, 0) == "PENDING");
  BOOST_TEST(PaymentState(id, 1) == "HELD");
  BOOST_REQUIRE(Confirm(AccountOf(id, 1)).ok());
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

struct Other {
  const char* name;
  void (*change)(ports::Payable& payable);
};
std::ostream& operator<<(std::ostream& out, const Other& c) { return out << c.name; }
const Other kOthers[] = {
    {"another name", [](auto& p) { p.account->holder = kOtherName; }},
    {"a name that differs by one letter",
     [](auto& p) { p.account->holder = "Muster Lieferant Gmbh"; }},
    {"another BIC", [](auto& p) { p.account->bic = "COBADEFFXXX"; }},
    {"no BIC", [](auto& p) { p.account->bic.clear(); }},
    {"another partner", [](auto& p) { p.partner_id = 4711; }},
};
BOOST_DATA_TEST_CASE(is_confirmed_by_itself_and_leaves_the_first_one_confirmed,
                     bdata::make(kOthers), c) {
  const std::string first = CreateReady({AddBill("100.00")});
  const int64_t bill = AddBill("60.00");
  c.change(erp->payables[bill]);
  const std::string second = Create({bill});
  BOOST_TEST(State(second) == "HELD");
  BOOST_TEST(AccountState(AccountOf(second)) == "UNCONFIRMED");
  BOOST_TEST(Told(AccountOf(second), "beneficiary.changed"));
  // What was compared for the one is no word on the other.
  const std::string digest = Account(AccountOf(first))["digest"];
  BOOST_TEST(base::Is(
      loop->ConfirmBeneficiary(second_approver, AccountOf(second), digest, "called").status(),
      Reason::kBeneficiaryChanged));
  Wait(kLook);
  BOOST_TEST(State(first) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_name_that_comes_back_has_the_confirmation_that_it_had) {
  const std::string first = CreateReady({AddBill("100.00")});
  Create({AddBillFor("60.00", kOtherName)});
  const std::string third = Create({AddBill("70.00")});
  BOOST_TEST(State(third) == "AWAITING_APPROVAL");
  BOOST_TEST(AccountOf(third) == AccountOf(first));
}

BOOST_AUTO_TEST_CASE(an_approved_order_whose_creditor_changes_its_name_is_held) {
  const int64_t bill = AddBill("100.00");
  const std::string id = CreateReady({bill});
  const std::string before = AccountOf(id);
  ApproveAll(id);
  erp->payables[bill].account->holder = kOtherName;
  BOOST_TEST(!Release(id).ok());
  Wait(kLook);
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(AccountOf(id) != before);
  BOOST_TEST(Told(AccountOf(id), "beneficiary.changed"));
  BOOST_TEST(bank->submits == 0);
}

BOOST_AUTO_TEST_CASE(a_blocked_account_is_blocked_under_every_name_and_freed_name_by_name) {
  const std::string first = CreateReady({AddBill("100.00")});
  const std::string second = CreateReady({AddBillFor("60.00", kOtherName)});
  BOOST_REQUIRE(Block(AccountOf(first)).ok());
  for (const std::string& id : {first, second}) {
    BOOST_TEST(State(id) == "HELD");
    BOOST_TEST(AccountState(AccountOf(id)) == "BLOCKED");
    BOOST_TEST(Told(AccountOf(id), "beneficiary.blocked"));
  }
  // Nor is it any better under a name that nobody has seen.
  const std::string third = Create({AddBillFor("70.00", "Third Name Ltd.")});
  BOOST_TEST(AccountState(AccountOf(third)) == "BLOCKED");
  BOOST_TEST(Account(AccountOf(third))["block_reason"] == "they moved");
  BOOST_REQUIRE(Confirm(AccountOf(second)).ok());
  BOOST_TEST(State(second) == "AWAITING_APPROVAL");
  BOOST_TEST(State(first) == "HELD");
  BOOST_TEST(State(third) == "HELD");
  // Repeating the call that blocked it takes nothing away again.
  BOOST_REQUIRE(Block(AccountOf(first)).ok());
  BOOST_TEST(AccountState(AccountOf(second)) == "CONFIRMED");
}

BOOST_AUTO_TEST_CASE(another_name_does_not_hide_that_an_amount_is_unusual) {
  CreateSubmitted({AddBill("100.00")});
  SetPolicy("checks", R"({"unusual_factor": "3", "changed_account_days": 0})");
  const std::string id = CreateReady({AddBillFor("300.00", kOtherName)});
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  const std::string larger = Create({AddBillFor("300.01", kOtherName)});
  BOOST_TEST(ReasonsOf(larger) == std::vector<std::string>{"FRAUD_RULE"});
}

BOOST_AUTO_TEST_CASE(the_first_payment_under_another_name_is_a_first_payment) {
  SetPolicy("checks", R"({"changed_account_days": 0})");
  CreateSubmitted({AddBill("100.00")});
  SetPolicy("checks", R"({"hold_new_accounts": true, "changed_account_days": 0})");
  BOOST_TEST(State(Create({AddBill("60.00")})) == "AWAITING_APPROVAL");
  const std::string id = Create({AddBillFor("60.00", kOtherName)});
  ConfirmAll(id);
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(Order(id)["findings"][0]["message"].get<std::string>().find("under this name") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_name_is_screened) {
  LoadList("eu", StrCat(R"(<export generationDate=")", model::Date::Of(clock.Now()).ToString(),
                        R"(T10:00:00"><sanctionEntity logicalId="1"><nameAlias wholeName=")",
                        kOtherName, R"("/></sanctionEntity></export>)"));
  const std::string id = Create({AddBill("100.00"), AddBillFor("60.00", kOtherName)});
  ConfirmAll(id);
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"SCREENING_HIT"});
  BOOST_TEST(PaymentState(id, 0) == "PENDING");
  BOOST_TEST(PaymentState(id, 1) == "HELD");
}

BOOST_AUTO_TEST_CASE(an_account_that_was_confirmed_before_names_had_keys_stays_confirmed) {
  const std::string first = CreateReady({AddBill("100.00")});
  const std::string account = AccountOf(first);
  const std::string key = StrCat("hamburg\x1f", kVendorIban);
  BOOST_REQUIRE(store
                    ->Commit([&](ports::Unit& unit) -> absl::Status {
                      KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kHolderSpace, account));
                      KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kBeneficiarySpace, account));
                      return unit.ReserveFlowKey({kBeneficiarySpace, key, account}).status();
                    })
                    .ok());
  const std::string second = Create({AddBill("60.00")});
  BOOST_TEST(State(second) == "AWAITING_APPROVAL");
  BOOST_TEST(AccountOf(second) == account);
  const std::string third = Create({AddBillFor("70.00", kOtherName)});
  BOOST_TEST(State(third) == "HELD");
  BOOST_TEST(State(Create({AddBill("80.00")})) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
