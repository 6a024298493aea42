// SPDX-License-Identifier: Apache-2.0
// Rules of endpoints and their JSON form in the store.
#include "server/webhooks/endpoint.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"

namespace kontor::webhooks {
namespace {

using base::Reason;
using nlohmann::json;

constexpr std::array<std::string_view, 5> kStateNames = {"UNVERIFIED", "ACTIVE", "PAUSED", "BROKEN",
                                                         "DISABLED"};
constexpr int kUrlCharactersMax = 2000;
constexpr int kDescriptionCharactersMax = 200;
constexpr std::size_t kTypesMax = 50;
constexpr std::size_t kEntitiesMax = 100;
constexpr std::size_t kHeadersMax = 20;
constexpr std::size_t kHeaderBytesMax = 2000;
constexpr int kInFlightMax = 64;
constexpr absl::Duration kTimeoutMin = absl::Seconds(1);
constexpr absl::Duration kTimeoutMax = absl::Seconds(30);

base::Error Invalid(std::string_view field, std::string_view what) {
  return base::Error(Reason::kFieldInvalid).Field(field).Says(what);
}

bool IsTypePattern(std::string_view pattern) {
  if (pattern.ends_with(".*")) {
    const std::string_view start = pattern.substr(0, pattern.size() - 1);
    return std::any_of(model::EventTypes().begin(), model::EventTypes().end(),
                       [&](const std::string& type) { return type.starts_with(start); });
  }
  const auto& types = model::EventTypes();
  return std::find(types.begin(), types.end(), pattern) != types.end();
}

// Headers that are ours or the connection's, which a subscription must not change.
bool IsReservedHeader(std::string_view lower) {
  constexpr std::string_view kReserved[] = {
      "host",       "content-length",    "content-type", "transfer-encoding", "connection",
      "user-agent", "traceparent",       "expect",       "upgrade",           "te",
      "trailer",    "proxy-authorization"};
  return lower.starts_with("webhook-") ||
         std::find(std::begin(kReserved), std::end(kReserved), lower) != std::end(kReserved);
}

absl::Status CheckHeader(const std::string& name, const std::string& value) {
  const std::string field = base::StrCat("endpoint.headers[\"", name.substr(0, 64), "\"]");
  const auto token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), token)) {
    return Invalid(field, "a header's name has letters, digits, '-' and '_' only");
  }
  if (IsReservedHeader(base::ToLower(name))) return Invalid(field, "this header is kontor's own");
  const bool printable = std::all_of(value.begin(), value.end(),
                                     [](char c) { return c == '\t' || (c >= ' ' && c < 0x7f); });
  if (!printable || value.empty() || value.size() > kHeaderBytesMax) {
    return Invalid(field, "a header's value has 1 to 2000 printable ASCII characters");
  }
  return absl::OkStatus();
}

absl::Status CheckUrl(const std::string& url, bool allow_plain_http) {
  if (url.empty()) {
    return base::Error(Reason::kFieldMissing).Field("endpoint.url").Says("no target");
  }
  KONTOR_RETURN_IF_ERROR(base::CheckText(url, kUrlCharactersMax, "endpoint.url"));
  const std::string lower = base::ToLower(url.substr(0, 8));
  if (lower == "https://" || (allow_plain_http && lower.starts_with("http://"))) {
    return absl::OkStatus();
  }
  return Invalid("endpoint.url", allow_plain_http ? "the target must be an http or https URL"
                                                  : "the target must be an https URL");
}

absl::Status CheckFilter(const EndpointSpec& spec) {
  if (spec.types.size() > kTypesMax) return Invalid("endpoint.types", "at most 50 types");
  for (std::size_t i = 0; i < spec.types.size(); ++i) {
    if (!IsTypePattern(spec.types[i])) {
      return Invalid(base::StrCat("endpoint.types[", i, "]"),
                     "no event has this type; write invoice.posted or invoice.*");
    }
  }
  if (spec.entities.size() > kEntitiesMax) {
    return Invalid("endpoint.entities", "at most 100 entities");
  }
  for (std::size_t i = 0; i < spec.entities.size(); ++i) {
    const std::string field = base::StrCat("endpoint.entities[", i, "]");
    if (spec.entities[i].empty()) return Invalid(field, "an empty name");
    KONTOR_RETURN_IF_ERROR(base::CheckText(spec.entities[i], 64, field));
  }
  return absl::OkStatus();
}

json Instant(const std::optional<absl::Time>& time) {
  return time ? json(base::FormatInstant(*time)) : json();
}

}  // namespace

std::string_view NameOf(EndpointState state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

std::optional<EndpointState> ParseEndpointState(std::string_view name) {
  const auto found = std::find(kStateNames.begin(), kStateNames.end(), name);
  if (found == kStateNames.end()) return std::nullopt;
  return static_cast<EndpointState>(found - kStateNames.begin());
}

absl::Status CheckSpec(const EndpointSpec& spec, const EndpointRules& rules) {
  KONTOR_RETURN_IF_ERROR(CheckUrl(spec.url, rules.allow_plain_http));
  KONTOR_RETURN_IF_ERROR(
      base::CheckText(spec.description, kDescriptionCharactersMax, "endpoint.description"));
  KONTOR_RETURN_IF_ERROR(CheckFilter(spec));
  if (spec.headers.size() > kHeadersMax) return Invalid("endpoint.headers", "at most 20 headers");
  for (const auto& [name, value] : spec.headers) {
    KONTOR_RETURN_IF_ERROR(CheckHeader(name, value));
  }
  if (spec.max_in_flight < 1 || spec.max_in_flight > kInFlightMax) {
    return Invalid("endpoint.max_in_flight", "1 to 64");
  }
  if (spec.timeout < kTimeoutMin || spec.timeout > kTimeoutMax) {
    return Invalid("endpoint.timeout", "1 s to 30 s");
  }
  const auto& names = rules.client_certificates;
  if (!spec.client_certificate.empty() &&
      std::find(names.begin(), names.end(), spec.client_certificate) == names.end()) {
    return Invalid("endpoint.client_certificate", "the configuration has none of this name");
  }
  return absl::OkStatus();
}

bool Matches(const EndpointSpec& spec, const model::Event& event) {
  const auto type_fits = [&](const std::string& pattern) {
    return pattern.ends_with(".*")
               ? event.type.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1))
               : event.type == pattern;
  };
  return (spec.types.empty() || std::any_of(spec.types.begin(), spec.types.end(), type_fits)) &&
         (spec.entities.empty() ||
          std::find(spec.entities.begin(), spec.entities.end(), event.entity) !=
              spec.entities.end());
}

bool TakesEvents(const Endpoint& endpoint) {
  return endpoint.was_verified || endpoint.state != EndpointState::kUnverified;
}

std::vector<std::string> SigningSecrets(const Endpoint& endpoint, absl::Time now) {
  std::vector<std::string> secrets;
  for (const EndpointSecret& secret : endpoint.secrets) {
    if (!secret.expires || *secret.expires > now) secrets.push_back(secret.secret);
  }
  return secrets;
}

std::optional<absl::Time> OldSecretExpires(const Endpoint& endpoint, absl::Time now) {
  std::optional<absl::Time> latest;
  for (const EndpointSecret& secret : endpoint.secrets) {
    if (secret.expires && *secret.expires > now) {
      latest = std::max(latest.value_or(*secret.expires), *secret.expires);
    }
  }
  return latest;
}

ports::ObjectRow ToRow(const Endpoint& endpoint) {
  json secrets = json::array();
  for (const EndpointSecret& secret : endpoint.secrets) {
    secrets.push_back({{"secret", secret.secret}, {"expires", Instant(secret.expires)}});
  }
  const EndpointSpec& spec = endpoint.spec;
  const json body = {{"url", spec.url},
                     {"description", spec.description},
                     {"types", spec.types},
                     {"entities", spec.entities},
                     {"headers", spec.headers},
                     {"unmasked", spec.unmasked},
                     {"max_in_flight", spec.max_in_flight},
                     {"timeout_ms", absl::ToInt64Milliseconds(spec.timeout)},
                     {"client_certificate", spec.client_certificate},
                     {"state", std::string(NameOf(endpoint.state))},
                     {"state_reason", endpoint.state_reason},
                     {"was_verified", endpoint.was_verified},
                     {"secrets", std::move(secrets)},
                     {"owner", endpoint.owner}};
  ports::ObjectRow row;
  row.kind = kEndpointKind;
  row.id = endpoint.id;
  row.name = endpoint.id;
  row.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  row.created = endpoint.created;
  row.updated = endpoint.updated;
  row.version = endpoint.version;
  return row;
}

absl::StatusOr<Endpoint> FromRow(const ports::ObjectRow& row) {
  Endpoint endpoint;
  try {
    const json body = json::parse(row.body);
    EndpointSpec& spec = endpoint.spec;
    body.at("url").get_to(spec.url);
    body.at("description").get_to(spec.description);
    body.at("types").get_to(spec.types);
    body.at("entities").get_to(spec.entities);
    body.at("headers").get_to(spec.headers);
    body.at("unmasked").get_to(spec.unmasked);
    body.at("max_in_flight").get_to(spec.max_in_flight);
    spec.timeout = absl::Milliseconds(body.at("timeout_ms").get<std::int64_t>());
    body.at("client_certificate").get_to(spec.client_certificate);
    endpoint.state = ParseEndpointState(body.at("state").get<std::string>()).value();
    body.at("state_reason").get_to(endpoint.state_reason);
    body.at("was_verified").get_to(endpoint.was_verified);
    body.at("owner").get_to(endpoint.owner);
    for (const json& item : body.at("secrets")) {
      EndpointSecret secret{item.at("secret").get<std::string>(), std::nullopt};
      if (!item.at("expires").is_null()) {
        secret.expires = base::ParseInstant(item.at("expires").get<std::string>()).value();
      }
      endpoint.secrets.push_back(std::move(secret));
    }
  } catch (const std::exception&) {
    return base::Error(Reason::kInternal).Says(base::StrCat("endpoint ", row.id, " is unreadable"));
  }
  endpoint.id = row.id;
  endpoint.created = row.created;
  endpoint.updated = row.updated;
  endpoint.version = row.version;
  return endpoint;
}

}  // namespace kontor::webhooks
