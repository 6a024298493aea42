// SPDX-License-Identifier: Apache-2.0
// The retry loop, on time that only the loop moves.
#include <set>

#include <boost/test/unit_test.hpp>

#include "kontor/sdk/admin_client.h"
#include "kontor/sdk/invoice_client.h"
#include "kontor/sdk/options.h"
#include "tests/unit/sdk/support.h"

namespace kontor::sdk_test {
namespace {

using absl::StatusCode;

struct Loop {
  explicit Loop(std::deque<absl::Status> script, int failures_max = 3)
      : inner(std::make_shared<ScriptedConnection>(FakePolicies(time, failures_max),
                                                   std::move(script))),
        outer(sdk::MakeRetryingConnection(inner, FakePolicies(time, failures_max),
                                          absl::Seconds(30))) {}
  std::shared_ptr<FakeTime> time = std::make_shared<FakeTime>();
  std::shared_ptr<ScriptedConnection> inner;
  std::shared_ptr<sdk::Connection> outer;
};

absl::Status Away() { return absl::UnavailableError("away"); }

}  // namespace

BOOST_AUTO_TEST_SUITE(retries)

BOOST_AUTO_TEST_CASE(a_call_goes_on_after_transient_failures_under_one_request_id) {
  Loop loop({Away(), Away()});
  const auto answer = sdk::InvoiceClient(loop.outer).CreateInvoice({});
  BOOST_TEST(answer.ok());
  BOOST_REQUIRE(loop.inner->requests.size() == 3U);
  std::set<std::string> different(loop.inner->requests.begin(), loop.inner->requests.end());
  BOOST_TEST(different.size() == 1U);
  v1::CreateInvoiceRequest sent;
  sent.ParseFromString(loop.inner->requests[0]);
  BOOST_TEST(sent.request_id().size() == 36U);
  BOOST_TEST(loop.time->sleeps.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_request_id_of_the_callers_own_is_kept) {
  Loop loop({});
  v1::CreateInvoiceRequest request;
  request.set_request_id("mine");
  BOOST_TEST(sdk::InvoiceClient(loop.outer).CreateInvoice(request).ok());
  v1::CreateInvoiceRequest sent;
  sent.ParseFromString(loop.inner->requests[0]);
  BOOST_TEST(sent.request_id() == "mine");
}

BOOST_AUTO_TEST_CASE(every_item_of_a_batch_gets_a_request_id_of_its_own) {
  Loop loop({});
  v1::BatchCreateInvoicesRequest batch;
  batch.add_requests();
  batch.add_requests()->set_request_id("mine");
  batch.add_requests();
  BOOST_TEST(sdk::InvoiceClient(loop.outer).BatchCreateInvoices(batch).ok());
  v1::BatchCreateInvoicesRequest sent;
  sent.ParseFromString(loop.inner->requests[0]);
  BOOST_TEST(sent.requests(0).request_id().size() == 36U);
  BOOST_TEST(sent.requests(1).request_id() == "mine");
  BOOST_TEST(sent.requests(0).request_id() != sent.requests(2).request_id());
}

BOOST_AUTO_TEST_CASE(the_loop_gives_up_after_its_failures_with_the_last_cause) {
  Loop loop({Away(), Away(), Away(), absl::UnavailableError("the last")});
  const auto answer = sdk::InvoiceClient(loop.outer).GetInvoice({});
  BOOST_TEST(std::string(answer.status().message()) == "the last");
  BOOST_TEST(loop.inner->requests.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_not_repeated) {
  Loop loop({sdk::MakeError(StatusCode::kInvalidArgument, "FIELD_MISSING", "no partner")});
  const auto answer = sdk::InvoiceClient(loop.outer).CreateInvoice({});
  BOOST_TEST(sdk::ReasonOf(answer.status()) == "FIELD_MISSING");
  BOOST_TEST(loop.inner->requests.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_not_safe_to_repeat_is_sent_once) {
  Loop loop({Away()});
  const auto answer = sdk::AdminClient(loop.outer).RedeemBootstrapToken({});
  BOOST_TEST(answer.status().code() == StatusCode::kUnavailable);
  BOOST_TEST(loop.inner->requests.size() == 1U);
}

BOOST_AUTO_TEST_CASE(attempts_share_the_time_of_the_call) {
  Loop loop({Away(), Away()});
  sdk::CallOptions options;
  options.timeout = absl::Seconds(10);
  BOOST_TEST(sdk::InvoiceClient(loop.outer).GetInvoice({}, options).ok());
  BOOST_REQUIRE(loop.inner->timeouts.size() == 3U);
  BOOST_TEST((loop.inner->timeouts[0] == absl::Seconds(10)));
  BOOST_TEST((loop.inner->timeouts[2] == absl::Seconds(8)));
}

BOOST_AUTO_TEST_CASE(no_attempt_begins_when_the_time_would_be_over_first) {
  Loop loop({Away(), Away(), Away()});
  sdk::CallOptions options;
  options.timeout = absl::Milliseconds(1500);
  const auto answer = sdk::InvoiceClient(loop.outer).GetInvoice({}, options);
  BOOST_TEST(answer.status().code() == StatusCode::kUnavailable);
  BOOST_TEST(loop.inner->requests.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_request_that_waits_gets_that_time_on_top) {
  Loop loop({});
  v1::CreateInvoiceRequest request;
  request.mutable_wait()->set_seconds(45);
  BOOST_TEST(sdk::InvoiceClient(loop.outer).CreateInvoice(request).ok());
  BOOST_TEST((loop.inner->timeouts[0] == absl::Seconds(75)));
}

BOOST_AUTO_TEST_CASE(the_server_may_ask_for_a_longer_wait) {
  absl::Status limited = sdk::MakeError(StatusCode::kResourceExhausted, "RATE_LIMITED", "slow");
  v1::StatusDetail detail = sdk::DetailFrom(limited);
  v1::ErrorInfo info = *sdk::ErrorInfoOf(limited);
  (*info.mutable_metadata())["retry_after_ms"] = "7000";
  detail.mutable_details(0)->set_value(info.SerializeAsString());
  Loop loop({sdk::StatusFrom(detail)});
  BOOST_TEST(sdk::InvoiceClient(loop.outer).GetInvoice({}).ok());
  BOOST_REQUIRE(loop.time->sleeps.size() == 1U);
  BOOST_TEST((loop.time->sleeps[0] == absl::Seconds(7)));
}

BOOST_AUTO_TEST_CASE(request_ids_are_random_uuids) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = sdk::NewRequestId();
    BOOST_TEST(id.size() == 36U);
    BOOST_TEST(id[14] == '4');
    seen.insert(id);
  }
  BOOST_TEST(seen.size() == 1000U);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct BadOptions {
  const char* name;
  void (*spoil)(sdk::Options&);
};

const BadOptions kBad[] = {
    {"plain text off this machine", [](sdk::Options& o) { o.endpoint = "10.0.0.1:7600"; }},
    {"plain text to a name", [](sdk::Options& o) { o.endpoint = "localhost.example.com:7600"; }},
    {"no port", [](sdk::Options& o) { o.endpoint = "127.0.0.1"; }},
    {"an empty port", [](sdk::Options& o) { o.endpoint = "127.0.0.1:"; }},
    {"both tokens", [](sdk::Options& o) { o.token = "a"; o.token_file = "b"; }},
    {"a certificate without a key",
     [](sdk::Options& o) { o.tls = true; o.certificate_file = "c"; }},
    {"an authority without tls", [](sdk::Options& o) { o.ca_file = "c"; }},
    {"no time", [](sdk::Options& o) { o.timeout = absl::ZeroDuration(); }},
    {"a day of time", [](sdk::Options& o) { o.timeout = absl::Hours(24); }},
    {"tiny messages", [](sdk::Options& o) { o.message_bytes_max = 1; }},
    {"huge messages", [](sdk::Options& o) { o.message_bytes_max = int64_t{1} << 40; }},
};

}  // namespace

BOOST_AUTO_TEST_CASE(options_that_do_not_fit_together_are_refused) {
  BOOST_TEST(sdk::CheckOptions({}).ok());
  for (const BadOptions& bad : kBad) {
    sdk::Options options;
    bad.spoil(options);
    BOOST_TEST(sdk::CheckOptions(options).code() == StatusCode::kInvalidArgument, bad.name);
    BOOST_TEST(!sdk::MakeConnection(options).ok(), bad.name);
  }
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_read_are_named) {
  sdk::Options options;
  options.token_file = "/no/such/token";
  const auto connection = sdk::MakeConnection(options);
  BOOST_TEST(connection.status().code() == StatusCode::kNotFound);
  BOOST_TEST(std::string(connection.status().message()).find("/no/such/token") !=
             std::string::npos);
}

}  // namespace kontor::sdk_test
