// SPDX-License-Identifier: Apache-2.0
#include "server/security/internal/change.h"

#include <algorithm>

#include "server/base/text.h"
#include "server/security/internal/tokens.h"

namespace kontor::security::internal {
namespace {

using base::Error;
using base::Reason;

absl::Status Absent(std::string_view kind, std::string_view id) {
  return Error(Reason::kNotFound).With("id", id).Says(base::StrCat("there is no ", kind, " ", id));
}

template <typename T, typename Decode>
absl::StatusOr<T> Load(ports::ReadView& view, const char* kind, std::string_view shown,
                       const std::string& id, Decode decode) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(kind, id));
  if (!row.has_value()) return Absent(shown, id);
  return decode(*row);
}

template <typename T, typename Decode>
absl::StatusOr<std::vector<T>> All(ports::ReadView& view, const char* kind, Decode decode) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(kind));
  std::vector<T> all;
  all.reserve(rows.size());
  for (const ports::ObjectRow& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(T value, decode(row));
    all.push_back(std::move(value));
  }
  return all;
}

}  // namespace

absl::Status CheckRequestId(std::string_view request_id) {
  constexpr size_t kRequestIdMax = 128;
  if (request_id.empty()) {
    return Error(Reason::kFieldMissing).Field("request_id").Says("no request id is given");
  }
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (request_id.size() > kRequestIdMax ||
      !std::all_of(request_id.begin(), request_id.end(), visible)) {
    return Error(Reason::kFieldInvalid)
        .Field("request_id")
        .Says("a request id has 1 to 128 visible ASCII characters");
  }
  return absl::OkStatus();
}

absl::Status CheckName(std::string_view name, std::string_view field) {
  constexpr size_t kNameMax = 64;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  if (name.empty()) return Error(Reason::kFieldMissing).Field(field).Says("no name is given");
  if (name.size() > kNameMax || !std::all_of(name.begin(), name.end(), plain)) {
    return Error(Reason::kFieldInvalid)
        .Field(field)
        .Says("a name has 1 to 64 characters of a-z, 0-9, \".\", \"_\" and \"-\"");
  }
  return absl::OkStatus();
}

absl::Status CheckReason(std::string_view reason) {
  constexpr int kReasonMax = 1000;
  if (base::Trim(reason).empty()) {
    return Error(Reason::kFieldMissing).Field("reason").Says("no reason is given");
  }
  return base::CheckText(reason, kReasonMax, "reason", /*multiline=*/true);
}

absl::Status CheckEntities(const std::set<std::string>& entities, std::string_view field) {
  constexpr size_t kEntitiesMax = 1000;
  constexpr int kEntityNameMax = 64;
  if (entities.size() > kEntitiesMax) {
    return Error(Reason::kFieldTooLong).Field(field).Says("more than 1000 entities");
  }
  for (const std::string& entity : entities) {
    if (entity.empty() || entity == "*") {
      return Error(Reason::kFieldInvalid).Field(field).Says("an entity's name is not a name");
    }
    KONTOR_RETURN_IF_ERROR(base::CheckText(entity, kEntityNameMax, field));
  }
  return absl::OkStatus();
}

absl::StatusOr<Principal> LoadPrincipal(ports::ReadView& view, const std::string& name_or_id) {
  return Load<Principal>(view, kPrincipalKind, "principal", name_or_id, PrincipalOf);
}
absl::StatusOr<Token> LoadToken(ports::ReadView& view, const std::string& id) {
  return Load<Token>(view, kTokenKind, "token", id, TokenOf);
}
absl::StatusOr<RoleGrant> LoadGrant(ports::ReadView& view, const std::string& id) {
  return Load<RoleGrant>(view, kGrantKind, "role grant", id, GrantOf);
}
absl::StatusOr<std::vector<Principal>> AllPrincipals(ports::ReadView& view) {
  return All<Principal>(view, kPrincipalKind, PrincipalOf);
}
absl::StatusOr<std::vector<Token>> AllTokens(ports::ReadView& view) {
  return All<Token>(view, kTokenKind, TokenOf);
}
absl::StatusOr<std::vector<RoleGrant>> AllGrants(ports::ReadView& view) {
  return All<RoleGrant>(view, kGrantKind, GrantOf);
}

absl::StatusOr<Principal> CallerOf(ports::ReadView& view, const ports::Actor& actor) {
  absl::StatusOr<Principal> caller = LoadPrincipal(view, actor.principal_id);
  const bool gone = base::Is(caller.status(), Reason::kNotFound);
  if (!gone) KONTOR_RETURN_IF_ERROR(caller.status());
  if (gone || caller->disabled) {
    return Error(Reason::kUnauthenticated).Says("the calling principal does not exist any more");
  }
  return caller;
}

absl::StatusOr<Principal> AdministratorOf(ports::ReadView& view, const ports::Actor& actor) {
  KONTOR_ASSIGN_OR_RETURN(Principal caller, CallerOf(view, actor));
  if (!actor.Has(ports::Role::kAdministrator) ||
      !caller.roles.contains(ports::Role::kAdministrator)) {
    return Error(Reason::kPermissionDenied)
        .With("roles", ports::NameOf(ports::Role::kAdministrator))
        .Says(base::StrCat(actor.name, " needs the role ADMINISTRATOR"));
  }
  return caller;
}

absl::Status CheckReach(const ports::Actor& actor, const std::set<std::string>& entities) {
  if (actor.entities.empty()) return absl::OkStatus();
  const bool within = !entities.empty() &&
                      std::includes(actor.entities.begin(), actor.entities.end(),
                                    entities.begin(), entities.end());
  if (within) return absl::OkStatus();
  return Error(Reason::kEntityDenied)
      .Says(base::StrCat(actor.name, " has no access to every entity that this concerns"));
}

absl::StatusOr<int> CountAdministrators(ports::ReadView& view) {
  KONTOR_ASSIGN_OR_RETURN(const auto principals, AllPrincipals(view));
  return static_cast<int>(
      std::count_if(principals.begin(), principals.end(), [](const Principal& p) {
        return !p.disabled && p.kind == PrincipalKind::kPerson &&
               p.roles.contains(ports::Role::kAdministrator);
      }));
}

absl::Status TouchGuard(ports::Unit& unit, absl::Time now) {
  constexpr const char* kId = "guard";
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(kGuardKind, kId));
  if (!row.has_value()) {
    row.emplace();
    row->kind = kGuardKind;
    row->id = kId;
    row->name = kId;
    row->body = "{}";
    row->created = now;
  }
  row->updated = now;
  return unit.PutObject(*row);
}

absl::Status Put(ports::Unit& unit, Principal& principal, const ports::Crypto& crypto,
                 absl::Time now) {
  const std::string& subject = principal.certificate_subject;
  ports::ObjectRow row =
      RowOf(principal, subject.empty() ? std::string() : CertificateLookup(crypto, subject));
  row.updated = now;
  KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
  principal.version = row.version;
  return absl::OkStatus();
}

absl::Status Put(ports::Unit& unit, Token& token, std::string lookup, absl::Time now) {
  if (token.version != 0) {
    KONTOR_ASSIGN_OR_RETURN(const auto old, unit.FindObject(kTokenKind, token.id));
    if (!old.has_value()) return Absent("token", token.id);
    lookup = old->lookup;
  }
  ports::ObjectRow row = RowOf(token, std::move(lookup));
  row.updated = now;
  KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
  token.version = row.version;
  return absl::OkStatus();
}

absl::StatusOr<std::string> MakeToken(ports::Unit& unit, Token& token, base::IdSource& ids,
                                      const ports::Crypto& crypto, absl::Time now) {
  constexpr size_t kSuffixLength = 4;
  const std::string text = NewTokenText(crypto);
  token.id = ids.Next(base::kTokenPrefix);
  token.created = now;
  token.suffix = text.substr(text.size() - kSuffixLength);
  KONTOR_RETURN_IF_ERROR(Put(unit, token, TokenLookup(crypto, text), now));
  return text;
}

absl::Status Put(ports::Unit& unit, RoleGrant& grant, absl::Time now) {
  ports::ObjectRow row = RowOf(grant);
  row.updated = now;
  KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
  grant.version = row.version;
  return absl::OkStatus();
}

absl::Status Audit(ports::Unit& unit, const ports::Actor& actor, std::string_view role,
                   AuditWords words, absl::Time now) {
  ports::AuditEntry entry;
  entry.time = now;
  entry.actor = actor.principal_id;
  entry.role = std::string(role);
  entry.action = std::move(words.action);
  entry.subject = std::move(words.subject);
  entry.before = std::move(words.before);
  entry.after = std::move(words.after);
  entry.reason = std::move(words.reason);
  return unit.AppendAudit(std::move(entry));
}

}  // namespace kontor::security::internal
