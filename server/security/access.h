// SPDX-License-Identifier: Apache-2.0
// Which role each method needs. One table, method by method: a method that is not in it cannot be
// called by anyone.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/ports/actor.h"

namespace kontor::security {

/// Who may call a method.
enum class Access {
  kOpen,    ///< Anyone, without authentication.
  kAnyone,  ///< Any authenticated principal.
  kRoles,   ///< A principal with one of the roles.
};

struct MethodRule {
  std::string_view method;  ///< "kontor.v1.InvoiceService/CreateInvoice".
  Access access = Access::kRoles;
  std::vector<ports::Role> roles;  ///< One of them is enough.
  bool needs_person = false;       ///< A service is refused whatever its roles.
};

/// The table in order of services. Constant, thread-safe.
const std::vector<MethodRule>& MethodRules();
/// nullptr when there is no such method.
const MethodRule* FindRule(std::string_view method);

/// Whether the actor may call the method for the entity; `entity` empty: not known yet or none.
/// Role before entity before existence, so that a refusal tells nothing of what exists.
/// Errors: PERMISSION_DENIED (metadata "roles"), PERSON_REQUIRED, ENTITY_DENIED. Pure.
absl::Status Authorize(const ports::Actor& actor, std::string_view method,
                       std::string_view entity);
/// The last part alone, for handlers that learn the entity from the document.
absl::Status AuthorizeEntity(const ports::Actor& actor, std::string_view entity);

}  // namespace kontor::security
