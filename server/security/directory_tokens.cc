// SPDX-License-Identifier: Apache-2.0
// Tokens: issued, listed, revoked. Who may issue one that acts as a person is the heart of every
// rule that takes two persons.
#include <algorithm>

#include "server/base/status.h"
#include "server/base/text.h"
#include "server/security/directory.h"
#include "server/security/internal/change.h"

namespace kontor::security {
namespace {

using base::Error;
using base::Reason;
using ports::Role;

constexpr int kDescriptionMax = 200;

bool IsLive(const Token& token, absl::Time now) {
  return !token.revoked.has_value() && token.expires > now;
}

/// A person's tokens are their own affair: see the head of directory.h.
absl::Status CheckMayIssueFor(ports::ReadView& view, const ports::Actor& actor,
                              const Principal& target, absl::Time now) {
  KONTOR_RETURN_IF_ERROR(internal::AdministratorOf(view, actor).status());
  KONTOR_RETURN_IF_ERROR(internal::CheckReach(actor, target.entities));
  if (target.kind == PrincipalKind::kService) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(std::vector<Token> tokens, internal::AllTokens(view));
  std::erase_if(tokens, [&target](const Token& t) { return t.principal_id != target.id; });
  const bool live = std::any_of(tokens.begin(), tokens.end(),
                                [now](const Token& t) { return IsLive(t, now); });
  if (live) {
    return Error(Reason::kPermissionDenied)
        .Says(base::StrCat(target.name, " has a working token and issues others with it"));
  }
  const auto newest = std::max_element(
      tokens.begin(), tokens.end(), [](const Token& a, const Token& b) { return a.id < b.id; });
  if (newest != tokens.end() && newest->revoker_id == actor.principal_id) {
    return Error(Reason::kSecondPersonRequired)
        .Says(base::StrCat("you revoked the last token of ", target.name,
                           "; another administrator issues the next"));
  }
  return absl::OkStatus();
}

/// Roles and entities of the new token; never more than the caller's own when it is for itself.
absl::Status SetScope(const ports::Actor& actor, const Principal& target, bool own,
                      const TokenRequest& request, Token& token) {
  const std::set<Role>& most = own ? actor.roles : target.roles;
  for (const Role role : request.scopes) {
    if (!most.contains(role)) {
      return Error(Reason::kFieldInvalid)
          .Field("scopes")
          .Says(base::StrCat(target.name, " does not have the role ", ports::NameOf(role)));
    }
  }
  const std::set<std::string>& reach = own ? actor.entities : target.entities;
  for (const std::string& entity : request.entities) {
    if (!reach.empty() && !reach.contains(entity)) {
      return Error(Reason::kFieldInvalid)
          .Field("entities")
          .Says(base::StrCat(target.name, " has no access to the entity ", entity));
    }
  }
  token.scopes = request.scopes;
  token.entities = request.entities;
  // "All" of a narrow token is what that token has, not what its principal has.
  if (own && token.scopes.empty() && actor.roles != target.roles) {
    if (actor.roles.empty()) {
      return Error(Reason::kPermissionDenied).Says("the calling token has no role to pass on");
    }
    token.scopes = actor.roles;
  }
  if (own && token.entities.empty() && actor.entities != target.entities) {
    token.entities = actor.entities;
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Duration> Lifetime(const std::optional<absl::Duration>& asked,
                                        const Settings& settings) {
  const absl::Duration lifetime = asked.value_or(settings.token_lifetime);
  if (lifetime < settings.token_lifetime_min || lifetime > settings.token_lifetime_max) {
    return Error(Reason::kFieldInvalid)
        .Field("lifetime")
        .Says(base::StrCat("a token works for ",
                           absl::FormatDuration(settings.token_lifetime_min), " to ",
                           absl::FormatDuration(settings.token_lifetime_max)));
  }
  return lifetime;
}

std::string Digestible(const TokenRequest& request) {
  std::string out = base::StrCat(request.principal, "\n", request.description, "\n");
  for (const Role role : request.scopes) base::StrAppend(&out, ports::NameOf(role), ",");
  base::StrAppend(&out, "\n", base::StrJoin(request.entities, ","), "\n");
  if (request.lifetime.has_value()) {
    base::StrAppend(&out, absl::ToInt64Milliseconds(*request.lifetime));
  }
  return out;
}

}  // namespace

absl::StatusOr<Issued> Directory::IssueToken(const ports::Actor& actor,
                                             const std::string& request_id,
                                             const TokenRequest& request) {
  KONTOR_RETURN_IF_ERROR(base::CheckText(request.description, kDescriptionMax, "description"));
  KONTOR_RETURN_IF_ERROR(internal::CheckEntities(request.entities, "entities"));
  KONTOR_ASSIGN_OR_RETURN(const absl::Duration lifetime, Lifetime(request.lifetime, settings_));
  const std::string name = request.principal.empty() ? actor.principal_id : request.principal;
  const auto work = [&](ports::Unit& unit) -> absl::StatusOr<Issued> {
    const absl::Time now = clock_.Now();
    Issued issued;
    KONTOR_ASSIGN_OR_RETURN(issued.principal, internal::LoadPrincipal(unit, name));
    const bool own = issued.principal.id == actor.principal_id;
    if (!own) {
      KONTOR_RETURN_IF_ERROR(CheckMayIssueFor(unit, actor, issued.principal, now));
    }
    if (issued.principal.disabled) {
      return Error(Reason::kStateConflict)
          .Says(base::StrCat(issued.principal.name, " is disabled"));
    }
    Token& token = issued.token;
    KONTOR_RETURN_IF_ERROR(SetScope(actor, issued.principal, own, request, token));
    token.principal_id = issued.principal.id;
    token.principal_name = issued.principal.name;
    token.description = request.description;
    token.expires = now + lifetime;
    KONTOR_ASSIGN_OR_RETURN(issued.text, internal::MakeToken(unit, token, ids_, crypto_, now));
    KONTOR_RETURN_IF_ERROR(
        internal::Audit(unit, actor, own ? "" : "ADMINISTRATOR",
                        {"token.issue", token.id, "", internal::ShowToken(token), ""}, now));
    return issued;
  };
  const auto again = [](ports::Unit& unit, const std::string& id) -> absl::StatusOr<Issued> {
    Issued issued;
    KONTOR_ASSIGN_OR_RETURN(issued.token, internal::LoadToken(unit, id));
    KONTOR_ASSIGN_OR_RETURN(issued.principal,
                            internal::LoadPrincipal(unit, issued.token.principal_id));
    return issued;
  };
  return internal::Once<Issued>(
      store_, crypto_, {actor, "token.issue", request_id, Digestible(request)},
      [&](ports::Unit& unit) { return internal::CallerOf(unit, actor).status(); }, work, again);
}

absl::StatusOr<std::vector<Token>> Directory::ListTokens(const std::string& principal,
                                                         bool include_dead) {
  std::vector<Token> tokens;
  std::vector<ports::ObjectRow> uses;
  const absl::Status ran = store_.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(tokens, internal::AllTokens(view));
    KONTOR_ASSIGN_OR_RETURN(uses, view.AllObjects(internal::kTokenUseKind));
    return absl::OkStatus();
  });
  KONTOR_RETURN_IF_ERROR(ran);
  const absl::Time now = clock_.Now();
  std::erase_if(tokens, [&](const Token& t) {
    return (!principal.empty() && t.principal_name != principal) ||
           (!include_dead && !IsLive(t, now));
  });
  for (Token& token : tokens) {
    const auto use = std::find_if(uses.begin(), uses.end(), [&token](const ports::ObjectRow& row) {
      return row.id == token.id;
    });
    if (use != uses.end()) token.last_use = internal::UseOf(*use);
  }
  std::sort(tokens.begin(), tokens.end(),
            [](const Token& a, const Token& b) { return a.id > b.id; });
  return tokens;
}

absl::StatusOr<Token> Directory::GetToken(const std::string& id) {
  absl::StatusOr<Token> token = absl::UnknownError("not read");
  const absl::Status ran = store_.Read([&](ports::ReadView& view) -> absl::Status {
    token = internal::LoadToken(view, id);
    if (!token.ok()) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(const auto use, view.FindObject(internal::kTokenUseKind, id));
    if (use.has_value()) token->last_use = internal::UseOf(*use);
    return absl::OkStatus();
  });
  KONTOR_RETURN_IF_ERROR(ran);
  return token;
}

absl::StatusOr<Token> Directory::RevokeToken(const ports::Actor& actor,
                                             const std::string& request_id, const std::string& id,
                                             const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(internal::CheckReason(reason));
  const auto work = [&](ports::Unit& unit) -> absl::StatusOr<Token> {
    absl::StatusOr<Token> token = internal::LoadToken(unit, id);
    const bool own = token.ok() && token->principal_id == actor.principal_id;
    // The right before the existence: others learn nothing of which ids there are.
    if (!own) KONTOR_RETURN_IF_ERROR(internal::AdministratorOf(unit, actor).status());
    KONTOR_RETURN_IF_ERROR(token.status());
    if (token->revoked.has_value()) return token;
    const std::string before = internal::ShowToken(*token);
    const absl::Time now = clock_.Now();
    token->revoked = now;
    token->revoker_id = actor.principal_id;
    KONTOR_RETURN_IF_ERROR(internal::Put(unit, *token, "", now));
    KONTOR_RETURN_IF_ERROR(
        internal::Audit(unit, actor, own ? "" : "ADMINISTRATOR",
                        {"token.revoke", id, before, internal::ShowToken(*token), reason}, now));
    return token;
  };
  return internal::Once<Token>(
      store_, crypto_, {actor, "token.revoke", request_id, base::StrCat(id, "\n", reason)},
      [&](ports::Unit& unit) { return internal::CallerOf(unit, actor).status(); }, work,
      internal::LoadToken);
}

}  // namespace kontor::security
