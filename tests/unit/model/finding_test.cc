// SPDX-License-Identifier: Apache-2.0
// Findings and statuses.
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/model/finding.h"

namespace kontor::model {
namespace {

BOOST_AUTO_TEST_CASE(a_finding_takes_a_status_apart) {
  const absl::Status status = base::Error(base::Reason::kTotalMismatch)
                                  .Field("invoice.expected_total")
                                  .With("asked", "100.00")
                                  .With("got", "100.01")
                                  .Says("the total differs");
  const Finding finding = FindingOf(status);
  BOOST_TEST(finding.reason == "TOTAL_MISMATCH");
  BOOST_TEST(finding.field == "invoice.expected_total");
  BOOST_TEST(finding.message == "the total differs.");
  BOOST_TEST(finding.asked == "100.00");
  BOOST_TEST(finding.got == "100.01");
  BOOST_TEST(finding.suggestion ==
             base::EntryOf(base::Reason::kTotalMismatch).todo);
  BOOST_TEST((finding.severity == Severity::kError));
}

BOOST_AUTO_TEST_CASE(a_status_without_words_of_its_own_is_told_by_what_to_do) {
  const Finding finding = FindingOf(base::Error(base::Reason::kInternal));
  BOOST_TEST(!finding.message.empty());
  BOOST_TEST(finding.message == finding.suggestion);
}

BOOST_AUTO_TEST_CASE(a_status_from_elsewhere_keeps_its_words) {
  const Finding finding = FindingOf(absl::UnavailableError("the line is dead"));
  BOOST_TEST(finding.reason == "INTERNAL");
  BOOST_TEST(finding.message == "the line is dead");
}

BOOST_AUTO_TEST_CASE(a_finding_made_into_a_status_and_back_is_the_same) {
  Finding finding = FindingOf(base::Error(base::Reason::kAccountUnknown)
                                  .Field("invoice.lines[2].account_code")
                                  .With("asked", "499")
                                  .Says("the account 499 does not exist"));
  BOOST_TEST((FindingOf(StatusOf({finding})) == finding));
}

BOOST_AUTO_TEST_CASE(the_status_of_several_findings_says_the_first_error_and_how_many_more) {
  Finding warning;
  warning.reason = "RATE_STALE";
  warning.severity = Severity::kWarning;
  Finding first;
  first.reason = "FIELD_MISSING";
  first.field = "a";
  first.message = "It is empty.";
  Finding second = first;
  second.field = "b";
  const absl::Status status = StatusOf({warning, first, warning, second, second});
  BOOST_TEST(base::InfoOf(status).reason == "FIELD_MISSING");
  BOOST_TEST(base::InfoOf(status).field == "a");
  BOOST_TEST(std::string(status.message()).find("It is empty (and 2 more).") != std::string::npos,
             status.ToString());
}

BOOST_AUTO_TEST_CASE(warnings_alone_are_no_error) {
  Finding warning;
  warning.reason = "RATE_STALE";
  warning.severity = Severity::kWarning;
  BOOST_TEST(StatusOf({warning}).ok());
  BOOST_TEST(StatusOf({}).ok());
  BOOST_TEST(!HasErrors({warning}));
  warning.severity = Severity::kError;
  BOOST_TEST(HasErrors({warning}));
}

BOOST_AUTO_TEST_CASE(a_reason_that_is_not_in_the_catalogue_becomes_internal) {
  Finding odd;
  odd.reason = "MADE_UP";
  BOOST_TEST(base::Is(StatusOf({odd}), base::Reason::kInternal));
}

}  // namespace
}  // namespace kontor::model
