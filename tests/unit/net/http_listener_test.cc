// SPDX-License-Identifier: Apache-2.0
// The listener over real loopback sockets: good requests, bad ones, slow ones, and stopping.
#include <atomic>
#include <future>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/net/http_listener.h"
#include "tests/unit/net/sockets.h"

namespace bdata = boost::unit_test::data;
using namespace std::string_literals;

namespace kontor::net {
namespace {

using Listener = std::unique_ptr<HttpListener>;

void Echo(HttpServerRequest request, const HttpRespond& respond) {
  std::string text = request.method + " " + request.path + "|" + request.query + "|" +
                     request.body + "|" + std::string(request.Header("x-test"));
  respond({200, {{"content-type", "text/plain"}}, std::move(text)});
}

HttpListenerOptions Small() {
  HttpListenerOptions options;
  options.header_bytes_max = 1024;
  options.body_bytes_max = 2000;
  return options;
}

Listener Start(HttpListenerOptions options, HttpHandler handler) {
  return HttpListener::Start(std::move(options), std::move(handler)).value();
}

std::string BodyOf(const std::string& message) {
  const std::size_t at = message.find("\r\n\r\n");
  return at == std::string::npos ? std::string() : message.substr(at + 4);
}
int StatusOf(const std::string& message) {
  return message.size() < 12 ? 0 : std::stoi(message.substr(9, 3));
}

BOOST_AUTO_TEST_CASE(a_request_reaches_the_handler_and_its_answer_the_client) {
  const Listener listener = Start(Small(), Echo);
  Socket client = Socket::Connect(listener->port());
  client.Send("POST /a/b?x=1&y HTTP/1.1\r\nHost: h\r\nX-Test: v\r\nContent-Length: 3\r\n\r\nabc");
  const std::string answer = client.ReadMessage();
  BOOST_TEST(StatusOf(answer) == 200);
  BOOST_TEST(BodyOf(answer) == "POST /a/b|x=1&y|abc|v");
  BOOST_TEST(answer.find("Content-Length: 21") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_connection_is_kept_and_pipelined_requests_are_answered_in_order) {
  const Listener listener = Start(Small(), Echo);
  Socket client = Socket::Connect(listener->port());
  client.Send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(BodyOf(client.ReadMessage()) == "GET /1|||");
  BOOST_TEST(BodyOf(client.ReadMessage()) == "GET /2|||");
  client.Send("GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  BOOST_TEST(BodyOf(client.ReadMessage()) == "GET /3|||");
  BOOST_TEST(client.AtEnd());
  BOOST_TEST(listener->counts().connections_accepted == 1U);
  BOOST_TEST(listener->counts().requests == 3U);
}

BOOST_AUTO_TEST_CASE(http_1_0_is_answered_and_closed) {
  const Listener listener = Start(Small(), Echo);
  Socket client = Socket::Connect(listener->port());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  BOOST_TEST(StatusOf(client.ReadMessage()) == 200);
  BOOST_TEST(client.AtEnd());
}

BOOST_AUTO_TEST_CASE(head_gets_the_length_but_no_body) {
  const Listener listener = Start(Small(), Echo);
  Socket client = Socket::Connect(listener->port());
  client.Send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string head = client.ReadUntil("\r\n\r\n");
  BOOST_TEST(head.find("Content-Length: 9") != std::string::npos);
  BOOST_TEST(BodyOf(client.ReadMessage()) == "GET /next|||");
}

BOOST_AUTO_TEST_CASE(a_chunked_body_arrives_whole) {
  const Listener listener = Start(Small(), Echo);
  Socket client = Socket::Connect(listener->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\n\r\n");
  BOOST_TEST(BodyOf(client.ReadMessage()) == "POST /||abcdefg|");
}

BOOST_AUTO_TEST_CASE(a_client_that_waits_for_continue_is_told_to_go_on) {
  const Listener listener = Start(Small(), Echo);
  Socket client = Socket::Connect(listener->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  BOOST_TEST(client.ReadUntil("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("abc");
  BOOST_TEST(BodyOf(client.ReadMessage()) == "POST /||abc|");
}

struct BadCase {
  const char* name;
  std::string bytes;
  int status;
};
std::ostream& operator<<(std::ostream& out, const BadCase& c) { return out << c.name; }

const BadCase kBad[] = {
    {"no HTTP at all", "hello there, how are you\r\n\r\n", 400},
    {"TLS to the plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s, 400},
    {"HTTP/0.9", "GET /\r\n\r\n", 400},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 400},
    {"absolute target", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"space before the colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
    {"NUL in a header", "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s, 400},
    {"header without colon", "GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n", 400},
    {"two lengths",
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
    {"negative length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
    {"length in hex", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\nabc", 400},
    {"length beyond 64 bits",
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
    {"length, then chunked",
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\n",
     400},
    {"chunked, then length",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
     "0\r\n\r\n",
     400},
    {"chunked twice",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"chunked over HTTP/1.0",
     "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"gzip, chunked",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"unknown coding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
    {"bad chunk size",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", 400},
    {"unknown expectation", "POST / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n", 417},
    {"headers too long", "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(3000, 'a') + "\r\n\r\n",
     431},
    {"target too long", "GET /" + std::string(3000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 431},
    {"headers without end", std::string("GET / HTTP/1.1\r\n") + std::string(90000, 'a'), 431},
    {"announced body too large", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2001\r\n\r\n", 413},
    {"body too large and sent", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" +
                                    std::string(300000, 'b'),
     413},
    {"chunked body too large",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
         std::string(2000, 'b') + "\r\n1\r\nb\r\n0\r\n\r\n",
     413},
};

BOOST_DATA_TEST_CASE(a_bad_request_gets_a_clean_answer_and_never_reaches_the_handler,
                     bdata::make(kBad), c) {
  std::atomic<int> handled{0};
  const Listener listener = Start(Small(), [&](HttpServerRequest, const HttpRespond& respond) {
    ++handled;
    respond({200, {}, "handled"});
  });
  Socket client = Socket::Connect(listener->port());
  client.Send(c.bytes);
  const std::string answer = client.ReadMessage();
  BOOST_TEST(StatusOf(answer) == c.status);
  BOOST_TEST(BodyOf(answer).starts_with("{\"code\":\""));
  BOOST_TEST(answer.find("Connection: close") != std::string::npos);
  BOOST_TEST(handled == 0);
  BOOST_TEST(listener->counts().requests_refused == 1U);
}

BOOST_AUTO_TEST_CASE(a_body_of_exactly_the_limit_is_taken) {
  const Listener listener = Start(Small(), Echo);
  Socket client = Socket::Connect(listener->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n" +
              std::string(2000, 'b'));
  BOOST_TEST(StatusOf(client.ReadMessage()) == 200);
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_too_slowly_gets_408) {
  HttpListenerOptions options = Small();
  // Long enough for a busy machine to send the first bytes in time.
  options.header_timeout = absl::Seconds(1);
  options.body_timeout = absl::Milliseconds(100);
  const Listener listener = Start(options, Echo);
  Socket headers = Socket::Connect(listener->port());
  headers.Send("GET / HTTP/1.1\r\nHos");
  BOOST_TEST(StatusOf(headers.ReadMessage()) == 408);
  Socket body = Socket::Connect(listener->port());
  body.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  BOOST_TEST(StatusOf(body.ReadMessage()) == 408);
}

BOOST_AUTO_TEST_CASE(a_connection_without_a_request_is_closed_without_a_word) {
  HttpListenerOptions hasty = Small();
  hasty.header_timeout = absl::Milliseconds(100);
  const Listener for_fresh = Start(hasty, Echo);
  Socket fresh = Socket::Connect(for_fresh->port());
  BOOST_TEST(fresh.AtEnd());
  HttpListenerOptions options = Small();
  options.idle_timeout = absl::Milliseconds(100);
  const Listener listener = Start(options, Echo);
  Socket kept = Socket::Connect(listener->port());
  kept.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(StatusOf(kept.ReadMessage()) == 200);
  BOOST_TEST(kept.AtEnd());
}

BOOST_AUTO_TEST_CASE(a_handler_that_keeps_silent_throws_or_forgets_gets_an_answer_in_its_name) {
  HttpListenerOptions options = Small();
  options.answer_timeout = absl::Seconds(1);
  std::vector<HttpRespond> kept;
  std::mutex mutex;
  const Listener listener = Start(options, [&](HttpServerRequest request, HttpRespond respond) {
    if (request.path == "/throws") throw std::runtime_error("a defect");
    if (request.path == "/forgets") return;
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
  });
  const auto ask = [&](const std::string& path) {
    Socket client = Socket::Connect(listener->port());
    client.Send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return client.ReadMessage();
  };
  BOOST_TEST(StatusOf(ask("/throws")) == 500);
  BOOST_TEST(StatusOf(ask("/forgets")) == 500);
  BOOST_TEST(StatusOf(ask("/silent")) == 503);
  const std::lock_guard lock(mutex);
  kept.at(0)({200, {}, "too late"});
}

BOOST_AUTO_TEST_CASE(the_first_answer_counts_and_may_come_from_another_thread) {
  std::vector<std::thread> workers;
  std::mutex mutex;
  Listener listener = Start(Small(), [&](HttpServerRequest, HttpRespond respond) {
    const std::lock_guard lock(mutex);
    workers.emplace_back([respond = std::move(respond)] {
      respond({201, {}, "first"});
      respond({202, {}, "second"});
    });
  });
  Socket client = Socket::Connect(listener->port());
  for (int i = 0; i < 3; ++i) {
    client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string answer = client.ReadMessage();
    BOOST_TEST(StatusOf(answer) == 201);
    BOOST_TEST(BodyOf(answer) == "first");
  }
  listener.reset();
  for (std::thread& worker : workers) worker.join();
}

BOOST_AUTO_TEST_CASE(an_answer_that_could_split_the_stream_becomes_500) {
  for (const HttpServerResponse& bad :
       {HttpServerResponse{200, {{"x", "a\r\nSet-Cookie: b"}}, "secret"},
        HttpServerResponse{200, {{"x y", "a"}}, "secret"},
        HttpServerResponse{200, {{"", "a"}}, "secret"}, HttpServerResponse{99, {}, "secret"},
        HttpServerResponse{700, {}, "secret"}}) {
    const Listener listener =
        Start(Small(), [&](HttpServerRequest, const HttpRespond& respond) { respond(bad); });
    Socket client = Socket::Connect(listener->port());
    client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string answer = client.ReadMessage();
    BOOST_TEST(StatusOf(answer) == 500);
    BOOST_TEST(answer.find("secret") == std::string::npos);
    BOOST_TEST(answer.find("Set-Cookie") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_204_has_neither_body_nor_length) {
  const Listener listener = Start(Small(), [](HttpServerRequest, const HttpRespond& respond) {
    respond({204, {{"content-length", "5"}}, "ignored"});
  });
  Socket client = Socket::Connect(listener->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answer = client.ReadAll();
  BOOST_TEST(StatusOf(answer) == 204);
  BOOST_TEST(BodyOf(answer).empty());
  BOOST_TEST(answer.find("ength") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(connections_beyond_the_limit_wait_for_their_turn) {
  HttpListenerOptions options = Small();
  options.connections_max = 1;
  const Listener listener = Start(options, Echo);
  Socket first = Socket::Connect(listener->port());
  first.Send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(StatusOf(first.ReadMessage()) == 200);
  Socket second = Socket::Connect(listener->port());
  second.Send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(listener->counts().connections_accepted == 1U);
  first.Close();
  BOOST_TEST(BodyOf(second.ReadMessage()) == "GET /2|||");
}

BOOST_AUTO_TEST_CASE(stopping_lets_a_request_finish_and_closes_idle_connections) {
  std::promise<HttpRespond> arrived;
  Listener listener = Start(Small(), [&](HttpServerRequest request, HttpRespond respond) {
    if (request.path == "/slow") return arrived.set_value(std::move(respond));
    respond({200, {}, "ok"});
  });
  Socket idle = Socket::Connect(listener->port());
  idle.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(StatusOf(idle.ReadMessage()) == 200);
  Socket busy = Socket::Connect(listener->port());
  busy.Send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  const HttpRespond respond = arrived.get_future().get();
  std::thread stopper([&] { listener->Stop(absl::Seconds(20)); });
  BOOST_TEST(idle.AtEnd());  // so stopping has begun
  respond({200, {}, "finished"});
  const std::string answer = busy.ReadMessage();
  BOOST_TEST(BodyOf(answer) == "finished");
  BOOST_TEST(answer.find("Connection: close") != std::string::npos);
  stopper.join();
  BOOST_TEST(listener->counts().connections_open == 0U);
}

BOOST_AUTO_TEST_CASE(stopping_ends_at_its_deadline_and_late_answers_do_no_harm) {
  std::promise<HttpRespond> arrived;
  Listener listener = Start(Small(), [&](HttpServerRequest, HttpRespond respond) {
    arrived.set_value(std::move(respond));
  });
  Socket client = Socket::Connect(listener->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const HttpRespond respond = arrived.get_future().get();
  listener->Stop(absl::Milliseconds(50));
  BOOST_TEST(client.AtEnd());
  listener.reset();
  respond({200, {}, "to nobody"});
}

BOOST_AUTO_TEST_CASE(plain_text_is_refused_on_any_address_but_loopback) {
  for (const char* address : {"0.0.0.0", "::", "192.168.1.1", "::ffff:10.0.0.1"}) {
    HttpListenerOptions options;
    options.address = address;
    BOOST_TEST(base::Is(HttpListener::Start(options, Echo).status(), base::Reason::kTlsRequired));
  }
  HttpListenerOptions loopback;
  loopback.address = "127.0.0.9";
  BOOST_TEST(HttpListener::Start(loopback, Echo).ok());
}

BOOST_AUTO_TEST_CASE(options_out_of_range_and_taken_ports_are_refused) {
  const auto start = [](auto change) {
    HttpListenerOptions options;
    change(options);
    return HttpListener::Start(options, Echo).status();
  };
  using O = HttpListenerOptions;
  const auto invalid = [](const absl::Status& status) {
    return base::Is(status, base::Reason::kConfigInvalid);
  };
  BOOST_TEST(invalid(start([](O& o) { o.threads = 0; })));
  BOOST_TEST(invalid(start([](O& o) { o.threads = 65; })));
  BOOST_TEST(invalid(start([](O& o) { o.connections_max = 0; })));
  BOOST_TEST(invalid(start([](O& o) { o.header_bytes_max = 10; })));
  BOOST_TEST(invalid(start([](O& o) { o.idle_timeout = absl::ZeroDuration(); })));
  BOOST_TEST(invalid(start([](O& o) { o.body_timeout = absl::InfiniteDuration(); })));
  BOOST_TEST(invalid(start([](O& o) { o.address = "localhost"; })));
  const Listener first = Start({}, Echo);
  BOOST_TEST(absl::IsUnavailable(start([&](O& o) { o.port = first->port(); })));
}

}  // namespace
}  // namespace kontor::net
