// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/security/internal/codec.h"

namespace kontor::security::internal {
namespace {

using nlohmann::json;

json Names(const std::set<ports::Role>& roles) {
  json out = json::array();
  for (const ports::Role role : roles) out.push_back(std::string(NameOf(role)));
  return out;
}

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json Instant(const std::optional<absl::Time>& time) {
  return time.has_value() ? json(base::FormatInstant(*time)) : json();
}

absl::Time TimeAt(const json& body, const char* key) {
  const absl::StatusOr<absl::Time> time = base::ParseInstant(body.at(key).get<std::string>());
  if (!time.ok()) throw std::invalid_argument(key);
  return *time;
}

std::optional<absl::Time> OptionalTimeAt(const json& body, const char* key) {
  if (!body.contains(key) || body.at(key).is_null()) return std::nullopt;
  return TimeAt(body, key);
}

template <typename Enum>
Enum Required(const std::optional<Enum>& value, const char* what) {
  if (!value.has_value()) throw std::invalid_argument(what);
  return *value;
}

std::set<ports::Role> RolesAt(const json& body, const char* key) {
  std::set<ports::Role> roles;
  for (const std::string& name : body.at(key).get<std::vector<std::string>>()) {
    roles.insert(Required(ParseRole(name), key));
  }
  return roles;
}

/// Runs `read` on the row's body; what nlohmann or a missing name throws becomes INTERNAL.
template <typename T, typename Read>
absl::StatusOr<T> Decode(const ports::ObjectRow& row, Read read) {
  try {
    T value = read(json::parse(row.body));
    value.id = row.id;
    value.created = row.created;
    value.version = row.version;
    return value;
  } catch (const std::exception&) {
    return base::Error(base::Reason::kInternal)
        .Says(base::StrCat("the stored ", row.kind, " ", row.id, " is not readable"));
  }
}

template <typename T>
ports::ObjectRow RowFor(const char* kind, const T& value, std::string name, std::string lookup,
                        const json& body) {
  ports::ObjectRow row;
  row.kind = kind;
  row.id = value.id;
  row.name = std::move(name);
  row.lookup = std::move(lookup);
  row.body = Dump(body);
  row.created = value.created;
  row.updated = value.created;
  row.version = value.version;
  return row;
}

json BodyOf(const Principal& p) {
  return {{"name", p.name},
          {"kind", std::string(NameOf(p.kind))},
          {"display_name", p.display_name},
          {"source", p.source},
          {"certificate_subject", p.certificate_subject},
          {"roles", Names(p.roles)},
          {"entities", p.entities},
          {"disabled", p.disabled},
          {"unmasked", p.unmasked},
          {"first", p.first},
          {"calls_per_second", p.calls_per_second}};
}

json BodyOf(const Token& t) {
  return {{"principal_id", t.principal_id},
          {"principal", t.principal_name},
          {"description", t.description},
          {"scopes", Names(t.scopes)},
          {"entities", t.entities},
          {"expires", base::FormatInstant(t.expires)},
          {"revoked", Instant(t.revoked)},
          {"revoker_id", t.revoker_id},
          {"suffix", t.suffix}};
}

json BodyOf(const RoleGrant& g) {
  return {{"principal_id", g.principal_id},
          {"principal", g.principal_name},
          {"role", std::string(ports::NameOf(g.role))},
          {"state", std::string(NameOf(g.state))},
          {"proposer", g.proposer},
          {"proposer_id", g.proposer_id},
          {"approver", g.approver},
          {"reason", g.reason},
          {"approved", Instant(g.approved)},
          {"revoked", Instant(g.revoked)}};
}

}  // namespace

ports::ObjectRow RowOf(const Principal& principal, std::string lookup) {
  return RowFor(kPrincipalKind, principal, principal.name, std::move(lookup), BodyOf(principal));
}
ports::ObjectRow RowOf(const Token& token, std::string lookup) {
  return RowFor(kTokenKind, token, token.id, std::move(lookup), BodyOf(token));
}
ports::ObjectRow RowOf(const RoleGrant& grant) {
  return RowFor(kGrantKind, grant, grant.id, "", BodyOf(grant));
}

absl::StatusOr<Principal> PrincipalOf(const ports::ObjectRow& row) {
  return Decode<Principal>(row, [](const json& body) {
    Principal p;
    p.name = body.at("name").get<std::string>();
    p.kind = Required(ParsePrincipalKind(body.at("kind").get<std::string>()), "kind");
    p.display_name = body.at("display_name").get<std::string>();
    p.source = body.at("source").get<std::string>();
    p.certificate_subject = body.at("certificate_subject").get<std::string>();
    p.roles = RolesAt(body, "roles");
    p.entities = body.at("entities").get<std::set<std::string>>();
    p.disabled = body.at("disabled").get<bool>();
    p.unmasked = body.at("unmasked").get<bool>();
    p.first = body.at("first").get<bool>();
    p.calls_per_second = body.at("calls_per_second").get<int>();
    return p;
  });
}

absl::StatusOr<Token> TokenOf(const ports::ObjectRow& row) {
  return Decode<Token>(row, [](const json& body) {
    Token t;
    t.principal_id = body.at("principal_id").get<std::string>();
    t.principal_name = body.at("principal").get<std::string>();
    t.description = body.at("description").get<std::string>();
    t.scopes = RolesAt(body, "scopes");
    t.entities = body.at("entities").get<std::set<std::string>>();
    t.expires = TimeAt(body, "expires");
    t.revoked = OptionalTimeAt(body, "revoked");
    t.revoker_id = body.at("revoker_id").get<std::string>();
    t.suffix = body.at("suffix").get<std::string>();
    return t;
  });
}

absl::StatusOr<RoleGrant> GrantOf(const ports::ObjectRow& row) {
  return Decode<RoleGrant>(row, [](const json& body) {
    RoleGrant g;
    g.principal_id = body.at("principal_id").get<std::string>();
    g.principal_name = body.at("principal").get<std::string>();
    g.role = Required(ParseRole(body.at("role").get<std::string>()), "role");
    g.state = Required(ParseGrantState(body.at("state").get<std::string>()), "state");
    g.proposer = body.at("proposer").get<std::string>();
    g.proposer_id = body.at("proposer_id").get<std::string>();
    g.approver = body.at("approver").get<std::string>();
    g.reason = body.at("reason").get<std::string>();
    g.approved = OptionalTimeAt(body, "approved");
    g.revoked = OptionalTimeAt(body, "revoked");
    return g;
  });
}

std::string ShowPrincipal(const Principal& principal) { return Dump(BodyOf(principal)); }
std::string ShowToken(const Token& token) { return Dump(BodyOf(token)); }
std::string ShowGrant(const RoleGrant& grant) { return Dump(BodyOf(grant)); }

std::string BodyOf(const FirstToken& first) {
  return Dump({{"used", first.used}, {"second_granted", first.second_granted}});
}

absl::StatusOr<FirstToken> FirstTokenOf(const ports::ObjectRow& row) {
  try {
    const json body = json::parse(row.body);
    return FirstToken{body.at("used").get<bool>(), body.at("second_granted").get<bool>()};
  } catch (const std::exception&) {
    return base::Error(base::Reason::kInternal).Says("the stored first token is not readable");
  }
}

std::string UseBody(absl::Time when) { return Dump({{"last_use", base::FormatInstant(when)}}); }

std::optional<absl::Time> UseOf(const ports::ObjectRow& row) {
  try {
    return TimeAt(json::parse(row.body), "last_use");
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace kontor::security::internal
