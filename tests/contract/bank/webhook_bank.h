// SPDX-License-Identifier: Apache-2.0
// A bank on loopback that takes signed payment orders, once each, and does as it is told.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/net/http_listener.h"
#include "server/ports/http_client.h"

namespace kontor::bank::testing {

inline constexpr char kOurSecret[] = "whsec_b3VycyBvdXJzIG91cnMgb3VycyBvdXJzIG91cnM=";
inline constexpr char kBankSecret[] = "whsec_YmFua3MgYmFua3MgYmFua3MgYmFua3MgYmFua3M=";

/// What becomes of the next order.
struct Behaviour {
  bool takes = true;                ///< It keeps the order.
  bool answers = true;              ///< Else nobody ever hears.
  int status = 0;                   ///< 0: its own.
  std::optional<std::string> body;  ///< None: its own.
};

class WebhookBank {
 public:
  WebhookBank();
  ~WebhookBank();
  std::string url() const;                            ///< Where orders go.
  std::string status_url() const;                     ///< With {message_id}.
  ports::HttpClient& http() { return *http_; }        ///< That may dial loopback.
  ports::HttpClient& guarded() { return *guarded_; }  ///< That may not.

  void Next(Behaviour behaviour);
  /// Of the next answers about orders; 0: its own.
  void AnswersStatus(int status, std::string body);
  std::map<std::string, std::string> orders();  ///< Bytes by message id.
  net::HttpHeaders last_headers();
  int posts();
  int unverified();  ///< Requests whose signature did not hold.
  void Reset();

 private:
  void Handle(const net::HttpServerRequest& request, const net::HttpRespond& respond);
  void Take(const net::HttpServerRequest& request, const net::HttpRespond& respond);
  void Tell(const net::HttpServerRequest& request, const net::HttpRespond& respond);
  bool IsSigned(const net::HttpServerRequest& request) const;

  std::mutex mutex_;
  std::map<std::string, std::string> orders_;
  std::optional<Behaviour> next_;
  int status_ = 0;
  std::string status_body_;
  net::HttpHeaders headers_;
  int posts_ = 0;
  int unverified_ = 0;
  std::vector<net::HttpRespond> unanswered_;  ///< Kept, so that the listener does not answer.
  std::unique_ptr<net::HttpListener> listener_;
  std::unique_ptr<ports::HttpClient> http_;
  std::unique_ptr<ports::HttpClient> guarded_;
};

}  // namespace kontor::bank::testing
