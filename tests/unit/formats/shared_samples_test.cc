// SPDX-License-Identifier: Apache-2.0
// Real banks' files: each adds up, or is refused for a reason that is true of it. A sample that is
// new in the folder and not named here fails the test until someone has looked at it.
#include <set>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/strings.h"
#include "server/formats/camt.h"
#include "tests/unit/formats/reading.h"
#include "tests/unit/formats/shared_files.h"

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
  const Outcome outcome =
      ReadAll(c.reader, ReadShared(base::StrCat("bank-samples/", c.name)));
  BOOST_TEST(testing::Verdicts(outcome) == c.verdicts);
  const std::string errors = ErrorsOf(outcome);
  BOOST_TEST(errors.empty() == std::string_view(c.says).empty(), errors);
  BOOST_TEST(errors.find(c.says) != std::string::npos, errors);
}

BOOST_DATA_TEST_CASE(a_sample_cut_anywhere_books_nothing_unproven, bdata::make(kSamples), c) {
  BOOST_TEST(testing::FirstUnprovenCut(
                 c.reader, ReadShared(base::StrCat("bank-samples/", c.name))) == "");
}

BOOST_AUTO_TEST_CASE(every_sample_is_looked_at) {
  std::set<std::string> named;
  for (const Sample& sample : kSamples) named.insert(sample.name);
  for (const char* const folder : {"camt"}) {
    for (const std::string& name : testing::ListShared(base::StrCat("bank-samples/", folder))) {
      BOOST_TEST(named.contains(base::StrCat(folder, "/", name)), name);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
