// SPDX-License-Identifier: Apache-2.0
// The whole way over real sockets and threads: store, deliverer, HTTP client, and a listener that
// plays the receiver and checks what it gets.
#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/crypto/bytes.h"
#include "server/net/http_client.h"
#include "server/net/http_listener.h"
#include "server/webhooks/signer.h"
#include "tests/unit/webhooks/fixture.h"

namespace kontor::webhooks {
namespace {

constexpr int kSubjects = 20;
constexpr int kEventsEach = 25;

// Answers challenges, fails every seventh delivery once, and notes the order of arrival.
class Receiver {
 public:
  Receiver() {
    listener_ = net::HttpListener::Start({}, [this](net::HttpServerRequest request,
                                                    const net::HttpRespond& respond) {
                  respond(Take(request));
                }).value();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_->port()) + "/"; }
  void SetSecret(std::string secret) {
    const std::lock_guard lock(mutex_);
    secret_ = std::move(secret);
  }
  bool WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(20), [&] { return taken_ >= count; });
  }
  std::map<std::string, std::vector<std::string>> got() {
    const std::lock_guard lock(mutex_);
    return got_;
  }
  int forged() {
    const std::lock_guard lock(mutex_);
    return forged_;
  }

 private:
  net::HttpServerResponse Take(const net::HttpServerRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.body.find("endpoint.challenge") != std::string::npos) {
      return {200, {}, request.body};
    }
    const std::string id(request.Header("webhook-id"));
    const std::int64_t time = std::stoll(std::string(request.Header("webhook-timestamp")));
    const std::string want = SignatureHeaderValue(id, time, request.body, {secret_}, {}).value();
    if (!request.Header("webhook-signature").starts_with(want)) ++forged_;
    if (++attempts_ % 7 == 0) return {503, {}, ""};
    const std::string marker = "\"subject\":\"";
    const std::size_t at = request.body.find(marker) + marker.size();
    got_[request.body.substr(at, request.body.find('"', at) - at)].push_back(id);
    ++taken_;
    changed_.notify_all();
    return {204, {}, ""};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string secret_;
  std::map<std::string, std::vector<std::string>> got_;
  std::size_t taken_ = 0;
  int attempts_ = 0;
  int forged_ = 0;
  std::unique_ptr<net::HttpListener> listener_;
};

BOOST_FIXTURE_TEST_CASE(all_events_arrive_in_order_over_real_sockets_while_some_attempts_fail,
                        Fixture) {
  Receiver receiver;
  const auto client =
      net::MakeHttpClient(net::HttpClientOptions{.allowed_networks = {"127.0.0.0/8"}}).value();
  settings.allow_plain_http = true;
  settings.poll_interval = absl::Milliseconds(20);
  Dependencies deps{*store, *client, clock, ids, {}, {}};
  deliverer->Stop(absl::ZeroDuration());  // the fixture's own would hold the lease
  Deliverer real(deps, settings);
  Service calls(deps, settings, net::AddressGuard::Make({"127.0.0.0/8"}).value(), real);
  EndpointSpec spec;
  spec.url = receiver.url();
  const auto made = calls.Create(actor, {}, spec, "").value();
  receiver.SetSecret(made.secret.Reveal());
  BOOST_TEST(calls.Verify(actor, made.endpoint.id).ok());
  real.Tick();  // the feed begins here
  real.Start();
  std::map<std::string, std::vector<std::string>> wanted;
  for (int i = 0; i < kEventsEach; ++i) {
    for (int s = 0; s < kSubjects; ++s) {
      const std::string subject = "inv_" + std::to_string(s);
      wanted[subject].push_back(AddEvent(subject).id);
    }
  }
  // Failed ones are due after five seconds of the test's clock, which runs in the background.
  bool all = false;
  for (int i = 0; i < 3000 && !all; ++i) {
    clock.Advance(absl::Seconds(1));
    real.Wake();
    std::size_t count = 0;
    for (const auto& [subject, ids_got] : receiver.got()) count += ids_got.size();
    all = count >= static_cast<std::size_t>(kSubjects * kEventsEach);
    if (!all) receiver.WaitFor(count + 1);
  }
  BOOST_TEST(all);
  real.Stop(absl::Seconds(10));
  BOOST_TEST((receiver.got() == wanted));
  BOOST_TEST(receiver.forged() == 0);
  BOOST_TEST(Deliveries(made.endpoint.id, ports::DeliveryState::kPending).empty());
  BOOST_TEST(real.counts().delivered == static_cast<std::uint64_t>(kSubjects * kEventsEach));
}

BOOST_FIXTURE_TEST_CASE(stopping_waits_for_answers_under_way_and_records_them, Fixture) {
  const Endpoint endpoint = AddEndpoint();
  http.answer = [](const ports::HttpRequest&) { return std::nullopt; };
  AddEvent("inv_1");
  Run();
  std::thread answering([&] { http.AnswerOldest(FakeHttp::Status(200)); });
  deliverer->Stop(absl::Seconds(20));
  answering.join();
  BOOST_TEST(Deliveries(endpoint.id, ports::DeliveryState::kDelivered).size() == 1U);
}

}  // namespace
}  // namespace kontor::webhooks
