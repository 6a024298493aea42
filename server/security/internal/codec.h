// SPDX-License-Identifier: Apache-2.0
// Principals, tokens and grants ⇄ rows of the store. What Show… gives goes into the audit and holds
// no secret.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/ports/store.h"
#include "server/security/principals.h"

namespace kontor::security::internal {

inline constexpr const char* kPrincipalKind = "principal";
inline constexpr const char* kTokenKind = "token";
/// Last uses stand apart from tokens, so that using one empties no cache.
inline constexpr const char* kTokenUseKind = "token_use";
inline constexpr const char* kGrantKind = "role_grant";
inline constexpr const char* kFirstTokenKind = "first_token";
inline constexpr const char* kGuardKind = "administrators";

/// `lookup`: of the certificate; empty when there is none.
ports::ObjectRow RowOf(const Principal& principal, std::string lookup);
ports::ObjectRow RowOf(const Token& token, std::string lookup);
ports::ObjectRow RowOf(const RoleGrant& grant);

/// Errors: INTERNAL when the body is none of ours.
absl::StatusOr<Principal> PrincipalOf(const ports::ObjectRow& row);
absl::StatusOr<Token> TokenOf(const ports::ObjectRow& row);
absl::StatusOr<RoleGrant> GrantOf(const ports::ObjectRow& row);

std::string ShowPrincipal(const Principal& principal);
std::string ShowToken(const Token& token);
std::string ShowGrant(const RoleGrant& grant);

/// The one-use first token. Object kind "first_token", one row.
struct FirstToken {
  bool used = false;
  bool second_granted = false;  ///< The first administrator has made the second one.
};
std::string BodyOf(const FirstToken& first);
absl::StatusOr<FirstToken> FirstTokenOf(const ports::ObjectRow& row);

std::string UseBody(absl::Time when);
std::optional<absl::Time> UseOf(const ports::ObjectRow& row);

}  // namespace kontor::security::internal
