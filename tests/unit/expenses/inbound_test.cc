// SPDX-License-Identifier: Apache-2.0
// Messages of platforms on their way to reports, those that wait for a person, and master data
// outwards.
#include <algorithm>

#include "server/base/status.h"
#include "server/model/inbound.h"
#include "tests/unit/expenses/loop_harness.h"

namespace kontor::expenses::testing {
namespace {

struct HookedPlatform : LoopHarness {
  HookedPlatform() {
    platform->can.reads_hooks = true;
    ports::PlatformReport report;
    report.ref = "doc-R-1";
    report.report = Report();
    platform->in_hook = {report};
  }
  void Run() {
    for (int i = 0; i < 3; ++i) {
      try {
        BOOST_REQUIRE(loop->RunUntilIdle());
        return;
      } catch (const engine::testing::Crash&) {
        RestartLoop();
      }
    }
  }
};

BOOST_FIXTURE_TEST_SUITE(inbound_messages, HookedPlatform)

BOOST_AUTO_TEST_CASE(a_crash_while_a_message_is_read_leaves_one_report_and_one_document) {
  for (const char* failpoint : {"expense.before_ingest", "expense.after_ingest"}) {
    BOOST_TEST_CONTEXT(failpoint) {
      HookedPlatform h;
      h.crash_at = failpoint;
      const std::string message = h.Receive("report");
      h.Run();
      BOOST_TEST(h.crash_at.empty());
      const auto reports = h.ReportsOf("R-1");
      BOOST_REQUIRE(reports.size() == 1U);
      BOOST_TEST(h.StateOfMessage(message) == model::kInboundHandled);
      BOOST_TEST(h.Settle(reports[0]) == "CONFIRMED");
      BOOST_TEST(h.MovesNotCancelled() == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_message_of_a_paused_source_waits_and_is_posted_when_it_goes_on) {
  model::Source paused = GoodSource();
  paused.state = model::SourceState::kPaused;
  PutSource(paused);
  const std::string message = Receive("report");
  Run();
  BOOST_TEST(StateOfMessage(message) == model::kInboundReceived);
  BOOST_TEST(ReportsOf("R-1").empty());
  PutSource(GoodSource());
  clock.Advance(absl::Minutes(1));
  Run();
  BOOST_REQUIRE(ReportsOf("R-1").size() == 1U);
  BOOST_TEST(Settle(ReportsOf("R-1")[0]) == "CONFIRMED");
}

BOOST_AUTO_TEST_CASE(quarantined_messages_are_one_case_of_their_source_until_none_waits) {
  const std::string first = Receive("garbage");
  Run();
  BOOST_TEST(StateOfMessage(first) == model::kInboundQuarantined);
  clock.Advance(absl::Minutes(1));
  Run();
  auto cases = OpenCasesOf(source.id);
  BOOST_REQUIRE(cases.size() == 1U);
  BOOST_TEST(cases[0].findings[0].reason == "MESSAGE_UNREADABLE");
  BOOST_TEST(cases[0].owner_role == "operator");
  const std::string second = Receive("garbage");
  clock.Advance(absl::Minutes(1));
  Run();
  clock.Advance(absl::Minutes(1));
  Run();
  BOOST_TEST(OpenCasesOf(source.id).size() == 1U);
  // A person took note: what waits already opens no other case, the next message does.
  Resolve(OpenCasesOf(source.id)[0], model::Resolution::kRetry);
  clock.Advance(absl::Minutes(1));
  Run();
  BOOST_TEST(OpenCasesOf(source.id).empty());
  const std::string third = Receive("garbage");
  clock.Advance(absl::Minutes(1));
  Run();
  clock.Advance(absl::Minutes(1));
  Run();
  BOOST_TEST(OpenCasesOf(source.id).size() == 1U);
  for (const std::string& id : {first, second, third}) {
    BOOST_REQUIRE(store->Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
      row->state = model::kInboundDiscarded;
      row->open = false;
      return unit.PutFlow(*row);
    }).ok());
  }
  clock.Advance(absl::Minutes(1));
  Run();
  BOOST_TEST(OpenCasesOf(source.id).empty());
}

BOOST_AUTO_TEST_CASE(vendors_and_cost_centres_are_told_where_the_platform_takes_them) {
  erp->vendors = {{7, "Adler GmbH", ""}, {9, "Meyer KG", "S-9"}, {12, "Schmidt AG", ""}};
  platform->can.reference_kinds = {"vendor", "cost_centre"};
  model::Source pushing = GoodSource();
  pushing.platform.push_reference_data = true;
  PutSource(pushing);
  Run();
  const auto count = [&](std::string_view kind) {
    return std::ranges::count(platform->pushed, kind, &ports::ReferenceItem::kind);
  };
  BOOST_TEST(count("vendor") == 3);
  BOOST_TEST(count("account") == 0);
  BOOST_TEST(count("cost_centre") ==
             static_cast<int64_t>(erp->catalogue.analytic_accounts.size()));
  erp->vendors.erase(erp->vendors.begin());
  clock.Advance(absl::Hours(2));
  Run();
  BOOST_TEST(std::ranges::any_of(platform->pushed, [](const auto& item) {
    return item.kind == "vendor" && item.code == "7" && !item.active;
  }));
}

BOOST_AUTO_TEST_CASE(an_account_that_is_gone_from_odoo_becomes_inactive_on_the_platform) {
  platform->can.reference_kinds = {"account"};
  model::Source pushing = GoodSource();
  pushing.platform.push_reference_data = true;
  PutSource(pushing);
  Run();
  BOOST_REQUIRE(!platform->pushed.empty());
  BOOST_TEST(std::all_of(platform->pushed.begin(), platform->pushed.end(),
                         [](const auto& item) { return item.kind == "account"; }));
  const std::string code = platform->pushed.back().code;
  const int before = platform->pushes;
  auto& accounts = erp->catalogue.accounts;
  std::erase_if(accounts, [&](const auto& account) { return account.code == code; });
  BOOST_REQUIRE(engine->GetCatalogue("hamburg", true).ok());
  clock.Advance(absl::Hours(2));
  Run();
  BOOST_TEST(platform->pushes == before + 1);
  BOOST_TEST(std::any_of(platform->pushed.begin(), platform->pushed.end(), [&](const auto& item) {
    return item.code == code && !item.active;
  }));
  clock.Advance(absl::Hours(2));
  Run();
  BOOST_TEST(platform->pushes == before + 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(the_revisions_of_one_report_are_listed_by_state_entity_and_page) {
  LoopHarness h;
  std::vector<std::string> made;
  for (int revision = 1; revision <= 3; ++revision) {
    model::ExpenseReport report = Report();
    report.revision = revision;
    made.push_back(h.Submit(report));
  }
  BOOST_TEST(h.Settle(made[0]) == "RECALLED");
  BOOST_TEST(h.Settle(made[1]) == "RECALLED");
  BOOST_TEST(h.Settle(made[2]) == "CONFIRMED");
  ports::FlowFilter filter;
  filter.kind = kReportKind;
  filter.group = "travel";
  const auto list = [&](const ports::Page& page) {
    return h.loop->List(h.program, filter, "R-1", page).value();
  };
  BOOST_TEST(list({}).rows.size() == 3U);
  filter.states = {"RECALLED"};
  const auto first = list({1, ""});
  BOOST_REQUIRE(first.rows.size() == 1U);
  BOOST_TEST(first.rows[0].id == made[1]);
  const auto second = list({1, first.next});
  BOOST_REQUIRE(second.rows.size() == 1U);
  BOOST_TEST(second.rows[0].id == made[0]);
  BOOST_TEST(second.next.empty());
  filter.entity = "elsewhere";
  BOOST_TEST(list({}).rows.empty());
}

BOOST_AUTO_TEST_CASE(only_a_platform_that_is_asked_is_said_to_let_kontor_in) {
  LoopHarness h;
  h.platform->can.confirms_posting = true;
  const auto names = [&] {
    std::set<std::string> out;
    const auto checks = h.loop->CheckSource(h.source);
    BOOST_REQUIRE(checks.ok());
    for (const CheckResult& check : *checks) out.insert(check.name);
    return out;
  };
  BOOST_TEST(!names().contains("platform.reached"));
  h.platform->can.has_login = true;
  BOOST_TEST(names().contains("platform.reached"));
}

}  // namespace
}  // namespace kontor::expenses::testing
