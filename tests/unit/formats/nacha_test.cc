// SPDX-License-Identifier: Apache-2.0
// NACHA: entries, returns, notifications of change, and the totals that hold a file together.
#include "server/formats/nacha.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "server/base/strings.h"
#include "tests/unit/formats/reading.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using testing::Outcome;
using testing::ReadAll;
using testing::Verdicts;

const std::string kHeader =
    "101 09101298012345678902603021200A094101FIRST BANK             KONTOR INC                    "
    " ";
/// Service class, class and number of the batch.
std::string Batch(const char* service, const char* layout) {
  return base::StrCat("5", service, "KONTOR INC                          1234567890", layout,
                      "PAYMENTS        260303   1091012980000001");
}
std::string Entry(const char* code, const char* cents, const char* trace) {
  return base::StrCat("6", code, "091012980ACCOUNT-1        ", cents,
                      "ID-1           ALPHA LLC             S 1", trace);
}
std::string Control(const char* service, const char* entries, const char* hash, const char* debits,
                    const char* credits) {
  return base::StrCat("8", service, entries, hash, debits, credits,
                      "1234567890                         091012980000001");
}
std::string FileControl(const char* entries, const char* hash, const char* debits,
                        const char* credits) {
  return base::StrCat("9000001000001", entries, hash, debits, credits, std::string(39, ' '));
}

std::string File(const std::string& layout, const std::string& entries, const char* count,
                 const char* hash, const char* debits, const char* credits) {
  return base::StrCat(kHeader, "\n", Batch("200", layout.c_str()), "\n", entries,
                      Control("200", count, hash, debits, credits), "\n",
                      FileControl(base::StrCat("00", count).c_str(), hash, debits, credits), "\n",
                      std::string(94, '9'), "\n");
}

/// A credit of 12.34 and a debit of 5.00.
std::string Payments() {
  return File("PPD",
              Entry("22", "0000001234", "091012980000001") + "\n" +
                  Entry("27", "0000000500", "091012980000002") + "\n",
              "000002", "0018202596", "000000000500", "000000001234");
}

std::string Changed(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

BOOST_AUTO_TEST_SUITE(nacha)

BOOST_AUTO_TEST_CASE(entries_are_read_and_proven_by_the_totals) {
  const Outcome outcome = ReadAll(ReadNacha, Payments());
  BOOST_TEST(outcome.status.ok(), outcome.status.ToString());
  BOOST_TEST(Verdicts(outcome) == "PROVEN TOTALS");
  const auto& whole = outcome.statements[0];
  BOOST_TEST(whole.statement.format == "NACHA PPD");
  BOOST_TEST(whole.statement.owner_name == "KONTOR INC");
  BOOST_TEST(whole.statement.from == "2026-03-03");
  BOOST_REQUIRE(whole.lines.size() == 2u);
  BOOST_TEST(whole.lines[0].amount.ToString() == "12.34 USD");
  BOOST_TEST(whole.lines[1].amount.ToString() == "-5.00 USD");
  const model::EntryDetail& detail = whole.lines[0].details[0];
  BOOST_TEST(detail.creditor.name == "ALPHA LLC");
  BOOST_TEST(detail.creditor.account.number == "ACCOUNT-1");
  BOOST_TEST(detail.creditor.agent.member_id == "091012980");
  BOOST_TEST(detail.references.transaction_id == "091012980000001");
  BOOST_TEST(detail.references.account_owner_ref == "ID-1");
  BOOST_TEST(whole.lines[1].details[0].debtor.name == "ALPHA LLC");
}

BOOST_AUTO_TEST_CASE(a_clearing_file_books_nothing) {
  const Outcome outcome = ReadAll(ReadNacha, Payments());
  BOOST_TEST(testing::BookedText(outcome) == "");
  BOOST_TEST(NameOf(outcome.statements[0].lines[0].status) == "PENDING");
}

BOOST_AUTO_TEST_CASE(records_without_line_ends_or_trailing_spaces_are_read_too) {
  std::string joined;
  std::string stripped;
  for (const std::string& line : base::StrSplit(Payments(), '\n')) {
    joined += line;
    stripped += std::string(line.substr(0, line.find_last_not_of(' ') + 1)) + "\r\n";
  }
  BOOST_TEST(Verdicts(ReadAll(ReadNacha, joined)) == "PROVEN TOTALS");
  BOOST_TEST(Verdicts(ReadAll(ReadNacha, stripped)) == "PROVEN TOTALS");
}

BOOST_AUTO_TEST_CASE(a_return_names_its_reason_and_the_entry_that_came_back) {
  const Outcome outcome = ReadAll(
      ReadNacha,
      File("CCD",
           Entry("21", "0000001234", "091012980000001") + "\n" +
               "799R04121042880000009      09101298WRONG NUMBER                                "
               "091012980000001\n",
           "000002", "0009101298", "000000000000", "000000001234"));
  BOOST_TEST(Verdicts(outcome) == "PROVEN TOTALS");
  const auto& info = outcome.statements[0].lines[0].details[0].return_info.value();
  BOOST_TEST(info.reason == "R04");
  BOOST_TEST(info.original_trace == "121042880000009");
  BOOST_TEST(info.additional == "WRONG NUMBER");
  BOOST_TEST(!info.is_change_notice);
}

BOOST_AUTO_TEST_CASE(a_notification_of_change_says_what_to_correct_and_moves_nothing) {
  const Outcome outcome = ReadAll(
      ReadNacha,
      File("COR",
           Entry("21", "0000000000", "091012980000001") + "\n" +
               "798C01121042880000009      09101298ACCOUNT-2                                   "
               "091012980000001\n",
           "000002", "0009101298", "000000000000", "000000000000"));
  BOOST_TEST(Verdicts(outcome) == "PROVEN TOTALS");
  const auto& line = outcome.statements[0].lines[0];
  BOOST_TEST(NameOf(line.status) == "INFORMATION");
  BOOST_TEST(line.details[0].return_info.value().is_change_notice);
  BOOST_TEST(line.details[0].return_info.value().corrected_data == "ACCOUNT-2");
}

BOOST_AUTO_TEST_CASE(addenda_are_the_text_of_their_entry) {
  const std::string entry =
      "622091012980ACCOUNT-1        0000001234ID-1           0002ALPHA LLC         S 1"
      "091012980000001\n";
  const auto addenda = [](const char* text, const char* number) {
    return base::StrCat("705", text, std::string(80 - std::string(text).size(), ' '), number,
                        "0000001\n");
  };
  const Outcome outcome =
      ReadAll(ReadNacha, File("CTX", entry + addenda("ISA*00*", "0001") + addenda("IEA*1", "0002"),
                              "000003", "0009101298", "000000000000", "000000001234"));
  BOOST_TEST(outcome.status.ok(), outcome.status.ToString());
  const model::EntryDetail& detail = outcome.statements[0].lines[0].details[0];
  BOOST_TEST(detail.creditor.name == "ALPHA LLC");
  BOOST_REQUIRE(detail.remittance.unstructured.size() == 2u);
  BOOST_TEST(detail.remittance.unstructured[1] == "IEA*1");
}

struct Refused {
  const char* name;
  std::string text;
  const char* verdict;
  const char* errors;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) { return out << c.name; }
const Refused kRefused[] = {
    {"a wrong number in the batch's control",
     Changed(Payments(), "091012980000001\n9000001", "091012980000002\n9000001"), "REFUSED TOTALS",
     "FORMAT_INVALID@statements[0].id"},
    {"a wrong hash of the batch",
     Changed(Payments(), "82000000020018202596", "82000000020018202597"), "REFUSED TOTALS",
     "TOTALS_MISMATCH@statements[0].totals"},
    {"a wrong sum of the batch",
     Changed(Payments(), "0018202596000000000500000000001234123",
             "0018202596000000000501000000001234123"),
     "REFUSED NONE", "TOTALS_MISMATCH@statements[0].totals TOTALS_MISMATCH@totals"},
    {"a class laid out differently", Changed(Payments(), "PPDPAYMENTS", "IATPAYMENTS"),
     "REFUSED NONE", "FORMAT_INVALID@statements[0].format TOTALS_MISMATCH@totals"},
    {"a transaction code that is none", Changed(Payments(), "622091012980", "692091012980"),
     "TOTALS_MISMATCH", ""},
};
BOOST_DATA_TEST_CASE(a_batch_that_does_not_add_up_is_refused, bdata::make(kRefused), c) {
  const Outcome outcome = ReadAll(ReadNacha, c.text);
  BOOST_TEST(Verdicts(outcome) == c.verdict, outcome.status.ToString());
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
    {"another file", "hello\n", "FORMAT_UNKNOWN"},
    {"a header of another record size", Changed(Payments(), "A094101", "A080101"),
     "FORMAT_UNKNOWN"},
    {"an entry outside of a batch",
     base::StrCat(kHeader, "\n", Entry("22", "0000001234", "091012980000001"), "\n"),
     "FORMAT_INVALID"},
    {"addenda without an entry",
     base::StrCat(kHeader, "\n", Batch("200", "PPD"), "\n", "705TEXT\n"), "FORMAT_INVALID"},
    {"a record that is none", base::StrCat(kHeader, "\nX\n"), "FORMAT_INVALID"},
    {"no file control", Payments().substr(0, Payments().find("\n9000001")), "FORMAT_TRUNCATED"},
    {"a file control cut short", Payments().substr(0, Payments().find("\n9000001") + 30),
     "FORMAT_TRUNCATED"},
    {"a wrong number of batches", Changed(Payments(), "\n9000001", "\n9000002"), "TOTALS_MISMATCH"},
    {"a wrong number of records", Changed(Payments(), "00000100000002", "00000100000003"),
     "TOTALS_MISMATCH"},
    {"a record behind the end", Payments() + kHeader + "\n", "FORMAT_INVALID"},
};
BOOST_DATA_TEST_CASE(a_file_that_is_none_is_refused_whole, bdata::make(kBroken), c) {
  BOOST_TEST(Verdicts(ReadAll(ReadNacha, c.text)) == c.reason);
}

BOOST_AUTO_TEST_CASE(cut_at_any_byte_a_file_is_none) {
  const std::string text = Payments();
  const size_t end = text.find("\n9000001") + 1 + 55;
  for (size_t size = 0; size < end; ++size) {
    BOOST_TEST_CONTEXT("cut at " << size) {
      BOOST_TEST(!ReadAll(ReadNacha, text.substr(0, size)).status.ok());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_check_digit_of_a_bank_is_told) {
  const std::string one_right = Changed(Payments(), "627091012980", "627091012984");
  const Outcome outcome = ReadAll(ReadNacha, Changed(one_right, "622091012980", "622091012981"));
  BOOST_TEST(Verdicts(outcome) == "PROVEN TOTALS");
  BOOST_TEST(testing::WarningsText(outcome.statements[0].statement.proof) ==
             "FORMAT_INVALID@statements[0].lines[0]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
