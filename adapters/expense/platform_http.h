// SPDX-License-Identifier: Apache-2.0
// Calls to a platform's API: access tokens that are fetched and renewed, and answers sorted by what
// is known of their outcome. Never logs or answers a token.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/ports/http_client.h"

namespace kontor::expense {

/// How a platform gives access tokens.
struct TokenRules {
  std::string url;
  /// The form's fields, such as grant_type; the secret's too.
  std::vector<std::pair<std::string, std::string>> form;
  std::string basic;  ///< Value of the Authorization header for the token call; may be empty.
};

/// Thread-safe.
class PlatformHttp {
 public:
  PlatformHttp(ports::HttpClient& http, const base::Clock& clock, TokenRules rules)
      : http_(http), clock_(clock), rules_(std::move(rules)) {}

  /// One call with a token; a 401 renews it once. Errors: PLATFORM_LOGIN_FAILED and RATE_LIMITED
  /// (not applied), PLATFORM_REFUSED for 4xx (refused), PEER_ANSWER_LOST for 5xx and cut answers.
  absl::StatusOr<nlohmann::json> Call(const std::string& method, const std::string& url,
                                      const nlohmann::json* body,
                                      std::vector<std::pair<std::string, std::string>> headers,
                                      absl::Time deadline);
  /// Whether a token is given.
  absl::Status Login(absl::Time deadline);

 private:
  absl::StatusOr<std::string> Token(bool fresh, absl::Time deadline);
  ports::HttpResponse Send(const std::string& method, const std::string& url,
                           const nlohmann::json* body,
                           std::vector<std::pair<std::string, std::string>> headers,
                           const std::string& token, absl::Time deadline);

  ports::HttpClient& http_;
  const base::Clock& clock_;
  const TokenRules rules_;
  std::mutex mutex_;
  std::string token_;
  absl::Time token_ends_ = absl::InfinitePast();
};

/// What an answer means; the parsed body of a 2xx.
absl::StatusOr<nlohmann::json> ReadAnswer(const ports::HttpResponse& response);
/// Percent-encoding of everything but RFC 3986's unreserved characters.
std::string UrlEncoded(std::string_view text);

}  // namespace kontor::expense
