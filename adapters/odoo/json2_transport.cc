// SPDX-License-Identifier: Apache-2.0
// JSON-2 of Odoo 19: POST /json/2/<model>/<method>, arguments by name, bearer API key.
// Source: addons/rpc/controllers/json2.py of 19.0.
#include <utility>

#include "adapters/odoo/classify.h"
#include "adapters/odoo/transport.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

constexpr int kHttpOk = 200;
constexpr int kHttpUnauthorized = 401;
constexpr int kHttpConflict = 409;

class Json2Transport final : public Transport {
 public:
  explicit Json2Transport(Wire wire) : wire_(std::move(wire)) {}

  std::string_view name() const override { return "json2"; }

  absl::Status LogIn(ports::Deadline deadline) override {
    RpcCall call;
    call.model = "res.users";
    call.method = "context_get";
    return Call(call, deadline).status();
  }

  absl::StatusOr<Json> Call(const RpcCall& call, ports::Deadline deadline) override {
    Json body = call.params;
    if (call.ids.has_value()) body["ids"] = *call.ids;
    if (!call.context.empty()) body["context"] = call.context;
    ports::HttpRequest request;
    request.headers = {{"Content-Type", "application/json"},
                       {"Authorization", base::StrCat("bearer ", wire_.settings.api_key)},
                       {"X-Odoo-Database", wire_.settings.database}};
    request.body = DumpJson(body);
    const std::string path = base::StrCat("/json/2/", call.model, "/", call.method);
    const ports::HttpResponse response = wire_.Send(std::move(request), path, deadline);
    if (!response.status.ok()) return StatusOfHttp(response);
    const absl::StatusOr<Json> answer = ParseJson(response.body);
    if (response.http_status == kHttpOk) {
      if (!answer.ok()) return StatusOfHttp(response);
      return answer;
    }
    return Refusal(response, answer);
  }

 private:
  static absl::Status Refusal(const ports::HttpResponse& response,
                              const absl::StatusOr<Json>& answer) {
    if (!answer.ok() || !answer->is_object() || !answer->contains("name")) {
      return StatusOfHttp(response);
    }
    ServerError error{TextOf(*answer, "name"), TextOf(*answer, "message")};
    // 401 and 409 are Odoo's own words for these, whatever class stands behind them.
    if (response.http_status == kHttpUnauthorized) {
      error.exception_class = "werkzeug.exceptions.Unauthorized";
    } else if (response.http_status == kHttpConflict) {
      error.exception_class = "odoo.exceptions.LockError";
    }
    return StatusOfServerError(error);
  }

  const Wire wire_;
};

}  // namespace

std::shared_ptr<Transport> MakeJson2Transport(Wire wire) {
  return std::make_shared<Json2Transport>(std::move(wire));
}

}  // namespace kontor::odoo
