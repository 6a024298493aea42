// SPDX-License-Identifier: Apache-2.0
// JSON-RPC of Odoo 17 to 19: POST /jsonrpc, services common and object.
// Source: odoo/addons/base/controllers/rpc.py and odoo/http.py; the error code is 200 on 17 and 18
// and 0 on 19, so that only data.name is looked at.
#include <mutex>
#include <utility>

#include "adapters/odoo/classify.h"
#include "adapters/odoo/transport.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

constexpr int kHttpOk = 200;

absl::StatusOr<Json> CallService(const Wire& wire, std::string_view service,
                                 std::string_view method, Json args, ports::Deadline deadline) {
  const Json body = {{"jsonrpc", "2.0"},
                     {"method", "call"},
                     {"id", 1},
                     {"params",
                      {{"service", std::string(service)},
                       {"method", std::string(method)},
                       {"args", std::move(args)}}}};
  ports::HttpRequest request;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = DumpJson(body);
  const ports::HttpResponse response = wire.Send(std::move(request), "/jsonrpc", deadline);
  if (!response.status.ok() || response.http_status != kHttpOk) return StatusOfHttp(response);
  absl::StatusOr<Json> answer = ParseJson(response.body);
  if (!answer.ok() || !answer->is_object() || !answer->contains("jsonrpc")) {
    return StatusOfHttp(response);
  }
  if (const auto error = answer->find("error"); error != answer->end()) {
    const Json data = error->is_object() && error->contains("data") ? (*error)["data"] : Json();
    std::string message = TextOf(data, "message");
    if (message.empty()) message = TextOf(*error, "message");
    return StatusOfServerError({TextOf(data, "name"), message});
  }
  // A method that returns nothing has no result key at all.
  const auto result = answer->find("result");
  return result == answer->end() ? Json() : std::move(*result);
}

class JsonRpcTransport final : public Transport {
 public:
  explicit JsonRpcTransport(Wire wire) : wire_(std::move(wire)) {}

  std::string_view name() const override { return "jsonrpc"; }

  absl::Status LogIn(ports::Deadline deadline) override {
    const OdooSettings& settings = wire_.settings;
    const auto uid = CallService(
        wire_, "common", "authenticate",
        Json::array({settings.database, settings.login, settings.api_key, Json::object()}),
        deadline);
    if (!uid.ok()) return LogInFailure(uid.status());
    if (!uid->is_number_integer()) {
      return base::Error(base::Reason::kOdooLoginFailed)
          .Says("Odoo does not know this login and key")
          .Happened(base::Outcome::kNotApplied);
    }
    const std::lock_guard lock(mutex_);
    uid_ = uid->get<int64_t>();
    return absl::OkStatus();
  }

  absl::StatusOr<Json> Call(const RpcCall& call, ports::Deadline deadline) override {
    Json kwargs = call.params;
    kwargs["context"] = call.context;
    Json args = Json::array();
    if (call.ids.has_value()) args.push_back(*call.ids);
    Json all = Json::array({wire_.settings.database, uid(), wire_.settings.api_key, call.model,
                            call.method, std::move(args), std::move(kwargs)});
    return CallService(wire_, "object", "execute_kw", std::move(all), deadline);
  }

 private:
  /// A database that does not exist is an untyped failure of the database driver.
  static absl::Status LogInFailure(const absl::Status& status) {
    if (!base::Is(status, base::Reason::kOdooFailed)) {
      return WithOutcome(status, base::Outcome::kNotApplied);
    }
    return base::Error(base::Reason::kOdooLoginFailed)
        .Says("Odoo could not open the database")
        .Happened(base::Outcome::kNotApplied);
  }

  int64_t uid() const {
    const std::lock_guard lock(mutex_);
    return uid_;
  }

  const Wire wire_;
  mutable std::mutex mutex_;
  int64_t uid_ = 0;
};

}  // namespace

std::shared_ptr<Transport> MakeJsonRpcTransport(Wire wire) {
  return std::make_shared<JsonRpcTransport>(std::move(wire));
}

absl::StatusOr<Json> JsonRpcVersion(const Wire& wire, ports::Deadline deadline) {
  return CallService(wire, "common", "version", Json::array(), deadline);
}

}  // namespace kontor::odoo
