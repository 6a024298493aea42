// SPDX-License-Identifier: Apache-2.0
// What is refused of journal entries without asking Odoo.
#include <functional>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include "server/model/validate.h"
#include "tests/unit/model/builders.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

using testing::CodesText;
using testing::Dec;
using testing::Wrap;

struct Spoiled {
  const char* name;
  std::function<void(JournalEntry&)> spoil;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Spoiled& c) { return out << c.name; }

Money Usd(std::string_view value) { return Money::Parse("USD", value).value(); }

const Spoiled kSpoiled[] = {
    {"no date", [](JournalEntry& e) { e.date.reset(); }, "FIELD_MISSING@journal_entry.date"},
    {"no lines", [](JournalEntry& e) { e.lines.clear(); }, "LINES_MISSING@journal_entry.lines"},
    {"one line", [](JournalEntry& e) { e.lines.pop_back(); },
     "LINES_MISSING@journal_entry.lines ENTRY_UNBALANCED@journal_entry.lines"},
    {"1001 lines", [](JournalEntry& e) { e.lines.resize(1001, e.lines[0]); },
     "FIELD_TOO_LONG@journal_entry.lines"},
    {"a cent too much", [](JournalEntry& e) { e.lines[0].debit = Dec("1200.01"); },
     "ENTRY_UNBALANCED@journal_entry.lines"},
    {"both on one side",
     [](JournalEntry& e) {
       e.lines[1].debit = e.lines[1].credit;
       e.lines[1].credit = {};
     },
     "ENTRY_UNBALANCED@journal_entry.lines"},
    {"no account", [](JournalEntry& e) { e.lines[1].account_code = ""; },
     "FIELD_MISSING@journal_entry.lines[1].account_code"},
    {"two partners on a line",
     [](JournalEntry& e) {
       e.lines[0].partner.vat = "DE1";
       e.lines[0].partner.odoo_id = 1;
     },
     "FIELD_CONFLICT@journal_entry.lines[0].partner"},
    {"negative amounts",
     [](JournalEntry& e) {
       e.lines[0].debit = Dec("-1200");
       e.lines[1].credit = Dec("-1200");
     },
     "AMOUNT_INVALID@journal_entry.lines[0].debit AMOUNT_INVALID@journal_entry.lines[1].credit"},
    {"debit and credit on one line",
     [](JournalEntry& e) {
       e.lines[0].credit = Dec("5");
       e.lines[0].debit = Dec("1205");
     },
     "FIELD_CONFLICT@journal_entry.lines[0]"},
    {"a line of nothing",
     [](JournalEntry& e) {
       e.lines.push_back({});
       e.lines[2].account_code = "600000";
     },
     "FIELD_MISSING@journal_entry.lines[2]"},
    {"a line of no foreign money either",
     [](JournalEntry& e) {
       e.lines.push_back({});
       e.lines[2].account_code = "600000";
       e.lines[2].amount_currency = Usd("0");
     },
     "FIELD_MISSING@journal_entry.lines[2]"},
    {"a foreign amount against the debit",
     [](JournalEntry& e) { e.lines[0].amount_currency = Usd("-1"); },
     "AMOUNT_INVALID@journal_entry.lines[0].amount_currency"},
    {"a foreign amount against the credit",
     [](JournalEntry& e) { e.lines[1].amount_currency = Usd("1"); },
     "AMOUNT_INVALID@journal_entry.lines[1].amount_currency"},
    {"a foreign amount without its currency",
     [](JournalEntry& e) { e.lines[0].amount_currency.emplace(); },
     "FIELD_MISSING@journal_entry.lines[0].amount_currency"},
    {"16 digits",
     [](JournalEntry& e) {
       e.lines[0].debit = Dec("12345678901234.56");
       e.lines[1].credit = e.lines[0].debit;
     },
     "AMOUNT_TOO_LARGE@journal_entry.lines[0].debit "
     "AMOUNT_TOO_LARGE@journal_entry.lines[1].credit AMOUNT_TOO_LARGE@journal_entry.lines"},
    {"a control character", [](JournalEntry& e) { e.lines[0].description = "a\x1B"; },
     "TEXT_INVALID@journal_entry.lines[0].description"},
    {"a long reference", [](JournalEntry& e) { e.reference = std::string(65, 'x'); },
     "FIELD_TOO_LONG@journal_entry.reference"},
};

BOOST_DATA_TEST_CASE(one_fault_in_an_entry_gives_its_findings, bdata::make(kSpoiled), c) {
  JournalEntry entry = testing::GoodEntry();
  c.spoil(entry);
  BOOST_TEST(CodesText(ValidateDocument(Wrap(entry))) == c.want);
}

BOOST_AUTO_TEST_CASE(an_unbalanced_entry_names_both_sums_and_the_difference) {
  JournalEntry entry = testing::GoodEntry();
  entry.lines[1].credit = Dec("1199.9");
  const auto findings = ValidateDocument(Wrap(entry));
  BOOST_REQUIRE(findings.size() == 1U);
  BOOST_TEST(findings[0].message == "Debits of 1200 and credits of 1199.9 differ by 0.1.");
  BOOST_TEST(findings[0].asked == "1200");
  BOOST_TEST(findings[0].got == "1199.9");
}

BOOST_AUTO_TEST_CASE(good_entries_have_no_findings) {
  JournalEntry foreign = testing::GoodEntry();
  foreign.lines[0].amount_currency = Usd("1320");
  foreign.lines[1].amount_currency = Usd("-1320");
  JournalEntry rounding = foreign;
  rounding.lines.push_back({});
  rounding.lines[2].account_code = "600000";
  rounding.lines[2].amount_currency = Usd("0.01");
  for (const JournalEntry& entry : {testing::GoodEntry(), foreign, rounding}) {
    BOOST_TEST(CodesText(ValidateDocument(Wrap(entry))).empty());
  }
}

BOOST_AUTO_TEST_CASE(any_entry_whose_lines_come_in_pairs_balances_and_any_cent_more_does_not) {
  BOOST_TEST(rc::check("pairs balance", [] {
    JournalEntry entry = testing::GoodEntry();
    entry.lines.clear();
    const int pairs = *rc::gen::inRange(1, 20);
    for (int i = 0; i < pairs; ++i) {
      JournalEntryLine debit;
      debit.account_code = "1";
      debit.debit = Decimal::FromUnscaled(*rc::gen::inRange(1, 100'000'000), 2);
      JournalEntryLine credit;
      credit.account_code = "2";
      credit.credit = debit.debit;
      entry.lines.insert(entry.lines.begin(), debit);
      entry.lines.push_back(credit);
    }
    RC_ASSERT(ValidateDocument(Wrap(entry)).empty());
    entry.lines[0].debit = entry.lines[0].debit.Add(Decimal::FromUnscaled(1, 2)).value();
    RC_ASSERT(CodesText(ValidateDocument(Wrap(entry))) == "ENTRY_UNBALANCED@journal_entry.lines");
  }));
}

}  // namespace
}  // namespace kontor::model
