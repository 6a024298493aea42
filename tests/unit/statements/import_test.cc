// SPDX-License-Identifier: Apache-2.0
// Whatever banks send, in whatever order and however often: each booking stands once, and what is
// missing or contradicts itself is told.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "tests/unit/statements/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::statements::testing {
namespace {

bool Has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

Mt First() { return {1, 1, 10000, {{-1000, "A1"}, {2500, "A2"}}}; }
Mt Second() { return {2, 2, 11500, {{500, "B1"}}}; }

BOOST_FIXTURE_TEST_SUITE(imports, Harness)

BOOST_AUTO_TEST_CASE(a_statement_is_proven_stored_and_put_into_odoo) {
  const Json file = Import(First());
  BOOST_TEST(file["state"] == "STATE_READ");
  BOOST_TEST(file["format"] == "MT940");
  const Json statement = Only(file);
  BOOST_TEST(statement["state"] == "STATE_POSTED");
  BOOST_TEST(statement["entity"] == "hamburg");
  BOOST_TEST(statement["proof"]["verdict"] == "VERDICT_PROVEN");
  BOOST_TEST(statement["stored_count"] == 2);
  BOOST_TEST(statement["posted_count"] == 2);
  BOOST_TEST(statement["odoo"]["model"] == "account.bank.statement");
  BOOST_TEST(!statement.contains("exception_id"));
  BOOST_TEST(books.lines.size() == 2U);
  BOOST_TEST(books.Sum() == 1500);
  BOOST_TEST(books.statements.begin()->second.line_ids.size() == 2U);
  BOOST_TEST(books.statements.begin()->second.opening->ToString() == "100");
  BOOST_TEST(books.statements.begin()->second.closing->ToString() == "115");
  const auto lines = Lines(statement["id"]);
  BOOST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(lines[0]["amount"]["value"] == "-10.00");
  BOOST_TEST(lines[0]["state"] == "POSTED");
  BOOST_TEST(lines[0]["booking_date"] == "2026-03-01");
  BOOST_TEST(Has(EventsOf(statement["id"]), "statement.imported"));
  BOOST_TEST(Has(EventsOf(statement["id"]), "statement.posted"));
  BOOST_TEST(Has(EventsOf("bac_main"), "balance.updated"));
}

BOOST_AUTO_TEST_CASE(the_same_file_is_read_once) {
  const Json first = Import(First());
  const int calls = books.calls;
  const Json second = Import(First());
  BOOST_TEST(first["id"] == second["id"]);
  BOOST_TEST(books.calls == calls);
}

BOOST_AUTO_TEST_CASE(the_same_statement_in_another_file_is_told_and_not_stored) {
  Import(First());
  const Json again = Import(First().Text() + "\n");
  BOOST_TEST(again["state"] == "STATE_READ");
  BOOST_TEST(again["repeated_count"] == 1);
  BOOST_TEST(again["statement_ids"].empty());
  BOOST_TEST(books.lines.size() == 2U);
}

BOOST_AUTO_TEST_CASE(two_statements_of_one_file_follow_each_other) {
  const Json file = Import(First().Text() + Second().Text());
  BOOST_REQUIRE(file["statement_ids"].size() == 2U);
  for (const auto& id : file["statement_ids"]) {
    BOOST_TEST(Statement(id)["state"] == "STATE_POSTED");
    BOOST_TEST(!Statement(id).contains("exception_id"));
  }
  BOOST_TEST(books.Sum() == 2000);
}

BOOST_AUTO_TEST_CASE(lines_that_look_alike_all_count) {
  Mt twice{1, 1, 0, {{100, ""}, {100, ""}, {100, ""}, {100, ""}}};
  Import(twice);
  BOOST_TEST(books.lines.size() == 4U);
  // The next statement of the same day, which the balances prove to be another one.
  Mt more{2, 1, 400, {{100, ""}, {100, ""}}};
  const Json statement = Only(Import(more));
  BOOST_TEST(statement["stored_count"] == 2);
  BOOST_TEST(books.Sum() == 600);
}

BOOST_AUTO_TEST_CASE(a_missing_statement_is_told_and_its_case_closes_when_it_comes) {
  Import(First());
  const Mt third{3, 4, 12000, {{100, "C1"}}};
  const Json after = Only(Import(third));
  BOOST_TEST(after["state"] == "STATE_POSTED");  // its own lines are proven
  BOOST_REQUIRE(after.contains("exception_id"));
  BOOST_TEST(after["findings"][0]["reason"] == "STATEMENT_GAP");
  BOOST_TEST(CaseOf(after["exception_id"]).owner_role == "accountant");
  BOOST_TEST(Has(EventsOf(after["id"]), "statement.gap_detected"));
  BOOST_TEST(Cash()["accounts"][0]["has_gap"] == true);
  const Json late = Only(Import(Second()));
  BOOST_TEST(!late.contains("exception_id"));
  BOOST_TEST(CaseOf(after["exception_id"]).resolver == "kontord");
  BOOST_TEST(!Statement(after["id"]).contains("exception_id"));
  BOOST_TEST(Cash()["accounts"][0]["has_gap"] == false);
  BOOST_TEST(books.Sum() == 2100);
}

BOOST_AUTO_TEST_CASE(a_gap_that_a_person_closed_is_no_open_case_any_more) {
  Import(First());
  const Json after = Only(Import(Mt{3, 4, 12000, {{100, "C1"}}}));
  Resolve(after["exception_id"], model::Resolution::kReject);
  BOOST_TEST(!Statement(after["id"]).contains("exception_id"));
}

BOOST_AUTO_TEST_CASE(a_statement_that_does_not_add_up_books_nothing) {
  Mt wrong = First();
  wrong.wrong_by = 1;
  const Json statement = Only(Import(wrong));
  BOOST_TEST(statement["state"] == "STATE_REFUSED");
  BOOST_TEST(statement["findings"][0]["reason"] == "STATEMENT_UNBALANCED");
  BOOST_TEST(Lines(statement["id"]).empty());
  BOOST_TEST(books.calls == 0);
  BOOST_TEST(Cash()["accounts"][0]["freshness"] == "FRESHNESS_MISSING");
  BOOST_TEST(Has(EventsOf(statement["id"]), "statement.refused"));
  // The right one comes after it, and is the first.
  BOOST_TEST(Only(Import(First()))["state"] == "STATE_POSTED");
}

BOOST_AUTO_TEST_CASE(a_week_in_one_statement_after_its_days_repeats_nothing) {
  Import(First());
  Mt week{70, 2, 10000, {}};
  std::string text = First().Text();
  // The lines of the first day, then one of the second, under one opening and closing balance.
  text.replace(text.find("K1"), 2, "W7");
  text.replace(text.find(":28C:1"), 6, ":28C:70");
  const size_t end = text.find(":62F:");
  text = text.substr(0, end) +
         ":61:2603020302C5,00NTRFNONREF//B1\n:86:166?20Text\n:62F:C260302EUR120,00\n-\n";
  const Json statement = Only(Import(text));
  BOOST_TEST(statement["repeated_count"] == 2);
  BOOST_TEST(statement["stored_count"] == 1);
  BOOST_TEST(!statement.contains("exception_id"));
  BOOST_TEST(statement["state"] == "STATE_POSTED");
  BOOST_TEST(books.Sum() == 2000);
  // Odoo gets no balances for a group that does not hold all of its lines.
  for (const auto& [id, draft] : books.statements) {
    if (draft.line_ids.size() == 1U) BOOST_TEST(!draft.opening.has_value());
  }
}

BOOST_AUTO_TEST_CASE(an_overlap_that_its_balances_do_not_explain_waits_for_a_person) {
  Import(First());
  const Mt other{9, 1, 500, {{700, "Z1"}}};
  const Json statement = Only(Import(other));
  BOOST_TEST(statement["state"] == "STATE_IMPORTED");
  BOOST_REQUIRE(statement.contains("exception_id"));
  BOOST_TEST(statement["findings"][0]["reason"] == "STATEMENT_OVERLAP");
  BOOST_TEST(books.Sum() == 1500);
  clock.Advance(absl::Hours(1));
  Settle();
  BOOST_TEST(books.Sum() == 1500);
  Resolve(statement["exception_id"], model::Resolution::kAccept);
  const Json done = Statement(statement["id"]);
  BOOST_TEST(done["state"] == "STATE_POSTED");
  BOOST_TEST(done["decisions"].back() == "Two people let the lines that are new into Odoo.");
  BOOST_TEST(books.Sum() == 2200);
}

BOOST_AUTO_TEST_CASE(an_overlap_takes_two_persons_and_cannot_be_tried_again) {
  Import(First());
  const Json statement = Only(Import(Mt{9, 1, 500, {{700, "Z1"}}}));
  const auto actions = CaseOf(statement["exception_id"]).actions;
  BOOST_REQUIRE(actions.size() == 2U);
  BOOST_TEST((actions[0].resolution == model::Resolution::kAccept));
  BOOST_TEST(actions[0].needs_second_person);
  BOOST_TEST((actions[1].resolution == model::Resolution::kReject));
}

BOOST_AUTO_TEST_CASE(an_overlap_that_is_only_tried_again_stays_out_of_odoo) {
  Import(First());
  const Json statement = Only(Import(Mt{9, 1, 500, {{700, "Z1"}}}));
  const std::string before = statement["exception_id"];
  Resolve(before, model::Resolution::kRetry);
  const Json still = Statement(statement["id"]);
  BOOST_TEST(still["state"] == "STATE_IMPORTED");
  BOOST_TEST(books.Sum() == 1500);
  BOOST_TEST(orders.bookings.size() == 2U);  // payment orders heard nothing of it either
  // It is as undecided as before.
  BOOST_REQUIRE(still.contains("exception_id"));
  BOOST_TEST(still["exception_id"].get<std::string>() != before);
  Resolve(still["exception_id"], model::Resolution::kAccept);
  BOOST_TEST(Statement(statement["id"])["state"] == "STATE_POSTED");
  BOOST_TEST(books.Sum() == 2200);
}

BOOST_AUTO_TEST_CASE(an_overlap_that_a_person_rejects_stays_out_of_odoo) {
  Import(First());
  const Json statement = Only(Import(Mt{9, 1, 500, {{700, "Z1"}}}));
  Resolve(statement["exception_id"], model::Resolution::kReject);
  BOOST_TEST(Statement(statement["id"])["state"] == "STATE_VIEWED");
  BOOST_TEST(books.Sum() == 1500);
}

BOOST_AUTO_TEST_CASE(a_statement_issued_again_adds_what_is_new_and_takes_back_what_is_gone) {
  orders.matches["E2E-1"] = {"pmo_1", {"t1"}, "It pays order 1.", {"k1_pay"}, "101403"};
  const Json first = Import(Mt{1, 1, 0, {{-100, "E2E-1"}, {250, "A2"}}});
  const std::string old = first["statement_ids"][0];
  BOOST_TEST(books.settled.size() == 1U);
  const Json statement = Only(Import(Mt{1, 1, 0, {{250, "A2"}, {40, "A3"}}}));
  BOOST_TEST(statement["repeated_count"] == 1);
  BOOST_TEST(statement["stored_count"] == 1);
  BOOST_TEST(Statement(old)["state"] == "STATE_SUPERSEDED");
  BOOST_TEST(Lines(old)[0]["state"] == "REVOKED");
  BOOST_TEST(Lines(old)[1]["state"] == "POSTED");
  BOOST_REQUIRE(orders.revoked.size() == 1U);
  BOOST_TEST(orders.revoked[0].end_to_end_id == "E2E-1");
  // It stands in Odoo: people correct it there.
  BOOST_REQUIRE(statement.contains("exception_id"));
  BOOST_TEST(statement["findings"][0]["message"].get<std::string>().find("BNK1/") !=
             std::string::npos);
  // What it adds is in Odoo only when two people accept it.
  Resolve(statement["exception_id"], model::Resolution::kRetry);
  BOOST_TEST(books.Sum() == 150);
  Resolve(Statement(statement["id"])["exception_id"], model::Resolution::kAccept);
  BOOST_TEST(books.Sum() == 190);
}

BOOST_AUTO_TEST_CASE(a_crash_after_lines_were_taken_back_does_not_forget_that_they_stand_in_odoo) {
  Import(Mt{1, 1, 0, {{-100, "A1"}, {250, "A2"}}});
  crash_at = "statement.after_revoked";
  const Json statement = Only(Import(Mt{1, 1, 0, {{250, "A2"}, {40, "A3"}}}));
  BOOST_TEST(crash_at.empty());
  BOOST_REQUIRE(statement.contains("exception_id"));
  BOOST_TEST(statement["findings"].size() == 1U);
  BOOST_TEST(books.Sum() == 150);
}

BOOST_AUTO_TEST_CASE(accounts_do_not_mix) {
  AddAccount("bac_other", kOtherIban, "bremen");
  Import(First());
  Mt other = First();
  other.account = kOtherIban;
  BOOST_TEST(Only(Import(other))["entity"] == "bremen");
  BOOST_TEST(books.lines.size() == 4U);
  ports::Actor bremen = operator_;
  bremen.entities = {"bremen"};
  const auto listed = loop->ListStatements(bremen, Of(kStatementKind), "", {50, ""});
  BOOST_REQUIRE(listed.ok());
  BOOST_TEST(listed->rows.size() == 1U);
  BOOST_TEST(!loop->ListStatements(bremen, Of(kStatementKind), kIban, {50, ""}).ok());
  BOOST_TEST(!loop->ListFiles(bremen, Of(kFileKind), {50, ""}).ok());
  const auto ours = loop->ListStatements(operator_, Of(kStatementKind), kIban, {50, ""});
  BOOST_REQUIRE(ours.ok());
  BOOST_TEST(ours->rows.size() == 1U);
}

const char kIntraday[] =
    ":20:I1\n:25:DE89370400440532013000\n:28C:5/1\n:34F:EUR0,\n:13D:2603120900+0100\n"
    ":61:260312C7,00NTRFNONREF//P1\n:86:166?20Text\n:90C:1EUR7,00\n-\n";

BOOST_AUTO_TEST_CASE(what_is_pending_is_shown_and_booked_once_when_it_is) {
  Import(First());
  const Json view = Only(Import(kIntraday));
  BOOST_TEST(view["state"] == "STATE_VIEWED");
  BOOST_TEST(view["kind"] == "STATEMENT_KIND_INTRADAY");
  BOOST_TEST(Lines(view["id"])[0]["status"] == "PENDING");
  BOOST_TEST(Cash()["accounts"][0]["pending"]["value"] == "7.00");
  BOOST_TEST(books.Sum() == 1500);
  const Mt booked{2, 12, 11500, {{700, "P1"}}};
  BOOST_TEST(Only(Import(booked))["state"] == "STATE_POSTED");
  BOOST_TEST(books.Sum() == 2200);
  BOOST_TEST(Cash()["accounts"][0]["pending"]["value"] == "0.00");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::statements::testing
