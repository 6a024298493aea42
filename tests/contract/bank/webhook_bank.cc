// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/bank/webhook_bank.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "server/net/http_client.h"

namespace kontor::bank::testing {
namespace {

using base::StrCat;
using nlohmann::json;

constexpr std::string_view kOrders = "/orders";

net::HttpServerResponse Answer(int status, std::string body) {
  net::HttpServerResponse response;
  response.status = status;
  response.headers = {{"content-type", "application/json"}};
  response.body = std::move(body);
  return response;
}

std::unique_ptr<ports::HttpClient> Client(std::vector<std::string> networks) {
  net::HttpClientOptions options;
  options.allowed_networks = std::move(networks);
  auto client = net::MakeHttpClient(std::move(options));
  BOOST_REQUIRE(client.ok());
  return *std::move(client);
}

}  // namespace

WebhookBank::WebhookBank() : http_(Client({"127.0.0.0/8"})), guarded_(Client({})) {
  auto started = net::HttpListener::Start(
      {}, [this](const net::HttpServerRequest& request, const net::HttpRespond& respond) {
        Handle(request, respond);
      });
  BOOST_REQUIRE_MESSAGE(started.ok(), started.status().ToString());
  listener_ = *std::move(started);
}

WebhookBank::~WebhookBank() {
  Reset();
  listener_->Stop(absl::ZeroDuration());
}

std::string WebhookBank::url() const {
  return StrCat("http://127.0.0.1:", static_cast<int>(listener_->port()), kOrders);
}

std::string WebhookBank::status_url() const { return StrCat(url(), "/{message_id}"); }

void WebhookBank::Next(Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  next_ = std::move(behaviour);
}

void WebhookBank::AnswersStatus(int status, std::string body) {
  const std::lock_guard lock(mutex_);
  status_ = status;
  status_body_ = std::move(body);
}

std::map<std::string, std::string> WebhookBank::orders() {
  const std::lock_guard lock(mutex_);
  return orders_;
}

net::HttpHeaders WebhookBank::last_headers() {
  const std::lock_guard lock(mutex_);
  return headers_;
}

int WebhookBank::posts() {
  const std::lock_guard lock(mutex_);
  return posts_;
}

int WebhookBank::unverified() {
  const std::lock_guard lock(mutex_);
  return unverified_;
}

void WebhookBank::Reset() {
  std::vector<net::HttpRespond> unanswered;
  {
    const std::lock_guard lock(mutex_);
    orders_.clear();
    next_.reset();
    status_ = 0;
    status_body_.clear();
    posts_ = unverified_ = 0;
    unanswered.swap(unanswered_);
  }
}

/// Made here from the specification, without the code under test.
bool WebhookBank::IsSigned(const net::HttpServerRequest& request) const {
  const std::string secret = crypto::Base64Decode(std::string_view(kOurSecret).substr(6)).value();
  const std::string content = StrCat(request.Header("webhook-id"), ".",
                                     request.Header("webhook-timestamp"), ".", request.body);
  return request.Header("webhook-signature") ==
         StrCat("v1,", crypto::HmacSha256(secret, content).Base64());
}

void WebhookBank::Handle(const net::HttpServerRequest& request, const net::HttpRespond& respond) {
  const std::lock_guard lock(mutex_);
  if (!IsSigned(request)) {
    ++unverified_;
    return respond(Answer(401, "{}"));
  }
  if (request.method == "POST" && request.path == kOrders) return Take(request, respond);
  Tell(request, respond);
}

void WebhookBank::Take(const net::HttpServerRequest& request, const net::HttpRespond& respond) {
  ++posts_;
  headers_ = request.headers;
  const Behaviour now = next_.value_or(Behaviour());
  next_.reset();
  const std::string id(request.Header("webhook-id"));
  const std::string own =
      json{{"message_id", id}, {"sha256", crypto::Sha256(request.body).Hex()}}.dump();
  const auto known = orders_.find(id);
  const bool conflict = known != orders_.end() && known->second != request.body;
  if (now.takes && !conflict) orders_[id] = request.body;
  if (!now.answers) {
    unanswered_.push_back(respond);
    return;
  }
  respond(Answer(now.status != 0 ? now.status : conflict ? 409 : 200, now.body.value_or(own)));
}

void WebhookBank::Tell(const net::HttpServerRequest& request, const net::HttpRespond& respond) {
  if (status_ != 0) return respond(Answer(status_, status_body_));
  const std::string id = request.path.substr(kOrders.size() + 1);
  const auto known = orders_.find(id);
  if (known == orders_.end()) {
    return respond(Answer(404, json{{"message_id", id}, {"state", "NOT_RECEIVED"}}.dump()));
  }
  respond(Answer(200, json{{"message_id", id},
                           {"sha256", crypto::Sha256(known->second).Hex()},
                           {"state", "RECEIVED"}}
                          .dump()));
}

}  // namespace kontor::bank::testing
