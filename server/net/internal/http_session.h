// SPDX-License-Identifier: Apache-2.0
// One connection of the listener: reads requests one after the other, has them answered, writes the
// answers. Included by http_listener.cc alone, since Beast takes long to compile.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "absl/time/time.h"
#include "server/net/http_listener.h"
#include "server/net/internal/http_rules.h"

namespace kontor::net::internal {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<tcp::socket>;

class SessionBase {
 public:
  virtual ~SessionBase() = default;
  /// Closes when idle; else the request in progress is the last one. From any thread.
  virtual void BeginStop() = 0;
  /// Closes at once. From any thread.
  virtual void CloseSoon() = 0;
};

/// What all connections share. Sessions refer to it; answers that are still out own it, so that the
/// io_context outlives every late answer. The io_context goes first: it is the last member.
struct Core {
  HttpListenerOptions options;
  HttpHandler handler;
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> accepted{0}, requests{0}, refused{0}, tls_failures{0};
  std::mutex mutex;
  std::condition_variable changed;
  std::map<SessionBase*, std::weak_ptr<SessionBase>> sessions;  // guarded by mutex
  std::function<void()> on_session_gone;                        // set once before the first session
  asio::io_context io;

  void Forget(SessionBase* session) {
    {
      const std::lock_guard lock(mutex);
      sessions.erase(session);
    }
    changed.notify_all();
    if (!stopping && on_session_gone) on_session_gone();
  }
};

template <typename Stream>
class Session final : public SessionBase, public std::enable_shared_from_this<Session<Stream>> {
 public:
  static constexpr bool kTls = !std::is_same_v<Stream, tcp::socket>;

  template <typename... Rest>
  Session(Core& core, tcp::socket socket, Rest&... rest)
      : core_(core), stream_(std::move(socket), rest...), deadline_(stream_.get_executor()),
        buffer_(core.options.header_bytes_max + kBufferSlack) {}
  ~Session() override { core_.Forget(this); }

  /// Begins; `keep` lives as long as the session (the TLS context).
  void Run(const std::shared_ptr<Core>& core, std::shared_ptr<void> keep) {
    weak_core_ = core;
    keep_ = std::move(keep);
    asio::dispatch(stream_.get_executor(), [self = Self()] { self->Begin(); });
  }

  void BeginStop() override {
    asio::post(stream_.get_executor(), [self = Self()] {
      if (self->idle_) self->CloseNow();
    });
  }
  void CloseSoon() override {
    asio::post(stream_.get_executor(), [self = Self()] { self->CloseNow(); });
  }

 private:
  // Room beside the headers: what the client sent of the body together with them, chunk lines.
  static constexpr std::size_t kBufferSlack = 64UL << 10;
  static constexpr std::size_t kReadAheadBytes = 4096;
  static constexpr absl::Duration kCancelGrace = absl::Seconds(1);
  static constexpr absl::Duration kLingerTimeout = absl::Seconds(2);

  class Responder;
  using Answer = http::response<http::string_body>;

  std::shared_ptr<Session> Self() { return this->shared_from_this(); }
  tcp::socket& socket() { return beast::get_lowest_layer(stream_); }

  // The bound of the step that follows. The first expiry cancels what is going on, so that an
  // answer can still be written; should the step go on all the same, the second one closes.
  void Arm(absl::Duration limit) {
    timed_out_ = false;
    Wait(limit);
  }
  // One wait of the timer serves many bounds: nearly all are moved on long before they are reached,
  // and to cancel and wait anew at each step costs as much as reading the request.
  void Wait(absl::Duration limit) {
    ends_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(limit);
    if (!looking_ || looks_at_ > ends_) LookAtEnd();
  }
  void LookAtEnd() {
    looking_ = true;
    looks_at_ = ends_;
    deadline_.expires_at(looks_at_);
    deadline_.async_wait([self = Self(), look = ++look_number_](error_code ec) {
      if (ec || look != self->look_number_) return;
      self->looking_ = false;
      if (std::chrono::steady_clock::now() < self->ends_) return self->LookAtEnd();
      self->OnDeadline();
    });
  }
  void OnDeadline() {
    if (answering_) {
      TakeAnswer({503, {}, {}}, request_number_);
    } else if (timed_out_) {
      CloseNow();
    } else {
      timed_out_ = true;
      error_code ignored;
      socket().cancel(ignored);
      Wait(kCancelGrace);
    }
  }

  void Begin() {
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    const tcp::endpoint peer = socket().remote_endpoint(ignored);
    peer_address_ = AddressText(peer.address());
    peer_port_ = peer.port();
    Arm(core_.options.header_timeout);
    if constexpr (kTls) {
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = Self()](error_code ec) { self->OnHandshake(ec); });
    } else {
      AwaitRequest();
    }
  }

  void OnHandshake(error_code ec) {
    if constexpr (kTls) {
      if (ec) {
        ++core_.tls_failures;
        return CloseNow();
      }
      client_certificate_ = PeerCertificate(stream_.native_handle());
      Arm(core_.options.header_timeout);
      AwaitRequest();
    }
  }

  // The deadline is armed by the caller: a new connection has less time than one kept alive.
  void AwaitRequest() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(core_.options.header_bytes_max));
    parser_->body_limit(core_.options.body_bytes_max);
    if (buffer_.size() > 0) return ReadHeader();
    if (core_.stopping) return CloseNow();
    idle_ = true;
    stream_.async_read_some(buffer_.prepare(kReadAheadBytes),
                            [self = Self()](error_code ec, std::size_t size) {
                              self->idle_ = false;
                              if (ec) return self->CloseNow();
                              self->buffer_.commit(size);
                              self->ReadHeader();
                            });
  }

  void ReadHeader() {
    Arm(core_.options.header_timeout);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = Self()](error_code ec, std::size_t) { self->OnHeader(ec); });
  }

  void OnHeader(error_code ec) {
    if (ec) return OnReadError(ec);
    const Verdict verdict = CheckHeader(parser_->get());
    if (verdict.status != 0) return Refuse(verdict.status, verdict.text);
    if (parser_->is_done()) return Dispatch();
    Arm(core_.options.body_timeout);
    if (!verdict.expects_continue) return ReadBody();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = Self()](error_code write_ec, std::size_t) {
                        if (write_ec) return self->CloseNow();
                        self->ReadBody();
                      });
  }

  void ReadBody() {
    http::async_read(stream_, buffer_, *parser_, [self = Self()](error_code ec, std::size_t) {
      if (ec) return self->OnReadError(ec);
      self->Dispatch();
    });
  }

  void OnReadError(error_code ec) {
    if (timed_out_) return Refuse(408, "the request did not arrive in time");
    const Verdict verdict = VerdictOf(ec);
    if (verdict.status == 0) return CloseNow();  // the connection broke: nobody to answer
    Refuse(verdict.status, verdict.text);
  }

  void Dispatch() {
    ++core_.requests;
    auto message = parser_->release();
    is_head_ = message.method() == http::verb::head;
    keep_alive_ = message.keep_alive();
    HttpServerRequest request = ToRequest(std::move(message));
    request.peer_address = peer_address_;
    request.peer_port = peer_port_;
    request.encrypted = kTls;
    request.client_certificate = client_certificate_;
    answering_ = true;
    Arm(core_.options.answer_timeout);
    auto responder = std::make_shared<Responder>(weak_core_.lock(), Self(), ++request_number_);
    HttpRespond respond = [responder](HttpServerResponse response) {
      responder->Respond(std::move(response));
    };
    try {
      core_.handler(std::move(request), respond);
    } catch (...) {
      respond({500, {}, {}});  // no exception crosses a folder boundary
    }
  }

  void TakeAnswer(HttpServerResponse response, std::uint64_t number) {
    if (!answering_ || number != request_number_) return;  // too late: already answered
    answering_ = false;
    Write(std::move(response), keep_alive_ && !core_.stopping, /*linger=*/false);
  }

  void Refuse(int status, std::string_view text) {
    ++core_.refused;
    is_head_ = false;
    Write(RefusalAnswer(status, text), /*keep_alive=*/false, /*linger=*/true);
  }

  void Write(HttpServerResponse response, bool keep_alive, bool linger) {
    answer_.emplace(ToAnswer(std::move(response), keep_alive));
    Arm(core_.options.write_timeout);
    const auto done = [self = Self(), keep_alive, linger](error_code ec, std::size_t) {
      self->answer_.reset();
      if (ec) return self->CloseNow();
      if (!keep_alive) return self->Finish(linger);
      self->Arm(self->core_.options.idle_timeout);
      self->AwaitRequest();
    };
    if (is_head_) {
      head_serializer_.emplace(*answer_);
      http::async_write_header(stream_, *head_serializer_, done);
    } else {
      http::async_write(stream_, *answer_, done);
    }
  }

  // A refused client may still be sending. Closing with unread bytes resets the connection, and
  // the reset can overtake the answer; so the rest is read for a moment and thrown away.
  void Finish(bool linger) {
    Arm(kLingerTimeout);
    if constexpr (kTls) {
      stream_.async_shutdown([self = Self(), linger](error_code) { self->FinishSocket(linger); });
    } else {
      FinishSocket(linger);
    }
  }
  void FinishSocket(bool linger) {
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (!linger) return CloseNow();
    discard_.resize(kBufferSlack);
    Discard();
  }
  void Discard() {
    socket().async_read_some(asio::buffer(discard_), [self = Self()](error_code ec, std::size_t) {
      if (ec || self->timed_out_) return self->CloseNow();
      self->Discard();
    });
  }

  void CloseNow() {
    answering_ = false;
    ++look_number_;
    deadline_.cancel();
    error_code ignored;
    socket().close(ignored);
  }

  class Responder {
   public:
    Responder(std::shared_ptr<Core> core, const std::shared_ptr<Session>& session,
              std::uint64_t number)
        : core_(std::move(core)), session_(session), number_(number) {}
    ~Responder() { Respond({500, {}, {}}); }
    void Respond(HttpServerResponse response) {
      if (used_.test_and_set()) return;
      const std::shared_ptr<Session> session = session_.lock();
      if (!session) return;
      asio::post(session->stream_.get_executor(),
                 [session, number = number_, response = std::move(response)]() mutable {
                   session->TakeAnswer(std::move(response), number);
                 });
    }

   private:
    std::shared_ptr<Core> core_;  // first: the session's executor lives in it
    std::weak_ptr<Session> session_;
    const std::uint64_t number_;
    std::atomic_flag used_ = ATOMIC_FLAG_INIT;
  };

  Core& core_;
  std::weak_ptr<Core> weak_core_;
  std::shared_ptr<void> keep_;
  Stream stream_;
  asio::steady_timer deadline_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<Answer> answer_;
  std::optional<http::response_serializer<http::string_body>> head_serializer_;
  std::string discard_;
  std::string peer_address_;
  std::uint16_t peer_port_ = 0;
  std::optional<crypto::CertificateFacts> client_certificate_;
  std::uint64_t request_number_ = 0;
  std::chrono::steady_clock::time_point ends_;      ///< Of the step that goes on.
  std::chrono::steady_clock::time_point looks_at_;  ///< When the timer ends, not after ends_.
  std::uint64_t look_number_ = 0;
  bool looking_ = false;
  bool idle_ = false;
  bool answering_ = false;
  bool timed_out_ = false;
  bool keep_alive_ = false;
  bool is_head_ = false;
};

}  // namespace kontor::net::internal
