// SPDX-License-Identifier: Apache-2.0
// How reports come in: the same canonical report whatever the platform's JSON.
#include <set>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/model/expense.h"
#include "tests/contract/expense/subjects.h"

namespace kontor::expense::contract {
namespace {

using base::Reason;
using ports::ItemOutcome;

BOOST_AUTO_TEST_CASE(a_report_of_every_platform_becomes_the_same_canonical_one) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    const ports::PlatformReport taken = rig.Take("R-1");
    BOOST_TEST(taken.problems.empty());
    BOOST_TEST(taken.ref == "R-1");
    const model::ExpenseReport& report = taken.report;
    BOOST_TEST(model::ValidateExpenseReport(report).empty());
    BOOST_TEST(report.external_id == "R-1");
    BOOST_TEST(report.report_date->ToString() == "2026-11-02");
    BOOST_TEST(report.total->ToString() == "119.00 EUR");
    BOOST_TEST(report.employee.external_id == "E-1");
    BOOST_TEST(report.approver.external_id == subject.approver);
    BOOST_REQUIRE(report.lines.size() == 1U);
    BOOST_TEST(report.lines[0].date->ToString() == "2026-11-01");
    BOOST_TEST(report.lines[0].category == "travel");
    BOOST_TEST(report.lines[0].tax.code == "V19");
    BOOST_TEST(report.lines[0].tax.tax_amount->ToString() == "19.00 EUR");
  });
}

BOOST_AUTO_TEST_CASE(a_message_either_brings_a_report_or_says_that_one_is_ready) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    BOOST_TEST(rig.can().reads_hooks);
    const auto reading = rig.adapter().ReadHook(subject.message(subject.report("R-1")));
    BOOST_REQUIRE_MESSAGE(reading.ok(), reading.status().ToString());
    BOOST_TEST(reading->ready == rig.can().fetches);
    BOOST_TEST(reading->reports.empty() == rig.can().fetches);
  });
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused_as_unreadable) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    for (const char* body :
         {"", "not json", "{\"a\":1,}", "{\"a\":1} trailing", "[1,2", "\xff\xfe"}) {
      const auto reading = rig.adapter().ReadHook(body);
      BOOST_TEST(!reading.ok());
      BOOST_TEST(base::Is(reading.status(), Reason::kMessageUnreadable));
    }
  });
}

BOOST_AUTO_TEST_CASE(fetching_twice_gives_the_same_and_takes_nothing_away) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (!rig.can().fetches) return;
    const ports::PlatformReport first = rig.Take("R-1");
    const auto again = rig.adapter().Fetch("", rig.Soon());
    BOOST_REQUIRE(again.ok());
    BOOST_REQUIRE(again->reports.size() == 1U);
    BOOST_TEST(model::WriteExpenseReport(again->reports[0].report, true) ==
               model::WriteExpenseReport(first.report, true));
  });
}

/// All pages, one after the other.
std::set<std::string> FetchAll(Rig& rig) {
  std::set<std::string> ids;
  std::string after;
  constexpr int kPagesMax = 20;
  for (int page = 0; page < kPagesMax; ++page) {
    const auto fetched = rig.adapter().Fetch(after, rig.Soon());
    BOOST_REQUIRE_MESSAGE(fetched.ok(), fetched.status().ToString());
    for (const auto& report : fetched->reports) ids.insert(report.report.external_id);
    after = fetched->next;
    if (after.empty()) return ids;
  }
  BOOST_FAIL("the list has no end");
  return ids;
}

BOOST_AUTO_TEST_CASE(everything_that_is_ready_is_fetched_at_once_whoever_else_has_reports) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (!rig.can().fetches) return;
    constexpr int kOurs = 60;
    for (int i = 0; i < kOurs; ++i) {
      // A whole page of another company's stands before ours.
      json foreign = subject.report("F-" + std::to_string(i));
      foreign["companyId"] = "p0002";
      foreign["entity_id"] = "ent-2";
      rig.platform().Add(foreign);
    }
    for (int i = 0; i < kOurs; ++i) rig.platform().Add(subject.report("R-" + std::to_string(i)));
    BOOST_TEST(FetchAll(rig).size() == static_cast<size_t>(kOurs));
  });
}

BOOST_AUTO_TEST_CASE(a_list_with_doubles_or_in_another_order_holds_the_same_reports) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (!rig.can().fetches) return;
    for (const char* name : {"R-1", "R-2", "R-3"}) rig.platform().Add(subject.report(name));
    const std::set<std::string> want = {"R-1", "R-2", "R-3"};
    for (const char* kind : {"double", "shuffle"}) {
      rig.platform().Faults({{{"path", subject.fetch_path}, {"kind", kind}}});
      BOOST_TEST(FetchAll(rig) == want, boost::test_tools::per_element());
    }
  });
}

BOOST_AUTO_TEST_CASE(another_companys_reports_are_not_fetched) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (!rig.can().fetches) return;
    json foreign = subject.report("R-2");
    foreign["companyId"] = "p0002";
    foreign["entity_id"] = "ent-2";
    rig.platform().Add(foreign);
    const auto page = rig.adapter().Fetch("", rig.Soon());
    BOOST_REQUIRE(page.ok());
    BOOST_TEST(page->reports.empty());
  });
}

BOOST_AUTO_TEST_CASE(acknowledging_again_changes_nothing) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (!rig.can().acknowledges) return;
    const ports::PlatformReport report = rig.TakeAndAcknowledge("R-1");
    if (rig.can().acknowledge_repeat == ports::Repeat::kSafe) {
      const auto again = rig.adapter().Acknowledge(report.ref, rig.Soon());
      BOOST_REQUIRE_MESSAGE(again.ok(), again.status().ToString());
      BOOST_TEST((*again == ItemOutcome::kDone));
    }
    const auto page = rig.adapter().Fetch("", rig.Soon());
    BOOST_REQUIRE(page.ok());
    BOOST_TEST(page->reports.empty());
  });
}

BOOST_AUTO_TEST_CASE(what_was_taken_back_or_never_was_is_gone) {
  ForEach([](const Subject& subject) {
    Rig rig(subject);
    if (!rig.can().acknowledges) return;
    rig.platform().RecallWhenListed("R-1");
    const ports::PlatformReport report = rig.Take("R-1");
    for (const std::string& ref : {report.ref, std::string("R-unheard-of")}) {
      const auto taken = rig.adapter().Acknowledge(ref, rig.Soon());
      BOOST_REQUIRE_MESSAGE(taken.ok(), taken.status().ToString());
      BOOST_TEST((*taken == ItemOutcome::kGone));
    }
  });
}

}  // namespace
}  // namespace kontor::expense::contract
