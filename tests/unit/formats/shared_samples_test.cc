// SPDX-License-Identifier: Apache-2.0
// Real banks' files: each adds up, or is refused for a reason that is true of it. A sample that is
// new in the folder and not named here fails the test until someone has looked at it.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "server/base/strings.h"
#include "server/formats/bai2.h"
#include "server/formats/camt.h"
#include "server/formats/csv.h"
#include "server/formats/detect.h"
#include "server/formats/mt.h"
#include "server/formats/nacha.h"
#include "server/formats/ofx.h"
#include "tests/unit/formats/reading.h"
#include "tests/unit/formats/shared_files.h"
#include "tests/unit/formats/statuses.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using testing::Outcome;
using testing::ReadAll;
using testing::ReadShared;

struct Sample {
  const char* name;
  const testing::Reader reader;
  const char* verdicts;
  const char* says;  ///< Part of a finding's words; empty when none is expected.
};
std::ostream& operator<<(std::ostream& out, const Sample& c) { return out << c.name; }

absl::Status ReadTable(ports::ByteSource& source, ports::StatementSink& sink,
                       ports::ReadReport& report) {
  const CsvMapping mapping =
      ParseCsvMapping(R"({"booking_date":"Date","amount":"Amount","direction":"D/C",
        "credit_words":["C"],"debit_words":["D"],"balance":"Balance","text":["Label"],
        "other_name":"Partner Name","other_account":"Bank Account","thousands_mark":",",
        "date_format":"MM/DD/YYYY","account":"1","currency":"EUR"})")
          .value();
  return ReadCsv(source, mapping, sink, report);
}

const Sample kSamples[] = {
    {"camt/200519_camt.054-Credit_P_CH2909000000250094239_1110092691_0_2019042421291293.xml",
     ReadCamt, "UNPROVEN NONE", ""},
    {"camt/200519_camt.054_P_CH2909000000250094239_1111091335_0_2020061900081727.xml", ReadCamt,
     "UNPROVEN NONE", ""},
    {"camt/FI_camt_052_sample.xml", ReadCamt, "PROVEN TOTALS, PROVEN BALANCES", ""},
    {"camt/FI_camt_053_sample.xml", ReadCamt, "PROVEN BALANCES", ""},
    // The last line but one is booked, yet the closing balance leaves it to the next day.
    {"camt/camt.053_P_CH2909000000250094239_1110092698_0_2020112503071366.xml", ReadCamt,
     "REFUSED BALANCES", "-1537.00 apart; that is what the lines with a value date after"},
    {"camt/camt054-unpaid.xml", ReadCamt, "PROVEN TOTALS", ""},
    {"camt/genkgo-camt052.v2.xml", ReadCamt, "UNPROVEN NONE", ""},
    {"camt/genkgo-camt053.v2.minimal.xml", ReadCamt, "REFUSED NONE",
     "the opening balance is in EUR, the closing balance in SEK"},
    {"camt/genkgo-camt053.v2.multi.statement.xml", ReadCamt, "PROVEN BALANCES, PROVEN BALANCES",
     ""},
    {"camt/genkgo-camt053.v8.xml", ReadCamt, "REFUSED NONE",
     "the opening balance is in EUR, the closing balance in SEK"},
    {"camt/genkgo-camt054.v2.xml", ReadCamt, "UNPROVEN NONE", ""},
    // Pieces of messages, taken out of their context.
    {"mt940/betterplace--empty_entry_date.sta", ReadMt, "FORMAT_INVALID", ""},
    {"mt940/cmxl--account_balance_debit.sta", ReadMt, "FORMAT_INVALID", ""},
    {"mt940/cmxl--closing_balance.sta", ReadMt, "FORMAT_INVALID", ""},
    {"mt940/cmxl--statement_line.sta", ReadMt, "FORMAT_INVALID", ""},
    {"mt940/self-provided--sparkassen.sta", ReadMt, "FORMAT_INVALID", ""},
    // A line behind the end of its message.
    {"mt940/self-provided--multiline.sta", ReadMt, "FORMAT_INVALID", ""},
    {"mt940/self-provided--invalid_statement.sta", ReadMt, "FORMAT_UNKNOWN", ""},
    // Shortened by hand, so that lines are missing.
    {"mt940/betterplace--sepa_snippet.sta", ReadMt, "PROVEN BALANCES, REFUSED BALANCES",
     "closing balance -4472049.09 EUR; 300.08 apart"},
    {"mt940/jejik--ing.sta", ReadMt, "REFUSED BALANCES", "closing balance 3.47 EUR; 49.06 apart"},
    {"mt940/jejik--rabobank.sta", ReadMt,
     "REFUSED BALANCES, PROVEN BALANCES, REFUSED BALANCES, PROVEN BALANCES",
     "closing balance 395.82 EUR; 1135.93 apart"},
    {"mt940/self-provided--details_60-63.sta", ReadMt, "REFUSED BALANCES",
     "closing balance 12345.98 EUR; 234.01 apart"},
    {"mt940/mBank--mt942.sta", ReadMt, "PROVEN TOTALS", ""},
    {"bai2/nwb_example.bai2", ReadBai2, "PROVEN BALANCES", ""},
    {"bai2/svb_us_example.bai2", ReadBai2, "PROVEN BALANCES, PROVEN BALANCES", ""},
    {"ach/ccd-debit.ach", ReadNacha, "PROVEN TOTALS", ""},
    {"ach/contested-return.ach", ReadNacha, "PROVEN TOTALS", ""},
    {"ach/cor-read.ach", ReadNacha, "PROVEN TOTALS", ""},
    {"ach/ppd-credit.ach", ReadNacha, "PROVEN TOTALS", ""},
    // No opening balance: nothing to prove by, nothing that contradicts.
    {"ofx/test_ofx.ofx", ReadOfx, "UNPROVEN NONE, UNPROVEN NONE", ""},
    {"csv/debit_credit.csv", ReadTable, "PROVEN RUNNING_BALANCES", ""},
};

struct Told {
  const char* name;
  const char* format;
  size_t transfers;
  const char* first;  ///< Status of the first transfer and its reason in words.
};
std::ostream& operator<<(std::ostream& out, const Told& c) { return out << c.name; }
const Told kStatuses[] = {
    {"pain002-epo_p_0_0_0_2018031510491259.xml", "pain.002.001.03.ch.02", 0, ""},
    {"pain002-epo_p_ch2909000000250094239_1109800799_0_2018032612092784.xml",
     "pain.002.001.03.ch.02", 1, "RJCT the account number is invalid"},
    {"sepa-direct-debit-unpaid.xml", "pain.002.001.03", 4, "RJCT the account number is invalid"},
};

std::string ErrorsOf(const Outcome& outcome) {
  std::string out;
  for (const WholeStatement& whole : outcome.statements) {
    for (const model::Finding& finding : whole.statement.proof.findings) {
      if (finding.severity == model::Severity::kError) base::StrAppend(&out, finding.message, "\n");
    }
  }
  return out;
}

BOOST_AUTO_TEST_SUITE(samples)

BOOST_DATA_TEST_CASE(a_sample_adds_up_or_is_refused_for_a_true_reason, bdata::make(kSamples), c) {
  const Outcome outcome = ReadAll(c.reader, ReadShared(base::StrCat("bank-samples/", c.name)));
  BOOST_TEST(testing::Verdicts(outcome) == c.verdicts);
  const std::string errors = ErrorsOf(outcome);
  BOOST_TEST(errors.empty() == std::string_view(c.says).empty(), errors);
  BOOST_TEST(errors.find(c.says) != std::string::npos, errors);
}

BOOST_DATA_TEST_CASE(a_sample_cut_anywhere_books_nothing_unproven, bdata::make(kSamples), c) {
  std::string text = ReadShared(base::StrCat("bank-samples/", c.name));
  // Without the line behind its end this message is whole, and proven by its balances.
  const size_t stray = text.rfind("\n:61:");
  if (std::string_view(c.name) == "mt940/self-provided--multiline.sta") text.resize(stray + 1);
  BOOST_TEST(testing::FirstUnprovenCut(c.reader, text) == "");
}

BOOST_DATA_TEST_CASE(a_status_report_is_read_whole, bdata::make(kStatuses), c) {
  const std::string text = ReadShared(base::StrCat("bank-samples/pain002/", c.name));
  const testing::Statuses got = testing::ReadStatuses(text);
  BOOST_TEST(got.status.ok(), got.status.ToString());
  BOOST_TEST(got.report.format == c.format);
  BOOST_TEST(got.report.version_known);
  BOOST_TEST(got.report.findings.empty());
  BOOST_TEST(!got.order.original_message_id.empty());
  BOOST_TEST(got.transfers.size() == c.transfers);
  if (c.transfers > 0) {
    const model::TransferStatus& first = got.transfers[0];
    BOOST_TEST(base::StrCat(first.status, " ", model::WordsOfReason(first.reasons[0].code)) ==
               c.first);
  }
  const size_t end = text.rfind('>');
  for (size_t size = 0; size <= end; ++size) {
    BOOST_TEST(!testing::ReadStatuses(std::string_view(text).substr(0, size)).status.ok());
  }
}

BOOST_AUTO_TEST_CASE(every_sample_is_recognised) {
  const struct {
    const char* folder;
    FileFormat format;
  } kFolders[] = {{"ach", FileFormat::kNacha},      {"bai2", FileFormat::kBai2},
                  {"camt", FileFormat::kCamt},      {"csv", FileFormat::kTable},
                  {"mt940", FileFormat::kMt},       {"ofx", FileFormat::kOfx},
                  {"pain002", FileFormat::kPain002}};
  for (const auto& [folder, format] : kFolders) {
    for (const std::string& name : testing::ListShared(base::StrCat("bank-samples/", folder))) {
      if (name == "self-provided--invalid_statement.sta") continue;  // ten numbers
      const std::string text = ReadShared(base::StrCat("bank-samples/", folder, "/", name));
      BOOST_TEST_CONTEXT(name) { BOOST_TEST(NameOf(Detect(text).format) == NameOf(format)); }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_sample_is_looked_at) {
  std::set<std::string> named;
  for (const Sample& sample : kSamples) named.insert(sample.name);
  for (const Told& told : kStatuses) named.insert(base::StrCat("pain002/", told.name));
  for (const char* const folder : {"ach", "bai2", "camt", "csv", "mt940", "ofx", "pain002"}) {
    for (const std::string& name : testing::ListShared(base::StrCat("bank-samples/", folder))) {
      BOOST_TEST(named.contains(base::StrCat(folder, "/", name)), name);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
