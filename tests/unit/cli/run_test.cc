// SPDX-License-Identifier: Apache-2.0
// Whole command lines: what is sent, what is printed, what is answered.
#include <boost/test/unit_test.hpp>

#include "kontor/sdk/errors.h"
#include "kontor/v1/admin.pb.h"
#include "kontor/v1/bank.pb.h"
#include "kontor/v1/connection.pb.h"
#include "kontor/v1/event.pb.h"
#include "kontor/v1/expense.pb.h"
#include "kontor/v1/invoice.pb.h"
#include "kontor/v1/operation.pb.h"
#include "kontor/v1/source.pb.h"
#include "tests/unit/cli/support.h"

namespace kontor::cli_test {
namespace {

BOOST_FIXTURE_TEST_SUITE(runs, Bench)

BOOST_AUTO_TEST_CASE(a_command_sends_its_fields_and_prints_the_answer) {
  mock->On([](const v1::GetInvoiceRequest&) -> absl::StatusOr<v1::GetInvoiceResponse> {
    v1::GetInvoiceResponse answer;
    answer.mutable_invoice()->set_id("inv_1");
    answer.mutable_invoice()->set_state(v1::Operation::STATE_POSTED);
    return answer;
  });
  const auto outcome = Run({"invoice", "get", "inv_1", "--live", "--endpoint", "127.0.0.1:9"});
  BOOST_TEST(outcome.code == cli::kDone, outcome.err);
  BOOST_TEST(Contains(outcome.out, "POSTED"));
  BOOST_TEST(options.endpoint == "127.0.0.1:9");
  const auto requests = mock->Requests<v1::GetInvoiceRequest>();
  BOOST_REQUIRE_EQUAL(requests.size(), 1U);
  BOOST_TEST(requests[0].id() == "inv_1");
  BOOST_TEST(requests[0].live());
  const auto json = Run({"invoice", "get", "inv_1", "--json"});
  BOOST_TEST(Contains(json.out, R"("state": "STATE_POSTED")"), json.out);
}

BOOST_AUTO_TEST_CASE(flags_go_over_a_request_file_and_a_request_id_is_made) {
  mock->On([](const v1::CreateInvoiceRequest&) -> absl::StatusOr<v1::CreateInvoiceResponse> {
    return v1::CreateInvoiceResponse();
  });
  const Folder folder;
  const std::string file = folder.Write(
      "request.json", R"({"invoice": {"entity": "de", "currencyCode": "EUR"}, "wait": "5s"})");
  BOOST_TEST(Run({"invoice", "create", "--request", file, "--invoice.entity", "fr"}).code ==
             cli::kDone);
  const auto requests = mock->Requests<v1::CreateInvoiceRequest>();
  BOOST_REQUIRE_EQUAL(requests.size(), 1U);
  BOOST_TEST(requests[0].invoice().entity() == "fr");
  BOOST_TEST(requests[0].invoice().currency_code() == "EUR");
  BOOST_TEST(requests[0].wait().seconds() == 5);
  BOOST_TEST(!requests[0].request_id().empty());
}

BOOST_AUTO_TEST_CASE(the_request_id_of_a_list_is_a_filter_and_stays_as_given) {
  mock->On([](const v1::ListOperationsRequest&) -> absl::StatusOr<v1::ListOperationsResponse> {
    return v1::ListOperationsResponse();
  });
  BOOST_TEST(Run({"operation", "list"}).out == "no operations\n");
  Run({"operation", "list", "--request-id", "i-7"});
  const auto requests = mock->Requests<v1::ListOperationsRequest>();
  BOOST_REQUIRE_EQUAL(requests.size(), 2U);
  BOOST_TEST(requests[0].request_id() == "");
  BOOST_TEST(requests[1].request_id() == "i-7");
}

BOOST_AUTO_TEST_CASE(a_command_line_that_is_wrong_sends_nothing) {
  const Folder folder;
  const std::string bad_json = folder.Write("bad.json", "{");
  const std::vector<std::vector<std::string>> wrong{
      {"invoices", "list"},
      {"invoice"},
      {"invoice", "erase"},
      {"invoice", "list", "--colour", "red"},
      {"admin", "get-server-info", "unexpected"},
      {"invoice", "get", "inv_1", "inv_2"},
      {"invoice", "list", "--page-size", "many"},
      {"invoice", "create", "--request", bad_json},
      {"invoice", "create", "--request", "/no/such/file"},
      {"invoice", "list", "--timeout", "soon"},
      {"reconcile"},
      {"reconcile", "de", "fr"},
      {"reconcile", "de", "--colour", "red"},
      {"watch"},
      {"watch", "invoices"},
      {"watch", "events", "--colour", "red"}};
  for (const auto& arguments : wrong) {
    const auto outcome = Run(arguments);
    std::string line;
    for (const auto& word : arguments) line += word + " ";
    BOOST_TEST(outcome.code == cli::kUsage, line);
    BOOST_TEST(outcome.out == "", line);
    BOOST_TEST(outcome.err.rfind("kontorctl: ", 0) == 0U, outcome.err);
  }
  BOOST_TEST(mock->Methods().empty());
}

BOOST_AUTO_TEST_CASE(options_that_do_not_fit_together_are_a_wrong_command_line) {
  connect_problem = absl::InvalidArgumentError("ca_file needs tls");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"invoice", "list"}, {"reconcile", "de"}, {"watch", "events"}}) {
    const auto outcome = Run(arguments);
    BOOST_TEST(outcome.code == cli::kUsage);
    BOOST_TEST(Contains(outcome.err, "ca_file needs tls"));
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_answer_is_told_from_one_that_refuses) {
  mock->On([](const v1::ListInvoicesRequest&) -> absl::StatusOr<v1::ListInvoicesResponse> {
    return absl::UnavailableError("connection refused");
  });
  const auto gone = Run({"invoice", "list"});
  BOOST_TEST(gone.code == cli::kUnreachable);
  BOOST_TEST(Contains(gone.err, "Is kontord running"));
  mock->On([](const v1::ListInvoicesRequest&) -> absl::StatusOr<v1::ListInvoicesResponse> {
    return sdk::MakeError(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                          "rita needs the role VIEWER");
  });
  const auto denied = Run({"invoice", "list"});
  BOOST_TEST(denied.code == cli::kRefused);
  BOOST_TEST(Contains(denied.err, "PERMISSION_DENIED"));
  const auto json = Run({"invoice", "list", "--json"});
  BOOST_TEST(json.code == cli::kRefused);
  BOOST_TEST(Contains(json.out, "PERMISSION_DENIED"));
  BOOST_TEST(Run({"payment", "list"}).code == cli::kBug);  // the mock does not know it
}

BOOST_AUTO_TEST_CASE(a_token_goes_into_a_file_instead_of_onto_the_screen) {
  mock->On([](const v1::IssueTokenRequest& request) -> absl::StatusOr<v1::IssueTokenResponse> {
    v1::IssueTokenResponse answer;
    if (request.principal() != "again") answer.set_token("ktr_verysecret");
    return answer;
  });
  const Folder folder;
  const std::string file = folder / "token";
  const auto saved =
      Run({"admin", "issue-token", "--principal", "shop", "--save-secret", file});
  BOOST_TEST(saved.code == cli::kDone, saved.err);
  BOOST_TEST(!Contains(saved.out, "verysecret"), saved.out);
  BOOST_TEST(Contains(saved.out, "saved in " + file));
  std::ifstream in(file);
  std::string text;
  std::getline(in, text);
  BOOST_TEST(text == "ktr_verysecret");
  // Over an existing file the token is not lost.
  const auto twice = Run({"admin", "issue-token", "--principal", "shop", "--save-secret", file});
  BOOST_TEST(twice.code == cli::kUsage);
  BOOST_TEST(Contains(twice.out, "verysecret"));
  const auto none = Run({"admin", "issue-token", "--principal", "again", "--save-secret",
                         folder / "other"});
  BOOST_TEST(none.code == cli::kUsage);
  BOOST_TEST(Contains(none.err, "given once"));
}

BOOST_AUTO_TEST_CASE(a_new_source_says_where_the_platform_sends_its_webhooks) {
  std::string url = "https://books.example.com/hooks/travel";
  mock->On([&](const v1::CreateSourceRequest& request) -> absl::StatusOr<v1::CreateSourceResponse> {
    v1::CreateSourceResponse answer;
    *answer.mutable_source() = request.source();
    if (request.source().name() == "fetched") return answer;  // takes no webhooks
    answer.mutable_source()->set_hook_path("/hooks/travel");
    answer.set_url(url);
    return answer;
  });
  const std::vector<std::string> add = {"source", "add", "travel", "--adapter", "generic"};
  const auto added = Run(add);
  BOOST_TEST(added.code == cli::kDone, added.err);
  BOOST_TEST(Contains(added.out, "webhook  https://books.example.com/hooks/travel\n"), added.out);
  url.clear();  // a service from before it told the whole address
  BOOST_TEST(Contains(Run(add).out, "webhook  /hooks/travel\n"));
  BOOST_TEST(!Contains(Run({"source", "add", "fetched"}).out, "webhook"));
}

BOOST_AUTO_TEST_CASE(a_new_source_prints_its_secret_once_and_a_line_to_try_it) {
  mock->On([](const v1::CreateSourceRequest& request) -> absl::StatusOr<v1::CreateSourceResponse> {
    v1::CreateSourceResponse answer;
    *answer.mutable_source() = request.source();
    answer.set_secret("whsec_verysecret");
    answer.set_curl("curl -sS -X POST 'https://books.example.com/hooks/travel'");
    return answer;
  });
  const Folder folder;
  const auto settings = folder.Write("source.json", R"({"entity": "at", "messagesPerSecond": 7})");
  const auto mapping = folder.Write("mapping.json", R"({"version": 1})");
  const auto added = Run({"source", "add", "travel", "--adapter", "generic", "--entity", "de",
                          "--settings", settings, "--mapping", mapping});
  BOOST_TEST(added.code == cli::kDone, added.err);
  BOOST_TEST(Contains(added.out, "source   travel (in test until `kontorctl source check travel`"));
  BOOST_TEST(Contains(added.out, "secret   whsec_verysecret  (shown this once)\n"), added.out);
  BOOST_TEST(Contains(added.out, "try it   curl -sS -X POST"), added.out);
  const auto asked = mock->Requests<v1::CreateSourceRequest>().front();
  BOOST_TEST(asked.source().entity() == "de");  // a flag counts more than the file
  BOOST_TEST(asked.source().messages_per_second() == 7);
  BOOST_TEST(asked.source().mapping() == R"({"version": 1})");
  BOOST_TEST(!asked.request_id().empty());
  // With its secret in a file, nothing on the screen tells of it.
  const std::string file = folder / "secret";
  const auto saved = Run({"source", "add", "travel", "--save-secret", file});
  BOOST_TEST(saved.code == cli::kDone, saved.err);
  BOOST_TEST(!Contains(saved.out, "verysecret"), saved.out);
  BOOST_TEST(!Contains(saved.out, "try it"), saved.out);
}

BOOST_AUTO_TEST_CASE(expense_map_prints_the_report_and_every_finding_with_what_to_do) {
  v1::CheckExpenseMappingResponse answer;
  auto* const report = answer.add_reports();
  report->set_external_id("R-1");
  mock->On([&answer](const v1::CheckExpenseMappingRequest&)
               -> absl::StatusOr<v1::CheckExpenseMappingResponse> { return answer; });
  const Folder folder;
  const auto mapping = folder.Write("mapping.json", "{}");
  const auto sample = folder.Write("message.json", R"({"number": "R-1"})");
  const auto good = Run({"expense", "map", mapping, "--try", sample});
  BOOST_TEST(good.code == cli::kDone, good.err);
  BOOST_TEST(Contains(good.out, "R-1"), good.out);
  BOOST_TEST(mock->Requests<v1::CheckExpenseMappingRequest>().front().sample() ==
             R"({"number": "R-1"})");
  auto* const finding = answer.add_findings();
  finding->set_field("report.lines[0].amount");
  finding->set_message("The amount is missing");
  finding->set_suggestion("Fill in the named field.");
  const auto bad = Run({"expense", "map", mapping, "--try", sample});
  BOOST_TEST(bad.code == cli::kRefused);
  for (const char* part : {"report.lines[0].amount", "The amount is missing",
                           "Fill in the named field."}) {
    BOOST_TEST(Contains(bad.out, part), bad.out);
  }
  answer.clear_reports();
  answer.clear_findings();
  BOOST_TEST(Contains(Run({"expense", "map", mapping, "--try", sample}).out,
                      "the message carries no report"));
  BOOST_TEST(Run({"expense", "map", mapping}).code == cli::kUsage);
}

BOOST_AUTO_TEST_CASE(reconcile_shows_each_difference_and_answers_one) {
  v1::ReconcileEntityResponse answer;
  auto* row = answer.add_rows();
  row->set_journal_code("INV");
  row->set_date("2026-08-01");
  row->set_kontor_count(2);
  row->set_odoo_count(2);
  mock->On([&answer](const v1::ReconcileEntityRequest&)
               -> absl::StatusOr<v1::ReconcileEntityResponse> { return answer; });
  const auto equal = Run({"reconcile", "de", "--date-from", "2026-08-01"});
  BOOST_TEST(equal.code == cli::kDone);
  BOOST_TEST(Contains(equal.out, "no differences"));
  const auto request = mock->Requests<v1::ReconcileEntityRequest>().front();
  BOOST_TEST(request.entity() == "de");
  BOOST_TEST(request.date_from() == "2026-08-01");
  BOOST_TEST(request.date_to().size() == 10U);
  BOOST_TEST(request.raise_exceptions());
  row->set_odoo_count(1);
  auto* difference = answer.add_differences();
  difference->set_kind(v1::ReconcileDifference::KIND_MISSING_IN_ODOO);
  difference->set_document_id("inv_7");
  const auto differs = Run({"reconcile", "de"});
  BOOST_TEST(differs.code == cli::kRefused);
  for (const char* part : {"differs", "MISSING_IN_ODOO", "inv_7"}) {
    BOOST_TEST(Contains(differs.out, part), differs.out);
  }
}

BOOST_AUTO_TEST_CASE(reconcile_shows_the_banks_lines_and_balances_too) {
  v1::ReconcileEntityResponse answer;
  auto* row = answer.add_bank_rows();
  row->set_journal_code("BNK1");
  row->set_date("2026-08-03");
  row->set_kontor_count(3);
  row->set_odoo_count(2);
  auto* balance = answer.add_bank_balances();
  balance->set_statement_id("stm_1");
  balance->mutable_kontor_balance()->set_value("10.00");
  balance->mutable_odoo_balance()->set_value("9.00");
  auto* difference = answer.add_differences();
  difference->set_kind(v1::ReconcileDifference::KIND_BALANCE);
  difference->set_journal_code("BNK1");
  difference->set_date("2026-08-03");
  difference->set_statement_id("stm_1");
  mock->On([&answer](const v1::ReconcileEntityRequest&)
               -> absl::StatusOr<v1::ReconcileEntityResponse> { return answer; });
  const auto differs = Run({"reconcile", "de"});
  BOOST_TEST(differs.code == cli::kRefused);
  for (const char* part : {"bank lines", "closing balances", "BNK1 2026-08-03 stm_1", "BALANCE"}) {
    BOOST_TEST(Contains(differs.out, part), differs.out);
  }
}

v1::BankOnboarding OnboardingOf(v1::BankChannel::State state) {
  v1::BankOnboarding onboarding;
  onboarding.set_channel("house");
  onboarding.set_state(state);
  auto* keys = onboarding.add_points();
  keys->set_name("KEYS");
  keys->set_done(true);
  auto* payment = onboarding.add_points();
  payment->set_name("TEST_PAYMENT");
  payment->set_detail("No test order has left.");
  payment->set_next("kontorctl payment-order create --test");
  return onboarding;
}

BOOST_AUTO_TEST_CASE(bank_onboard_begins_it_and_says_what_is_missing_and_what_comes_next) {
  v1::BankChannel::State state = v1::BankChannel::STATE_SHADOW;
  mock->On([&state](const v1::GetBankOnboardingRequest&)
               -> absl::StatusOr<v1::GetBankOnboardingResponse> {
    v1::GetBankOnboardingResponse response;
    *response.mutable_onboarding() = OnboardingOf(state);
    return response;
  });
  mock->On([](const v1::StartBankOnboardingRequest&)
               -> absl::StatusOr<v1::StartBankOnboardingResponse> {
    v1::StartBankOnboardingResponse response;
    *response.mutable_onboarding() = OnboardingOf(v1::BankChannel::STATE_TEST);
    return response;
  });
  const auto begun = Run({"bank", "onboard", "house"});
  BOOST_TEST(begun.code == cli::kRefused);
  for (const char* part : {"house is TEST", "KEYS", "TEST_PAYMENT", "missing",
                           "next: kontorctl payment-order create --test"}) {
    BOOST_TEST(Contains(begun.out, part), begun.out);
  }
  BOOST_TEST(mock->Requests<v1::StartBankOnboardingRequest>().size() == 1U);
  // What is live is only shown.
  state = v1::BankChannel::STATE_LIVE;
  const auto live = Run({"bank", "onboard", "house"});
  BOOST_TEST(live.code == cli::kDone);
  BOOST_TEST(!Contains(live.out, "next:"));
  BOOST_TEST(mock->Requests<v1::StartBankOnboardingRequest>().size() == 1U);
}

BOOST_AUTO_TEST_CASE(bank_onboard_signs_only_with_a_reason) {
  mock->On([](const v1::GetBankOnboardingRequest&)
               -> absl::StatusOr<v1::GetBankOnboardingResponse> {
    v1::GetBankOnboardingResponse response;
    *response.mutable_onboarding() = OnboardingOf(v1::BankChannel::STATE_TEST);
    return response;
  });
  mock->On([](const v1::SignBankChannelRequest&) -> absl::StatusOr<v1::SignBankChannelResponse> {
    return v1::SignBankChannelResponse();
  });
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"bank", "onboard"},
        {"bank", "onboard", "house", "other"},
        {"bank", "onboard", "house", "--sign"},
        {"bank", "onboard", "house", "--colour", "red"}}) {
    BOOST_TEST(Run(wrong).code == cli::kUsage);
  }
  BOOST_TEST(mock->Requests<v1::SignBankChannelRequest>().empty());
  BOOST_TEST(Run({"bank", "onboard", "house", "--sign", "--reason", "seen"}).code ==
             cli::kRefused);
  const auto asked = mock->Requests<v1::SignBankChannelRequest>();
  BOOST_REQUIRE(asked.size() == 1U);
  BOOST_TEST(asked.front().name() == "house");
  BOOST_TEST(asked.front().reason() == "seen");
  BOOST_TEST(!asked.front().request_id().empty());
}

BOOST_AUTO_TEST_CASE(watch_prints_a_line_an_event_until_the_count_is_reached) {
  const auto script = [next = 0](const std::vector<std::string>&) mutable
      -> std::unique_ptr<google::protobuf::Message> {
    auto message = std::make_unique<v1::WatchEventsResponse>();
    message->set_sequence(++next);
    message->mutable_event()->set_sequence(next);
    message->mutable_event()->set_type("invoice.posted");
    return message;
  };
  mock->OnOpen("/kontor.v1.EventService/WatchEvents",
               std::make_unique<sdk_mocks::FakeStream>(script, absl::OkStatus()));
  const auto outcome = Run({"watch", "events", "--count", "2", "--types", "invoice.*"});
  BOOST_TEST(outcome.code == cli::kDone, outcome.err);
  BOOST_TEST(Contains(outcome.out, "1  invoice.posted"));
  BOOST_TEST(Contains(outcome.out, "2  invoice.posted"));
  BOOST_TEST(!Contains(outcome.out, "3  invoice.posted"));
}

BOOST_AUTO_TEST_CASE(watch_prints_a_line_a_report_and_none_for_a_sign_of_life) {
  const auto script = [next = 0](const std::vector<std::string>&) mutable
      -> std::unique_ptr<google::protobuf::Message> {
    auto message = std::make_unique<v1::WatchExpenseReportsResponse>();
    message->set_sequence(++next);
    if (next == 1) return message;
    message->set_event_type("expense_report.posted");
    message->mutable_report()->set_id("exp_7");
    message->mutable_report()->set_state(v1::ExpenseReport::STATE_POSTED);
    return message;
  };
  mock->OnOpen("/kontor.v1.ExpenseService/WatchExpenseReports",
               std::make_unique<sdk_mocks::FakeStream>(script, absl::OkStatus()));
  const auto outcome = Run({"watch", "expense-reports", "--count", "1"});
  BOOST_TEST(outcome.code == cli::kDone, outcome.err);
  BOOST_TEST(Contains(outcome.out, "2  expense_report.posted  POSTED  exp_7"), outcome.out);
  BOOST_TEST(!Contains(outcome.out, "1  "), outcome.out);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::cli_test
