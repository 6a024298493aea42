// SPDX-License-Identifier: Apache-2.0
// Reasons, fields and findings out of statuses.
#include <boost/test/unit_test.hpp>

#include "kontor/sdk/errors.h"
#include "tests/unit/sdk/support.h"

namespace kontor::sdk {
namespace {

v1::Finding SomeFinding() {
  v1::Finding finding;
  finding.set_reason("ACCOUNT_UNKNOWN");
  finding.set_field("lines[2].account_code");
  finding.set_asked("999999");
  return finding;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(a_status_without_details_has_no_reason_and_no_findings) {
  const absl::Status status = absl::UnavailableError("connection refused");
  BOOST_TEST(ReasonOf(status).empty());
  BOOST_TEST(FieldOf(status).empty());
  BOOST_TEST(FindingsOf(status).empty());
  BOOST_TEST(!ErrorInfoOf(status).has_value());
  BOOST_TEST((RetryAfterOf(status) == absl::ZeroDuration()));
}

BOOST_AUTO_TEST_CASE(an_ok_status_has_no_reason) { BOOST_TEST(ReasonOf(absl::OkStatus()).empty()); }

BOOST_AUTO_TEST_CASE(details_that_do_not_parse_are_no_details) {
  absl::Status status = absl::InternalError("x");
  status.SetPayload("type.googleapis.com/kontor.v1.StatusDetail", absl::Cord("\xff\xff"));
  BOOST_TEST(ReasonOf(status).empty());
}

BOOST_AUTO_TEST_CASE(reason_and_findings_are_read_from_an_error) {
  const absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, "ACCOUNT_UNKNOWN",
                                        "no such account", {SomeFinding(), SomeFinding()});
  BOOST_TEST(status.code() == absl::StatusCode::kInvalidArgument);
  BOOST_TEST(ReasonOf(status) == "ACCOUNT_UNKNOWN");
  BOOST_TEST(ErrorInfoOf(status)->domain() == "kontor");
  BOOST_REQUIRE(FindingsOf(status).size() == 2U);
  BOOST_TEST(FindingsOf(status)[0].field() == "lines[2].account_code");
}

BOOST_AUTO_TEST_CASE(metadata_give_the_field_and_the_time_to_wait) {
  v1::ErrorInfo info;
  info.set_reason("RATE_LIMITED");
  (*info.mutable_metadata())["field"] = "invoice.lines[0].quantity";
  (*info.mutable_metadata())["retry_after_ms"] = "1500";
  v1::StatusDetail detail;
  detail.set_code(8);
  auto* any = detail.add_details();
  any->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  any->set_value(info.SerializeAsString());
  const absl::Status status = StatusFrom(detail);
  BOOST_TEST(FieldOf(status) == "invoice.lines[0].quantity");
  BOOST_TEST((RetryAfterOf(status) == absl::Milliseconds(1500)));
}

BOOST_AUTO_TEST_CASE(a_negative_or_senseless_time_to_wait_is_none) {
  for (const char* text : {"-1", "soon", "", "1e3"}) {
    v1::ErrorInfo info;
    (*info.mutable_metadata())["retry_after_ms"] = text;
    v1::StatusDetail detail;
    detail.set_code(14);
    auto* any = detail.add_details();
    any->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
    any->set_value(info.SerializeAsString());
    BOOST_TEST((RetryAfterOf(StatusFrom(detail)) == absl::ZeroDuration()), text);
  }
}

BOOST_AUTO_TEST_CASE(a_detail_survives_the_way_there_and_back) {
  const absl::Status status =
      MakeError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED", "reused", {SomeFinding()});
  const absl::Status again = StatusFrom(DetailFrom(status));
  BOOST_TEST((again == status));
}

BOOST_AUTO_TEST_CASE(a_detail_with_code_zero_is_ok_and_one_with_a_strange_code_is_unknown) {
  v1::StatusDetail detail;
  BOOST_TEST(StatusFrom(detail).ok());
  for (const int code : {-1, 17, 4711}) {
    detail.set_code(code);
    BOOST_TEST(StatusFrom(detail).code() == absl::StatusCode::kUnknown);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace kontor::sdk
