// SPDX-License-Identifier: Apache-2.0
// Answers and errors as text and as JSON.
#include <boost/test/unit_test.hpp>

#include <google/protobuf/util/json_util.h>

#include "kontor/sdk/errors.h"
#include "kontor/v1/connection.pb.h"
#include "kontor/v1/exception.pb.h"
#include "kontor/v1/invoice.pb.h"
#include "kontor/v1/webhook.pb.h"
#include "sdk/cli/exit_code.h"
#include "sdk/cli/output.h"
#include "tests/unit/cli/support.h"

namespace kontor::cli_test {
namespace {

v1::Finding Finding(const std::string& reason, const std::string& field) {
  v1::Finding finding;
  finding.set_reason(reason);
  finding.set_field(field);
  finding.set_message("The account 123456 does not exist.");
  finding.set_suggestion("Create it in Odoo.");
  return finding;
}

BOOST_AUTO_TEST_SUITE(output)

BOOST_AUTO_TEST_CASE(a_list_is_a_table_of_what_matters) {
  v1::ListInvoicesResponse response;
  auto* invoice = response.add_invoices();
  invoice->set_id("inv_1");
  invoice->set_kind(v1::Invoice::KIND_VENDOR_BILL);
  invoice->set_state(v1::Operation::STATE_POSTED);
  invoice->mutable_partner()->set_reference("S-2001");
  invoice->mutable_booked()->set_name("BILL/2026/08/0001");
  invoice->mutable_booked()->mutable_total()->set_value("119.00");
  invoice->mutable_booked()->mutable_total()->set_currency_code("EUR");
  response.set_next_page_token("abc");
  const std::string text = cli::ToText(response, {});
  for (const char* part : {"id", "VENDOR_BILL", "POSTED", "S-2001", "BILL/2026/08/0001",
                           "119.00 EUR", "more: --page-token abc"}) {
    BOOST_TEST(Contains(text, part), part << " in\n" << text);
  }
  BOOST_TEST(!Contains(text, "residual"));  // nothing in it
}

BOOST_AUTO_TEST_CASE(one_of_something_is_not_told_as_many) {
  BOOST_TEST(cli::Count(0, "payment", "payments") == "0 payments");
  BOOST_TEST(cli::Count(1, "payment", "payments") == "1 payment");
  BOOST_TEST(cli::Count(2, "batch", "batches") == "2 batches");
}

BOOST_AUTO_TEST_CASE(an_empty_list_says_so) {
  BOOST_TEST(cli::ToText(v1::ListInvoicesResponse(), {}) == "no invoices\n");
  BOOST_TEST(cli::ToText(v1::ListDeliveriesResponse(), {}) == "no deliveries\n");
}

BOOST_AUTO_TEST_CASE(an_object_is_name_and_value_with_its_lists_as_tables) {
  v1::GetExceptionResponse response;
  auto* exception = response.mutable_exception();
  exception->set_id("exc_1");
  exception->set_state(v1::Exception::STATE_OPEN);
  exception->mutable_create_time()->set_seconds(1767225600);
  *exception->add_findings() = Finding("ACCOUNT_UNKNOWN", "lines[0].account_code");
  auto* action = exception->add_actions();
  action->set_action(v1::Exception::ACTION_CORRECT_AND_RETRY);
  action->set_needs_second_person(true);
  const std::string text = cli::ToText(response, cli::Terminal{true, true, 300});
  for (const char* part : {"exc_1", "\x1b[31mOPEN", "2026-01-01T00:00:00Z", "ACCOUNT_UNKNOWN",
                           "The account 123456 does not exist.", "CORRECT_AND_RETRY", "yes"}) {
    BOOST_TEST(Contains(text, part), part << " in\n" << text);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_without_content_says_done) {
  BOOST_TEST(cli::ToText(v1::DeleteEndpointResponse(), {}) == "done\n");
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_second_person_is_not_called_done) {
  v1::ReleaseRestoreResponse response;
  BOOST_TEST(Contains(cli::ToText(response, {}), "not yet; a second person"));
  response.set_done(true);
  BOOST_TEST(cli::ToText(response, {}) == "done: yes\n");
}

BOOST_AUTO_TEST_CASE(an_error_shows_reason_field_and_all_findings) {
  const absl::Status status = sdk::MakeError(
      absl::StatusCode::kInvalidArgument, "ENTRY_UNBALANCED", "debit 1.00, credit 2.00",
      {Finding("ENTRY_UNBALANCED", "lines"), Finding("DATE_INVALID", "date")});
  const std::string text = cli::ErrorText(status, {});
  for (const char* part : {"refused: debit 1.00, credit 2.00", "ENTRY_UNBALANCED", "date",
                           "what to do", "Create it in Odoo."}) {
    BOOST_TEST(Contains(text, part), part << " in\n" << text);
  }
  BOOST_TEST(!Contains(cli::ErrorText(absl::NotFoundError("gone"), {}), "reason"));
}

BOOST_AUTO_TEST_CASE(an_error_as_json_holds_reason_and_findings) {
  const std::string json = cli::ErrorJson(
      sdk::MakeError(absl::StatusCode::kFailedPrecondition, "PERIOD_LOCKED", "the period is locked",
                     {Finding("PERIOD_LOCKED", "invoice_date")}));
  v1::StatusDetail detail;
  BOOST_TEST(google::protobuf::util::JsonStringToMessage(json, &detail).ok(), json);
  BOOST_TEST(detail.code() == 9);
  BOOST_TEST(Contains(json, "\"reason\": \"PERIOD_LOCKED\""), json);
  BOOST_TEST(Contains(json, "invoice_date"));
}

BOOST_AUTO_TEST_CASE(a_batch_with_a_refused_item_is_printed_whole) {
  v1::BatchCreateInvoicesResponse response;
  auto* result = response.add_results();
  result->set_request_id("r-1");
  *result->mutable_error() = sdk::DetailFrom(
      sdk::MakeError(absl::StatusCode::kInvalidArgument, "LINES_MISSING", "no lines"));
  const std::string json = cli::ToJson(response);
  BOOST_TEST(Contains(json, "LINES_MISSING"), json);
  BOOST_TEST(Contains(json, "r-1"));
}

struct CodeCase {
  absl::StatusCode code;
  cli::ExitCode want;
};

BOOST_AUTO_TEST_CASE(exit_codes_follow_what_happened) {
  for (const auto& [code, want] : std::initializer_list<CodeCase>{
           {absl::StatusCode::kOk, cli::kDone},
           {absl::StatusCode::kInvalidArgument, cli::kRefused},
           {absl::StatusCode::kFailedPrecondition, cli::kRefused},
           {absl::StatusCode::kPermissionDenied, cli::kRefused},
           {absl::StatusCode::kUnauthenticated, cli::kRefused},
           {absl::StatusCode::kNotFound, cli::kRefused},
           {absl::StatusCode::kAlreadyExists, cli::kRefused},
           {absl::StatusCode::kAborted, cli::kRefused},
           {absl::StatusCode::kResourceExhausted, cli::kRefused},
           {absl::StatusCode::kUnavailable, cli::kUnreachable},
           {absl::StatusCode::kDeadlineExceeded, cli::kUnreachable},
           {absl::StatusCode::kCancelled, cli::kUnreachable},
           {absl::StatusCode::kInternal, cli::kBug},
           {absl::StatusCode::kUnknown, cli::kBug},
           {absl::StatusCode::kDataLoss, cli::kBug},
           {absl::StatusCode::kUnimplemented, cli::kBug}}) {
    BOOST_TEST(cli::ExitCodeOf(absl::Status(code, "x")) == want);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
