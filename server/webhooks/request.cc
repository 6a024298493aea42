// SPDX-License-Identifier: Apache-2.0
// One delivery as an HTTP request, and one failed answer as a sentence.
#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/webhooks/deliverer.h"
#include "server/webhooks/signer.h"

namespace kontor::webhooks {
namespace {

constexpr std::size_t kAnswerBytesMax = 64UL << 10;
constexpr std::size_t kErrorCharactersMax = 200;

}  // namespace

std::string ErrorText(const ports::HttpResponse& response) {
  if (response.status.ok()) return base::StrCat("answered ", response.http_status);
  const std::string_view message = base::Std(response.status.message());
  return std::string(message.substr(0, kErrorCharactersMax));
}

absl::StatusOr<ports::HttpRequest> MakeRequest(const Endpoint& endpoint, const std::string& id,
                                               std::string body, absl::Time now,
                                               const Dependencies& deps, const Settings& settings) {
  const std::int64_t seconds = absl::ToUnixSeconds(now);
  KONTOR_ASSIGN_OR_RETURN(const std::string signature,
                          SignatureHeaderValue(id, seconds, body, SigningSecrets(endpoint, now),
                                               deps.signing_keys));
  ports::HttpRequest request;
  request.url = endpoint.spec.url;
  for (const auto& [name, value] : endpoint.spec.headers) request.headers.emplace_back(name, value);
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back(std::string(kIdHeader), id);
  request.headers.emplace_back(std::string(kTimestampHeader), std::to_string(seconds));
  request.headers.emplace_back(std::string(kSignatureHeader), signature);
  request.body = std::move(body);
  request.connect_timeout = std::min(settings.connect_timeout, endpoint.spec.timeout);
  request.total_timeout = endpoint.spec.timeout;
  request.response_bytes_max = kAnswerBytesMax;
  request.ca_file = settings.ca_file;
  const auto certificate = settings.client_certificates.find(endpoint.spec.client_certificate);
  if (certificate != settings.client_certificates.end()) {
    request.client_certificate_file = certificate->second.certificate_file;
    request.client_key_file = certificate->second.key_file;
  }
  return request;
}

}  // namespace kontor::webhooks
