// SPDX-License-Identifier: Apache-2.0
// What all changes of the directory share: once per request id, checked against the store as it
// stands, and audited in the same unit.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/ports/crypto.h"
#include "server/ports/store.h"
#include "server/security/internal/codec.h"
#include "server/security/principals.h"

namespace kontor::security::internal {

inline const std::string& SubjectIdOf(const Principal& principal) { return principal.id; }
inline const std::string& SubjectIdOf(const Token& token) { return token.id; }
inline const std::string& SubjectIdOf(const RoleGrant& grant) { return grant.id; }
inline const std::string& SubjectIdOf(const Issued& issued) { return issued.token.id; }

// Checks of input. Errors: FIELD_MISSING, FIELD_INVALID, FIELD_TOO_LONG, TEXT_INVALID.
absl::Status CheckRequestId(std::string_view request_id);
absl::Status CheckName(std::string_view name, std::string_view field);
absl::Status CheckReason(std::string_view reason);
absl::Status CheckEntities(const std::set<std::string>& entities, std::string_view field);

// Reads within a unit. NOT_FOUND when there is none.
absl::StatusOr<Principal> LoadPrincipal(ports::ReadView& view, const std::string& name_or_id);
absl::StatusOr<Token> LoadToken(ports::ReadView& view, const std::string& id);
absl::StatusOr<RoleGrant> LoadGrant(ports::ReadView& view, const std::string& id);
absl::StatusOr<std::vector<Principal>> AllPrincipals(ports::ReadView& view);
absl::StatusOr<std::vector<Token>> AllTokens(ports::ReadView& view);
absl::StatusOr<std::vector<RoleGrant>> AllGrants(ports::ReadView& view);

/// The caller as the store has it now. UNAUTHENTICATED when it is gone or disabled.
absl::StatusOr<Principal> CallerOf(ports::ReadView& view, const ports::Actor& actor);
/// The same, and it must be an administrator, in the store and by its token. PERMISSION_DENIED.
absl::StatusOr<Principal> AdministratorOf(ports::ReadView& view, const ports::Actor& actor);
/// ENTITY_DENIED when `entities` reach beyond the actor's own (empty: every entity).
absl::Status CheckReach(const ports::Actor& actor, const std::set<std::string>& entities);

/// Persons who are administrators and not disabled.
absl::StatusOr<int> CountAdministrators(ports::ReadView& view);
/// Written by each change of who is an administrator, so that two nodes cannot each take away the
/// other's last but one.
absl::Status TouchGuard(ports::Unit& unit, absl::Time now);

absl::Status Put(ports::Unit& unit, Principal& principal, const ports::Crypto& crypto,
                 absl::Time now);
/// `lookup` only for a new token; an existing one keeps its own.
absl::Status Put(ports::Unit& unit, Token& token, std::string lookup, absl::Time now);
/// Gives a new token its id and text and stores it; answers the text.
absl::StatusOr<std::string> MakeToken(ports::Unit& unit, Token& token, base::IdSource& ids,
                                      const ports::Crypto& crypto, absl::Time now);
absl::Status Put(ports::Unit& unit, RoleGrant& grant, absl::Time now);

struct AuditWords {
  std::string action;  ///< Such as principal.create.
  std::string subject;
  std::string before;
  std::string after;
  std::string reason;
};
absl::Status Audit(ports::Unit& unit, const ports::Actor& actor, std::string_view role,
                   AuditWords words, absl::Time now);

struct Request {
  const ports::Actor& actor;
  std::string_view method;
  const std::string& request_id;
  std::string content;  ///< Whatever makes two requests the same; digested.
};

/// Runs `work(unit)` once per request id; a repeat answers `again(unit, subject id)` instead.
/// `admit(unit)` runs first in both cases. `work` may run more than once: see ports::Store.
template <typename T, typename Admit, typename Work, typename Again>
absl::StatusOr<T> Once(ports::Store& store, const ports::Crypto& crypto, const Request& request,
                       Admit admit, Work work, Again again) {
  KONTOR_RETURN_IF_ERROR(CheckRequestId(request.request_id));
  ports::RequestRow row;
  // No source's name has a slash: these never meet the request ids of documents.
  row.source = base::StrCat("admin/", request.actor.source);
  row.request_id = request.request_id;
  row.digest = crypto.Sha256Hex(base::StrCat(request.method, "\n", request.content));
  absl::StatusOr<T> result = absl::UnknownError("not run");
  const absl::Status ran = store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(admit(unit));
    KONTOR_ASSIGN_OR_RETURN(const auto earlier, unit.FindRequest(row.source, row.request_id));
    if (earlier.has_value()) {
      if (earlier->digest != row.digest) {
        return base::Error(base::Reason::kRequestIdReused)
            .Field("request_id")
            .Says("an earlier request with this id had other content");
      }
      result = again(unit, earlier->document_id);
      return result.status();
    }
    result = work(unit);
    KONTOR_RETURN_IF_ERROR(result.status());
    ports::RequestRow done = row;
    done.document_id = SubjectIdOf(*result);
    return unit.InsertRequest(done);
  });
  KONTOR_RETURN_IF_ERROR(ran);
  return result;
}

}  // namespace kontor::security::internal
