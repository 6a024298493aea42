// SPDX-License-Identifier: Apache-2.0
// The first token: one use, on an empty store, for the first administrator.
#include "server/base/status.h"
#include "server/base/text.h"
#include "server/security/directory.h"
#include "server/security/internal/change.h"
#include "server/security/internal/tokens.h"

namespace kontor::security {
namespace {

using base::Error;
using base::Reason;

constexpr const char* kRowId = "first";
constexpr const char* kByBootstrap = "bootstrap";

absl::Status NotTheFirstToken() {
  return Error(Reason::kUnauthenticated).Says("this is not the first token");
}

ports::Actor Nobody() {
  ports::Actor actor;
  actor.principal_id = "kontord";
  return actor;
}

/// Takes the token out of use. UNAUTHENTICATED, TOKEN_USED.
absl::Status Use(ports::Unit& unit, const std::string& lookup, absl::Time now) {
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObjectByLookup(internal::kFirstTokenKind, lookup));
  if (!row.has_value()) return NotTheFirstToken();
  KONTOR_ASSIGN_OR_RETURN(internal::FirstToken first, internal::FirstTokenOf(*row));
  if (first.used) return Error(Reason::kTokenUsed).Says("the first token was redeemed");
  first.used = true;
  row->body = internal::BodyOf(first);
  row->updated = now;
  return unit.PutObject(*row);
}

/// The grant that says where the first administrator's role comes from.
absl::Status PutGrant(ports::Unit& unit, const Principal& person, std::string id, absl::Time now) {
  RoleGrant grant;
  grant.id = std::move(id);
  grant.principal_id = person.id;
  grant.principal_name = person.name;
  grant.role = ports::Role::kAdministrator;
  grant.state = GrantState::kGranted;
  grant.proposer = kByBootstrap;
  grant.approver = kByBootstrap;
  grant.reason = "first administrator";
  grant.created = now;
  grant.approved = now;
  return internal::Put(unit, grant, now);
}

Principal FirstAdministrator(const RedeemRequest& request, std::string id, absl::Time now) {
  Principal person;
  person.id = std::move(id);
  person.name = request.name;
  person.source = request.name;
  person.kind = PrincipalKind::kPerson;
  person.display_name = request.display_name;
  person.roles = {ports::Role::kAdministrator};
  person.first = true;
  person.created = now;
  return person;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> Directory::EnsureFirstToken(bool replace) {
  std::optional<std::string> made;
  const absl::Status ran = store_.Commit([&](ports::Unit& unit) -> absl::Status {
    made.reset();
    KONTOR_ASSIGN_OR_RETURN(const auto principals, internal::AllPrincipals(unit));
    if (!principals.empty()) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(internal::kFirstTokenKind, kRowId));
    if (row.has_value() && !replace) return absl::OkStatus();
    const absl::Time now = clock_.Now();
    if (!row.has_value()) {
      row.emplace();
      row->kind = internal::kFirstTokenKind;
      row->id = kRowId;
      row->name = kRowId;
      row->created = now;
    }
    const std::string text = internal::NewTokenText(crypto_);
    row->lookup = internal::TokenLookup(crypto_, text);
    row->body = internal::BodyOf(internal::FirstToken{});
    row->updated = now;
    KONTOR_RETURN_IF_ERROR(unit.PutObject(*row));
    KONTOR_RETURN_IF_ERROR(
        internal::Audit(unit, Nobody(), "", {"first_token.create", kRowId, "", "", ""}, now));
    made = text;
    return absl::OkStatus();
  });
  KONTOR_RETURN_IF_ERROR(ran);
  return made;
}

absl::StatusOr<Issued> Directory::Redeem(const RedeemRequest& request) {
  constexpr int kDisplayNameMax = 200;
  KONTOR_RETURN_IF_ERROR(internal::CheckName(request.name, "principal_name"));
  KONTOR_RETURN_IF_ERROR(base::CheckText(request.display_name, kDisplayNameMax, "display_name"));
  const absl::Duration lifetime = request.lifetime.value_or(settings_.token_lifetime);
  if (lifetime < settings_.token_lifetime_min || lifetime > settings_.token_lifetime_max) {
    return Error(Reason::kFieldInvalid)
        .Field("token_lifetime")
        .Says("a token works for a minute to 366 days");
  }
  if (!internal::IsTokenText(request.first_token)) return NotTheFirstToken();
  const std::string lookup = internal::TokenLookup(crypto_, request.first_token);
  Issued issued;
  const absl::Status ran = store_.Commit([&](ports::Unit& unit) -> absl::Status {
    issued = {};
    const absl::Time now = clock_.Now();
    KONTOR_RETURN_IF_ERROR(Use(unit, lookup, now));
    Principal& person = issued.principal;
    person = FirstAdministrator(request, ids_.Next(base::kPrincipalPrefix), now);
    KONTOR_RETURN_IF_ERROR(internal::Put(unit, person, crypto_, now));
    KONTOR_RETURN_IF_ERROR(internal::TouchGuard(unit, now));
    KONTOR_RETURN_IF_ERROR(PutGrant(unit, person, ids_.Next(base::kProposalPrefix), now));
    issued.token.principal_id = person.id;
    issued.token.principal_name = person.name;
    issued.token.description = "issued for the first token";
    issued.token.expires = now + lifetime;
    KONTOR_ASSIGN_OR_RETURN(issued.text,
                            internal::MakeToken(unit, issued.token, ids_, crypto_, now));
    ports::Actor actor = Nobody();
    actor.principal_id = person.id;
    return internal::Audit(
        unit, actor, "",
        {"first_token.redeem", person.id, "", internal::ShowPrincipal(person), ""}, now);
  });
  KONTOR_RETURN_IF_ERROR(ran);
  if (first_token_used_) first_token_used_();
  return issued;
}

}  // namespace kontor::security
