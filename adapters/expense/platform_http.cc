// SPDX-License-Identifier: Apache-2.0
#include "adapters/expense/platform_http.h"

#include <algorithm>

#include "adapters/expense/exact_json.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"

namespace kontor::expense {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using nlohmann::json;

constexpr size_t kAnswerBytesMax = 16UL << 20;
constexpr size_t kWordsMax = 200;
constexpr absl::Duration kTokenMargin = absl::Seconds(30);
constexpr absl::Duration kTokenLifeDefault = absl::Minutes(10);

/// What the platform says went wrong, short and printable.
std::string WordsOf(const std::string& body) {
  const json parsed = json::parse(body, nullptr, false);
  std::string words;
  if (parsed.is_object()) {
    for (const char* key : {"message", "error_description", "detail", "error"}) {
      if (!parsed.contains(key)) continue;
      const json& value = parsed[key];
      words = value.is_string() ? value.get<std::string>() : value.dump();
      break;
    }
  }
  words.resize(std::min(words.size(), kWordsMax));
  if (base::HasControlCharacters(words, false) || base::CountCodePoints(words) < 0) return "";
  return words;
}

absl::Duration RetryAfter(const ports::HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (name != "retry-after") continue;
    const auto seconds = base::ParseInt64(value);
    if (seconds.ok() && *seconds >= 0) return absl::Seconds(*seconds);
  }
  return absl::ZeroDuration();
}

}  // namespace

absl::StatusOr<json> ReadAnswer(const ports::HttpResponse& response) {
  KONTOR_RETURN_IF_ERROR(response.status);
  const int status = response.http_status;
  if (status >= 200 && status < 300) {
    if (response.body.empty()) return json::object();
    auto parsed = ParseExact(response.body);
    if (parsed.ok()) return parsed;
    return Error(Reason::kPeerAnswerLost).Says("the platform's answer is no JSON");
  }
  if (status == 401) {
    return Error(Reason::kPlatformLoginFailed)
        .Happened(Outcome::kNotApplied)
        .Says("the platform does not take the access token");
  }
  if (status == 429) {
    return Error(Reason::kRateLimited)
        .Happened(Outcome::kNotApplied)
        .RetryAfter(std::max(absl::Duration(absl::Seconds(1)), RetryAfter(response)))
        .Says("the platform asks to slow down");
  }
  if (status >= 400 && status < 500) {
    return Error(Reason::kPlatformRefused)
        .With("http_status", StrCat(status))
        .Happened(Outcome::kRefused)
        .Says(StrCat("the platform answered ", status, ": ", WordsOf(response.body)));
  }
  return Error(Reason::kPeerAnswerLost)
      .With("http_status", StrCat(status))
      .RetryAfter(RetryAfter(response))
      .Says(StrCat("the platform answered ", status));
}

std::string UrlEncoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 0xF]);
    }
  }
  return out;
}

ports::HttpResponse PlatformHttp::Send(const std::string& method, const std::string& url,
                                       const json* body,
                                       std::vector<std::pair<std::string, std::string>> headers,
                                       const std::string& token, absl::Time deadline) {
  ports::HttpRequest request;
  request.method = method;
  request.url = url;
  request.headers = std::move(headers);
  request.headers.emplace_back("Authorization", StrCat("Bearer ", token));
  request.headers.emplace_back("Accept", "application/json");
  if (body != nullptr) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body->dump(-1, ' ', false, json::error_handler_t::replace);
  }
  request.total_timeout = std::max(absl::Duration(absl::Seconds(1)), deadline - clock_.Now());
  request.response_bytes_max = kAnswerBytesMax;
  return http_.SendAndWait(std::move(request));
}

absl::StatusOr<std::string> PlatformHttp::Token(bool fresh, absl::Time deadline) {
  // Held during the call: callers at once need one token, not one each.
  const std::lock_guard lock(mutex_);
  if (!fresh && !token_.empty() && clock_.Now() < token_ends_) return token_;
  token_.clear();
  ports::HttpRequest request;
  request.url = rules_.url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  if (!rules_.basic.empty()) request.headers.emplace_back("Authorization", rules_.basic);
  for (const auto& [name, value] : rules_.form) {
    if (!request.body.empty()) request.body += '&';
    request.body += StrCat(UrlEncoded(name), "=", UrlEncoded(value));
  }
  request.total_timeout = std::max(absl::Duration(absl::Seconds(1)), deadline - clock_.Now());
  const auto answer = ReadAnswer(http_.SendAndWait(std::move(request)));
  if (!answer.ok()) {
    // Whatever became of it, the call that needed the token was not made.
    const bool credentials = base::Is(answer.status(), Reason::kPlatformRefused) ||
                             base::Is(answer.status(), Reason::kPlatformLoginFailed);
    return Error(credentials ? Reason::kPlatformLoginFailed : Reason::kPeerUnreachable)
        .Happened(Outcome::kNotApplied)
        .RetryAfter(base::InfoOf(answer.status()).retry_after)
        .Says(StrCat("no access token: ", base::Std(answer.status().message())));
  }
  if (!answer->is_object() || !answer->contains("access_token") ||
      !(*answer)["access_token"].is_string()) {
    return Error(Reason::kPlatformLoginFailed)
        .Happened(Outcome::kNotApplied)
        .Says("the answer of the token URL has no access_token");
  }
  token_ = (*answer)["access_token"].get<std::string>();
  const json life = answer->value("expires_in", json());
  const absl::Duration lives =
      life.is_number_integer() ? absl::Seconds(life.get<int64_t>()) : kTokenLifeDefault;
  token_ends_ = clock_.Now() + lives - kTokenMargin;
  return token_;
}

absl::StatusOr<json> PlatformHttp::Call(const std::string& method, const std::string& url,
                                        const json* body,
                                        std::vector<std::pair<std::string, std::string>> headers,
                                        absl::Time deadline) {
  KONTOR_ASSIGN_OR_RETURN(std::string token, Token(false, deadline));
  ports::HttpResponse response = Send(method, url, body, headers, token, deadline);
  if (response.status.ok() && response.http_status == 401) {
    // It may have been revoked before its time; the call was not taken, so it may be made again.
    KONTOR_ASSIGN_OR_RETURN(token, Token(true, deadline));
    response = Send(method, url, body, std::move(headers), token, deadline);
  }
  return ReadAnswer(response);
}

absl::Status PlatformHttp::Login(absl::Time deadline) { return Token(true, deadline).status(); }

}  // namespace kontor::expense
