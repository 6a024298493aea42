// SPDX-License-Identifier: Apache-2.0
// Whether the employee has the money: paid, sent back by the bank, paid again.
#include <algorithm>

#include "server/base/status.h"
#include "tests/unit/expenses/loop_harness.h"

namespace kontor::expenses::testing {
namespace {

struct WatchedReport : LoopHarness {
  WatchedReport() {
    platform->can.fetches = true;
    platform->can.confirms_posting = true;
    platform->can.confirms_payment = true;
    model::Source watching = GoodSource();
    watching.expense.watch_reimbursement = true;
    PutSource(watching);
    ports::PlatformReport report;
    report.ref = "doc-R-1";
    report.report = Report();
    platform->ready.push_back(report);
    clock.Advance(absl::Minutes(6));
    BOOST_REQUIRE(loop->RunUntilIdle());
    platform->ready.clear();
    id = ReportsOf("R-1").at(0);
    BOOST_TEST(Settle(id) == "POSTED");
    bill = erp->All("account.move").at(0).id;
  }
  /// What Odoo has now, and what the loop makes of it at once.
  void Look() {
    RefreshBillOf(id);
    BOOST_REQUIRE(loop->RunUntilIdle());
  }
  void Pay() {
    erp->PayByHand(bill, "119.00");
    RefreshBillOf(id);
  }
  void SendBack() {
    erp->PayByHand(bill, "-119.00");
    RefreshBillOf(id);
  }
  int64_t Told(const std::string& type) {
    const auto events = EventsOf(id);
    return std::count(events.begin(), events.end(), type);
  }

  std::string id;
  int64_t bill = 0;
};

BOOST_FIXTURE_TEST_SUITE(reimbursement, WatchedReport)

BOOST_AUTO_TEST_CASE(a_payment_that_comes_back_days_later_is_a_case_and_may_be_paid_again) {
  Pay();
  BOOST_TEST(Settle(id) == "CONFIRMED");
  BOOST_TEST(Told("expense_report.reimbursed") == 1);
  clock.Advance(absl::Hours(24 * 5));
  SendBack();
  BOOST_REQUIRE(loop->RunUntilIdle());
  BOOST_TEST(StateOf(id) == "POSTED");
  BOOST_TEST(Told("reimbursement.failed") == 1);
  BOOST_TEST(CaseOf(id).findings[0].reason == "REIMBURSEMENT_FAILED");
  Look();
  BOOST_TEST(Told("reimbursement.failed") == 1);
  Pay();
  BOOST_REQUIRE(loop->RunUntilIdle());
  BOOST_TEST(StateOf(id) == "CONFIRMED");
  BOOST_TEST(Told("expense_report.reimbursed") == 2);
  BOOST_TEST(OpenCasesOf(id).empty());
  BOOST_TEST(platform->payments.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_payment_that_came_and_went_between_two_looks_failed) {
  Pay();
  SendBack();
  BOOST_REQUIRE(loop->RunUntilIdle());
  BOOST_TEST(StateOf(id) == "POSTED");
  BOOST_TEST(Told("reimbursement.failed") == 1);
  BOOST_TEST(Told("expense_report.reimbursed") == 0);
}

BOOST_AUTO_TEST_CASE(what_stays_paid_is_looked_after_for_a_bounded_time) {
  Pay();
  BOOST_TEST(Settle(id) == "CONFIRMED");
  clock.Advance(kPaidWatch + kPaidLookInterval);
  BOOST_REQUIRE(loop->RunUntilIdle());
  SendBack();
  clock.Advance(absl::Hours(2));
  BOOST_REQUIRE(loop->RunUntilIdle());
  BOOST_TEST(StateOf(id) == "CONFIRMED");
  BOOST_TEST(Told("reimbursement.failed") == 0);
}

BOOST_AUTO_TEST_CASE(a_return_that_nobody_told_the_loop_of_is_found_by_its_own_look) {
  Pay();
  BOOST_TEST(Settle(id) == "CONFIRMED");
  SendBack();
  RestartLoop();  // it reads the feed from its end
  BOOST_REQUIRE(loop->RunUntilIdle());
  clock.Advance(kPaidLookInterval + absl::Minutes(1));
  BOOST_REQUIRE(loop->RunUntilIdle());
  BOOST_TEST(Told("reimbursement.failed") == 1);
}

BOOST_AUTO_TEST_CASE(a_paid_report_that_is_recalled_is_reversed) {
  Pay();
  BOOST_TEST(Settle(id) == "CONFIRMED");
  BOOST_TEST(loop->Recall(program, id, "private").ok());
  BOOST_TEST(Settle(id) == "RECALLED");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::expenses::testing
