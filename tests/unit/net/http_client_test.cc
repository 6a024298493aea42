// SPDX-License-Identifier: Apache-2.0
// The client against servers that behave, misbehave and vanish. The point of most cases is what may
// be known of a failed request: whether a byte of it left.
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/net/http_client.h"
#include "server/net/http_listener.h"
#include "tests/unit/net/sockets.h"

namespace bdata = boost::unit_test::data;

namespace kontor::net {
namespace {

using base::Outcome;
using base::Reason;
using Client = std::unique_ptr<ports::HttpClient>;

Client NewClient(HttpClientOptions options = {}) {
  if (options.allowed_networks.empty()) options.allowed_networks = {"127.0.0.0/8"};
  return MakeHttpClient(std::move(options)).value();
}

ports::HttpRequest Request(const std::string& url, const std::string& body = "body") {
  ports::HttpRequest request;
  request.url = url;
  request.body = body;
  request.total_timeout = absl::Seconds(5);
  return request;
}

void Check(const ports::HttpResponse& response, Reason reason, Outcome outcome) {
  BOOST_TEST(base::Is(response.status, reason), std::string(response.status.ToString()));
  BOOST_TEST((base::OutcomeOf(response.status) == outcome));
  BOOST_TEST(response.http_status == 0);
  BOOST_TEST(response.body.empty());
}

constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

BOOST_AUTO_TEST_CASE(a_request_is_sent_as_it_is_and_its_answer_read_whole) {
  std::string seen;
  const RawServer server([&](Socket& socket) {
    seen = socket.ReadMessage();
    socket.Send("HTTP/1.1 418 Teapot\r\nContent-Length: 3\r\n"
                "X-Twice: a\r\nX-Twice:  b \r\n\r\nabc");
  });
  ports::HttpRequest request = Request(server.Url("/path?q=1"), "{\"a\":1}");
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  const ports::HttpResponse response = NewClient()->SendAndWait(request);
  BOOST_TEST(response.status.ok());
  BOOST_TEST(response.http_status == 418);
  BOOST_TEST(response.body == "abc");
  BOOST_TEST(response.headers.size() == 3U);
  BOOST_TEST(response.headers[2].first == "x-twice");
  BOOST_TEST(response.headers[2].second == "b");
  BOOST_TEST((response.elapsed > absl::ZeroDuration()));
  BOOST_TEST(seen.starts_with("POST /path?q=1 HTTP/1.1\r\n"));
  BOOST_TEST(seen.find("Content-Type: application/json\r\n") != std::string::npos);
  BOOST_TEST(seen.find("X-Empty:\r\n") != std::string::npos);
  BOOST_TEST(seen.find("User-Agent: kontor\r\n") != std::string::npos);
  BOOST_TEST(seen.find("Expect") == std::string::npos);
  BOOST_TEST(seen.ends_with("\r\n\r\n{\"a\":1}"));
}

BOOST_AUTO_TEST_CASE(every_method_goes_out_under_its_name) {
  std::string seen;
  const RawServer server([&](Socket& socket) {
    seen = socket.ReadMessage();
    // Says that it closes: a connection that only looks open might be used again.
    socket.Send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n");
    if (!seen.starts_with("HEAD")) socket.Send("ok");
  });
  const Client client = NewClient();
  for (const char* method : {"GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"}) {
    for (const char* body : {"", "x"}) {
      ports::HttpRequest request = Request(server.Url(), body);
      request.method = method;
      if (request.method == "HEAD") request.body.clear();
      const ports::HttpResponse response = client->SendAndWait(request);
      BOOST_TEST(response.status.ok(), std::string(response.status.ToString()));
      BOOST_TEST(seen.starts_with(std::string(method) + " / HTTP/1.1\r\n"));
      BOOST_TEST(seen.find("Content-Type") == std::string::npos);
      BOOST_TEST(seen.ends_with("\r\n\r\n" + request.body));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_interim_answer_is_passed_over) {
  const RawServer server([](Socket& socket) {
    socket.ReadMessage();
    socket.Send(std::string("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n") + kOk);
  });
  const ports::HttpResponse response = NewClient()->SendAndWait(Request(server.Url()));
  BOOST_TEST(response.http_status == 200);
  BOOST_TEST(response.headers.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_redirect_is_an_answer_and_is_not_followed) {
  const RawServer server([](Socket& socket) {
    socket.ReadMessage();
    socket.Send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n");
  });
  BOOST_TEST(NewClient()->SendAndWait(Request(server.Url())).http_status == 302);
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(a_refused_connection_and_an_unknown_name_mean_that_nothing_left) {
  const Client client = NewClient();
  const std::string closed = "http://127.0.0.1:" + std::to_string(ClosedPort()) + "/";
  Check(client->SendAndWait(Request(closed)), Reason::kPeerUnreachable, Outcome::kNotApplied);
  Check(client->SendAndWait(Request("http://no-such-host.invalid/")), Reason::kPeerUnreachable,
        Outcome::kNotApplied);
}

BOOST_AUTO_TEST_CASE(a_time_out_in_the_tls_handshake_means_that_nothing_left) {
  const RawServer server([](Socket& socket) { socket.ReadAll(); });
  ports::HttpRequest request = Request("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  request.total_timeout = absl::Milliseconds(200);
  Check(NewClient()->SendAndWait(request), Reason::kDeadlineExceeded, Outcome::kNotApplied);
}

BOOST_AUTO_TEST_CASE(a_plain_text_answer_to_a_tls_handshake_means_that_nothing_left) {
  const RawServer server([](Socket& socket) {
    socket.ReadUntil("\x03");
    socket.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  Check(NewClient()->SendAndWait(Request(url)), Reason::kPeerUnreachable, Outcome::kNotApplied);
}

BOOST_AUTO_TEST_CASE(a_time_out_after_the_request_left_leaves_its_outcome_unknown) {
  const RawServer server([](Socket& socket) { socket.ReadAll(); });
  ports::HttpRequest request = Request(server.Url());
  request.total_timeout = absl::Seconds(1);  // a busy machine must get the request out in it
  Check(NewClient()->SendAndWait(request), Reason::kDeadlineExceeded, Outcome::kUnknown);
}

struct BrokenAnswer {
  const char* name;
  std::string bytes;
  bool reset;
};
std::ostream& operator<<(std::ostream& out, const BrokenAnswer& c) { return out << c.name; }

const BrokenAnswer kBroken[] = {
    {"closed without an answer", "", false},
    {"reset without an answer", "", true},
    {"closed within the headers", "HTTP/1.1 200 OK\r\nContent-Le", false},
    {"closed within the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", false},
    {"reset within the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true},
    {"closed within a chunk",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabc", false},
    {"no HTTP", "+OK ready\r\n\r\n", false},
    {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", false},
};

BOOST_DATA_TEST_CASE(an_answer_that_is_not_whole_leaves_the_outcome_unknown, bdata::make(kBroken),
                     c) {
  const RawServer server([&](Socket& socket) {
    socket.ReadMessage();
    socket.Send(c.bytes);
    if (c.reset) socket.Reset();
  });
  Check(NewClient()->SendAndWait(Request(server.Url())), Reason::kPeerAnswerLost,
        Outcome::kUnknown);
}

BOOST_AUTO_TEST_CASE(an_answer_beyond_its_limit_is_cut_and_leaves_the_outcome_unknown) {
  const RawServer server([](Socket& socket) {
    const std::string request = socket.ReadMessage();
    if (request.find("/headers") != std::string::npos) {
      socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
      for (int i = 0; i < 300; ++i) socket.Send("X: " + std::string(1000, 'a') + "\r\n");
      return socket.Send("\r\n");
    }
    socket.Send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(5001, 'a'));
  });
  ports::HttpRequest request = Request(server.Url("/body"));
  request.response_bytes_max = 5000;
  Check(NewClient()->SendAndWait(request), Reason::kTooLarge, Outcome::kUnknown);
  request.url = server.Url("/headers");
  Check(NewClient()->SendAndWait(request), Reason::kTooLarge, Outcome::kUnknown);
  request.url = server.Url("/body");
  request.response_bytes_max = 5001;
  BOOST_TEST(NewClient()->SendAndWait(request).body.size() == 5001U);
}

BOOST_AUTO_TEST_CASE(a_connection_is_used_again) {
  const RawServer server([](Socket& socket) {
    while (!socket.ReadMessage().empty()) socket.Send(kOk);
  });
  const Client client = NewClient();
  for (int i = 0; i < 5; ++i) BOOST_TEST(client->SendAndWait(Request(server.Url())).body == "ok");
  BOOST_TEST(server.connections() == 1);
}

// Answers the first request of each connection and reads, but drops, the second one.
struct SecondDropped {
  std::atomic<int> requests{0};
  RawServer server{[this](Socket& socket) {
    if (socket.ReadMessage().empty()) return;
    ++requests;
    socket.Send(kOk);
    if (!socket.ReadMessage().empty()) ++requests;
  }};
};

BOOST_AUTO_TEST_CASE(a_post_on_a_kept_connection_that_breaks_is_never_sent_twice) {
  for (const char* body : {"body", ""}) {
    SecondDropped peer;
    const Client client = NewClient();
    BOOST_TEST(client->SendAndWait(Request(peer.server.Url(), body)).body == "ok");
    Check(client->SendAndWait(Request(peer.server.Url(), body)), Reason::kPeerAnswerLost,
          Outcome::kUnknown);
    BOOST_TEST(peer.requests == 2);
  }
}

BOOST_AUTO_TEST_CASE(a_get_on_a_kept_connection_that_breaks_is_repeated) {
  SecondDropped peer;
  const Client client = NewClient();
  ports::HttpRequest get = Request(peer.server.Url(), "");
  get.method = "GET";
  BOOST_TEST(client->SendAndWait(get).body == "ok");
  BOOST_TEST(client->SendAndWait(get).body == "ok");
  BOOST_TEST(peer.requests == 3);
}

BOOST_AUTO_TEST_CASE(a_private_target_is_refused_before_anything_is_dialled) {
  const RawServer server([](Socket& socket) { socket.ReadMessage(); });
  HttpClientOptions options;
  options.allowed_networks = {"10.0.0.0/8"};
  const Client client = NewClient(options);
  Check(client->SendAndWait(Request(server.Url())), Reason::kTargetRefused, Outcome::kNotApplied);
  BOOST_TEST(server.connections() == 0);
}

BOOST_AUTO_TEST_CASE(a_name_that_leads_to_a_private_address_is_refused_when_dialled) {
  const RawServer server([](Socket& socket) { socket.ReadMessage(); });
  HttpClientOptions options;
  options.allowed_networks = {"10.0.0.0/8"};
  const std::string url = "http://localhost:" + std::to_string(server.port()) + "/";
  Check(NewClient(options)->SendAndWait(Request(url)), Reason::kTargetRefused,
        Outcome::kNotApplied);
  BOOST_TEST(server.connections() == 0);
}

BOOST_AUTO_TEST_CASE(a_guarded_request_does_not_ride_on_an_unguarded_connection) {
  std::atomic<int> requests{0};
  const RawServer server([&](Socket& socket) {
    while (!socket.ReadMessage().empty()) {
      ++requests;
      socket.Send(kOk);
    }
  });
  HttpClientOptions options;
  options.allowed_networks = {"10.0.0.0/8"};
  const Client client = NewClient(options);
  ports::HttpRequest request =
      Request("http://localhost:" + std::to_string(server.port()) + "/");
  request.guard_address = false;
  BOOST_TEST(client->SendAndWait(request).body == "ok");
  request.guard_address = true;
  Check(client->SendAndWait(request), Reason::kTargetRefused, Outcome::kNotApplied);
  BOOST_TEST(requests == 1);
}

BOOST_AUTO_TEST_CASE(proxies_of_the_environment_are_not_used) {
  const RawServer server([](Socket& socket) {
    socket.ReadMessage();
    socket.Send(kOk);
  });
  const std::string closed = "http://127.0.0.1:" + std::to_string(ClosedPort());
  setenv("http_proxy", closed.c_str(), 1);
  setenv("all_proxy", closed.c_str(), 1);
  BOOST_TEST(NewClient()->SendAndWait(Request(server.Url())).body == "ok");
  unsetenv("http_proxy");
  unsetenv("all_proxy");
}

BOOST_AUTO_TEST_CASE(a_request_that_could_be_read_differently_is_refused) {
  const RawServer server([](Socket& socket) { socket.ReadMessage(); });
  const Client client = NewClient();
  const auto refused = [&](auto change) {
    ports::HttpRequest request = Request(server.Url());
    change(request);
    Check(client->SendAndWait(request), Reason::kFieldInvalid, Outcome::kNotApplied);
  };
  using R = ports::HttpRequest;
  refused([](R& r) { r.method = ""; });
  refused([](R& r) { r.method = "GET / HTTP/1.1\r\nX:"; });
  refused([](R& r) { r.headers = {{"X", "a\r\nY: b"}}; });
  refused([](R& r) { r.headers = {{"X\r\nY", "a"}}; });
  refused([](R& r) { r.headers = {{"", "a"}}; });
  refused([](R& r) { r.headers = {{"X", std::string("a\0b", 3)}}; });
  refused([](R& r) { r.url = "ftp://127.0.0.1/"; });
  refused([](R& r) { r.url = "http://user:secret@127.0.0.1/"; });
  refused([](R& r) { r.total_timeout = absl::ZeroDuration(); });
  refused([](R& r) { r.total_timeout = absl::InfiniteDuration(); });
  BOOST_TEST(server.connections() == 0);
}

BOOST_AUTO_TEST_CASE(requests_beyond_the_limits_wait_are_refused_or_run_out_of_time) {
  const RawServer server([](Socket& socket) { socket.ReadAll(); });
  HttpClientOptions options;
  options.in_flight_max = 1;
  options.queue_max = 1;
  const Client client = NewClient(options);
  std::promise<ports::HttpResponse> first, second, third;
  const auto send = [&](std::promise<ports::HttpResponse>& promise, absl::Duration timeout) {
    ports::HttpRequest request = Request(server.Url());
    request.total_timeout = timeout;
    client->Send(request, [&](ports::HttpResponse r) { promise.set_value(std::move(r)); });
  };
  send(first, absl::Seconds(4));
  while (server.connections() == 0) std::this_thread::yield();
  send(second, absl::Seconds(2));
  send(third, absl::Seconds(2));
  Check(third.get_future().get(), Reason::kQueueFull, Outcome::kNotApplied);
  Check(second.get_future().get(), Reason::kDeadlineExceeded, Outcome::kNotApplied);
  Check(first.get_future().get(), Reason::kDeadlineExceeded, Outcome::kUnknown);
}

BOOST_AUTO_TEST_CASE(a_stopped_client_answers_all_that_it_took) {
  const RawServer server([](Socket& socket) { socket.ReadAll(); });
  HttpClientOptions options;
  options.in_flight_max = 1;
  Client client = NewClient(options);
  std::promise<ports::HttpResponse> on_the_wire, waiting;
  client->Send(Request(server.Url()),
               [&](ports::HttpResponse r) { on_the_wire.set_value(std::move(r)); });
  while (server.connections() == 0) std::this_thread::yield();
  client->Send(Request(server.Url()),
               [&](ports::HttpResponse r) { waiting.set_value(std::move(r)); });
  client.reset();
  const ports::HttpResponse first = on_the_wire.get_future().get();
  BOOST_TEST(base::Is(first.status, Reason::kShuttingDown));
  Check(waiting.get_future().get(), Reason::kShuttingDown, Outcome::kNotApplied);
}

BOOST_AUTO_TEST_CASE(a_callback_may_send_but_not_wait_and_may_throw) {
  const RawServer server([](Socket& socket) {
    while (!socket.ReadMessage().empty()) socket.Send(kOk);
  });
  const Client client = NewClient();
  std::promise<ports::HttpResponse> waited, sent;
  client->Send(Request(server.Url()), [&](ports::HttpResponse) {
    waited.set_value(client->SendAndWait(Request(server.Url())));
    client->Send(Request(server.Url()),
                 [&](ports::HttpResponse r) { sent.set_value(std::move(r)); });
    throw std::runtime_error("a defect of the caller");
  });
  Check(waited.get_future().get(), Reason::kInternal, Outcome::kNotApplied);
  BOOST_TEST(sent.get_future().get().body == "ok");
}

BOOST_AUTO_TEST_CASE(many_requests_at_once_are_each_answered_once) {
  constexpr int kRequests = 500;
  const auto echo = [](const HttpServerRequest& request, const HttpRespond& respond) {
    respond({200, {}, request.body});
  };
  const auto listener = HttpListener::Start({}, echo).value();
  const Client client = NewClient();
  std::mutex mutex;
  std::condition_variable changed;
  int answered = 0;
  int right = 0;
  for (int i = 0; i < kRequests; ++i) {
    const std::string body = std::to_string(i);
    client->Send(Request("http://127.0.0.1:" + std::to_string(listener->port()) + "/", body),
                 [&, body](ports::HttpResponse r) {
                   const std::lock_guard lock(mutex);
                   ++answered;
                   right += r.body == body;
                   changed.notify_one();
                 });
  }
  std::unique_lock lock(mutex);
  const auto all = [&] { return answered == kRequests; };
  BOOST_TEST(changed.wait_for(lock, std::chrono::seconds(30), all));
  BOOST_TEST(right == kRequests);
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  const auto make = [](auto change) {
    HttpClientOptions options;
    change(options);
    return MakeHttpClient(options).status();
  };
  using O = HttpClientOptions;
  BOOST_TEST(base::Is(make([](O& o) { o.in_flight_max = 0; }), Reason::kConfigInvalid));
  BOOST_TEST(base::Is(make([](O& o) { o.in_flight_per_host_max = 5000; }), Reason::kConfigInvalid));
  BOOST_TEST(base::Is(make([](O& o) { o.queue_max = 0; }), Reason::kConfigInvalid));
  BOOST_TEST(base::Is(make([](O& o) { o.idle_connections_max = -1; }), Reason::kConfigInvalid));
  BOOST_TEST(base::Is(make([](O& o) { o.allowed_networks = {"home"}; }), Reason::kConfigInvalid));
}

}  // namespace
}  // namespace kontor::net
