// SPDX-License-Identifier: Apache-2.0
// A report's bill that becomes a payment order: once, by the source, or a case.
#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/unit/expenses/loop_harness.h"

namespace kontor::expenses::testing {
namespace {

using base::Reason;

struct OrderedReport : LoopHarness {
  OrderedReport() {
    order = [this](const OrderWanted& wanted) -> absl::StatusOr<std::string> {
      asked.push_back(wanted);
      if (!refusal.ok()) return refusal;
      return made.emplace(wanted.request_id, base::StrCat("pmo_", made.size() + 1)).first->second;
    };
    RestartLoop();
    model::Source paying = GoodSource();
    paying.expense.watch_reimbursement = true;
    paying.expense.reimburse_from = "giro";
    PutSource(paying);
  }
  std::string Posted() {
    const std::string id = Submit(Report());
    Settle(id);
    return id;
  }
  nlohmann::json ViewOf(const std::string& id) {
    return nlohmann::json::parse(loop->Get(program, id)->json);
  }
  void LookLater() {
    clock.Advance(absl::Minutes(6));
    BOOST_REQUIRE(loop->RunUntilIdle());
  }

  std::vector<OrderWanted> asked;
  std::map<std::string, std::string> made;  ///< By request id.
  absl::Status refusal;
};

BOOST_FIXTURE_TEST_SUITE(orders, OrderedReport)

BOOST_AUTO_TEST_CASE(a_posted_bill_becomes_one_order_that_the_source_prepares) {
  const std::string id = Posted();
  LookLater();
  BOOST_REQUIRE(asked.size() == 1U);
  BOOST_TEST(asked[0].actor.principal_id == source.id);
  BOOST_TEST(asked[0].entity == "hamburg");
  BOOST_TEST(asked[0].account == "giro");
  BOOST_TEST(asked[0].currency_code == "EUR");
  BOOST_TEST(asked[0].move_id == erp->All("account.move").at(0).id);
  BOOST_TEST(StateOf(id) == "POSTED");
  BOOST_TEST(ViewOf(id)["payment_order_id"].get<std::string>() == "pmo_1");
}

BOOST_AUTO_TEST_CASE(a_crash_after_the_order_was_made_finds_the_same_order) {
  crash_at = "expense.after_ordered";
  const std::string id = Posted();
  BOOST_TEST(crash_at.empty());
  BOOST_TEST(asked.size() == 2U);
  BOOST_TEST(made.size() == 1U);
  BOOST_TEST(ViewOf(id)["payment_order_id"].get<std::string>() == "pmo_1");
}

BOOST_AUTO_TEST_CASE(a_paid_report_is_reimbursed_and_no_second_order_is_made) {
  const std::string id = Posted();
  erp->PayByHand(erp->All("account.move").at(0).id, "119.00");
  RefreshBillOf(id);
  BOOST_TEST(Settle(id) == "CONFIRMED");
  BOOST_TEST(made.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_refused_order_is_a_case_and_made_once_it_is_mended) {
  refusal = base::Error(Reason::kOwnAccountUnknown).Field("account").Says("no account 'giro'");
  const std::string id = Posted();
  BOOST_TEST(StateOf(id) == "POSTED");
  const model::ExceptionCase found = CaseOf(id);
  BOOST_REQUIRE(found.findings.size() == 2U);
  BOOST_TEST(found.findings[0].reason == "REIMBURSEMENT_FAILED");
  BOOST_TEST(found.findings[1].reason == "OWN_ACCOUNT_UNKNOWN");
  refusal = absl::OkStatus();
  LookLater();
  BOOST_TEST(ViewOf(id)["payment_order_id"].get<std::string>() == "pmo_1");
  BOOST_TEST(OpenCasesOf(id).empty());
}

BOOST_AUTO_TEST_CASE(a_person_who_pays_in_another_way_declines_the_order_and_keeps_the_books) {
  refusal = base::Error(Reason::kOwnAccountUnknown).Field("account").Says("no account 'giro'");
  const std::string id = Posted();
  Resolve(CaseOf(id), model::Resolution::kReject);
  refusal = absl::OkStatus();
  const size_t before = asked.size();
  LookLater();
  LookLater();
  BOOST_TEST(asked.size() == before);
  BOOST_TEST(StateOf(id) == "POSTED");
  BOOST_TEST(MovesNotCancelled() == 1);
}

BOOST_AUTO_TEST_CASE(what_may_pass_is_tried_again_and_is_nobodys_case) {
  refusal = base::Error(Reason::kPeerUnreachable).Says("no Odoo");
  const std::string id = Posted();
  BOOST_TEST(OpenCasesOf(id).empty());
  refusal = absl::OkStatus();
  LookLater();
  BOOST_TEST(made.size() == 1U);
}

BOOST_AUTO_TEST_CASE(after_a_payment_that_failed_a_person_has_another_order_made) {
  const std::string id = Posted();
  const int64_t bill = erp->All("account.move").at(0).id;
  erp->PayByHand(bill, "119.00");
  RefreshBillOf(id);
  erp->PayByHand(bill, "-119.00");
  RefreshBillOf(id);
  BOOST_REQUIRE(loop->RunUntilIdle());
  LookLater();
  BOOST_TEST(made.size() == 1U);  // not by itself
  Resolve(CaseOf(id), model::Resolution::kRetry);
  LookLater();
  BOOST_TEST(made.size() == 2U);
  BOOST_TEST(ViewOf(id)["payment_order_id"].get<std::string>() == "pmo_2");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::expenses::testing
