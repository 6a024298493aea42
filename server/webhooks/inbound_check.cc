// SPDX-License-Identifier: Apache-2.0
#include "server/webhooks/inbound_check.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/webhooks/inbound_verify.h"

namespace kontor::webhooks {
namespace {

constexpr char kSample[] = R"({"conformance":"kontor"})";
constexpr char kSampleId[] = "conformance-1";

net::HttpServerRequest Sample(net::HttpHeaders headers, std::string body) {
  net::HttpServerRequest request;
  request.method = "POST";
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

}  // namespace

std::vector<VerificationCheck> CheckVerification(const model::Source& source, absl::Time now) {
  std::vector<VerificationCheck> checks;
  const model::HookScheme scheme = source.verification.scheme;
  if (scheme == model::HookScheme::kNone) return checks;
  const auto expect = [&](std::string name, const absl::Status& got, bool good,
                          std::string_view said) {
    checks.push_back({std::move(name), got.ok() == good,
                      got.ok() == good ? std::string(said)
                                       : base::StrCat("Not so: ", base::Std(got.message()))});
  };
  if (scheme == model::HookScheme::kMutualTls) {
    const auto bare = VerifyMessage(source, Sample({}, kSample), now);
    expect("certificate.missing", bare.status(), false,
           "A message without the client certificate is refused.");
    net::HttpServerRequest right = Sample({}, kSample);
    right.client_certificate.emplace();
    right.client_certificate->subject = source.verification.certificate_subject;
    expect("certificate.right", VerifyMessage(source, right, now).status(), true,
           "A message with the right certificate is taken.");
    return checks;
  }
  const auto headers = SignedHeaders(source, kSample, kSampleId, now);
  expect("secret.kept", headers.status(), true, "The source has a secret.");
  if (!headers.ok()) return checks;
  expect("signature.right", VerifyMessage(source, Sample(*headers, kSample), now).status(), true,
         "A rightly signed message is taken.");
  expect("signature.missing", VerifyMessage(source, Sample({}, kSample), now).status(), false,
         "A message without a signature is refused.");
  const bool signs_body = scheme == model::HookScheme::kHmac ||
                          scheme == model::HookScheme::kStandardWebhooks;
  if (signs_body) {
    expect("signature.tampered",
           VerifyMessage(source, Sample(*headers, base::StrCat(kSample, " ")), now).status(), false,
           "A message that was changed on its way is refused.");
  }
  model::Source other = source;
  for (model::SourceSecret& secret : other.secrets) secret.secret.back() ^= 1;
  if (scheme != model::HookScheme::kStandardWebhooks) {
    expect("secret.other", VerifyMessage(other, Sample(*headers, kSample), now).status(), false,
           "A message under another secret is refused.");
  }
  const bool has_time = scheme == model::HookScheme::kStandardWebhooks ||
                        !source.verification.timestamp_header.empty();
  if (signs_body && has_time) {
    const absl::Time later = now + source.verification.tolerance + absl::Seconds(2);
    expect("time.stale", VerifyMessage(source, Sample(*headers, kSample), later).status(), false,
           "A message beyond the tolerance is refused.");
  }
  return checks;
}

}  // namespace kontor::webhooks
