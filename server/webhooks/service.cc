// SPDX-License-Identifier: Apache-2.0
// Endpoints are read, changed and written within one unit each, so that the breaker and a person
// cannot overwrite each other. Replays are in replay.cc.
#include "server/webhooks/service.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/crypto/bytes.h"
#include "server/webhooks/internal/units.h"
#include "server/webhooks/payload.h"
#include "server/webhooks/schedule.h"
#include "server/webhooks/signer.h"

namespace kontor::webhooks {
namespace {

using base::Error;
using base::Reason;

constexpr std::size_t kChallengeBytes = 24;
constexpr absl::Duration kOverlapMax = absl::Hours(24 * 30);
constexpr std::size_t kSecretsMax = 5;
constexpr int kDeliveriesAtOnce = 500;
constexpr std::string_view kMessagePrefix = "msg_";

absl::StatusOr<crypto::SecretString> SecretOrFresh(std::string secret) {
  if (secret.empty()) return NewSecret();
  KONTOR_RETURN_IF_ERROR(SecretBytes(secret).status());
  return crypto::SecretString(std::move(secret));
}

/// Whether nothing is sent to the endpoint until a person does something. A deleted one holds
/// nothing: what was open is dropped.
absl::StatusOr<bool> IsHeld(ports::ReadView& view, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(kEndpointKind, id));
  if (!row) return false;
  KONTOR_ASSIGN_OR_RETURN(const Endpoint endpoint, FromRow(*row));
  return endpoint.state != EndpointState::kActive && endpoint.state != EndpointState::kBroken;
}

/// The stored states that are shown as `shown`.
std::vector<ports::DeliveryState> StatesFor(std::optional<ports::DeliveryState> shown, bool held) {
  if (!shown) return {};
  if (held && *shown == ports::DeliveryState::kParked) {
    return {ports::DeliveryState::kPending, ports::DeliveryState::kParked};
  }
  return {*shown};
}

absl::Status StateConflict(const Endpoint& endpoint, std::string_view what) {
  return Error(Reason::kStateConflict)
      .Field("id")
      .With("state", NameOf(endpoint.state))
      .Says(base::StrCat("the endpoint is ", NameOf(endpoint.state), ": ", what));
}

}  // namespace

Service::Service(const Dependencies& deps, const Settings& settings, net::AddressGuard guard,
                 Deliverer& deliverer)
    : deps_(deps), settings_(settings), guard_(std::move(guard)), deliverer_(deliverer) {}

EndpointRules Service::Rules() const {
  EndpointRules rules;
  rules.allow_plain_http = settings_.allow_plain_http;
  for (const auto& [name, files] : settings_.client_certificates) {
    rules.client_certificates.push_back(name);
  }
  return rules;
}

absl::Status Service::CheckTarget(const EndpointSpec& spec) const {
  KONTOR_RETURN_IF_ERROR(CheckSpec(spec, Rules()));
  return base::AtField(guard_.CheckUrl(spec.url), "endpoint");
}

absl::StatusOr<EndpointAndSecret> Service::Create(const ports::Actor& actor, const RequestKey& key,
                                                  EndpointSpec spec, std::string secret) {
  KONTOR_RETURN_IF_ERROR(CheckTarget(spec));
  KONTOR_ASSIGN_OR_RETURN(crypto::SecretString chosen, SecretOrFresh(std::move(secret)));
  Endpoint endpoint;
  endpoint.id = deps_.ids.Next(base::kEndpointPrefix);
  endpoint.spec = std::move(spec);
  endpoint.secrets.push_back({chosen.Reveal(), std::nullopt});
  endpoint.owner = actor.name;
  endpoint.created = endpoint.updated = deps_.clock.Now();
  bool repeated = false;
  Endpoint stored;
  const absl::Status done = deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    repeated = false;
    KONTOR_ASSIGN_OR_RETURN(const std::optional<std::string> first,
                            internal::TakeRequest(unit, actor, key, endpoint.id));
    if (first) {
      repeated = true;
      KONTOR_ASSIGN_OR_RETURN(stored, internal::FindEndpoint(unit, *first));
      return absl::OkStatus();
    }
    ports::ObjectRow row = ToRow(endpoint);
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    stored = endpoint;
    stored.version = row.version;
    return internal::Audit(unit, actor, endpoint.created, "webhook_endpoint.create", endpoint.id,
                           "", internal::AuditView(endpoint), "");
  });
  if (!done.ok()) return done;
  if (repeated) return EndpointAndSecret{std::move(stored), {}};
  return EndpointAndSecret{std::move(stored), std::move(chosen)};
}

absl::StatusOr<Endpoint> Service::Get(const std::string& id) const {
  Endpoint endpoint;
  const absl::Status done = deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(endpoint, internal::FindEndpoint(view, id));
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return endpoint;
}

absl::StatusOr<std::vector<Endpoint>> Service::List(std::optional<EndpointState> state) const {
  std::vector<Endpoint> endpoints;
  const absl::Status done = deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    endpoints.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(kEndpointKind));
    for (const ports::ObjectRow& row : rows) {
      KONTOR_ASSIGN_OR_RETURN(Endpoint endpoint, FromRow(row));
      if (!state || endpoint.state == *state) endpoints.push_back(std::move(endpoint));
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  std::sort(endpoints.begin(), endpoints.end(),
            [](const Endpoint& a, const Endpoint& b) { return a.id > b.id; });
  return endpoints;
}

// Reads the endpoint, lets `change` alter it, writes it with an audit row. A change that alters
// nothing writes nothing, so that a repeated call leaves no trace.
absl::StatusOr<Endpoint> Service::Change(const ports::Actor& actor, const std::string& id,
                                         const std::string& action, const std::string& reason,
                                         const std::function<absl::Status(Endpoint&)>& change) {
  KONTOR_RETURN_IF_ERROR(base::CheckText(reason, kReasonMax, "reason", /*multiline=*/true));
  const absl::Time now = deps_.clock.Now();
  Endpoint endpoint;
  const absl::Status done = deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(endpoint, internal::FindEndpoint(unit, id));
    const std::string before = internal::AuditView(endpoint);
    const std::string body_before = ToRow(endpoint).body;
    KONTOR_RETURN_IF_ERROR(change(endpoint));
    if (ToRow(endpoint).body == body_before) return absl::OkStatus();
    endpoint.updated = now;
    ports::ObjectRow row = ToRow(endpoint);
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    endpoint.version = row.version;
    return internal::Audit(unit, actor, now, action, id, before, internal::AuditView(endpoint),
                           reason);
  });
  if (!done.ok()) return done;
  return endpoint;
}

absl::StatusOr<Endpoint> Service::Update(const ports::Actor& actor, const std::string& id,
                                         EndpointSpec spec, std::int64_t expected_version) {
  KONTOR_RETURN_IF_ERROR(CheckTarget(spec));
  return Change(actor, id, "webhook_endpoint.update", "", [&](Endpoint& endpoint) -> absl::Status {
    if (expected_version != 0 && endpoint.version != expected_version) {
      return Error(Reason::kVersionConflict)
          .Field("endpoint.version")
          .Says(base::StrCat("version ", expected_version, " was read, ", endpoint.version,
                             " is stored"));
    }
    if (endpoint.spec.url != spec.url) {
      endpoint.state = EndpointState::kUnverified;
      endpoint.state_reason.clear();
    }
    endpoint.spec = spec;
    return absl::OkStatus();
  });
}

absl::StatusOr<std::int64_t> Service::EndDeliveries(const std::string& endpoint_id,
                                                    ports::DeliveryState from,
                                                    ports::DeliveryState to) {
  const absl::Time now = deps_.clock.Now();
  std::int64_t count = 0;
  ports::Page page;
  page.limit = kDeliveriesAtOnce;
  while (true) {
    std::size_t changed = 0;
    const absl::Status done = deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
      // The state they are listed by changes, so the first page always holds the next ones.
      KONTOR_ASSIGN_OR_RETURN(auto listed, unit.ListDeliveries(endpoint_id, {from}, page));
      changed = listed.rows.size();
      for (ports::DeliveryRow& row : listed.rows) {
        row.state = to;
        row.next_attempt = now;
        if (to == ports::DeliveryState::kDropped) row.ended = now;
        if (to == ports::DeliveryState::kPending) row.attempts = 0;
        KONTOR_RETURN_IF_ERROR(unit.PutDelivery(row));
      }
      return absl::OkStatus();
    });
    if (!done.ok()) return done;
    count += static_cast<std::int64_t>(changed);
    if (changed < kDeliveriesAtOnce) return count;
  }
}

absl::StatusOr<std::int64_t> Service::Delete(const ports::Actor& actor, const std::string& id,
                                             const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckText(reason, kReasonMax, "reason", /*multiline=*/true));
  // First the endpoint, so that nothing new is fanned out or sent; then what was still open. A
  // crash in between leaves rows that nobody reads.
  const absl::Status done = deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const Endpoint endpoint, internal::FindEndpoint(unit, id));
    KONTOR_RETURN_IF_ERROR(unit.DeleteObject(kEndpointKind, id));
    return internal::Audit(unit, actor, deps_.clock.Now(), "webhook_endpoint.delete", id,
                           internal::AuditView(endpoint), "", reason);
  });
  if (!done.ok()) return done;
  using State = ports::DeliveryState;
  KONTOR_ASSIGN_OR_RETURN(const auto pending, EndDeliveries(id, State::kPending, State::kDropped));
  KONTOR_ASSIGN_OR_RETURN(const auto parked, EndDeliveries(id, State::kParked, State::kDropped));
  deliverer_.Wake();
  return pending + parked;
}

ports::HttpResponse Service::SendNow(const Endpoint& endpoint, std::string body) {
  absl::StatusOr<ports::HttpRequest> request =
      MakeRequest(endpoint, deps_.ids.Next(kMessagePrefix), std::move(body), deps_.clock.Now(),
                  deps_, settings_);
  if (request.ok()) return deps_.http.SendAndWait(*std::move(request));
  ports::HttpResponse failed;
  failed.status = request.status();
  return failed;
}

absl::StatusOr<Endpoint> Service::Verify(const ports::Actor& actor, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(const Endpoint endpoint, Get(id));
  KONTOR_ASSIGN_OR_RETURN(const std::string random, crypto::RandomBytes(kChallengeBytes));
  const std::string challenge = crypto::Base64UrlEncode(random);
  const ports::HttpResponse response =
      SendNow(endpoint, ChallengePayload(challenge, deps_.clock.Now()));
  if (!response.status.ok() || response.http_status != 200) {
    return Error(Reason::kChallengeFailed)
        .Field("id")
        .With("http_status", std::to_string(response.http_status))
        .Says(base::StrCat("the endpoint did not take the challenge: ", ErrorText(response)));
  }
  if (!AnswersChallenge(response.body, challenge)) {
    return Error(Reason::kChallengeFailed)
        .Field("id")
        .With("http_status", "200")
        .Says("the endpoint answered 200, but not with {\"challenge\": \"<the one sent>\"}");
  }
  return Change(actor, id, "webhook_endpoint.verify", "", [&](Endpoint& current) -> absl::Status {
    if (current.spec.url != endpoint.spec.url) {
      return StateConflict(current, "its URL was changed during the challenge");
    }
    current.was_verified = true;
    if (current.state == EndpointState::kUnverified) current.state = EndpointState::kActive;
    return absl::OkStatus();
  });
}

absl::StatusOr<PingResult> Service::Ping(const ports::Actor& actor, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(const Endpoint endpoint, Get(id));
  const absl::Status done = deps_.store.Commit([&](ports::Unit& unit) {
    return internal::Audit(unit, actor, deps_.clock.Now(), "webhook_endpoint.ping", id, "", "", "");
  });
  if (!done.ok()) return done;
  const ports::HttpResponse response = SendNow(endpoint, PingPayload(id, deps_.clock.Now()));
  PingResult result;
  result.http_status = response.http_status;
  result.elapsed = response.elapsed;
  if (VerdictOf(response) != Verdict::kDelivered) result.error = ErrorText(response);
  return result;
}

absl::StatusOr<EndpointAndSecret> Service::RotateSecret(const ports::Actor& actor,
                                                        const RequestKey& key,
                                                        const std::string& id,
                                                        absl::Duration overlap,
                                                        std::string secret) {
  if (overlap < absl::ZeroDuration() || overlap > kOverlapMax) {
    return Error(Reason::kFieldInvalid).Field("overlap").Says("0 to 30 days");
  }
  KONTOR_ASSIGN_OR_RETURN(crypto::SecretString chosen, SecretOrFresh(std::move(secret)));
  const absl::Time now = deps_.clock.Now();
  Endpoint endpoint;
  bool repeated = false;
  const absl::Status done = deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(endpoint, internal::FindEndpoint(unit, id));
    KONTOR_ASSIGN_OR_RETURN(const std::optional<std::string> first,
                            internal::TakeRequest(unit, actor, key, id));
    repeated = first.has_value();
    if (repeated) return absl::OkStatus();
    for (EndpointSecret& old : endpoint.secrets) {
      old.expires = std::min(old.expires.value_or(now + overlap), now + overlap);
    }
    std::erase_if(endpoint.secrets, [&](const EndpointSecret& old) { return *old.expires <= now; });
    endpoint.secrets.insert(endpoint.secrets.begin(), {chosen.Reveal(), std::nullopt});
    if (endpoint.secrets.size() > kSecretsMax) endpoint.secrets.resize(kSecretsMax);
    endpoint.updated = now;
    ports::ObjectRow row = ToRow(endpoint);
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    endpoint.version = row.version;
    return internal::Audit(unit, actor, now, "webhook_endpoint.rotate_secret", id, "", "", "");
  });
  if (!done.ok()) return done;
  if (repeated) return EndpointAndSecret{std::move(endpoint), {}};
  return EndpointAndSecret{std::move(endpoint), std::move(chosen)};
}

absl::StatusOr<Endpoint> Service::Pause(const ports::Actor& actor, const std::string& id,
                                        const std::string& reason) {
  return Change(actor, id, "webhook_endpoint.pause", reason, [](Endpoint& current) -> absl::Status {
    if (current.state == EndpointState::kUnverified) {
      return StateConflict(current, "it gets no events before it was verified");
    }
    current.state = EndpointState::kPaused;
    current.state_reason.clear();
    return absl::OkStatus();
  });
}

absl::StatusOr<Endpoint> Service::Resume(const ports::Actor& actor, const std::string& id,
                                         const std::string& reason) {
  KONTOR_ASSIGN_OR_RETURN(
      Endpoint endpoint,
      Change(actor, id, "webhook_endpoint.resume", reason, [](Endpoint& current) -> absl::Status {
        if (current.state == EndpointState::kUnverified) {
          return StateConflict(current, "verify it first");
        }
        current.state = EndpointState::kActive;
        current.state_reason.clear();
        return absl::OkStatus();
      }));
  using State = ports::DeliveryState;
  KONTOR_RETURN_IF_ERROR(EndDeliveries(id, State::kParked, State::kPending).status());
  deliverer_.Wake();
  return endpoint;
}

absl::StatusOr<ports::Listed<ports::DeliveryRow>> Service::ListDeliveries(
    const std::string& endpoint_id, std::optional<ports::DeliveryState> state,
    const ports::Page& page) const {
  ports::Listed<ports::DeliveryRow> listed;
  const absl::Status done = deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const bool held, IsHeld(view, endpoint_id));
    listed = {};
    if (held && state == ports::DeliveryState::kPending) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(listed,
                            view.ListDeliveries(endpoint_id, StatesFor(state, held), page));
    // Pausing rewrites no rows: what waits is kept back for as long as its endpoint is.
    for (ports::DeliveryRow& row : listed.rows) {
      if (held && row.state == ports::DeliveryState::kPending) {
        row.state = ports::DeliveryState::kParked;
      }
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return listed;
}

}  // namespace kontor::webhooks
