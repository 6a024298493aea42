// SPDX-License-Identifier: Apache-2.0
// `kontorctl push`: order, batches, lines that name earlier ones, refusals.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "kontor/sdk/errors.h"
#include "kontor/v1/invoice.pb.h"
#include "kontor/v1/journal_entry.pb.h"
#include "kontor/v1/partner.pb.h"
#include "kontor/v1/payment.pb.h"
#include "tests/unit/cli/support.h"

namespace kontor::cli_test {
namespace {

constexpr char kPartner[] = R"({"requestId": "p-1", "partner": {"reference": "C-1"}})";
constexpr char kInvoice1[] = R"({"requestId": "i-1", "invoice": {"entity": "de"}})";
constexpr char kInvoice2[] = R"({"requestId": "i-2", "invoice": {"entity": "de"}})";
constexpr char kBad[] = R"({"requestId": "bad", "invoice": {"entity": "de"}})";
constexpr char kCredit[] =
    R"({"requestId": "c-1", "invoice": {"entity": "de", "reversedInvoiceId": "@{i-1}"}})";
constexpr char kPayment[] =
    R"({"requestId": "y-1", "dependsOn": ["@{i-2}"],
 "payment": {"allocations": [{"invoiceId": "@{i-1}"}, {"odooMoveId": "7"}]}})";
constexpr char kEntry[] = R"({"requestId": "j-1", "journalEntry": {"entity": "de"}})";

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text + "\n";
}

/// A server that accepts all but "bad", and derives ids from request ids.
void Serve(sdk_mocks::MockConnection& mock) {
  mock.On([](const v1::BatchUpsertPartnersRequest& request)
              -> absl::StatusOr<v1::BatchUpsertPartnersResponse> {
    v1::BatchUpsertPartnersResponse answer;
    for (const auto& item : request.requests()) {
      auto* result = answer.add_results();
      result->set_request_id(item.request_id());
      result->mutable_response()->mutable_partner()->set_id("prt_" + item.request_id());
    }
    return answer;
  });
  mock.On([](const v1::BatchCreateInvoicesRequest& request)
              -> absl::StatusOr<v1::BatchCreateInvoicesResponse> {
    v1::BatchCreateInvoicesResponse answer;
    for (const auto& item : request.requests()) {
      auto* result = answer.add_results();
      result->set_request_id(item.request_id());
      if (item.request_id() == "bad") {
        *result->mutable_error() = sdk::DetailFrom(sdk::MakeError(
            absl::StatusCode::kInvalidArgument, "LINES_MISSING", "an invoice needs a line"));
        continue;
      }
      result->mutable_response()->mutable_invoice()->set_id("inv_" + item.request_id());
      auto* operation = result->mutable_response()->mutable_operation();
      operation->set_id("opn_" + item.request_id());
      operation->set_state(v1::Operation::STATE_POSTED);
    }
    return answer;
  });
  mock.On([](const v1::BatchCreatePaymentsRequest& request)
              -> absl::StatusOr<v1::BatchCreatePaymentsResponse> {
    v1::BatchCreatePaymentsResponse answer;
    for (const auto& item : request.requests()) {
      auto* result = answer.add_results();
      result->set_request_id(item.request_id());
      result->mutable_response()->mutable_operation()->set_state(v1::Operation::STATE_PARKED);
    }
    return answer;
  });
  mock.On([](const v1::BatchCreateJournalEntriesRequest& request)
              -> absl::StatusOr<v1::BatchCreateJournalEntriesResponse> {
    v1::BatchCreateJournalEntriesResponse answer;
    for (const auto& item : request.requests()) {
      auto* result = answer.add_results();
      result->set_request_id(item.request_id());
      result->mutable_response()->mutable_operation()->set_state(v1::Operation::STATE_HELD);
    }
    return answer;
  });
}

struct Push : Bench {
  Push() { Serve(*mock); }
  Outcome Send(const std::string& text, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"push", folder.Write("month.jsonl", text)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
  Folder folder;
};

BOOST_FIXTURE_TEST_SUITE(push, Push)

BOOST_AUTO_TEST_CASE(lines_go_out_in_order_in_batches_of_one_kind) {
  const auto outcome = Send(std::string("# a month\n\n") + kPartner + "\n" + kInvoice1 + "\n" +
                            kInvoice2 + "\n" + kEntry + "\n");
  BOOST_TEST(outcome.code == cli::kDone, outcome.err << outcome.out);
  const std::vector<std::string> wanted{
      "/kontor.v1.PartnerService/BatchUpsertPartners",
      "/kontor.v1.InvoiceService/BatchCreateInvoices",
      "/kontor.v1.JournalEntryService/BatchCreateJournalEntries"};
  BOOST_TEST(mock->Methods() == wanted, boost::test_tools::per_element());
  for (const char* part : {"UNCHANGED", "POSTED", "HELD"}) {
    BOOST_TEST(Contains(outcome.out, part), outcome.out);
  }
  BOOST_TEST(Contains(outcome.err, "4/4 100 %"), outcome.err);
}

BOOST_AUTO_TEST_CASE(a_line_may_name_the_document_of_an_earlier_one) {
  const auto outcome = Send(std::string(kInvoice1) + "\n" + kInvoice2 + "\n" + kCredit + "\n" +
                            OneLine(kPayment));
  BOOST_TEST(outcome.code == cli::kDone, outcome.out);
  // The credit note waits for the answer about the invoice that it names.
  const auto invoices = mock->Requests<v1::BatchCreateInvoicesRequest>();
  BOOST_REQUIRE_EQUAL(invoices.size(), 2U);
  BOOST_TEST(invoices[0].requests_size() == 2);
  BOOST_TEST(invoices[1].requests(0).invoice().reversed_invoice_id() == "inv_i-1");
  const auto payments = mock->Requests<v1::BatchCreatePaymentsRequest>();
  BOOST_REQUIRE_EQUAL(payments.size(), 1U);
  const auto& payment = payments[0].requests(0);
  BOOST_TEST(payment.payment().allocations(0).invoice_id() == "inv_i-1");
  BOOST_TEST(payment.payment().allocations(1).odoo_move_id() == 7);
  BOOST_TEST(payment.depends_on(0) == "opn_i-2");
}

BOOST_AUTO_TEST_CASE(a_line_that_names_a_refused_one_is_refused_and_the_rest_goes_on) {
  const auto outcome =
      Send(std::string(kBad) + "\n" +
           R"({"requestId": "y-2", "payment": {"allocations": [{"invoiceId": "@{bad}"}]}})" "\n" +
           R"({"requestId": "c-2", "invoice": {"reversedInvoiceId": "@{later}"}})" "\n" + kEntry);
  BOOST_TEST(outcome.code == cli::kRefused);
  for (const char* part : {"month.jsonl:1", "LINES_MISSING", "an invoice needs a line",
                           "month.jsonl:2", "it names bad", "month.jsonl:3", "it names later",
                           "HELD"}) {
    BOOST_TEST(Contains(outcome.out, part), part << " in\n" << outcome.out);
  }
  BOOST_TEST(mock->Requests<v1::BatchCreatePaymentsRequest>().empty());
}

BOOST_AUTO_TEST_CASE(a_request_id_twice_goes_into_two_calls) {
  Send(std::string(kInvoice1) + "\n" + kInvoice1 + "\n");
  BOOST_TEST(mock->Requests<v1::BatchCreateInvoicesRequest>().size() == 2U);
}

BOOST_AUTO_TEST_CASE(many_lines_are_cut_into_calls_of_fifty) {
  std::string text;
  for (int i = 0; i < 120; ++i) {
    text += R"({"requestId": "i-)" + std::to_string(i) + R"(", "invoice": {}})" "\n";
  }
  BOOST_TEST(Send(text).code == cli::kDone);
  const auto calls = mock->Requests<v1::BatchCreateInvoicesRequest>();
  BOOST_REQUIRE_EQUAL(calls.size(), 3U);
  BOOST_TEST(calls[0].requests_size() == 50);
  BOOST_TEST(calls[2].requests_size() == 20);
}

BOOST_AUTO_TEST_CASE(lines_without_a_request_id_get_one) {
  BOOST_TEST(Send(R"({"invoice": {}})").code == cli::kDone);
  const auto calls = mock->Requests<v1::BatchCreateInvoicesRequest>();
  BOOST_TEST(!calls[0].requests(0).request_id().empty());
}

BOOST_AUTO_TEST_CASE(the_wait_is_the_batchs_own) {
  Send(kInvoice1, {"--wait", "45s"});
  BOOST_TEST(mock->Requests<v1::BatchCreateInvoicesRequest>()[0].wait().seconds() == 45);
}

BOOST_AUTO_TEST_CASE(json_tells_programs_the_same) {
  const auto outcome = Send(std::string(kBad) + "\n" + kInvoice1, {"--json"});
  BOOST_TEST(outcome.code == cli::kRefused);
  for (const char* part : {R"("accepted": 1)", R"("refused": 1)", R"("POSTED": 1)",
                           R"("reason": "LINES_MISSING")", R"("requestId": "bad")"}) {
    BOOST_TEST(Contains(outcome.out, part), outcome.out);
  }
}

struct Wrong {
  const char* text;
  const char* says;
};

BOOST_AUTO_TEST_CASE(a_file_with_a_bad_line_is_refused_before_anything_is_sent) {
  for (const auto& [text, says] : std::initializer_list<Wrong>{
           {"{\"requestId\": \"i-1\", \"invoice\": {}}\nnot json\n", "month.jsonl:2"},
           {"{\"requestId\": \"i-1\", \"invoice\": {\"colour\": \"red\"}}", "colour"},
           {"{\"requestId\": \"i-1\", \"statement\": {}}", "statement"},
           {"[]", "month.jsonl:1"},
           {"{\"requestId\": 7, \"invoice\": []}", "month.jsonl:1"}}) {
    const auto outcome = Send(text);
    BOOST_TEST(outcome.code == cli::kUsage, text);
    BOOST_TEST(Contains(outcome.err, says), outcome.err);
  }
  BOOST_TEST(mock->Methods().empty());
}

BOOST_AUTO_TEST_CASE(without_files_or_with_a_flag_it_does_not_know_it_says_so) {
  BOOST_TEST(Run({"push"}).code == cli::kUsage);
  BOOST_TEST(Run({"push", "/no/such/file"}).code == cli::kUsage);
  BOOST_TEST(Send(kInvoice1, {"--wait", "soon"}).code == cli::kUsage);
  BOOST_TEST(Send(kInvoice1, {"--batch", "7"}).code == cli::kUsage);
  BOOST_TEST(mock->Methods().empty());
}

BOOST_AUTO_TEST_CASE(a_server_that_is_gone_ends_the_push_with_its_code) {
  mock->On([](const v1::BatchCreateInvoicesRequest&)
               -> absl::StatusOr<v1::BatchCreateInvoicesResponse> {
    return absl::UnavailableError("connection refused");
  });
  const auto outcome = Send(std::string(kInvoice1) + "\n" + kEntry);
  BOOST_TEST(outcome.code == cli::kUnreachable);
  BOOST_TEST(mock->Methods().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_answer_of_another_length_is_a_defect) {
  mock->On([](const v1::BatchCreateInvoicesRequest&)
               -> absl::StatusOr<v1::BatchCreateInvoicesResponse> {
    return v1::BatchCreateInvoicesResponse();
  });
  BOOST_TEST(Send(kInvoice1).code == cli::kBug);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
