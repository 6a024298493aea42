// SPDX-License-Identifier: Apache-2.0
#include "server/webhooks/internal/hook_answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::webhooks::internal {
namespace {

using base::Reason;
using base::StrCat;
using nlohmann::json;

int StatusFor(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated: return 401;
    case absl::StatusCode::kPermissionDenied: return 403;
    case absl::StatusCode::kNotFound: return 404;
    case absl::StatusCode::kInvalidArgument: return 400;
    case absl::StatusCode::kAlreadyExists: return 409;
    case absl::StatusCode::kResourceExhausted:
      return base::Is(status, Reason::kRateLimited) ? 429
             : base::Is(status, Reason::kTooLarge)  ? 413
                                                    : 503;
    default: return base::Is(status, Reason::kTooLarge) ? 413 : 503;
  }
}

std::string Dump(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

net::HttpServerResponse JsonAnswer(int status, std::string body) {
  net::HttpServerResponse response;
  response.status = status;
  response.headers = {{"content-type", "application/json"},
                      {"cache-control", "no-store"},
                      {"x-content-type-options", "nosniff"}};
  response.body = std::move(body);
  return response;
}

net::HttpServerResponse Taken(const std::string& id, bool again) {
  return JsonAnswer(200,
                    StrCat(R"({"duplicate":)", again ? "true" : "false", R"(,"id":")", id, "\"}"));
}

net::HttpServerResponse Refused(const absl::Status& status, absl::Duration retry_after) {
  const base::ErrorInfo info = base::InfoOf(status);
  const int code = StatusFor(status);
  net::HttpServerResponse response = JsonAnswer(
      code, Dump({{"reason", info.reason}, {"message", std::string(base::Std(status.message()))}}));
  if (code == 429 || code == 503) {
    const absl::Duration wait =
        info.retry_after > absl::ZeroDuration() ? info.retry_after : retry_after;
    const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)));
    response.headers.emplace_back("retry-after", StrCat(std::max<int64_t>(1, seconds)));
  }
  return response;
}

net::HttpServerResponse OnlyPost() {
  net::HttpServerResponse response =
      JsonAnswer(405, Dump({{"message", "only POST is taken here"}}));
  response.headers.emplace_back("allow", "POST");
  return response;
}

}  // namespace kontor::webhooks::internal
