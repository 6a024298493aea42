// SPDX-License-Identifier: Apache-2.0
// The HTTP/1.1 server under kontor's JSON gateway, inbound webhooks and probes: it reads requests
// within limits, hands them to one handler and writes the answers. It knows no routes and no
// tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/crypto/x509.h"

namespace kontor::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// A request that was read whole and is well formed.
struct HttpServerRequest {
  std::string method;   ///< As sent, for example `POST`.
  std::string path;     ///< Begins with '/'; percent-encoding is left as sent.
  std::string query;    ///< Without the '?'; may be empty.
  HttpHeaders headers;  ///< Names in lower case, in the order sent, repeated ones repeated.
  std::string body;     ///< Raw bytes, with any chunking undone.
  std::string peer_address;  ///< The address of the connection, such as `127.0.0.1`.
  std::uint16_t peer_port = 0;
  bool encrypted = false;  ///< The connection is TLS.
  /// The client's certificate, only when it was verified against the configured authority.
  std::optional<crypto::CertificateFacts> client_certificate;

  /// The first value of a header, or empty. `name` in lower case.
  std::string_view Header(std::string_view name) const;
};

struct HttpServerResponse {
  int status = 200;     ///< 200 to 599.
  HttpHeaders headers;  ///< Content-Length, Connection and Transfer-Encoding are ours alone.
  std::string body;
};

/// Answers one request, from any thread, once; later calls change nothing. When every copy is gone
/// without a call the client gets 500, so no request is left hanging.
using HttpRespond = std::function<void(HttpServerResponse)>;
/// Runs on a network thread and must not block: work goes elsewhere, HttpRespond with it.
using HttpHandler = std::function<void(HttpServerRequest, HttpRespond)>;

struct TlsServerOptions {
  enum class ClientCertificate { kNone, kOptional, kRequired };

  std::string certificate_file;  ///< PEM, the server's certificate first, then its chain.
  std::string key_file;          ///< PEM, mode 0600.
  std::string client_authority_file;  ///< PEM of who may sign clients; needed unless kNone.
  ClientCertificate client_certificate = ClientCertificate::kNone;
  /// How often the files are looked at for a change; new connections then use the new ones.
  absl::Duration check_interval = absl::Seconds(10);
};

struct HttpListenerOptions {
  std::string address = "127.0.0.1";  ///< An IP address; without TLS it must be loopback.
  std::uint16_t port = 0;             ///< 0: any free one, told by port().
  int threads = 2;                    ///< 1 to 64.
  std::size_t header_bytes_max = 16UL << 10;  ///< Request line and headers; more is 431.
  std::size_t body_bytes_max = 4UL << 20;     ///< More is 413.
  int connections_max = 1024;                 ///< Further ones wait in the system's queue.
  absl::Duration header_timeout = absl::Seconds(10);  ///< From first byte to last header (408).
  absl::Duration body_timeout = absl::Seconds(30);    ///< For the whole body (408).
  absl::Duration idle_timeout = absl::Seconds(60);    ///< Between requests.
  absl::Duration answer_timeout = absl::Seconds(120);  ///< For the handler (503).
  absl::Duration write_timeout = absl::Seconds(30);    ///< For the client to take the answer.
  std::optional<TlsServerOptions> tls;
};

/// What a listener has seen, for metrics.
struct HttpListenerCounts {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t requests = 0;          ///< Handed to the handler.
  std::uint64_t requests_refused = 0;  ///< Answered here: malformed, too large, too slow.
  std::uint64_t tls_failures = 0;
};

/// A running server. Thread safety: all methods from any thread.
class HttpListener {
 public:
  /// Binds, listens and starts its threads (named `http`).
  /// Errors: INVALID_ARGUMENT for options out of range; TLS_REQUIRED for plain text on an address
  /// that is not loopback; FAILED_PRECONDITION for unusable certificate files; UNAVAILABLE when the
  /// port cannot be had.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(HttpListenerOptions options,
                                                             HttpHandler handler);
  /// As Stop() with no patience.
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  /// The port that is listened on.
  std::uint16_t port() const;
  HttpListenerCounts counts() const;
  /// Reads the certificate files now. Errors: FAILED_PRECONDITION, and the former ones stay in use.
  absl::Status ReloadCertificates();
  /// Stops accepting, closes idle connections, lets requests in progress finish for at most
  /// `patience`, then closes all and joins the threads. Blocks; a second call does nothing.
  /// Must not be called from the handler.
  void Stop(absl::Duration patience);

 private:
  class Impl;
  explicit HttpListener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace kontor::net
