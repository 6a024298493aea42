// SPDX-License-Identifier: Apache-2.0
// What a platform says a second time: approved again, corrected, contradicted, taken back,
// disowned.
#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/unit/expenses/loop_harness.h"

namespace kontor::expenses::testing {
namespace {

using base::StrCat;
using model::Resolution;

struct FullPlatform : LoopHarness {
  FullPlatform() {
    platform->can.fetches = true;
    platform->can.acknowledges = true;
    platform->can.confirms_posting = true;
    platform->can.confirms_payment = true;
  }

  void MakeReady(model::ExpenseReport report, bool revised = false) {
    ports::PlatformReport ready;
    ready.ref = StrCat("doc-", report.external_id);
    ready.report = std::move(report);
    ready.revised = revised;
    platform->ready.push_back(std::move(ready));
  }
  void LookLater() {
    clock.Advance(absl::Minutes(6));
    BOOST_REQUIRE(loop->RunUntilIdle());
  }
  /// The newest revision that is here.
  std::string Newest(const std::string& external_id, size_t count) {
    const auto reports = ReportsOf(external_id);
    BOOST_REQUIRE(reports.size() == count);
    return reports.front();
  }
  std::string Take(model::ExpenseReport report, size_t count = 1, bool revised = false) {
    const std::string external_id = report.external_id;
    MakeReady(std::move(report), revised);
    LookLater();
    return Newest(external_id, count);
  }
  void Uncategorise() {
    model::Source bare = GoodSource();
    bare.expense.categories.clear();
    PutSource(bare);
  }
  size_t Told(bool posted) const {
    return static_cast<size_t>(
        std::count_if(platform->postings.begin(), platform->postings.end(),
                      [posted](const auto& told) { return told.second.posted == posted; }));
  }
};

BOOST_FIXTURE_TEST_SUITE(said_again, FullPlatform)

BOOST_AUTO_TEST_CASE(a_report_approved_again_unchanged_after_its_recall_is_posted) {
  platform->trouble = {Trouble::kGone};
  const std::string first = Take(Report());
  BOOST_TEST(Settle(first) == "RECALLED");
  // It stands in the platform's list again, as it was.
  LookLater();
  const std::string second = Newest("R-1", 2);
  BOOST_TEST(Settle(second) == "CONFIRMED");
  BOOST_TEST(Settle(first) == "RECALLED");
  BOOST_TEST(MovesNotCancelled() == 1);
  BOOST_TEST(Told(true) == 1U);
  LookLater();
  BOOST_TEST(ReportsOf("R-1").size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_report_corrected_after_it_failed_is_posted) {
  Uncategorise();
  const std::string first = Take(Report());
  Resolve(CaseOf(first), Resolution::kReject);
  LookLater();
  BOOST_TEST(Settle(first) == "CONFIRMED");
  BOOST_TEST(Told(false) == 1U);
  PutSource(GoodSource());
  model::ExpenseReport corrected = Report();
  corrected.lines[0].description = "Train to Bremen, second class";
  const std::string second = Take(corrected, 2);
  BOOST_TEST(Settle(second) == "CONFIRMED");
  BOOST_TEST(Settle(first) == "CONFIRMED");
  BOOST_TEST(Told(true) == 1U);
  BOOST_TEST(MovesNotCancelled() == 1);
}

BOOST_AUTO_TEST_CASE(a_report_that_failed_and_is_ready_again_unchanged_is_checked_again) {
  Uncategorise();
  const std::string first = Take(Report());
  Resolve(CaseOf(first), Resolution::kReject);
  LookLater();
  BOOST_TEST(Settle(first) == "CONFIRMED");
  PutSource(GoodSource());
  BOOST_TEST(Settle(Take(Report(), 2)) == "CONFIRMED");
  BOOST_TEST(Told(true) == 1U);
}

BOOST_AUTO_TEST_CASE(a_report_corrected_after_it_was_posted_replaces_what_stands) {
  const std::string first = Take(Report());
  BOOST_TEST(Settle(first) == "CONFIRMED");
  model::ExpenseReport corrected = Report();
  corrected.title = "Two customers";
  const std::string second = Take(corrected, 2);
  BOOST_TEST(Settle(first) == "RECALLED");
  BOOST_TEST(Settle(second) == "CONFIRMED");
  BOOST_TEST(MovesNotCancelled() == 3);  // bill, credit note, new bill
}

BOOST_AUTO_TEST_CASE(a_list_that_says_the_same_each_time_changes_nothing) {
  platform->trouble = {Trouble::kNotSent, Trouble::kNotSent};
  const std::string id = Take(Report());
  for (int i = 0; i < 3; ++i) LookLater();
  BOOST_TEST(Newest("R-1", 1) == id);
  BOOST_TEST(Settle(id) == "CONFIRMED");
}

BOOST_AUTO_TEST_CASE(other_content_under_a_revision_that_the_platform_counts_is_a_case_once) {
  const std::string id = Take(Report(), 1, true);
  BOOST_TEST(Settle(id) == "CONFIRMED");
  model::ExpenseReport other = Report();
  other.title = "Something else";
  BOOST_TEST(Take(other, 1, true) == id);
  auto cases = OpenCasesOf(id);
  BOOST_REQUIRE(cases.size() == 1U);
  BOOST_TEST(cases[0].findings[0].reason == "REQUEST_ID_REUSED");
  BOOST_TEST(cases[0].owner_role == "accountant");
  BOOST_TEST(EventsOf(id).back() == "expense_report.exception");
  Resolve(cases[0], Resolution::kRetry);
  LookLater();
  BOOST_TEST(OpenCasesOf(id).empty());
  BOOST_TEST(StateOf(id) == "CONFIRMED");
  // The next correction says what counts.
  other.revision = 2;
  const std::string second = Take(other, 2, true);
  BOOST_TEST(Settle(id) == "RECALLED");
  BOOST_TEST(Settle(second) == "CONFIRMED");
}

BOOST_AUTO_TEST_CASE(a_counted_revision_that_ended_without_books_and_is_ready_again_begins_anew) {
  platform->trouble = {Trouble::kGone};
  const std::string id = Take(Report(), 1, true);
  BOOST_TEST(Settle(id) == "RECALLED");
  LookLater();
  BOOST_TEST(Newest("R-1", 1) == id);
  BOOST_TEST(Settle(id) == "CONFIRMED");
  BOOST_TEST(Told(true) == 1U);
  BOOST_TEST(MovesNotCancelled() == 1);
}

BOOST_AUTO_TEST_CASE(a_counted_revision_that_was_posted_and_given_up_can_be_posted_again) {
  const std::string id = Take(Report(), 1, true);
  AwaitOperations(id);
  platform->trouble = {Trouble::kGone};
  BOOST_TEST(Settle(id) == "POSTED?");
  Resolve(CaseOf(id), Resolution::kReject);
  LookLater();
  BOOST_TEST(Settle(id) == "RECALLED");
  BOOST_TEST(MovesNotCancelled() == 2);
  BOOST_TEST(Take(Report(), 1, true) == id);
  BOOST_TEST(Settle(id) == "CONFIRMED");
  BOOST_TEST(MovesNotCancelled() == 3);
  BOOST_TEST(Told(true) == 1U);
}

BOOST_AUTO_TEST_CASE(what_a_person_takes_back_ends_with_one_failure_receipt) {
  Uncategorise();
  const std::string id = Take(Report());
  BOOST_TEST(StateOf(id) == "ACKNOWLEDGED");
  BOOST_TEST(loop->Recall(program, id, "not a business trip").ok());
  BOOST_TEST(Settle(id) == "RECALLED");
  BOOST_REQUIRE(platform->postings.size() == 1U);
  const ports::PostingReceipt& receipt = platform->postings.begin()->second;
  BOOST_TEST(!receipt.posted);
  BOOST_TEST(receipt.messages.at(0) == "Taken back: not a business trip");
  BOOST_TEST(EventsOf(id).back() == "expense_report.recalled");
  BOOST_TEST(MovesNotCancelled() == 0);
}

BOOST_AUTO_TEST_CASE(what_a_person_takes_back_before_the_acknowledgement_is_acknowledged_first) {
  platform->trouble = {Trouble::kNotSent};
  const std::string id = Take(Report());
  BOOST_TEST(StateOf(id) == "FETCHED");
  BOOST_TEST(loop->Recall(program, id, "typed twice").ok());
  BOOST_TEST(Settle(id) == "RECALLED");
  BOOST_TEST(platform->acknowledged["doc-R-1"] == 1);
  BOOST_TEST(Told(false) == 1U);
  LookLater();
  BOOST_TEST(ReportsOf("R-1").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_receipt_that_was_begun_is_ended_before_the_report_is_taken_back) {
  platform->trouble.assign(3, Trouble::kLostAfter);
  platform->trouble.push_front(Trouble::kNone);
  const std::string id = Take(Report());
  for (int i = 0; i < 20 && platform->postings.empty(); ++i) {
    AwaitOperations(id);
    LookLater();
  }
  BOOST_TEST(StateOf(id) == "POSTED");
  BOOST_TEST(loop->Recall(program, id, "wrong customer").ok());
  BOOST_TEST(Settle(id) == "RECALLED");
  BOOST_TEST(platform->postings.size() == 1U);
  BOOST_TEST(Told(true) == 1U);
  BOOST_TEST(MovesNotCancelled() == 2);
}

BOOST_AUTO_TEST_CASE(a_report_that_was_given_up_cannot_be_taken_back) {
  Uncategorise();
  const std::string id = Take(Report());
  Resolve(CaseOf(id), Resolution::kReject);
  LookLater();
  BOOST_TEST(Settle(id) == "CONFIRMED");
  const auto recalled = loop->Recall(program, id, "too late");
  BOOST_TEST(base::Is(recalled.status(), base::Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(a_report_that_the_platform_disowns_is_a_persons_to_decide) {
  struct Case {
    Resolution decided;
    std::vector<std::string> who;
    const char* end;
    int moves;
  };
  const Case cases[] = {{Resolution::kRetry, {"prn_karl"}, "CONFIRMED", 1},
                        {Resolution::kReject, {"prn_karl"}, "RECALLED", 2},
                        {Resolution::kAccept, {"prn_karl", "prn_kurt"}, "CONFIRMED", 1}};
  int number = 0;
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT("case " << number) {
      const int moves = MovesNotCancelled();
      platform->trouble = {Trouble::kNone, Trouble::kGone};
      model::ExpenseReport report = Report(StrCat("R-", ++number));
      const std::string id = Take(report);
      BOOST_TEST(Settle(id) == "POSTED?");
      const model::ExceptionCase exception = CaseOf(id);
      BOOST_TEST(exception.findings[0].reason == "PLATFORM_REFUSED");
      BOOST_TEST(exception.findings[0].field == "report.ref");
      BOOST_TEST(exception.owner_role == "accountant");
      const int calls = platform->calls;
      LookLater();
      BOOST_TEST(platform->calls == calls);
      Resolve(exception, c.decided, c.who);
      clock.Advance(absl::Minutes(6));
      BOOST_TEST(Settle(id) == c.end);
      BOOST_TEST(MovesNotCancelled() - moves == c.moves);
      BOOST_TEST(OpenCasesOf(id).empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_that_is_always_lost_becomes_an_operators_case) {
  platform->trouble.assign(12, Trouble::kLostBefore);
  const std::string id = Take(Report());
  BOOST_TEST(Settle(id) == "FETCHED?");
  const model::ExceptionCase exception = CaseOf(id);
  BOOST_TEST(exception.owner_role == "operator");
  BOOST_TEST(exception.findings[0].reason == "PEER_ANSWER_LOST");
  LookLater();
  BOOST_TEST(Settle(id) == "CONFIRMED");
  BOOST_TEST(OpenCasesOf(id).empty());
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_that_never_left_is_sent_again_even_where_twice_counts) {
  platform->can.acknowledge_repeat = ports::Repeat::kNever;
  platform->trouble = {Trouble::kNotSent};
  const std::string id = Take(Report());
  BOOST_TEST(Settle(id) == "CONFIRMED");
  BOOST_TEST(platform->acknowledged["doc-R-1"] == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(duplicates_are_told_with_all_other_findings_and_when_only_validated) {
  LoopHarness h;
  model::ExpenseReport first = Report("R-1");
  first.lines[0].receipts = {{"a.pdf", "application/pdf", "the same file", ""}};
  BOOST_TEST(h.Settle(h.Submit(first)) == "CONFIRMED");
  model::ExpenseReport again = first;
  again.external_id = "R-2";
  again.approver = again.employee;
  const std::multiset<std::string> want = {"APPROVER_IS_CLAIMANT", "DUPLICATE_SUSPECTED",
                                           "DUPLICATE_SUSPECTED"};
  const auto judged = h.loop->Submit(h.program, "try", "travel", again, true);
  BOOST_REQUIRE(judged.ok());
  BOOST_TEST(Reasons(judged->findings) == want, boost::test_tools::per_element());
  const std::string id = h.Submit(again);
  BOOST_TEST(h.Settle(id) == "ACKNOWLEDGED?");
  BOOST_TEST(Reasons(h.CaseOf(id).findings) == want, boost::test_tools::per_element());
  // The next revision of a report is no duplicate of the one before.
  first.revision = 2;
  const auto next = h.loop->Submit(h.program, "try-2", "travel", first, true);
  BOOST_REQUIRE(next.ok());
  BOOST_TEST(Reasons(next->findings).empty());
}

}  // namespace
}  // namespace kontor::expenses::testing
