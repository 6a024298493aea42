// SPDX-License-Identifier: Apache-2.0
// Who is asking, as established by server/security and believed by everything below it.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace kontor::ports {

/// Roles are granted by two administrators (issue point 6). Closed list.
enum class Role {
  kSubmitter,      ///< Hands documents over.
  kViewer,         ///< Reads documents, operations, events.
  kReleaser,       ///< Releases held operations.
  kAccountant,     ///< Resolves business exceptions.
  kOperator,       ///< Technical exceptions, reconcile, restore.
  kAdministrator,  ///< Connections, entities, principals, webhooks, policies.
  kAuditor,        ///< Reads the audit trail.
  // Of payment orders: no order sees two of them from one person.
  kPaymentPreparer,
  kPaymentApprover,  ///< Also confirms beneficiaries.
  kPaymentReleaser,
};
inline constexpr Role kLastRole = Role::kPaymentReleaser;
inline std::string_view NameOf(Role role) {
  constexpr std::string_view kNames[] = {
      "SUBMITTER",     "VIEWER",  "RELEASER",         "ACCOUNTANT",       "OPERATOR",
      "ADMINISTRATOR", "AUDITOR", "PAYMENT_PREPARER", "PAYMENT_APPROVER", "PAYMENT_RELEASER"};
  return kNames[static_cast<size_t>(role)];
}

struct Actor {
  std::string principal_id;
  std::string name;
  bool is_person = false;
  std::string source;              ///< Namespace of its request ids.
  std::set<Role> roles;
  std::set<std::string> entities;  ///< Empty: every entity.
  std::string token_id;
  bool scoped = false;    ///< Its token gives it less than all of its roles.
  bool narrowed = false;  ///< Its token gives it less than all of its roles or entities.
  bool Has(Role role) const { return roles.contains(role); }
  bool MaySee(const std::string& entity) const {
    return entities.empty() || entities.contains(entity);
  }
};

}  // namespace kontor::ports
