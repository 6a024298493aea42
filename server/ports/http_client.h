// SPDX-License-Identifier: Apache-2.0
// HTTP requests out, asynchronous. Whether any byte of a request left is part of the answer:
// exactly-once depends on it (DESIGN 5.7).
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace kontor::ports {

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration total_timeout = absl::Seconds(60);
  size_t response_bytes_max = 16 * 1024 * 1024;
  bool guard_address = true;   ///< Refuse private, loopback and link-local targets unless allowed.
  std::string ca_file;         ///< Extra trust anchors; empty: the system's.
  std::string client_certificate_file;
  std::string client_key_file;
};

struct HttpResponse {
  /// OK when an answer was read whole, whatever its HTTP status. Otherwise the reason, with
  /// base::Outcome::kNotApplied exactly when no byte of the request left this machine.
  absl::Status status;
  int http_status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;
  absl::Duration elapsed;
};

/// Thread-safe.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Calls `done` exactly once, on the client's own thread; it must not block there.
  virtual void Send(HttpRequest request, std::function<void(HttpResponse)> done) = 0;
  /// Blocks the calling thread until answered or timed out.
  virtual HttpResponse SendAndWait(HttpRequest request) = 0;
};

}  // namespace kontor::ports
