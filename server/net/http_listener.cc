// SPDX-License-Identifier: Apache-2.0
// The only translation unit that sees Boost.Beast. Accepts connections and stops in good order;
// what happens on one connection is in internal/http_session.h.
#include "server/net/http_listener.h"

#include <pthread.h>

#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/net/internal/http_session.h"
#include "server/net/internal/tls_context.h"

namespace kontor::net {
namespace {

using internal::Core;
using internal::error_code;
using internal::tcp;
namespace asio = boost::asio;

constexpr int kThreadsMax = 64;
constexpr int kBacklog = 1024;
constexpr absl::Duration kAcceptPause = absl::Milliseconds(100);
constexpr absl::Duration kCloseGrace = absl::Seconds(2);

absl::Status CheckOptions(const HttpListenerOptions& options, const asio::ip::address& address) {
  if (options.threads < 1 || options.threads > kThreadsMax || options.connections_max < 1 ||
      options.header_bytes_max < 256 || options.header_bytes_max > (1UL << 20)) {
    return base::Error(base::Reason::kConfigInvalid)
        .Says("HTTP listener: threads 1 to 64, at least one connection, headers 256 B to 1 MiB");
  }
  for (const absl::Duration wait :
       {options.header_timeout, options.body_timeout, options.idle_timeout, options.answer_timeout,
        options.write_timeout}) {
    if (wait < absl::Milliseconds(1) || wait > absl::Hours(24)) {
      return base::Error(base::Reason::kConfigInvalid)
          .Says("HTTP listener: each time-out lies between 1 ms and 24 h");
    }
  }
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  const bool loopback =
      mapped ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback()
             : address.is_loopback();
  if (!options.tls && !loopback) {
    return base::Error(base::Reason::kTlsRequired)
        .Says(base::StrCat("plain HTTP on ", options.address, " is refused"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view HttpServerRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

class HttpListener::Impl : public std::enable_shared_from_this<HttpListener::Impl> {
 public:
  Impl(HttpListenerOptions options, HttpHandler handler,
       std::unique_ptr<internal::ReloadingContext> tls)
      : core_(std::make_shared<Core>()),
        tls_(std::move(tls)),
        guard_(core_->io.get_executor()),
        strand_(asio::make_strand(core_->io)),
        acceptor_(strand_),
        pause_(strand_),
        tls_check_(strand_) {
    core_->options = std::move(options);
    core_->handler = std::move(handler);
  }

  absl::Status Open(const asio::ip::address& address) {
    error_code ec;
    const tcp::endpoint endpoint(address, core_->options.port);
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec) acceptor_.bind(endpoint, ec);
    if (!ec) acceptor_.listen(kBacklog, ec);
    if (ec) {
      return absl::UnavailableError(base::StrCat("cannot listen on ", core_->options.address,
                                                 " port ", core_->options.port, ": ",
                                                 ec.message()));
    }
    port_ = acceptor_.local_endpoint(ec).port();
    core_->on_session_gone = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) asio::post(self->strand_, [self] { self->Accept(); });
    };
    asio::post(strand_, [self = shared_from_this()] { self->Accept(); });
    if (tls_) asio::post(strand_, [self = shared_from_this()] { self->WatchCertificates(); });
    for (int i = 0; i < core_->options.threads; ++i) {
      threads_.emplace_back([core = core_] {
        pthread_setname_np(pthread_self(), "http");
        core->io.run();
      });
    }
    return absl::OkStatus();
  }

  void Stop(absl::Duration patience) {
    if (core_->stopping.exchange(true)) return;
    asio::post(strand_, [self = shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
      self->pause_.cancel();
      self->tls_check_.cancel();
    });
    ForEachSession([](internal::SessionBase& session) { session.BeginStop(); });
    if (!WaitUntilEmpty(patience)) {
      ForEachSession([](internal::SessionBase& session) { session.CloseSoon(); });
      WaitUntilEmpty(kCloseGrace);
    }
    guard_.reset();
    core_->io.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    // What was still queued refers to this object, which owns the queue: run it out, or neither
    // would ever be freed.
    core_->io.restart();
    core_->io.poll();
  }

  absl::Status ReloadCertificates() { return tls_ ? tls_->Reload() : absl::OkStatus(); }
  std::uint16_t port() const { return port_; }

  HttpListenerCounts counts() const {
    const std::lock_guard lock(core_->mutex);
    return {core_->accepted, core_->sessions.size(), core_->requests, core_->refused,
            core_->tls_failures};
  }

 private:
  void Accept() {
    if (accepting_ || core_->stopping || !acceptor_.is_open()) return;
    {
      const std::lock_guard lock(core_->mutex);
      // Full: the system's queue holds newcomers until a session ends, which calls Accept() again.
      if (core_->sessions.size() >= static_cast<std::size_t>(core_->options.connections_max)) {
        return;
      }
    }
    accepting_ = true;
    acceptor_.async_accept(asio::make_strand(core_->io),
                           [self = shared_from_this()](error_code ec, tcp::socket socket) {
                             self->accepting_ = false;
                             self->OnAccept(ec, std::move(socket));
                           });
  }

  void OnAccept(error_code ec, tcp::socket socket) {
    if (core_->stopping || ec == asio::error::operation_aborted) return;
    if (ec) {
      // Out of descriptors, say: trying again at once would only burn the processor.
      pause_.expires_after(absl::ToChronoNanoseconds(kAcceptPause));
      pause_.async_wait([self = shared_from_this()](error_code wait_ec) {
        if (!wait_ec) self->Accept();
      });
      return;
    }
    ++core_->accepted;
    if (tls_) {
      StartTls(std::move(socket));
    } else {
      Register(std::make_shared<internal::Session<tcp::socket>>(*core_, std::move(socket)))
          ->Run(core_, nullptr);
    }
    Accept();
  }

  void StartTls(tcp::socket socket) {
    const internal::SslContextPtr native = tls_->current();
    SSL_CTX_up_ref(native.get());
    const auto context = std::make_shared<asio::ssl::context>(native.get());
    Register(std::make_shared<internal::Session<internal::TlsStream>>(*core_, std::move(socket),
                                                                      *context))
        ->Run(core_, context);
  }

  template <typename Session>
  std::shared_ptr<Session> Register(std::shared_ptr<Session> session) {
    const std::lock_guard lock(core_->mutex);
    core_->sessions.emplace(session.get(), session);
    return session;
  }

  void WatchCertificates() {
    tls_check_.expires_after(absl::ToChronoNanoseconds(tls_->options().check_interval));
    tls_check_.async_wait([self = shared_from_this()](error_code ec) {
      if (ec || self->core_->stopping) return;
      // A broken new file is not fatal: the former certificate serves on, and the expiry alarms of
      // whoever watches it go off in time. The next change of the files is tried again.
      self->tls_->ReloadIfChanged().IgnoreError();
      self->WatchCertificates();
    });
  }

  template <typename Action>
  void ForEachSession(Action action) {
    std::vector<std::shared_ptr<internal::SessionBase>> alive;
    {
      const std::lock_guard lock(core_->mutex);
      for (const auto& [key, weak] : core_->sessions) {
        if (auto session = weak.lock()) alive.push_back(std::move(session));
      }
    }
    for (const auto& session : alive) action(*session);
  }

  bool WaitUntilEmpty(absl::Duration patience) {
    std::unique_lock lock(core_->mutex);
    return core_->changed.wait_for(lock, absl::ToChronoNanoseconds(patience),
                                   [this] { return core_->sessions.empty(); });
  }

  const std::shared_ptr<Core> core_;
  const std::unique_ptr<internal::ReloadingContext> tls_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  asio::strand<asio::io_context::executor_type> strand_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::steady_timer tls_check_;
  bool accepting_ = false;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(HttpListenerOptions options,
                                                                  HttpHandler handler) {
  error_code ec;
  const asio::ip::address address = asio::ip::make_address(options.address, ec);
  if (ec) {
    return base::Error(base::Reason::kConfigInvalid)
        .Says(base::StrCat("\"", options.address, "\" is not an IP address to listen on"));
  }
  if (absl::Status status = CheckOptions(options, address); !status.ok()) return status;
  std::unique_ptr<internal::ReloadingContext> tls;
  if (options.tls) {
    KONTOR_ASSIGN_OR_RETURN(tls, internal::ReloadingContext::Make(*options.tls));
  }
  auto impl = std::make_shared<Impl>(std::move(options), std::move(handler), std::move(tls));
  if (absl::Status status = impl->Open(address); !status.ok()) return status;
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(impl)));
}

HttpListener::HttpListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpListener::~HttpListener() { impl_->Stop(absl::ZeroDuration()); }
std::uint16_t HttpListener::port() const { return impl_->port(); }
HttpListenerCounts HttpListener::counts() const { return impl_->counts(); }
absl::Status HttpListener::ReloadCertificates() { return impl_->ReloadCertificates(); }
void HttpListener::Stop(absl::Duration patience) { impl_->Stop(patience); }

}  // namespace kontor::net
