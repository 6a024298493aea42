// SPDX-License-Identifier: Apache-2.0
// BAI2: records, control totals, and what becomes of a file that does not keep to them.
#include "server/formats/bai2.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "server/base/strings.h"
#include "server/formats/internal/bai2_fields.h"
#include "tests/unit/formats/reading.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::StrCat;
using testing::Outcome;
using testing::ReadAll;
using testing::Verdicts;

/// Opening 100.00, +30.00, −10.50, closing 119.50; eight records.
const char* const kFile =
    "01,SENDER,RECEIVER,260303,0700,17,,,2/\n"
    "02,RECEIVER,SENDER,1,260302,,USD,2/\n"
    "03,1234567890,,010,10000,,,015,11950,,/\n"
    "16,142,3000,V,260304,,B1,C1,ACH, FROM ALPHA/\n"
    "16,475,1050,,B2,C2,CHECK\n"
    "88, PAID\n"
    "49,26000,5/\n"
    "98,26000,1,7/\n"
    "99,26000,1,9/\n";

std::string Changed(const std::string& from, const std::string& to) {
  std::string text = kFile;
  const size_t at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

BOOST_AUTO_TEST_SUITE(bai2)

BOOST_AUTO_TEST_CASE(a_file_is_read_and_proven) {
  const Outcome outcome = ReadAll(ReadBai2, kFile);
  BOOST_TEST(outcome.status.ok(), outcome.status.ToString());
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  BOOST_TEST(testing::BookedText(outcome) ==
             "1234567890 2026-03-02 30.00 USD BOOKED\n1234567890 2026-03-02 -10.50 USD BOOKED\n");
  const auto& lines = outcome.statements[0].lines;
  BOOST_TEST(lines[0].value_date.value().ToString() == "2026-03-04");
  BOOST_TEST(lines[0].account_servicer_ref == "B1");
  BOOST_TEST(lines[0].account_owner_ref == "C1");
  BOOST_TEST(lines[0].details[0].remittance.unstructured[0] == "ACH, FROM ALPHA");
  BOOST_TEST(lines[1].details[0].remittance.unstructured[0] == "CHECK PAID");
  BOOST_TEST(lines[1].code.proprietary == "475");
  BOOST_TEST(Verdicts(ReadAll(ReadBai2, kFile, 1)) == "PROVEN BALANCES");
}

BOOST_AUTO_TEST_CASE(a_record_goes_on_in_records_88) {
  const std::string text =
      "01,S,R,260303,0700,17,,,2/\n02,R,S,1,260302,,EUR,2/\n"
      "03,1,,010,10000,,,/\n88,015,11950,,,/\n88,100,3000,1,,400,1050,1,/\n"
      "16,142,3000,,,/\n88,ALPHA/\n16,475,1050,S,1,2,3,B2,/\n"
      "49,30050,7/\n98,30050,1,9/\n99,30050,1,11/\n";
  const Outcome outcome = ReadAll(ReadBai2, text);
  BOOST_TEST(outcome.status.ok(), outcome.status.ToString());
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  BOOST_TEST(outcome.statements[0].statement.account.currency.code() == "EUR");
  BOOST_TEST(outcome.statements[0].lines[0].details[0].remittance.unstructured[0] == "ALPHA");
  BOOST_TEST(outcome.statements[0].lines[1].account_servicer_ref == "B2");
}

BOOST_AUTO_TEST_CASE(a_same_day_report_books_nothing) {
  const Outcome outcome = ReadAll(ReadBai2, Changed("260302,,USD,2/", "260302,,USD,3/"));
  BOOST_TEST(NameOf(outcome.statements[0].statement.kind) == "INTRADAY");
  BOOST_TEST(testing::BookedText(outcome) == "");
}

struct Refused {
  const char* name;
  const char* from;
  const char* to;
  const char* verdict;
  const char* errors;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) { return out << c.name; }
const Refused kRefused[] = {
    {"a wrong sum of the account", "49,26000,5/", "49,26001,5/", "TOTALS_MISMATCH", ""},
    {"a wrong number of records", "49,26000,5/", "49,26000,6/", "REFUSED BALANCES",
     "TOTALS_MISMATCH@statements[0].totals"},
    {"a closing balance that does not follow", "015,11950", "015,11951", "REFUSED BALANCES",
     "TOTALS_MISMATCH@statements[0].totals STATEMENT_UNBALANCED@balances"},
    {"an opening balance moved into another field", "010,10000,,,015,11950",
     "010,11950,,,015,10000", "REFUSED BALANCES", "STATEMENT_UNBALANCED@balances"},
    {"a type code that is neither", "16,142,", "16,850,", "REFUSED BALANCES",
     "FORMAT_INVALID@statements[0].lines[0] STATEMENT_UNBALANCED@balances"},
    {"a group that deletes", "SENDER,1,", "SENDER,2,", "REFUSED BALANCES",
     "FORMAT_INVALID@statements[0].group"},
    {"a group that is a test", "SENDER,1,", "SENDER,4,", "REFUSED BALANCES",
     "FORMAT_INVALID@statements[0].group"},
    {"no date", "1,260302,,USD", "1,,,USD", "REFUSED BALANCES",
     "FORMAT_INVALID@statements[0].group"},
    {"an unknown currency", "260302,,USD,2/", "260302,,USX,2/", "REFUSED BALANCES",
     "CURRENCY_UNKNOWN@statements[0].account"},
    {"no account", "03,1234567890,", "03,,", "REFUSED BALANCES",
     "FIELD_MISSING@statements[0].account"},
    {"a funds type that is none", "16,142,3000,V,260304,", "16,142,3000,X,260304,",
     "REFUSED BALANCES",
     "FORMAT_INVALID@statements[0].lines[0] TOTALS_MISMATCH@statements[0].totals "
     "STATEMENT_UNBALANCED@balances"},
};
BOOST_DATA_TEST_CASE(an_account_that_does_not_add_up_is_refused, bdata::make(kRefused), c) {
  const Outcome outcome = ReadAll(ReadBai2, Changed(c.from, c.to));
  BOOST_TEST(Verdicts(outcome) == c.verdict);
  BOOST_TEST(testing::BookedText(outcome) == "");
  if (outcome.status.ok()) {
    BOOST_TEST(testing::ErrorsText(outcome.statements[0].statement.proof) == c.errors);
  }
}

struct Broken {
  const char* name;
  std::string text;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Broken& c) { return out << c.name; }
const Broken kBroken[] = {
    {"nothing", "", "FORMAT_UNKNOWN"},
    {"another file", "hello\nworld\n", "FORMAT_UNKNOWN"},
    {"a file that begins with a group", "02,R,S,1,260302,,USD,2/\n", "FORMAT_UNKNOWN"},
    {"version 1", "01,S,R,260303,0700,17,,,1/\n99,0,0,2/\n", "FORMAT_UNKNOWN"},
    {"an account outside of a group", "01,S,R,260303,0700,17,,,2/\n03,1,USD/\n", "FORMAT_INVALID"},
    {"a line outside of an account",
     "01,S,R,260303,0700,17,,,2/\n02,R,S,1,260302,,USD,2/\n16,142,1,,/\n", "FORMAT_INVALID"},
    {"a record that is none", "01,S,R,260303,0700,17,,,2/\n55,x/\n", "FORMAT_INVALID"},
    {"a record 88 at the front", "88,x/\n", "FORMAT_INVALID"},
    {"a record behind the end", StrCat(kFile, "01,S,R,260303,0700,17,,,2/\n"), "FORMAT_INVALID"},
    {"no record 99", Changed("99,26000,1,9/\n", ""), "FORMAT_TRUNCATED"},
    {"a wrong sum of the group", Changed("98,26000,1,7/", "98,26001,1,7/"), "TOTALS_MISMATCH"},
    {"a wrong number of accounts", Changed("98,26000,1,7/", "98,26000,2,7/"), "TOTALS_MISMATCH"},
    {"a wrong number of the file's records", Changed("99,26000,1,9/", "99,26000,1,8/"),
     "TOTALS_MISMATCH"},
    {"a control record without numbers", Changed("99,26000,1,9/", "99,26000/"), "FORMAT_INVALID"},
};
BOOST_DATA_TEST_CASE(a_file_that_is_none_is_refused_whole, bdata::make(kBroken), c) {
  BOOST_TEST(Verdicts(ReadAll(ReadBai2, c.text)) == c.reason);
}

BOOST_AUTO_TEST_CASE(cut_at_any_byte_a_file_books_nothing) {
  const std::string text = kFile;
  const size_t end = text.rfind('9');
  for (size_t size = 0; size <= end; ++size) {
    BOOST_TEST_CONTEXT("cut at " << size) {
      BOOST_TEST(testing::BookedText(ReadAll(ReadBai2, text.substr(0, size))) == "");
    }
  }
}

struct Side {
  const char* code;
  internal::BaiSide side;
};
std::ostream& operator<<(std::ostream& out, const Side& c) { return out << c.code; }
const Side kSides[] = {
    {"099", internal::BaiSide::kUnknown},     {"100", internal::BaiSide::kCredit},
    {"399", internal::BaiSide::kCredit},      {"400", internal::BaiSide::kDebit},
    {"699", internal::BaiSide::kDebit},       {"700", internal::BaiSide::kUnknown},
    {"720", internal::BaiSide::kCredit},      {"760", internal::BaiSide::kDebit},
    {"890", internal::BaiSide::kInformation}, {"910", internal::BaiSide::kUnknown},
    {"920", internal::BaiSide::kCredit},      {"960", internal::BaiSide::kDebit},
};
BOOST_DATA_TEST_CASE(a_type_code_tells_the_side, bdata::make(kSides), c) {
  BOOST_TEST((internal::SideOfBai(c.code) == c.side));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
