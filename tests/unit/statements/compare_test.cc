// SPDX-License-Identifier: Apache-2.0
// kontor's bank lines and balances against Odoo's: every difference is named from both sides, and
// nothing that agrees or is on its way is one.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/status.h"
#include "tests/unit/statements/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::statements::testing {
namespace {

using base::Date;
using base::Reason;
using engine::BankComparison;
using engine::Difference;
using ports::StatementLineSeen;

model::Money Euro(int64_t minor) { return {*model::Currency::Parse("EUR"), minor}; }
Date March(int day) {
  return Date::Parse(day < 10 ? "2026-03-0" + std::to_string(day)
                              : "2026-03-" + std::to_string(day))
      .value();
}

struct Compared : Harness {
  /// Two days with three lines.
  Compared() {
    Import(Mt{1, 2, 1000, {{100, "A"}, {200, "B"}}});
    Import(Mt{2, 3, 1300, {{-50, "C"}}});
  }
  BankComparison Compare(int from = 1, int to = 31) {
    auto compared = loop->CompareWithOdoo("hamburg", March(from), March(to));
    BOOST_REQUIRE_MESSAGE(compared.ok(), compared.status().ToString());
    return *std::move(compared);
  }
  /// The external id of the line of that amount.
  std::string Named(int64_t minor) {
    for (const auto& [name, draft] : books.lines) {
      if (draft.amount.minor() == minor) return name;
    }
    BOOST_FAIL("no such line");
    return "";
  }
  void Edit(int64_t minor, std::function<void(StatementLineSeen&)> edit) {
    books.edits[Named(minor)] = std::move(edit);
  }
  void AddForeign(const std::string& name, int day, const std::string& journal = "BNK1") {
    books.foreign.push_back({{"account.bank.statement.line",
                              static_cast<int64_t>(900 + books.foreign.size()), "BNK1/900"},
                             name,
                             journal,
                             March(day),
                             Euro(777),
                             "posted"});
  }
};

BOOST_FIXTURE_TEST_SUITE(comparing_with_odoo, Compared)

BOOST_AUTO_TEST_CASE(what_agrees_is_counted_by_day_and_is_no_difference) {
  const BankComparison compared = Compare();
  BOOST_TEST(compared.differences.empty());
  BOOST_REQUIRE(compared.rows.size() == 2U);
  const auto& day = compared.rows[0];
  BOOST_TEST(day.journal_code == "BNK1");
  BOOST_TEST(day.currency_code == "EUR");
  BOOST_TEST(day.date.ToString() == "2026-03-02");
  BOOST_TEST(day.kontor_count == 2);
  BOOST_TEST(day.erp_count == 2);
  BOOST_TEST(day.kontor_total_minor == 300);
  BOOST_TEST(day.erp_total_minor == 300);
  BOOST_REQUIRE(compared.balances.size() == 2U);
  BOOST_TEST(compared.balances[0].kontor.minor() == 1300);
  BOOST_TEST(compared.balances[0].erp->minor() == 1300);
  BOOST_TEST(compared.balances[1].kontor.minor() == 1250);
}

BOOST_AUTO_TEST_CASE(only_days_of_the_period_are_compared) {
  const BankComparison compared = Compare(3, 3);
  BOOST_REQUIRE(compared.rows.size() == 1U);
  BOOST_TEST(compared.rows[0].date.ToString() == "2026-03-03");
  BOOST_TEST(compared.balances.size() == 1U);
  BOOST_TEST(Compare(4, 9).rows.empty());
}

BOOST_AUTO_TEST_CASE(an_entity_without_accounts_asks_nothing_of_odoo) {
  book_answer = base::Error(Reason::kOdooUnreachable);
  const auto compared = loop->CompareWithOdoo("bremen", March(1), March(31));
  BOOST_REQUIRE(compared.ok());
  BOOST_TEST(compared->rows.empty());
  BOOST_TEST(base::Is(loop->CompareWithOdoo("hamburg", March(1), March(31)).status(),
                      Reason::kOdooUnreachable));
}

struct Case {
  const char* name;
  void (*change)(Compared& books);
  const char* kind;
  const char* asked;
  const char* got;
  const char* words;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Case kCases[] = {
    {"a line that somebody deleted", [](auto& c) { c.books.deleted.insert(c.Named(200)); },
     "MISSING_IN_ODOO", "2.00 EUR", "", "stood in Odoo and is gone"},
    {"another amount", [](auto& c) { c.Edit(200, [](auto& l) { l.amount = Euro(201); }); },
     "AMOUNT", "2.00 EUR", "2.01 EUR", "stands in Odoo over 2.01 EUR"},
    {"another day of the period", [](auto& c) { c.Edit(200, [](auto& l) { l.date = March(5); }); },
     "DATE", "2026-03-02", "2026-03-05", "stands in Odoo on 2026-03-05"},
    {"a day outside of the period",
     [](auto& c) { c.Edit(200, [](auto& l) { l.date = March(31).PlusDays(1); }); }, "DATE",
     "2026-03-02", "2026-04-01", "stands in Odoo on 2026-04-01"},
    {"a line that was reset to draft",
     [](auto& c) { c.Edit(200, [](auto& l) { l.state = "draft"; }); }, "STATE", "posted", "draft",
     "is draft in Odoo"},
    {"a line that a person made", [](auto& c) { c.AddForeign("", 3); }, "MISSING_IN_KONTOR", "",
     "7.77 EUR", "on no statement that kontor has"},
    {"a line of another life of this store", [](auto& c) { c.AddForeign("k1_other", 3); },
     "MISSING_IN_KONTOR", "", "7.77 EUR", "restored from before"},
    {"another closing balance",
     [](auto& c) {
       c.books.statement_edits[1] = [](auto& s) {
         s.closing = base::Decimal::Parse("12.99").value();
       };
     },
     "BALANCE", "13.00 EUR", "12.99 EUR", "in Odoo with 12.99 EUR"},
    {"lines that do not add up to the balance",
     [](auto& c) {
       c.books.statement_edits[1] = [](auto& s) {
         s.computed = base::Decimal::Parse("11").value();
       };
     },
     "BALANCE", "13.00 EUR", "11.00 EUR", "in Odoo with 11.00 EUR"},
    {"a statement that somebody deleted", [](auto& c) { c.books.deleted_statements.insert(1); },
     "MISSING_IN_ODOO", "13.00 EUR", "", "is gone in Odoo"},
};

BOOST_DATA_TEST_CASE(one_difference_is_named_once, bdata::make(kCases), c) {
  c.change(*this);
  const BankComparison compared = Compare();
  BOOST_REQUIRE(compared.differences.size() == 1U);
  const Difference& difference = compared.differences[0];
  BOOST_TEST(difference.kind == c.kind);
  BOOST_TEST(difference.asked == c.asked);
  BOOST_TEST(difference.got == c.got);
  BOOST_TEST(difference.message.find(c.words) != std::string::npos, difference.message);
  BOOST_TEST(difference.journal_code == "BNK1");
  BOOST_TEST(!difference.date.empty());
}

BOOST_AUTO_TEST_CASE(a_line_that_was_moved_into_the_period_is_named_by_its_own_day) {
  Edit(100, [](auto& line) { line.date = March(3); });
  const BankComparison compared = Compare(3, 3);
  BOOST_REQUIRE(compared.differences.size() == 1U);
  BOOST_TEST(compared.differences[0].kind == "DATE");
  BOOST_TEST(compared.differences[0].asked == "2026-03-02");
  BOOST_REQUIRE(compared.rows.size() == 1U);
  BOOST_TEST(compared.rows[0].erp_count == 2);
  BOOST_TEST(compared.rows[0].kontor_count == 1);
}

BOOST_AUTO_TEST_CASE(lines_from_before_kontor_or_of_other_journals_are_nobodys_difference) {
  AddForeign("", 1);
  AddForeign("", 3, "BNK9");
  const BankComparison compared = Compare();
  BOOST_TEST(compared.differences.empty());
  BOOST_TEST(compared.rows.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_line_on_its_way_is_no_difference_and_one_that_was_left_out_is) {
  book_answer = base::Error(Reason::kOdooUnreachable).Says("away");
  Import(Mt{3, 4, 1250, {{400, "D"}}});
  book_answer = absl::OkStatus();
  BOOST_TEST(Compare().differences.empty());
  BOOST_TEST(Compare().rows.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_journal_that_is_gone_has_nothing_and_stops_no_comparison) {
  catalogue->journals.clear();
  books.deleted = {Named(100), Named(200), Named(-50)};
  const BankComparison compared = Compare();
  BOOST_TEST(compared.differences.size() == 3U);
  for (const Difference& difference : compared.differences) {
    BOOST_TEST(difference.kind == "MISSING_IN_ODOO");
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_the_bank_took_back_and_that_stands_in_odoo_is_told) {
  // The same statement in a second word, without the second line.
  Import(Mt{1, 2, 1000, {{100, "A"}}});
  const BankComparison compared = Compare(2, 2);
  const auto taken = std::ranges::find_if(compared.differences, [](const Difference& difference) {
    return difference.asked == "taken back";
  });
  BOOST_REQUIRE(taken != compared.differences.end());
  BOOST_TEST(taken->kind == "STATE");
  BOOST_TEST(!taken->statement_id.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::statements::testing
