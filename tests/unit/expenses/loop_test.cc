// SPDX-License-Identifier: Apache-2.0
// The loop: every state on disk before the call that it allows, each report in Odoo once, each
// platform told once.
#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/unit/expenses/loop_harness.h"

namespace kontor::expenses::testing {
namespace {

using base::Reason;
using base::StrCat;

/// A platform that announces by fetch, wants acknowledgements and receipts.
void MakeFull(LoopHarness& h) {
  h.platform->can.fetches = true;
  h.platform->can.acknowledges = true;
  h.platform->can.confirms_posting = true;
  h.platform->can.confirms_payment = true;
}

std::string Announce(LoopHarness& h, const std::string& external_id) {
  ports::PlatformReport report;
  report.ref = StrCat("doc-", external_id);
  report.report = Report(external_id);
  h.platform->ready.push_back(report);
  h.clock.Advance(absl::Minutes(6));
  for (int i = 0; i < 3 && h.ReportsOf(external_id).empty(); ++i) {
    try {
      h.loop->RunUntilIdle();
    } catch (const engine::testing::Crash&) {
      h.RestartLoop();
    }
  }
  const auto ids = h.ReportsOf(external_id);
  BOOST_REQUIRE(ids.size() == 1U);
  return ids[0];
}

BOOST_AUTO_TEST_CASE(a_submitted_report_is_posted_once_and_ends_confirmed) {
  LoopHarness h;
  const std::string id = h.Submit(Report());
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
  const std::vector<std::string> want = {"expense_report.received", "expense_report.validated",
                                         "expense_report.posted"};
  BOOST_TEST(h.EventsOf(id) == want, boost::test_tools::per_element());
  BOOST_TEST(h.MovesNotCancelled() == 1);
}

BOOST_AUTO_TEST_CASE(the_same_report_again_is_the_same_report) {
  LoopHarness h;
  const std::string id = h.Submit(Report(), "a");
  BOOST_TEST(h.Submit(Report(), "a") == id);
  BOOST_TEST(h.Submit(Report(), "b") == id);
  model::ExpenseReport other = Report();
  other.title = "Other";
  for (const char* key : {"a", "c"}) {
    const auto refused = h.loop->Submit(h.program, key, "travel", other, false);
    BOOST_TEST(base::Is(refused.status(), Reason::kRequestIdReused));
  }
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
  BOOST_TEST(h.MovesNotCancelled() == 1);
}

BOOST_AUTO_TEST_CASE(a_fetched_report_is_acknowledged_posted_and_told_once) {
  LoopHarness h;
  MakeFull(h);
  const std::string id = Announce(h, "R-1");
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
  BOOST_TEST(h.platform->acknowledged["doc-R-1"] == 1);
  BOOST_REQUIRE(h.platform->postings.size() == 1U);
  const ports::PostingReceipt& receipt = h.platform->postings.begin()->second;
  BOOST_TEST(receipt.posted);
  BOOST_TEST(receipt.ref == "doc-R-1");
  BOOST_TEST(!receipt.documents.at(0).number.empty());
}

BOOST_AUTO_TEST_CASE(a_crash_at_any_failpoint_leaves_one_report_one_document_one_receipt) {
  for (const char* failpoint : kFailpoints) {
    // Those of messages and of payment orders: inbound_test.cc and order_test.cc have them.
    const std::string_view name = failpoint;
    if (name.ends_with("ingest") || name.ends_with("ordered")) continue;
    BOOST_TEST_CONTEXT(failpoint) {
      LoopHarness h;
      MakeFull(h);
      h.crash_at = failpoint;
      const std::string id = Announce(h, "R-1");
      BOOST_TEST(h.Settle(id) == "CONFIRMED");
      BOOST_TEST(h.crash_at.empty());
      BOOST_TEST(h.ReportsOf("R-1").size() == 1U);
      BOOST_TEST(h.MovesNotCancelled() == 1);
      BOOST_TEST(h.platform->postings.size() == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(lost_and_refused_answers_of_the_platform_are_carried_to_the_end) {
  for (const Trouble trouble : {Trouble::kNotSent, Trouble::kLostBefore, Trouble::kLostAfter}) {
    LoopHarness h;
    MakeFull(h);
    h.platform->trouble = {trouble, trouble, Trouble::kNone, trouble, trouble};
    const std::string id = Announce(h, "R-1");
    BOOST_TEST(h.Settle(id) == "CONFIRMED");
    BOOST_TEST(h.platform->postings.size() == 1U);
    BOOST_TEST(h.MovesNotCancelled() == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_platform_that_counts_twice_is_not_told_again_without_a_person) {
  LoopHarness h;
  MakeFull(h);
  h.platform->can.posting_repeat = ports::Repeat::kNever;
  h.platform->trouble = {Trouble::kNone, Trouble::kLostAfter};
  const std::string id = Announce(h, "R-1");
  BOOST_TEST(h.Settle(id) == "POSTED?");
  const model::ExceptionCase exception = h.CaseOf(id);
  BOOST_TEST(exception.findings[0].reason == "RECEIPT_UNKNOWN");
  const int calls = h.platform->calls;
  h.clock.Advance(absl::Hours(1));
  BOOST_TEST(h.loop->RunUntilIdle());
  BOOST_TEST(h.platform->calls == calls);
  const ports::Actor person = engine::testing::Person("prn_otto", {ports::Role::kOperator});
  BOOST_TEST(h.engine->ResolveException(person, {exception.id, model::Resolution::kReject,
                                                 "the platform has it", {}}).ok());
  h.clock.Advance(absl::Minutes(6));
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
  BOOST_TEST(h.platform->postings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_report_gone_before_its_acknowledgement_is_recalled) {
  LoopHarness h;
  MakeFull(h);
  h.platform->trouble = {Trouble::kGone};
  const std::string id = Announce(h, "R-1");
  BOOST_TEST(h.Settle(id) == "RECALLED");
  BOOST_TEST(h.MovesNotCancelled() == 0);
}

BOOST_AUTO_TEST_CASE(what_the_source_lacks_waits_for_it_and_goes_on_by_itself) {
  LoopHarness h;
  model::ExpenseReport report = Report();
  report.lines[0].category = "hotel";
  const std::string id = h.Submit(report);
  BOOST_TEST(h.Settle(id) == "ACKNOWLEDGED?");
  const model::ExceptionCase exception = h.CaseOf(id);
  BOOST_TEST(exception.owner_role == "accountant");
  model::Source mended = GoodSource();
  mended.expense.categories.push_back({"hotel", "600000", ""});
  h.PutSource(mended);
  h.clock.Advance(absl::Minutes(6));
  BOOST_TEST(h.loop->RunUntilIdle());
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
}

BOOST_AUTO_TEST_CASE(a_rejected_report_fails_and_the_platform_hears_why_once) {
  LoopHarness h;
  MakeFull(h);
  model::Source source = GoodSource();
  source.expense.categories.clear();
  h.PutSource(source);
  const std::string id = Announce(h, "R-1");
  BOOST_TEST(h.Settle(id) == "ACKNOWLEDGED?");
  const ports::Actor person = engine::testing::Person("prn_karl", {ports::Role::kAccountant});
  BOOST_TEST(h.engine->ResolveException(person, {h.CaseOf(id).id, model::Resolution::kReject,
                                                 "no", {}}).ok());
  h.clock.Advance(absl::Minutes(6));
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
  BOOST_REQUIRE(h.platform->postings.size() == 1U);
  BOOST_TEST(!h.platform->postings.begin()->second.posted);
  BOOST_TEST(!h.platform->postings.begin()->second.messages.empty());
  BOOST_TEST(h.MovesNotCancelled() == 0);
}

BOOST_AUTO_TEST_CASE(a_suspected_duplicate_waits_for_two_people) {
  LoopHarness h;
  BOOST_TEST(h.Settle(h.Submit(Report("R-1"))) == "CONFIRMED");
  model::ExpenseReport again = Report("R-2");
  again.employee = Report("R-1").employee;
  const std::string id = h.Submit(again);
  BOOST_TEST(h.Settle(id) == "ACKNOWLEDGED?");
  const model::ExceptionCase exception = h.CaseOf(id);
  BOOST_TEST(exception.findings[0].reason == "DUPLICATE_SUSPECTED");
  for (const char* who : {"prn_karl", "prn_kurt"}) {
    const ports::Actor person = engine::testing::Person(who, {ports::Role::kAccountant});
    BOOST_TEST(h.engine->ResolveException(person, {exception.id, model::Resolution::kAccept,
                                                   "two trips", {}}).ok());
  }
  h.clock.Advance(absl::Minutes(6));
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
  BOOST_TEST(h.MovesNotCancelled() == 2);
}

BOOST_AUTO_TEST_CASE(a_receipt_stands_in_one_report_only) {
  LoopHarness h;
  model::ExpenseReport first = Report("R-1");
  first.lines[0].receipts = {{"a.pdf", "application/pdf", "the same file", ""}};
  model::ExpenseReport second = Report("R-2");
  second.lines[0].receipts = first.lines[0].receipts;
  BOOST_TEST(h.Settle(h.Submit(first)) == "CONFIRMED");
  const std::string id = h.Submit(second);
  BOOST_TEST(h.Settle(id) == "ACKNOWLEDGED?");
  BOOST_TEST(h.CaseOf(id).findings[0].field == "report.lines[0].receipts[0]");
}

BOOST_AUTO_TEST_CASE(a_new_revision_waits_until_the_old_one_is_reversed) {
  LoopHarness h;
  const std::string first = h.Submit(Report());
  BOOST_TEST(h.Settle(first) == "CONFIRMED");
  model::ExpenseReport fresh = Report();
  fresh.revision = 2;
  fresh.lines[0].description = "Train to Kiel";
  const std::string second = h.Submit(fresh);
  BOOST_TEST(h.Settle(first) == "RECALLED");
  BOOST_TEST(h.Settle(second) == "CONFIRMED");
  BOOST_TEST(h.MovesNotCancelled() == 3);  // bill, credit note, new bill
  model::ExpenseReport old = Report();
  old.title = "late";
  const auto late = h.loop->Submit(h.program, "late", "travel", old, false);
  BOOST_TEST(!late.ok());
}

BOOST_AUTO_TEST_CASE(a_recall_before_and_after_posting_leaves_nothing_standing) {
  LoopHarness h;
  const std::string before = h.Submit(Report("R-1"));
  BOOST_TEST(h.loop->Recall(h.program, before, "typed twice").ok());
  BOOST_TEST(h.Settle(before) == "RECALLED");
  BOOST_TEST(h.MovesNotCancelled() == 0);
  const std::string after = h.Submit(Report("R-2"));
  BOOST_TEST(h.Settle(after) == "CONFIRMED");
  BOOST_TEST(h.loop->Recall(h.program, after, "not a business trip").ok());
  BOOST_TEST(h.Settle(after) == "RECALLED");
  BOOST_TEST(h.MovesNotCancelled() == 2);
  BOOST_TEST(h.loop->Recall(h.program, after, "again").ok());
  BOOST_TEST(h.EventsOf(after).back() == "expense_report.recalled");
}

BOOST_AUTO_TEST_CASE(a_recalled_draft_is_removed_and_not_reversed) {
  LoopHarness h;
  h.SetPosting(model::Posting::kDraft);
  const std::string id = h.Submit(Report());
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
  BOOST_TEST(h.MovesNotCancelled() == 1);
  BOOST_TEST(h.loop->Recall(h.program, id, "typed twice").ok());
  BOOST_TEST(h.Settle(id) == "RECALLED");
  BOOST_TEST(h.MovesNotCancelled() == 0);
}

BOOST_AUTO_TEST_CASE(a_source_in_test_posts_nothing) {
  LoopHarness h;
  model::Source source = GoodSource();
  source.state = model::SourceState::kTest;
  h.PutSource(source);
  const std::string id = h.Submit(Report());
  BOOST_TEST(h.Settle(id) == "TESTED");
  BOOST_TEST(h.MovesNotCancelled() == 0);
  BOOST_TEST(h.EventsOf(id).empty());
}

BOOST_AUTO_TEST_CASE(a_paid_bill_makes_the_report_reimbursed_and_the_platform_hears_it) {
  LoopHarness h;
  MakeFull(h);
  model::Source source = GoodSource();
  source.expense.watch_reimbursement = true;
  h.PutSource(source);
  const std::string id = Announce(h, "R-1");
  BOOST_TEST(h.Settle(id) == "POSTED");
  BOOST_TEST(h.platform->payments.empty());
  const auto moves = h.erp->All("account.move");
  h.erp->PayByHand(moves[0].id, "119.00");
  const auto view = h.loop->Get(h.program, id);
  const std::string document = view->json.substr(view->json.find("bil_"), 30);
  BOOST_TEST(h.engine->Refresh(document).ok());
  h.clock.Advance(absl::Minutes(6));
  BOOST_TEST(h.loop->RunUntilIdle());
  BOOST_TEST(h.Settle(id) == "CONFIRMED");
  BOOST_TEST(h.platform->payments.size() == 1U);
  BOOST_TEST(h.EventsOf(id).back() == "expense_report.reimbursed");
}

}  // namespace
}  // namespace kontor::expenses::testing
