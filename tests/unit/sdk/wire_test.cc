// SPDX-License-Identifier: Apache-2.0
// The SDK against a real gRPC server on a loopback port: headers, details, deadlines, TLS, streams
// with flow control, and a server that goes away and comes back on its port.
#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <boost/test/unit_test.hpp>
#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "kontor/sdk/event_client.h"
#include "kontor/sdk/invoice_client.h"
#include "kontor/v1/event.grpc.pb.h"
#include "kontor/v1/invoice.grpc.pb.h"
#include "tests/unit/sdk/certificates.h"
#include "tests/unit/sdk/support.h"

namespace kontor::sdk_test {
namespace {

using absl::StatusCode;
constexpr absl::Duration kLong = absl::Seconds(60);

class Invoices final : public v1::InvoiceService::Service {
 public:
  explicit Invoices(absl::Notification& server_closing) : closing(server_closing) {}

  grpc::Status GetInvoice(grpc::ServerContext* context, const v1::GetInvoiceRequest* request,
                          v1::GetInvoiceResponse* response) override {
    for (const auto& [key, value] : context->client_metadata()) {
      const std::lock_guard lock(mutex);
      headers[std::string(key.data(), key.size())] = std::string(value.data(), value.size());
    }
    if (request->id() == "hang") {
      closing.WaitForNotification();
      return grpc::Status::CANCELLED;
    }
    if (request->id() != "inv_1") {
      v1::Finding finding;
      finding.set_reason("NOT_FOUND");
      const auto detail = sdk::DetailFrom(
          sdk::MakeError(StatusCode::kNotFound, "NOT_FOUND", "no such invoice", {finding}));
      return {grpc::StatusCode::NOT_FOUND, "no such invoice", detail.SerializeAsString()};
    }
    response->mutable_invoice()->set_id(request->id());
    return grpc::Status::OK;
  }

  grpc::Status StreamInvoices(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::StreamInvoicesResponse, v1::StreamInvoicesRequest>* stream)
      override {
    v1::StreamInvoicesRequest request;
    for (int64_t index = 0; stream->Read(&request); ++index) {
      if (cut_after.fetch_sub(1) == 0) return {grpc::StatusCode::UNAVAILABLE, "cut"};
      {
        const std::lock_guard lock(mutex);
        ++seen[request.item().request_id()];
      }
      v1::StreamInvoicesResponse response;
      response.set_index(index);
      response.mutable_result()->set_request_id(request.item().request_id());
      response.mutable_result()->mutable_response();
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  absl::Notification& closing;
  std::mutex mutex;
  std::map<std::string, std::string> headers;
  std::map<std::string, int> seen;
  std::atomic<int64_t> cut_after{-1};
};

class Events final : public v1::EventService::Service {
 public:
  explicit Events(absl::Notification& server_closing) : closing(server_closing) {}

  grpc::Status WatchEvents(grpc::ServerContext* context, const v1::WatchEventsRequest* request,
                           grpc::ServerWriter<v1::WatchEventsResponse>* writer) override {
    int64_t sequence = request->after_sequence();
    for (int i = 0; i < per_stream && !context->IsCancelled(); ++i) {
      v1::WatchEventsResponse response;
      response.set_sequence(++sequence);
      response.mutable_event()->set_sequence(sequence);
      writer->Write(response);
    }
    if (hold) closing.WaitForNotification();
    return {grpc::StatusCode::UNAVAILABLE, "going down"};
  }
  absl::Notification& closing;
  int per_stream = 10;
  bool hold = false;
};

struct Server {
  explicit Server(int wanted_port = 0,
                  std::shared_ptr<grpc::ServerCredentials> credentials =
                      grpc::InsecureServerCredentials()) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", wanted_port), credentials, &port);
    builder.RegisterService(&invoices);
    builder.RegisterService(&events);
    server = builder.BuildAndStart();
  }
  ~Server() {
    closing.Notify();
    server->Shutdown(std::chrono::system_clock::now());
  }
  std::shared_ptr<sdk::Connection> Connect(sdk::Options options = {}) const {
    options.endpoint = absl::StrCat("127.0.0.1:", port);
    auto connection = sdk::MakeConnection(std::move(options));
    BOOST_REQUIRE(connection.ok());
    return *connection;
  }
  int port = 0;
  absl::Notification closing;  ///< Lets go of the calls that hang.
  Invoices invoices{closing};
  Events events{closing};
  std::unique_ptr<grpc::Server> server;
};

v1::GetInvoiceRequest Get(const char* id) {
  v1::GetInvoiceRequest request;
  request.set_id(id);
  return request;
}

sdk::Policies Quick(int failures_max) {
  sdk::Policies policies;
  policies.retry = std::make_shared<sdk::LimitedErrorCountRetryPolicy>(failures_max);
  policies.backoff = std::make_shared<sdk::ExponentialBackoffPolicy>(absl::Milliseconds(5),
                                                                     absl::Milliseconds(50));
  return policies;
}

std::string TemporaryFile(const char* name, const std::string& text) {
  const char* folder = std::getenv("TMPDIR");
  const std::string path =
      absl::StrCat(folder != nullptr ? folder : "/tmp", "/kontor-sdk-", getpid(), "-", name);
  std::ofstream(path) << text;
  return path;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire)

BOOST_AUTO_TEST_CASE(a_call_carries_token_trace_and_user_agent) {
  Server server;
  sdk::Options options;
  options.token = "secret";
  options.user_agent = "ledger/1.0";
  sdk::CallOptions call;
  call.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto answer =
      sdk::InvoiceClient(server.Connect(options)).GetInvoice(Get("inv_1"), call);
  BOOST_REQUIRE(answer.ok());
  BOOST_TEST(answer->invoice().id() == "inv_1");
  BOOST_TEST(server.invoices.headers["authorization"] == "Bearer secret");
  BOOST_TEST(server.invoices.headers["traceparent"] == call.traceparent);
  BOOST_TEST(server.invoices.headers["user-agent"].starts_with("ledger/1.0 kontor-sdk-cpp/"));
}

BOOST_AUTO_TEST_CASE(a_token_file_that_is_replaced_is_read_again) {
  Server server;
  sdk::Options options;
  options.token_file = TemporaryFile("token", "first\n");
  const sdk::InvoiceClient client(server.Connect(options));
  BOOST_TEST(client.GetInvoice(Get("inv_1")).ok());
  BOOST_TEST(server.invoices.headers["authorization"] == "Bearer first");
  const std::string next = TemporaryFile("token-next", "second");
  BOOST_REQUIRE(std::rename(next.c_str(), options.token_file.c_str()) == 0);
  BOOST_TEST(client.GetInvoice(Get("inv_1")).ok());
  BOOST_TEST(server.invoices.headers["authorization"] == "Bearer second");
  std::remove(options.token_file.c_str());
  BOOST_TEST(client.GetInvoice(Get("inv_1")).ok());
}

BOOST_AUTO_TEST_CASE(a_refusal_arrives_with_reason_and_findings) {
  Server server;
  const auto answer = sdk::InvoiceClient(server.Connect()).GetInvoice(Get("inv_2"));
  BOOST_TEST(answer.status().code() == StatusCode::kNotFound);
  BOOST_TEST(sdk::ReasonOf(answer.status()) == "NOT_FOUND");
  BOOST_TEST(sdk::FindingsOf(answer.status()).size() == 1U);
  BOOST_TEST(std::string(answer.status().message()) == "no such invoice");
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_answer_costs_the_callers_time_and_no_more) {
  Server server;
  sdk::CallOptions call;
  call.timeout = absl::Milliseconds(200);
  const auto answer = sdk::InvoiceClient(server.Connect()).GetInvoice(Get("hang"), call);
  BOOST_TEST(answer.status().code() == StatusCode::kDeadlineExceeded);
}

BOOST_AUTO_TEST_CASE(a_method_that_the_server_does_not_have_is_unimplemented) {
  Server server;
  const auto answer = sdk::InvoiceClient(server.Connect()).CancelInvoice({});
  BOOST_TEST(answer.status().code() == StatusCode::kUnimplemented);
}

BOOST_AUTO_TEST_CASE(nobody_there_is_unavailable) {
  sdk::Options options;
  options.endpoint = "127.0.0.1:1";
  options.policies = Quick(2);
  auto connection = sdk::MakeConnection(options);
  BOOST_REQUIRE(connection.ok());
  const auto answer = sdk::InvoiceClient(*connection).GetInvoice(Get("inv_1"));
  BOOST_TEST(answer.status().code() == StatusCode::kUnavailable);
  BOOST_TEST(sdk::ReasonOf(answer.status()).empty());
}

BOOST_AUTO_TEST_CASE(a_watch_outlives_many_streams_without_a_gap_or_a_repeat) {
  Server server;
  sdk::Options options;
  options.policies = Quick(3);
  auto watch = sdk::EventClient(server.Connect(options)).WatchEvents({});
  for (int64_t want = 1; want <= 95; ++want) {
    const auto next = watch.Next(kLong);
    BOOST_REQUIRE(next.ok());
    BOOST_REQUIRE(next->event().sequence() == want);
  }
}

BOOST_AUTO_TEST_CASE(a_watch_outlives_its_server) {
  auto server = std::make_unique<Server>();
  server->events.hold = true;
  const int port = server->port;
  sdk::Options options;
  options.policies = Quick(1000);
  auto watch = sdk::EventClient(server->Connect(options)).WatchEvents({});
  for (int i = 0; i < 10; ++i) BOOST_REQUIRE(watch.Next(kLong).ok());
  server.reset();
  server = std::make_unique<Server>(port);
  BOOST_REQUIRE(server->port == port);
  const auto next = watch.Next(kLong);
  BOOST_REQUIRE(next.ok());
  BOOST_TEST(next->event().sequence() == 11);
}

BOOST_AUTO_TEST_CASE(a_quiet_watch_answers_in_time_and_goes_on_and_cancel_wakes_it) {
  Server server;
  server.events.hold = true;
  server.events.per_stream = 1;
  auto watch = sdk::EventClient(server.Connect()).WatchEvents({});
  BOOST_TEST(watch.Next(kLong).ok());
  BOOST_TEST(watch.Next(absl::Milliseconds(50)).status().code() == StatusCode::kDeadlineExceeded);
  std::thread other([&] { watch.Cancel(); });
  BOOST_TEST(watch.Next(kLong).status().code() == StatusCode::kCancelled);
  other.join();
}

BOOST_AUTO_TEST_CASE(bulk_creation_survives_cuts_and_each_item_is_accepted) {
  Server server;
  server.invoices.cut_after = 700;
  sdk::Options options;
  options.policies = Quick(5);
  int next = 0;
  std::set<std::string> answered;
  sdk::BulkOptions bulk;
  bulk.in_flight_max = 64;
  const auto outcome = sdk::InvoiceClient(server.Connect(options)).CreateInvoicesInBulk(
      [&]() -> std::optional<v1::CreateInvoiceRequest> {
        if (next == 2000) return std::nullopt;
        v1::CreateInvoiceRequest request;
        request.set_request_id(absl::StrCat("r", next++));
        request.mutable_invoice()->set_narration(std::string(500, 'x'));
        return request;
      },
      [&](int64_t, const v1::CreateInvoiceResult& result) {
        answered.insert(result.request_id());
      },
      bulk);
  BOOST_TEST(outcome.status.ok(), outcome.status.ToString());
  BOOST_TEST(outcome.progress.accepted == 2000);
  BOOST_TEST(answered.size() == 2000U);
  BOOST_TEST(server.invoices.seen.size() == 2000U);
  int repeats = 0;
  for (const auto& [id, count] : server.invoices.seen) repeats += count - 1;
  BOOST_TEST(repeats <= bulk.in_flight_max);
}

namespace {

/// A server with TLS that asks for a client's certificate, and files for a client of it.
struct Secure {
  Secure() {
    grpc::SslServerCredentialsOptions ssl(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    ssl.pem_root_certs = certificates.authority.certificate;
    ssl.pem_key_cert_pairs.push_back(
        {certificates.server.key, certificates.server.certificate});
    server = std::make_unique<Server>(0, grpc::SslServerCredentials(ssl));
    options.tls = true;
    options.ca_file = TemporaryFile("ca.pem", certificates.authority.certificate);
    options.certificate_file = TemporaryFile("client.pem", certificates.client.certificate);
    options.key_file = TemporaryFile("client.key", certificates.client.key);
    options.policies = Quick(0);
  }
  ~Secure() {
    for (const auto* file : {&options.ca_file, &options.certificate_file, &options.key_file}) {
      std::remove(file->c_str());
    }
  }
  absl::StatusCode Try(const sdk::Options& with) const {
    return sdk::InvoiceClient(server->Connect(with)).GetInvoice(Get("inv_1")).status().code();
  }
  Certificates certificates = MakeCertificates();
  sdk::Options options;
  std::unique_ptr<Server> server;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(mutual_tls_lets_the_right_client_in, Secure) {
  BOOST_TEST(Try(options) == StatusCode::kOk);
}

BOOST_FIXTURE_TEST_CASE(a_client_without_a_certificate_stays_outside, Secure) {
  sdk::Options bare = options;
  bare.certificate_file.clear();
  bare.key_file.clear();
  BOOST_TEST(Try(bare) == StatusCode::kUnavailable);
}

BOOST_FIXTURE_TEST_CASE(a_client_of_another_authority_stays_outside, Secure) {
  const Certificates foreign = MakeCertificates();
  sdk::Options other = options;
  other.certificate_file = TemporaryFile("foreign.pem", foreign.client.certificate);
  other.key_file = TemporaryFile("foreign.key", foreign.client.key);
  BOOST_TEST(Try(other) == StatusCode::kUnavailable);
  std::remove(other.certificate_file.c_str());
  std::remove(other.key_file.c_str());
}

BOOST_FIXTURE_TEST_CASE(a_server_of_another_authority_is_not_trusted, Secure) {
  const Certificates foreign = MakeCertificates();
  sdk::Options other = options;
  other.ca_file = TemporaryFile("foreign-ca.pem", foreign.authority.certificate);
  BOOST_TEST(Try(other) == StatusCode::kUnavailable);
  std::remove(other.ca_file.c_str());
}

BOOST_FIXTURE_TEST_CASE(a_server_under_another_name_is_not_trusted, Secure) {
  sdk::Options other = options;
  other.server_name = "kontor.example.com";
  BOOST_TEST(Try(other) == StatusCode::kUnavailable);
}

BOOST_FIXTURE_TEST_CASE(plain_text_to_a_server_with_tls_fails, Secure) {
  sdk::Options plain;
  plain.policies = Quick(0);
  BOOST_TEST(Try(plain) == StatusCode::kUnavailable);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace kontor::sdk_test
