// SPDX-License-Identifier: Apache-2.0
// Beast on one thread. POST /hook is a delivery, GET /counts tells, DELETE /counts forgets. The
// order is checked by the two numbers in the body that kontor puts there; other bodies have none.
#include "tests/bench/receiver.h"

#include <signal.h>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;
using asio::ip::tcp;

constexpr absl::Duration kStartPatience = absl::Seconds(20);

/// The text after `key` up to `end`; empty when it is not there.
std::string_view After(std::string_view text, std::string_view key, char end) {
  const size_t at = text.rfind(key);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  return text.substr(0, text.find(end));
}

class Counts {
 public:
  void Note(std::string_view body) {
    last_ = Clock::now();
    if (count_++ == 0) first_ = last_;
    const std::string_view subject = After(body, R"("subject":")", '"');
    const std::string_view number = After(body, R"("subject_sequence":)", ',');
    if (subject.empty() || number.empty()) return;
    int64_t& seen = subjects_[std::string(subject)];
    const int64_t now = std::strtoll(std::string(number).c_str(), nullptr, 10);
    if (now <= seen) ++disordered_;
    seen = now;
  }
  /// Subjects are kept: an event of an earlier time would be one too many.
  void Forget() {
    count_ = 0;
    disordered_ = 0;
  }
  std::string Text() const {
    const double seconds = std::chrono::duration<double>(last_ - first_).count();
    return nlohmann::json{
        {"count", count_}, {"disordered", disordered_}, {"seconds", count_ > 0 ? seconds : 0.0}}
        .dump();
  }

 private:
  int64_t count_ = 0;
  int64_t disordered_ = 0;
  Clock::time_point first_;
  Clock::time_point last_;
  std::unordered_map<std::string, int64_t> subjects_;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Counts& counts) : socket_(std::move(socket)), counts_(counts) {
    beast::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
  }
  void Read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code ec, size_t) {
                       if (!ec) self->Answer();
                     });
  }

 private:
  void Answer() {
    response_ = {http::status::ok, request_.version()};
    if (request_.target() == "/counts") {
      if (request_.method() == http::verb::delete_) counts_.Forget();
      response_.body() = counts_.Text();
    } else {
      const std::string& body = request_.body();
      // A challenge is answered with itself.
      if (body.find(R"("challenge":)") != std::string::npos) {
        response_.body() = body;
      } else {
        counts_.Note(body);
      }
    }
    response_.keep_alive(request_.keep_alive());
    response_.prepare_payload();
    http::async_write(socket_, response_,
                      [self = shared_from_this()](beast::error_code ec, size_t) {
                        if (!ec) self->Read();
                      });
  }

  tcp::socket socket_;
  Counts& counts_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void Accept(tcp::acceptor& acceptor, Counts& counts) {
  acceptor.async_accept([&](beast::error_code ec, tcp::socket socket) {
    if (!ec) std::make_shared<Session>(std::move(socket), counts)->Read();
    if (acceptor.is_open()) Accept(acceptor, counts);
  });
}

absl::StatusOr<std::string> Exchange(int port, http::verb verb) {
  try {
    asio::io_context io;
    tcp::socket socket(io);
    socket.connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
    http::request<http::empty_body> request(verb, "/counts", 11);
    request.set(http::field::host, "127.0.0.1");
    request.keep_alive(false);
    http::write(socket, request);
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(socket, buffer, response);
    return response.body();
  } catch (const std::exception& problem) {
    return absl::UnavailableError(base::StrCat("the receiver: ", problem.what()));
  }
}

}  // namespace

int Receive(const std::string& ready_file) {
  asio::io_context io(1);
  tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  Counts counts;
  asio::signal_set signals(io, SIGTERM);
  signals.async_wait([&](beast::error_code, int) { io.stop(); });
  Accept(acceptor, counts);
  const std::string half = ready_file + ".part";
  std::ofstream(half) << acceptor.local_endpoint().port() << "\n";
  std::error_code ignored;
  std::filesystem::rename(half, ready_file, ignored);
  io.run();
  return 0;
}

absl::StatusOr<std::unique_ptr<Receiver>> Receiver::Start(const std::string& folder) {
  auto receiver = std::make_unique<Receiver>();
  const std::string ready = folder + "/receiver.port";
  KONTOR_ASSIGN_OR_RETURN(receiver->process_,
                          Child::Start(OwnProgram(), {"receive", "--ready-file", ready},
                                       folder + "/receiver.log"));
  KONTOR_ASSIGN_OR_RETURN(const std::string text,
                          AwaitFile(ready, *receiver->process_, kStartPatience));
  KONTOR_ASSIGN_OR_RETURN(const int64_t port, base::ParseInt64(base::Trim(text)));
  receiver->port_ = static_cast<int>(port);
  return receiver;
}

std::string Receiver::url() const { return base::StrCat("http://127.0.0.1:", port_, "/hook"); }

absl::StatusOr<Received> Receiver::Ask() const {
  KONTOR_ASSIGN_OR_RETURN(const std::string text, Exchange(port_, http::verb::get));
  const auto counts = nlohmann::json::parse(text, nullptr, false);
  if (!counts.is_object()) return absl::InternalError("the receiver answered no JSON");
  return Received{counts.value("count", int64_t{0}), counts.value("disordered", int64_t{0}),
                  counts.value("seconds", 0.0)};
}

absl::Status Receiver::Forget() const { return Exchange(port_, http::verb::delete_).status(); }

}  // namespace kontor::bench
