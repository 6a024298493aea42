// SPDX-License-Identifier: Apache-2.0
// Source of the wire form: connectrpc.com/docs/protocol, unary requests.
#include "server/api/gateway.h"

#include <algorithm>
#include <memory>

#include "server/api/errors.h"
#include "server/api/json.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProto = "application/proto";
constexpr int64_t kConnectTimeoutMsMax = 9'999'999'999;  // ten digits, says the protocol

net::HttpServerResponse Plain(int status, std::string body, std::string type) {
  net::HttpServerResponse response;
  response.status = status;
  response.headers = {{"content-type", std::move(type)}, {"cache-control", "no-store"}};
  response.body = std::move(body);
  return response;
}

net::HttpServerResponse Failed(const absl::Status& status) {
  net::HttpServerResponse response =
      Plain(ToHttpStatus(status.code()), ToConnectJson(status), std::string(kJson));
  const absl::Duration wait = base::InfoOf(status).retry_after;
  if (wait > absl::ZeroDuration()) {
    response.headers.emplace_back(
        "retry-after", base::StrCat(absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)))));
  }
  if (status.code() == absl::StatusCode::kUnauthenticated) {
    response.headers.emplace_back("www-authenticate", "Bearer");
  }
  return response;
}

/// The two codecs of the protocol; empty for any other type.
std::string_view CodecOf(std::string_view content_type) {
  const std::string type =
      base::ToLower(base::Trim(content_type.substr(0, content_type.find(';'))));
  for (const std::string_view known : {kJson, kProto}) {
    if (type == known) return known;
  }
  return {};
}

absl::Status ReadBody(std::string_view codec, const std::string& body, Message* out) {
  if (codec == kJson) return ReadJson(body, out);
  if (out->ParseFromString(body)) return absl::OkStatus();
  return Error(Reason::kFieldInvalid).Says("the body is no message of this method");
}

absl::StatusOr<absl::Time> DeadlineOf(const net::HttpServerRequest& request) {
  const std::string_view text = request.Header("connect-timeout-ms");
  if (text.empty()) return absl::InfiniteFuture();
  const auto ms = base::ParseInt64(text);
  if (!ms.ok() || *ms < 0 || *ms > kConnectTimeoutMsMax) {
    return Error(Reason::kFieldInvalid)
        .Field("connect-timeout-ms")
        .Says("a header of 1 to 10 digits is expected");
  }
  return absl::Now() + absl::Milliseconds(*ms);
}

/// Keeps both messages until the pipeline has answered.
struct Exchange {
  std::unique_ptr<Message> request;
  std::unique_ptr<Message> response;
  std::string_view codec;  ///< One of the constants.
  net::HttpRespond respond;
};

class Gateway {
 public:
  explicit Gateway(GatewayParts parts) : parts_(std::move(parts)) {}

  void Handle(net::HttpServerRequest request, net::HttpRespond respond) {
    if (request.path.starts_with("/kontor.v1.")) {
      HandleMethod(std::move(request), std::move(respond));
      return;
    }
    if (request.path.starts_with("/hooks/") && parts_.hooks) {
      parts_.hooks(std::move(request), std::move(respond));
      return;
    }
    if (request.method != "GET" && request.method != "HEAD") {
      respond(Plain(405, "", "text/plain"));
      return;
    }
    respond(Page(request.path));
  }

 private:
  net::HttpServerResponse Page(const std::string& path) {
    if (path == "/healthz") return Plain(200, "ok\n", "text/plain");
    if (path == "/readyz") {
      const absl::Status ready = parts_.ready();
      if (ready.ok()) return Plain(200, "ready\n", "text/plain");
      return Plain(503, std::string(ready.message()) + "\n", "text/plain");
    }
    if (path == "/metrics") {
      return Plain(200, parts_.metrics_text(), "text/plain; version=0.0.4");
    }
    const auto it = parts_.pages.find(path);
    if (it != parts_.pages.end()) return it->second();
    return Plain(404, "nothing here\n", "text/plain");
  }

  void HandleMethod(net::HttpServerRequest request, net::HttpRespond respond) {
    if (request.method != "POST") {
      net::HttpServerResponse response = Plain(405, "", "text/plain");
      response.headers.emplace_back("allow", "POST");
      respond(std::move(response));
      return;
    }
    if (CodecOf(request.Header("content-type")).empty()) {
      net::HttpServerResponse response =
          Failed(Error(Reason::kContentTypeInvalid).Says("only JSON and protobuf are read here"));
      response.status = 415;
      respond(std::move(response));
      return;
    }
    const std::string_view encoding = request.Header("content-encoding");
    if (!encoding.empty() && encoding != "identity") {
      respond(Failed(Error(Reason::kContentTypeInvalid)
                         .Field("content-encoding")
                         .Says("only identity is read here")));
      return;
    }
    Dispatch(request, std::move(respond));
  }

  void Dispatch(const net::HttpServerRequest& request, net::HttpRespond respond) {
    const std::string name = request.path.substr(1);
    const Registry::Method* method = parts_.pipeline.registry().Find(name);
    if (method == nullptr) {
      net::HttpServerResponse response =
          Failed(Error(Reason::kMethodUnknown).Says("there is no such method"));
      response.status = 404;
      respond(std::move(response));
      return;
    }
    const auto deadline = DeadlineOf(request);
    if (!deadline.ok()) {
      respond(Failed(deadline.status()));
      return;
    }
    auto exchange = std::make_shared<Exchange>();
    exchange->request = method->new_request();
    exchange->response = method->new_response();
    exchange->respond = std::move(respond);
    exchange->codec = CodecOf(request.Header("content-type"));
    const absl::Status read = ReadBody(exchange->codec, request.body, exchange->request.get());
    if (!read.ok()) {
      exchange->respond(Failed(read));
      return;
    }
    CallFacts facts;
    facts.method = name;
    facts.authorization = std::string(request.Header("authorization"));
    if (request.client_certificate.has_value()) {
      facts.certificate_subject = request.client_certificate->subject;
    }
    facts.traceparent = std::string(request.Header("traceparent"));
    facts.peer = request.peer_address;
    facts.deadline = *deadline;
    parts_.pipeline.Serve(std::move(facts), *exchange->request, exchange->response.get(),
                          [exchange](const absl::Status& status) { Finished(exchange, status); });
  }

  static void Finished(const std::shared_ptr<Exchange>& exchange, const absl::Status& status) {
    if (!status.ok()) {
      exchange->respond(Failed(status));
      return;
    }
    if (exchange->codec == kProto) {
      exchange->respond(Plain(200, exchange->response->SerializeAsString(), std::string(kProto)));
      return;
    }
    auto body = WriteJson(*exchange->response);
    if (!body.ok()) {
      exchange->respond(Failed(body.status()));
      return;
    }
    exchange->respond(Plain(200, *std::move(body), std::string(kJson)));
  }

  GatewayParts parts_;
};

}  // namespace

net::HttpHandler MakeGateway(GatewayParts parts) {
  auto gateway = std::make_shared<Gateway>(std::move(parts));
  return [gateway](net::HttpServerRequest request, net::HttpRespond respond) {
    gateway->Handle(std::move(request), std::move(respond));
  };
}

}  // namespace kontor::api
