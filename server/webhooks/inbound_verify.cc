// SPDX-License-Identifier: Apache-2.0
// Every candidate signature is compared with every secret, whatever the first comparison said.
#include "server/webhooks/inbound_verify.h"

#include <algorithm>

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "server/webhooks/pointer_text.h"
#include "server/webhooks/signer.h"

namespace kontor::webhooks {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::HookScheme;
using model::Source;

constexpr std::size_t kCandidatesMax = 10;
constexpr std::size_t kEventIdMax = 256;
constexpr std::size_t kChallengeMax = 1024;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretMin = 16;
constexpr std::size_t kSecretMax = 512;

absl::Status Unsigned(std::string_view what) {
  return Error(Reason::kSignatureInvalid).Says(what);
}

std::string BodyDigest(const net::HttpServerRequest& request) {
  return crypto::Sha256(request.body).Hex();
}

std::string Replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

std::string SignedText(const model::Verification& rules, std::string_view id,
                       std::string_view timestamp, std::string_view body) {
  if (rules.signed_content.empty()) return std::string(body);
  // The body last: what stands in it is not looked at for further places.
  std::string text = Replaced(rules.signed_content, "{timestamp}", timestamp);
  text = Replaced(std::move(text), "{id}", id);
  return Replaced(std::move(text), "{body}", body);
}

std::string Mac(const model::Verification& rules, std::string_view secret,
                std::string_view content) {
  if (rules.algorithm == model::HookAlgorithm::kSha512) return crypto::HmacSha512(secret, content);
  return std::string(crypto::HmacSha256(secret, content).view());
}

std::string Encoded(const model::Verification& rules, std::string_view mac) {
  return rules.encoding == model::HookEncoding::kBase64 ? crypto::Base64Encode(mac)
                                                        : crypto::HexEncode(mac);
}

/// Texts of a header that may be signatures, without prefix.
std::vector<std::string> Candidates(std::string_view header, std::string_view prefix) {
  std::vector<std::string> out;
  std::string text(header);
  std::replace(text.begin(), text.end(), ',', ' ');
  for (const std::string& word : base::StrSplit(text, ' ')) {
    if (word.empty() || !word.starts_with(prefix)) continue;
    out.push_back(word.substr(prefix.size()));
    if (out.size() == kCandidatesMax) break;
  }
  return out;
}

/// Seconds since 1970, milliseconds where there are so many digits, or RFC 3339.
std::optional<absl::Time> ReadTime(std::string_view text) {
  constexpr std::size_t kSecondDigitsMax = 11;
  if (const auto number = base::ParseInt64(text); number.ok()) {
    return text.size() > kSecondDigitsMax ? absl::FromUnixMillis(*number)
                                          : absl::FromUnixSeconds(*number);
  }
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, base::Absl(text), &time, nullptr)) return time;
  return std::nullopt;
}

absl::Status CheckTime(const model::Verification& rules, std::string_view text, absl::Time now) {
  const auto time = ReadTime(text);
  if (!time) return Unsigned("the time of the attempt is missing or unreadable");
  const absl::Duration away = absl::AbsDuration(now - *time);
  if (away <= rules.tolerance) return absl::OkStatus();
  return Error(Reason::kMessageStale)
      .With("seconds", StrCat(absl::ToInt64Seconds(away)))
      .Says("the time of the attempt is too far from now");
}

absl::Status CheckHmac(const Source& source, const net::HttpServerRequest& request,
                       absl::Time now) {
  const model::Verification& rules = source.verification;
  const std::string_view timestamp =
      rules.timestamp_header.empty() ? "" : request.Header(rules.timestamp_header);
  const std::string_view id = rules.id_header.empty() ? "" : request.Header(rules.id_header);
  const std::string content = SignedText(rules, id, timestamp, request.body);
  const auto candidates =
      Candidates(request.Header(rules.signature_header), rules.signature_prefix);
  bool right = false;
  for (const std::string& secret : SecretsAt(source, now)) {
    const std::string wanted = Encoded(rules, Mac(rules, secret, content));
    for (const std::string& given : candidates) {
      const std::string shown = rules.encoding == model::HookEncoding::kHex ? base::ToLower(given)
                                                                            : given;
      right |= crypto::ConstantTimeEqual(shown, wanted);
    }
  }
  if (!right) return Unsigned("no right signature");
  if (rules.timestamp_header.empty()) return absl::OkStatus();
  return CheckTime(rules, timestamp, now);
}

absl::Status CheckStandard(const Source& source, const net::HttpServerRequest& request,
                           absl::Time now) {
  const std::string_view id = request.Header(std::string(kIdHeader));
  const std::string_view timestamp = request.Header(std::string(kTimestampHeader));
  // Two ways to part one signed text would be two messages with one signature.
  if (id.empty() || id.find('.') != std::string_view::npos || !base::ParseInt64(timestamp).ok()) {
    return Unsigned("webhook-id or webhook-timestamp is missing or malformed");
  }
  const std::string content = StrCat(id, ".", timestamp, ".", request.body);
  std::vector<std::string> candidates;
  for (const std::string& word :
       base::StrSplit(std::string(request.Header(std::string(kSignatureHeader))), ' ')) {
    if (word.starts_with("v1,") && candidates.size() < kCandidatesMax) {
      candidates.push_back(word.substr(3));
    }
  }
  bool right = false;
  for (const std::string& secret : SecretsAt(source, now)) {
    KONTOR_ASSIGN_OR_RETURN(const crypto::SecretString bytes, SecretBytes(secret));
    const std::string wanted = crypto::HmacSha256(bytes.Reveal(), content).Base64();
    for (const std::string& given : candidates) right |= crypto::ConstantTimeEqual(given, wanted);
  }
  if (!right) return Unsigned("no right signature");
  return CheckTime(source.verification, timestamp, now);
}

absl::Status CheckShared(const Source& source, std::string_view given, absl::Time now) {
  bool right = false;
  // Digests have one length, so that not even the secret's length can be timed.
  const std::string given_digest = crypto::Sha256(given).Hex();
  for (const std::string& secret : SecretsAt(source, now)) {
    const std::string wanted = source.verification.scheme == HookScheme::kBasic
                                   ? StrCat("Basic ", crypto::Base64Encode(StrCat(
                                                source.verification.user_name, ":", secret)))
                                   : secret;
    right |= crypto::ConstantTimeEqual(given_digest, crypto::Sha256(wanted).Hex());
  }
  return right ? absl::OkStatus() : Unsigned("not the right credentials");
}

absl::Status CheckScheme(const Source& source, const net::HttpServerRequest& request,
                         absl::Time now) {
  switch (source.verification.scheme) {
    case HookScheme::kHmac: return CheckHmac(source, request, now);
    case HookScheme::kStandardWebhooks: return CheckStandard(source, request, now);
    case HookScheme::kBasic: return CheckShared(source, request.Header("authorization"), now);
    case HookScheme::kApiKey:
      return CheckShared(source, request.Header(source.verification.key_header), now);
    case HookScheme::kMutualTls:
      if (request.client_certificate.has_value() &&
          crypto::ConstantTimeEqual(request.client_certificate->subject,
                                    source.verification.certificate_subject)) {
        return absl::OkStatus();
      }
      return Unsigned("no client certificate with the right subject");
    case HookScheme::kNone: break;
  }
  return Unsigned("the source takes no messages");
}

/// Whether another id would break the signature.
bool IsIdSigned(const model::Verification& rules) {
  if (rules.scheme == HookScheme::kStandardWebhooks) return true;
  return rules.scheme == HookScheme::kHmac && !rules.id_header.empty() &&
         rules.signed_content.find("{id}") != std::string::npos;
}

}  // namespace

VerifiedMessage IdentityOf(const Source& source, const net::HttpServerRequest& request) {
  const model::Verification& rules = source.verification;
  VerifiedMessage message;
  std::string id;
  bool from_body = false;
  if (rules.scheme == HookScheme::kStandardWebhooks) {
    id = std::string(request.Header(std::string(kIdHeader)));
  } else if (!rules.id_header.empty()) {
    id = std::string(request.Header(rules.id_header));
  }
  if (id.empty() && !rules.event_id_pointer.empty()) {
    id = TextAt(request.body, rules.event_id_pointer);
    from_body = !id.empty();
  }
  const bool usable = !id.empty() && id.size() <= kEventIdMax && base::CountCodePoints(id) > 0;
  const bool by_digest = !usable || (!from_body && !IsIdSigned(rules));
  const std::string digest = by_digest ? BodyDigest(request) : std::string();
  message.event_id = usable ? id : digest;
  // What came in while the source was in test may come again when it is live, and counts then.
  const bool test = source.state == model::SourceState::kTest ||
                    (source.state == model::SourceState::kPaused &&
                     source.before_pause == model::SourceState::kTest);
  const std::string prefix = StrCat(test ? "test\x1f" : "", source.name, "\x1f");
  message.keys = {StrCat(prefix, message.event_id)};
  if (usable && by_digest) message.keys.push_back(StrCat(prefix, digest));
  return message;
}

absl::StatusOr<VerifiedMessage> VerifyMessage(const Source& source,
                                              const net::HttpServerRequest& request,
                                              absl::Time now) {
  KONTOR_RETURN_IF_ERROR(CheckScheme(source, request, now));
  return IdentityOf(source, request);
}

absl::StatusOr<net::HttpHeaders> SignedHeaders(const Source& source, std::string_view body,
                                               std::string_view id, absl::Time now) {
  const model::Verification& rules = source.verification;
  const std::vector<std::string> secrets = SecretsAt(source, now);
  if (model::HasSecret(rules.scheme) && secrets.empty()) {
    return Unsigned("the source has no secret");
  }
  const std::int64_t seconds = absl::ToUnixSeconds(now);
  net::HttpHeaders headers;
  if (!rules.id_header.empty()) headers.emplace_back(rules.id_header, std::string(id));
  switch (rules.scheme) {
    case HookScheme::kHmac: {
      const std::string timestamp = StrCat(seconds);
      const std::string content = SignedText(rules, id, timestamp, body);
      if (!rules.timestamp_header.empty()) {
        headers.emplace_back(rules.timestamp_header, timestamp);
      }
      headers.emplace_back(rules.signature_header,
                           StrCat(rules.signature_prefix,
                                  Encoded(rules, Mac(rules, secrets.front(), content))));
      break;
    }
    case HookScheme::kStandardWebhooks: {
      KONTOR_ASSIGN_OR_RETURN(const std::string value,
                              SignatureHeaderValue(id, seconds, body, {secrets.front()}, {}));
      headers.emplace_back(std::string(kIdHeader), std::string(id));
      headers.emplace_back(std::string(kTimestampHeader), StrCat(seconds));
      headers.emplace_back(std::string(kSignatureHeader), value);
      break;
    }
    case HookScheme::kBasic:
      headers.emplace_back("authorization",
                           StrCat("Basic ", crypto::Base64Encode(StrCat(rules.user_name, ":",
                                                                        secrets.front()))));
      break;
    case HookScheme::kApiKey: headers.emplace_back(rules.key_header, secrets.front()); break;
    case HookScheme::kMutualTls:
    case HookScheme::kNone: break;
  }
  return headers;
}

absl::StatusOr<crypto::SecretString> NewSourceSecret(HookScheme scheme) {
  if (!model::HasSecret(scheme)) return crypto::SecretString();
  if (scheme == HookScheme::kStandardWebhooks) return NewSecret();
  KONTOR_ASSIGN_OR_RETURN(std::string bytes, crypto::RandomBytes(kSecretBytes));
  crypto::SecretString secret(crypto::Base64UrlEncode(bytes));
  crypto::Wipe(bytes);
  return secret;
}

absl::Status CheckSourceSecret(HookScheme scheme, std::string_view secret) {
  if (scheme == HookScheme::kStandardWebhooks) return SecretBytes(secret).status();
  const bool printable = std::all_of(secret.begin(), secret.end(),
                                     [](char c) { return c > ' ' && c < 0x7f; });
  if (secret.size() >= kSecretMin && secret.size() <= kSecretMax && printable) {
    return absl::OkStatus();
  }
  return Error(Reason::kFieldInvalid)
      .Field("secret")
      .Says("a secret has 16 to 512 printable ASCII characters");
}

std::optional<std::string> ChallengeIn(const Source& source, std::string_view body) {
  if (source.verification.challenge_pointer.empty()) return std::nullopt;
  const std::string text = TextAt(body, source.verification.challenge_pointer);
  if (text.empty() || text.size() > kChallengeMax) return std::nullopt;
  return text;
}

std::optional<std::string> ChallengeInQuery(const Source& source, std::string_view query) {
  const std::string& parameter = source.verification.challenge_parameter;
  if (parameter.empty()) return std::nullopt;
  for (const std::string& pair : base::StrSplit(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || pair.substr(0, equals) != parameter) continue;
    std::string out;
    for (std::size_t i = equals + 1; i < pair.size() && out.size() < kChallengeMax; ++i) {
      const auto byte = pair[i] == '%' && i + 2 < pair.size()
                            ? crypto::HexDecode(pair.substr(i + 1, 2))
                            : absl::StatusOr<std::string>(absl::NotFoundError(""));
      if (byte.ok()) {
        out.append(*byte);
        i += 2;
      } else {
        out.push_back(pair[i] == '+' ? ' ' : pair[i]);
      }
    }
    if (!out.empty()) return out;
  }
  return std::nullopt;
}

}  // namespace kontor::webhooks
