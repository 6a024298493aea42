// SPDX-License-Identifier: Apache-2.0
// One request on its way through libcurl: its options, what came back, and what is known of whether
// it left. Private to server/net; used on the client's thread only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "server/base/status.h"
#include "server/net/address_guard.h"
#include "server/ports/http_client.h"

namespace kontor::net::internal {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyPtr = std::unique_ptr<CURL, EasyDeleter>;
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using ListPtr = std::unique_ptr<curl_slist, ListDeleter>;

/// Refuses what could change the meaning of the request: a method that is no token, a header with a
/// line break, a URL that AddressGuard::CheckUrl refuses (its address only when guarded).
/// Errors: FIELD_INVALID, TARGET_REFUSED; the outcome is kNotApplied.
absl::Status CheckRequest(const ports::HttpRequest& request, const AddressGuard& guard);

class Transfer {
 public:
  using Done = std::function<void(ports::HttpResponse)>;
  using Instant = std::chrono::steady_clock::time_point;

  /// The total time-out runs from now on.
  Transfer(ports::HttpRequest request, Done done);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Keeps a refusal found by CheckRequest until the client's thread tells it; OK keeps nothing.
  void Refuse(absl::Status fault) { fault_ = std::move(fault); }
  /// Tells the kept refusal. False when there is none.
  bool AnswerIfRefused();
  /// Sets all options on `easy` (freshly reset), which this then owns.
  void Prepare(EasyPtr easy, const AddressGuard& guard, const std::string& user_agent);
  CURL* easy() const { return easy_.get(); }
  EasyPtr TakeEasy() { return std::move(easy_); }
  Instant deadline() const { return deadline_; }

  /// The response after libcurl's verdict.
  void Finish(CURLcode code);
  /// The response of a transfer that ends for a reason of ours. `reason` says which.
  void Abandon(base::Reason reason, std::string_view what);

 private:
  static curl_socket_t OpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int BeforeRequest(void* self, char* peer, char* local, int peer_port, int local_port);
  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self);
  static size_t OnBody(char* bytes, size_t size, size_t count, void* self);

  bool MayRepeat() const { return request_.method == "GET" || request_.method == "HEAD"; }
  void SetMethod();
  void SetHeaders(const std::string& user_agent);
  void SetTls();
  absl::Status StatusOf(CURLcode code) const;
  void Answer(absl::Status status);

  ports::HttpRequest request_;
  Done done_;
  absl::Status fault_;
  const Instant begun_;
  const Instant deadline_;
  const AddressGuard* guard_ = nullptr;
  EasyPtr easy_;
  ListPtr headers_;
  ports::HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool headers_ended_ = false;
  std::string refused_address_;
  int attempts_ = 0;        // times that libcurl was about to write the request
  bool too_large_ = false;  // the answer went beyond its limit
  char error_text_[CURL_ERROR_SIZE] = {};
};

}  // namespace kontor::net::internal
