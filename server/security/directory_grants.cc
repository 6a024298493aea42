// SPDX-License-Identifier: Apache-2.0
// Role grants: proposed by one administrator, approved by another, taken away by any.
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

constexpr std::string_view kAdministratorRole = "ADMINISTRATOR";
constexpr const char* kByBootstrap = "bootstrap";

absl::StatusOr<Principal> AdministratorInPerson(ports::ReadView& view, const ports::Actor& actor) {
  KONTOR_ASSIGN_OR_RETURN(Principal caller, internal::AdministratorOf(view, actor));
  if (caller.kind != PrincipalKind::kPerson || !actor.is_person) {
    return Error(Reason::kPersonRequired).Says(base::StrCat(actor.name, " is a service"));
  }
  return caller;
}

/// Nobody holds a role twice or waits for it twice.
absl::Status CheckGrantable(ports::ReadView& view, const Principal& grantee, Role role) {
  if (grantee.disabled) {
    return Error(Reason::kStateConflict).Says(base::StrCat(grantee.name, " is disabled"));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto grants, internal::AllGrants(view));
  for (const RoleGrant& grant : grants) {
    if (grant.principal_id != grantee.id || grant.role != role) continue;
    if (grant.state == GrantState::kRevoked) continue;
    return Error(Reason::kAlreadyExists)
        .With("grant", grant.id)
        .Says(base::StrCat(grantee.name, grant.state == GrantState::kGranted
                                             ? " has the role "
                                             : " waits already for the role ",
                           ports::NameOf(role)));
  }
  return absl::OkStatus();
}

/// Whether this is the one grant that the first administrator makes alone; remembers that it was.
absl::StatusOr<bool> TakeBootstrapGrant(ports::Unit& unit, const Principal& caller,
                                        const Principal& grantee, Role role, absl::Time now) {
  if (role != Role::kAdministrator || !caller.first || grantee.id == caller.id ||
      grantee.kind != PrincipalKind::kPerson) {
    return false;
  }
  KONTOR_ASSIGN_OR_RETURN(const int administrators, internal::CountAdministrators(unit));
  if (administrators != 1) return false;
  KONTOR_ASSIGN_OR_RETURN(auto rows, unit.AllObjects(internal::kFirstTokenKind));
  for (ports::ObjectRow& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(internal::FirstToken first, internal::FirstTokenOf(row));
    if (!first.used) continue;
    if (first.second_granted) return false;
    first.second_granted = true;
    row.body = internal::BodyOf(first);
    row.updated = now;
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    return true;
  }
  return false;
}

/// Puts the role in force.
absl::Status Grant(ports::Unit& unit, RoleGrant& grant, Principal& grantee,
                   const std::string& approver, const ports::Crypto& crypto, absl::Time now) {
  grant.state = GrantState::kGranted;
  grant.approver = approver;
  grant.approved = now;
  grantee.roles.insert(grant.role);
  if (grant.role == Role::kAdministrator) KONTOR_RETURN_IF_ERROR(internal::TouchGuard(unit, now));
  return internal::Put(unit, grantee, crypto, now);
}

}  // namespace

absl::StatusOr<RoleGrant> Directory::ProposeGrant(const ports::Actor& actor,
                                                  const std::string& request_id,
                                                  const std::string& principal, Role role,
                                                  const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(internal::CheckReason(reason));
  const auto work = [&](ports::Unit& unit) -> absl::StatusOr<RoleGrant> {
    KONTOR_ASSIGN_OR_RETURN(const Principal caller, internal::CallerOf(unit, actor));
    KONTOR_ASSIGN_OR_RETURN(Principal grantee, internal::LoadPrincipal(unit, principal));
    KONTOR_RETURN_IF_ERROR(internal::CheckReach(actor, grantee.entities));
    KONTOR_RETURN_IF_ERROR(CheckGrantable(unit, grantee, role));
    const absl::Time now = clock_.Now();
    RoleGrant grant;
    grant.id = ids_.Next(base::kProposalPrefix);
    grant.principal_id = grantee.id;
    grant.principal_name = grantee.name;
    grant.role = role;
    grant.proposer = caller.name;
    grant.proposer_id = caller.id;
    grant.reason = reason;
    grant.created = now;
    KONTOR_ASSIGN_OR_RETURN(const bool alone,
                            TakeBootstrapGrant(unit, caller, grantee, role, now));
    if (alone) {
      KONTOR_RETURN_IF_ERROR(Grant(unit, grant, grantee, kByBootstrap, crypto_, now));
    }
    KONTOR_RETURN_IF_ERROR(internal::Put(unit, grant, now));
    KONTOR_RETURN_IF_ERROR(
        internal::Audit(unit, actor, kAdministratorRole,
                        {alone ? "role.grant_by_first_administrator" : "role.propose",
                         grantee.id, "", internal::ShowGrant(grant), reason},
                        now));
    return grant;
  };
  return internal::Once<RoleGrant>(
      store_, crypto_,
      {actor, "role.propose", request_id,
       base::StrCat(principal, "\n", ports::NameOf(role), "\n", reason)},
      [&](ports::Unit& unit) { return AdministratorInPerson(unit, actor).status(); }, work,
      internal::LoadGrant);
}

absl::StatusOr<RoleGrant> Directory::ApproveGrant(const ports::Actor& actor,
                                                  const std::string& request_id,
                                                  const std::string& id,
                                                  const std::string& reason) {
  constexpr int kReasonMax = 1000;
  KONTOR_RETURN_IF_ERROR(base::CheckText(reason, kReasonMax, "reason", /*multiline=*/true));
  const auto work = [&](ports::Unit& unit) -> absl::StatusOr<RoleGrant> {
    KONTOR_ASSIGN_OR_RETURN(RoleGrant grant, internal::LoadGrant(unit, id));
    if (grant.state != GrantState::kProposed) {
      return Error(Reason::kStateConflict)
          .Says(base::StrCat("the grant is ", NameOf(grant.state), " and not PROPOSED"));
    }
    if (grant.proposer_id == actor.principal_id || grant.principal_id == actor.principal_id) {
      return Error(Reason::kSecondPersonRequired)
          .Says("who proposed a role, or gets it, cannot approve it");
    }
    KONTOR_ASSIGN_OR_RETURN(Principal grantee, internal::LoadPrincipal(unit, grant.principal_id));
    KONTOR_RETURN_IF_ERROR(internal::CheckReach(actor, grantee.entities));
    if (grantee.disabled) {
      return Error(Reason::kStateConflict).Says(base::StrCat(grantee.name, " is disabled"));
    }
    const std::string before = internal::ShowGrant(grant);
    const absl::Time now = clock_.Now();
    KONTOR_RETURN_IF_ERROR(Grant(unit, grant, grantee, actor.name, crypto_, now));
    KONTOR_RETURN_IF_ERROR(internal::Put(unit, grant, now));
    KONTOR_RETURN_IF_ERROR(internal::Audit(
        unit, actor, kAdministratorRole,
        {"role.approve", grantee.id, before, internal::ShowGrant(grant), reason}, now));
    return grant;
  };
  return internal::Once<RoleGrant>(
      store_, crypto_, {actor, "role.approve", request_id, base::StrCat(id, "\n", reason)},
      [&](ports::Unit& unit) { return AdministratorInPerson(unit, actor).status(); }, work,
      internal::LoadGrant);
}

absl::StatusOr<RoleGrant> Directory::RevokeGrant(const ports::Actor& actor,
                                                 const std::string& request_id,
                                                 const std::string& id,
                                                 const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(internal::CheckReason(reason));
  const auto work = [&](ports::Unit& unit) -> absl::StatusOr<RoleGrant> {
    KONTOR_ASSIGN_OR_RETURN(RoleGrant grant, internal::LoadGrant(unit, id));
    if (grant.state == GrantState::kRevoked) {
      return Error(Reason::kStateConflict).Says("the grant is REVOKED already");
    }
    const std::string before = internal::ShowGrant(grant);
    const bool in_force = grant.state == GrantState::kGranted;
    const absl::Time now = clock_.Now();
    grant.state = GrantState::kRevoked;
    grant.revoked = now;
    KONTOR_ASSIGN_OR_RETURN(Principal holder, internal::LoadPrincipal(unit, grant.principal_id));
    KONTOR_RETURN_IF_ERROR(internal::CheckReach(actor, holder.entities));
    if (in_force) {
      holder.roles.erase(grant.role);
      KONTOR_RETURN_IF_ERROR(internal::Put(unit, holder, crypto_, now));
    }
    if (in_force && grant.role == Role::kAdministrator) {
      KONTOR_RETURN_IF_ERROR(internal::TouchGuard(unit, now));
      KONTOR_ASSIGN_OR_RETURN(const int left, internal::CountAdministrators(unit));
      if (left == 0) {
        return Error(Reason::kStateConflict)
            .Says(base::StrCat(holder.name, " is the last administrator"));
      }
    }
    KONTOR_RETURN_IF_ERROR(internal::Put(unit, grant, now));
    KONTOR_RETURN_IF_ERROR(internal::Audit(
        unit, actor, kAdministratorRole,
        {"role.revoke", holder.id, before, internal::ShowGrant(grant), reason}, now));
    return grant;
  };
  return internal::Once<RoleGrant>(
      store_, crypto_, {actor, "role.revoke", request_id, base::StrCat(id, "\n", reason)},
      [&](ports::Unit& unit) { return internal::AdministratorOf(unit, actor).status(); }, work,
      internal::LoadGrant);
}

absl::StatusOr<std::vector<RoleGrant>> Directory::ListGrants(const std::string& principal,
                                                             std::optional<GrantState> state) {
  std::vector<RoleGrant> grants;
  const absl::Status ran = store_.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(grants, internal::AllGrants(view));
    return absl::OkStatus();
  });
  KONTOR_RETURN_IF_ERROR(ran);
  std::erase_if(grants, [&](const RoleGrant& g) {
    return (!principal.empty() && g.principal_name != principal) ||
           (state.has_value() && g.state != *state);
  });
  std::sort(grants.begin(), grants.end(),
            [](const RoleGrant& a, const RoleGrant& b) { return a.id > b.id; });
  return grants;
}

}  // namespace kontor::security
