// SPDX-License-Identifier: Apache-2.0
// Lines into Odoo exactly once, whatever happens on the way, and matched where an order proves it.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/status.h"
#include "tests/unit/statements/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::statements::testing {
namespace {

Mt Seven() {
  return {1, 1, 0,
          {{100, "A"}, {200, "B"}, {-50, "E2E-1"}, {400, "D"}, {500, "E"}, {600, "F"}, {700, "G"}}};
}
constexpr int64_t kSevenSum = 2450;

BOOST_FIXTURE_TEST_SUITE(books_of_odoo, Harness)

BOOST_AUTO_TEST_CASE(a_line_that_an_order_proves_is_reconciled_with_its_payment) {
  orders.matches["E2E-1"] = {"pmo_1", {"t1"}, "It pays order 1.", {"k1_pay"}, "101403"};
  const Json statement = Only(Import(Seven()));
  BOOST_TEST(statement["matched_count"] == 1);
  BOOST_REQUIRE(books.settled.size() == 1U);
  BOOST_TEST(books.settled[0].payments == std::vector<std::string>{"k1_pay"});
  BOOST_TEST(books.settled[0].account_code == "101403");
  const Json line = Lines(statement["id"])[2];
  BOOST_TEST(line["payment_order_id"] == "pmo_1");
  BOOST_TEST(line["explanation"] == "It pays order 1.");
  BOOST_TEST(line["state"] == "POSTED");
  BOOST_REQUIRE(orders.bookings.size() == 7U);
  const ports::Booking& booking = orders.bookings[2];
  BOOST_TEST(booking.end_to_end_id == "E2E-1");
  BOOST_TEST(booking.debit);
  BOOST_TEST(booking.amount.minor() == 50);
  BOOST_TEST(booking.account_iban == kIban);
  BOOST_TEST(booking.booking_date.ToString() == "2026-03-01");
}

BOOST_AUTO_TEST_CASE(a_line_that_people_matched_first_stays_as_it_is_and_says_so) {
  orders.matches["E2E-1"] = {"pmo_1", {"t1"}, "It pays order 1.", {"k1_pay"}, ""};
  books.refuses_settling = true;
  const Json statement = Only(Import(Seven()));
  BOOST_TEST(statement["state"] == "STATE_POSTED");
  const std::string why = Lines(statement["id"])[2]["explanation"];
  BOOST_TEST(why.find("not reconciled") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(more_lines_than_odoo_groups_stand_there_without_a_statement_and_it_says_so) {
  lines_a_group_max = 6;
  Restart();
  const Json statement = Only(Import(Seven()));
  BOOST_TEST(statement["state"] == "STATE_POSTED");
  BOOST_TEST(books.lines.size() == 7U);
  BOOST_TEST(books.statements.empty());
  const std::string last = statement["decisions"].back();
  BOOST_TEST(last.find("More than 6") != std::string::npos);
}

struct Lost {
  const char* name;
  std::deque<Trouble> trouble;
};
std::ostream& operator<<(std::ostream& out, const Lost& c) { return out << c.name; }
const Lost kLost[] = {
    {"the first call is not sent", {Trouble::kNotSent}},
    {"the first answer is lost before", {Trouble::kLostBefore}},
    {"the first answer is lost after", {Trouble::kLostAfter}},
    {"three answers are lost", {Trouble::kLostAfter, Trouble::kLostBefore, Trouble::kLostAfter}},
    {"a later answer is lost", {Trouble::kNone, Trouble::kNone, Trouble::kLostAfter}},
    {"the answer for the statement is lost",
     {Trouble::kNone, Trouble::kNone, Trouble::kNone, Trouble::kNone, Trouble::kLostAfter}},
};

BOOST_DATA_TEST_CASE(a_lost_answer_doubles_nothing_and_loses_nothing, bdata::make(kLost), c) {
  books.trouble = c.trouble;
  const Json file = Import(Seven());
  for (int i = 0; i < 5; ++i) {
    clock.Advance(absl::Minutes(11));
    Settle();
  }
  BOOST_TEST(Only(file)["state"] == "STATE_POSTED");
  BOOST_TEST(books.lines.size() == 7U);
  BOOST_TEST(books.statements.size() == 1U);
  BOOST_TEST(books.Sum() == kSevenSum);
}

BOOST_AUTO_TEST_CASE(what_odoo_refuses_is_a_case_and_goes_on_after_it) {
  books.trouble = {Trouble::kNone, Trouble::kRefused};
  const Json file = Import(Seven());
  const Json statement = Only(file);
  BOOST_TEST(statement["state"] == "STATE_IMPORTED");
  BOOST_TEST(statement["findings"][0]["reason"] == "ODOO_REFUSED");
  const int calls = books.calls;
  clock.Advance(absl::Hours(3));
  Settle();
  BOOST_TEST(books.calls == calls);  // nobody is asked again before a person looked
  Resolve(statement["exception_id"], model::Resolution::kRetry);
  BOOST_TEST(Only(file)["state"] == "STATE_POSTED");
  BOOST_TEST(books.Sum() == kSevenSum);
}

BOOST_AUTO_TEST_CASE(a_closed_period_is_a_case_before_odoo_moves_the_date) {
  catalogue->lock_dates.fiscal_year = *base::Date::Parse("2026-03-01");
  const Json statement = Only(Import(Seven()));
  BOOST_TEST(statement["state"] == "STATE_IMPORTED");
  BOOST_TEST(statement["findings"][0]["reason"] == "PERIOD_LOCKED");
  BOOST_TEST(books.calls == 0);
  catalogue->lock_dates.fiscal_year = *base::Date::Parse("2026-02-28");
  Resolve(statement["exception_id"], model::Resolution::kRetry);
  BOOST_TEST(Statement(statement["id"])["state"] == "STATE_POSTED");
}

BOOST_AUTO_TEST_CASE(an_unknown_journal_is_a_case) {
  catalogue->journals.clear();
  const Json statement = Only(Import(Seven()));
  BOOST_TEST(statement["state"] == "STATE_IMPORTED");
  BOOST_TEST(statement.contains("exception_id"));
  BOOST_TEST(books.calls == 0);
}

BOOST_AUTO_TEST_CASE(a_paused_connection_is_waited_for) {
  book_answer = base::Error(base::Reason::kConnectionPaused).Says("paused");
  const Json file = Import(Seven());
  BOOST_TEST(Only(file)["state"] == "STATE_IMPORTED");
  BOOST_TEST(!Only(file).contains("exception_id"));
  book_answer = absl::OkStatus();
  clock.Advance(absl::Minutes(11));
  Settle();
  BOOST_TEST(Only(file)["state"] == "STATE_POSTED");
}

BOOST_AUTO_TEST_CASE(a_shadow_books_nothing_and_says_so) {
  shadow = true;
  const Json statement = Only(Import(Seven()));
  BOOST_TEST(statement["state"] == "STATE_VIEWED");
  BOOST_TEST(books.calls == 0);
  const std::string last = statement["decisions"].back();
  BOOST_TEST(last.find("shadow") != std::string::npos);
}

BOOST_DATA_TEST_CASE(a_crash_anywhere_doubles_nothing_and_loses_nothing,
                     bdata::make(kFailpoints), failpoint) {
  orders.matches["E2E-1"] = {"pmo_1", {"t1"}, "It pays order 1.", {"k1_pay"}, ""};
  AddChannel(model::ChannelState::kLive);
  channel->inbox["a.sta"] = Seven().Text();
  crash_at = failpoint;
  Settle();
  BOOST_CHECK_MESSAGE(crash_at.empty(), "the failpoint was not reached");
  const auto listed = loop->ListFiles(operator_, Of(kFileKind), {500, ""});
  BOOST_REQUIRE(listed.ok());
  BOOST_REQUIRE(listed->rows.size() == 1U);
  const Json statement = Only(Json::parse(listed->rows[0].json));
  BOOST_TEST(statement["state"] == "STATE_POSTED");
  BOOST_TEST(statement["stored_count"] == 7);
  BOOST_TEST(statement["repeated_count"] == 0);
  BOOST_TEST(statement["matched_count"] == 1);
  BOOST_TEST(books.lines.size() == 7U);
  BOOST_TEST(books.statements.size() == 1U);
  BOOST_TEST(books.Sum() == kSevenSum);
  BOOST_TEST(channel->inbox.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::statements::testing
