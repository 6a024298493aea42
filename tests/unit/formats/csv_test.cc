// SPDX-License-Identifier: Apache-2.0
// Tables by mapping: each row is proven by the balance beside it, whichever way the table is
// sorted.
#include "server/formats/csv.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/unit/formats/reading.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::StrCat;
using testing::Outcome;
using testing::ReadAll;
using testing::Verdicts;

CsvMapping Mapping() {
  return ParseCsvMapping(R"({
    "name": "bank", "delimiter": ";", "date_format": "DD.MM.YYYY", "decimal_mark": ",",
    "thousands_mark": ".", "booking_date": "Date", "amount": "Amount", "balance": "Balance",
    "text": ["Text", "More"], "other_name": "Name", "account": "DE89 3704 0044 0532 0130 00",
    "currency": "EUR"})")
      .value();
}

const char* const kHead = "Date;Amount;Balance;Text;More;Name\n";
testing::Reader By(const CsvMapping& mapping) {
  return [mapping](ports::ByteSource& source, ports::StatementSink& sink,
                   ports::ReadReport& report) { return ReadCsv(source, mapping, sink, report); };
}

Outcome Read(const std::string& text) { return ReadAll(By(Mapping()), text); }

const std::string kFirst =
    "01.03.2026;1.000,00;1.100,00;\"Invoice; 1\";\"said \"\"paid\"\"\";Alpha\n";
const std::string kSecond = "02.03.2026;-10,50;1.089,50;\"two\nlines\";;Beta\n";

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(a_table_is_read_and_proven_by_its_balances) {
  const Outcome outcome = Read(kHead + kFirst + kSecond);
  BOOST_TEST(outcome.status.ok(), outcome.status.ToString());
  BOOST_TEST(Verdicts(outcome) == "PROVEN RUNNING_BALANCES");
  const auto& whole = outcome.statements[0];
  BOOST_TEST(whole.statement.account.number == "DE89370400440532013000");
  BOOST_TEST(whole.statement.balances[0].amount.ToString() == "100.00 EUR");
  BOOST_TEST(whole.statement.balances[1].amount.ToString() == "1089.50 EUR");
  BOOST_TEST(testing::BookedText(outcome) ==
             "DE89370400440532013000 2026-03-01 1000.00 EUR BOOKED\n"
             "DE89370400440532013000 2026-03-02 -10.50 EUR BOOKED\n");
  const auto& texts = whole.lines[0].details[0].remittance.unstructured;
  BOOST_TEST(texts[0] == "Invoice; 1");
  BOOST_TEST(texts[1] == "said \"paid\"");
  BOOST_TEST(whole.lines[0].details[0].debtor.name == "Alpha");
  BOOST_TEST(whole.lines[1].details[0].creditor.name == "Beta");
  BOOST_TEST(whole.lines[1].details[0].remittance.unstructured[0] == "two\nlines");
  BOOST_TEST(Verdicts(ReadAll(By(Mapping()), kHead + kFirst + kSecond, 1)) ==
             "PROVEN RUNNING_BALANCES");
}

BOOST_AUTO_TEST_CASE(a_table_with_the_newest_row_first_is_proven_too) {
  const Outcome outcome = Read(kHead + kSecond + kFirst);
  BOOST_TEST(Verdicts(outcome) == "PROVEN RUNNING_BALANCES");
  BOOST_TEST(outcome.statements[0].statement.balances[0].amount.ToString() == "100.00 EUR");
  BOOST_TEST(outcome.statements[0].statement.balances[1].amount.ToString() == "1089.50 EUR");
}

struct Table {
  const char* name;
  std::string text;
  const char* verdict;
};
std::ostream& operator<<(std::ostream& out, const Table& c) { return out << c.name; }
const Table kTables[] = {
    {"one row", kHead + kFirst, "PROVEN RUNNING_BALANCES"},
    {"no row", kHead, "UNPROVEN NONE"},
    {"a last row without its end", kHead + kFirst + kSecond.substr(0, kSecond.size() - 1),
     "PROVEN RUNNING_BALANCES"},
    {"an empty line at the end", kHead + kFirst + kSecond + "\n", "PROVEN RUNNING_BALANCES"},
    {"a byte order mark", "\xEF\xBB\xBF" + (kHead + kFirst), "PROVEN RUNNING_BALANCES"},
    {"a row missing in the middle", kHead + kFirst + "03.03.2026;1,00;9,00;;;\n", "REFUSED NONE"},
    {"an amount that is none", kHead + std::string("01.03.2026;one;1,00;;;\n"), "REFUSED NONE"},
    {"an amount with a point for a comma", kHead + std::string("01.03.2026;1.005;1.005,00;;;\n"),
     "PROVEN RUNNING_BALANCES"},
    {"an amount of three decimals", kHead + std::string("01.03.2026;1,005;1,00;;;\n"),
     "REFUSED NONE"},
    {"a date that does not exist", kHead + std::string("31.02.2026;1,00;1,00;;;\n"),
     "REFUSED NONE"},
    {"a date of another form", kHead + std::string("2026-03-01;1,00;1,00;;;\n"), "REFUSED NONE"},
    {"a balance that is none", kHead + std::string("01.03.2026;1,00;?;;;\n"), "REFUSED NONE"},
    {"a row of another width", kHead + std::string("01.03.2026;1,00;1,00\n"), "FORMAT_INVALID"},
    {"a column missing", "Date;Amount;Text;More;Name\n", "FORMAT_UNKNOWN"},
    {"an open quote", kHead + std::string("01.03.2026;1,00;1,00;\"a;;\n"), "FORMAT_TRUNCATED"},
    {"text behind a quote", kHead + std::string("01.03.2026;1,00;1,00;\"a\"b;;\n"),
     "FORMAT_INVALID"},
    {"nothing", "", "FORMAT_TRUNCATED"},
    {"a row that never ends", kHead + std::string(300000, 'x'), "FORMAT_LIMIT"},
};
BOOST_DATA_TEST_CASE(a_table_is_proven_refused_or_neither, bdata::make(kTables), c) {
  BOOST_TEST(Verdicts(Read(c.text)) == c.verdict);
}

BOOST_AUTO_TEST_CASE(cut_at_any_byte_a_table_books_nothing_unproven) {
  BOOST_TEST(testing::FirstUnprovenCut(By(Mapping()), kHead + kFirst + kSecond) == "");
}

BOOST_AUTO_TEST_CASE(a_direction_counts_and_the_sign_beside_it_does_not) {
  CsvMapping mapping = Mapping();
  mapping.direction = "More";
  mapping.credit_words = {"C"};
  mapping.debit_words = {"D"};
  const std::string text = kHead + std::string(
                                       "01.03.2026;33,50;-23,50;;D;\n"
                                       "02.03.2026;-1.533,50;1.510,00;;C;\n");
  const Outcome outcome = ReadAll(By(mapping), text);
  BOOST_TEST(Verdicts(outcome) == "PROVEN RUNNING_BALANCES");
  BOOST_TEST(outcome.statements[0].lines[0].amount.ToString() == "-33.50 EUR");
  BOOST_TEST(outcome.statements[0].lines[1].amount.ToString() == "1533.50 EUR");
  BOOST_TEST(Verdicts(ReadAll(By(mapping), kHead + std::string("01.03.2026;1,00;1,00;;X;\n"))) ==
             "REFUSED NONE");
}

BOOST_AUTO_TEST_CASE(credit_and_debit_may_have_columns_of_their_own) {
  CsvMapping mapping = Mapping();
  mapping.amount = "";
  mapping.credit = "#5";
  mapping.debit = "#2";
  mapping.text.clear();
  const std::string rows = "01.03.2026;10,50;89,50;;;\n02.03.2026;;90,00;;0,50;\n";
  const Outcome outcome = ReadAll(By(mapping), kHead + rows);
  BOOST_TEST(Verdicts(outcome) == "PROVEN RUNNING_BALANCES");
  BOOST_TEST(outcome.statements[0].lines[0].amount.ToString() == "-10.50 EUR");
  BOOST_TEST(Verdicts(ReadAll(By(mapping), kHead + std::string("01.03.2026;1,00;1,00;;1,00;\n"))) ==
             "REFUSED NONE");
}

BOOST_AUTO_TEST_CASE(without_a_balance_nothing_is_proven) {
  CsvMapping mapping = Mapping();
  mapping.balance = "";
  BOOST_TEST(Verdicts(ReadAll(By(mapping), kHead + kFirst)) == "UNPROVEN NONE");
}

struct Wrong {
  const char* name;
  const char* json;
  const char* field;
};
std::ostream& operator<<(std::ostream& out, const Wrong& c) { return out << c.name; }
const Wrong kWrong[] = {
    {"no account", R"({"booking_date":"d","amount":"a","currency":"EUR"})", "account"},
    {"no date", R"({"account":"1","amount":"a","currency":"EUR"})", "booking_date"},
    {"no amount", R"({"account":"1","booking_date":"d","currency":"EUR"})", "amount"},
    {"amount and columns besides",
     R"({"account":"1","booking_date":"d","currency":"EUR","amount":"a","credit":"c","debit":"d"})",
     "amount"},
    {"no currency", R"({"account":"1","booking_date":"d","amount":"a"})", "currency"},
    {"a direction without words",
     R"({"account":"1","booking_date":"d","amount":"a","currency":"EUR","direction":"x"})",
     "direction"},
    {"a date format without a day",
     R"({"account":"1","booking_date":"d","amount":"a","currency":"EUR","date_format":"YYYY-MM"})",
     "date_format"},
    {"a delimiter of two characters",
     R"({"account":"1","booking_date":"d","amount":"a","currency":"EUR","delimiter":";;"})",
     "delimiter"},
    {"marks that are the same",
     R"({"account":"1","booking_date":"d","amount":"a","currency":"EUR","decimal_mark":",",
        "thousands_mark":","})",
     "delimiter"},
    {"a key that is none",
     R"({"account":"1","booking_date":"d","amount":"a","currency":"EUR","colour":"red"})",
     "colour"},
    {"no object", "[]", ""},
    {"no JSON", "{", ""},
};
BOOST_DATA_TEST_CASE(a_mapping_that_cannot_work_is_refused_with_its_key, bdata::make(kWrong), c) {
  const auto mapping = ParseCsvMapping(c.json);
  BOOST_REQUIRE(!mapping.ok());
  BOOST_TEST(base::InfoOf(mapping.status()).field == c.field);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
