// SPDX-License-Identifier: Apache-2.0
// Principals, their tokens and their role grants, as plain values. A token's text is never one of
// these values' members: it is answered once by Directory and stored as a keyed hash.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "server/ports/actor.h"

namespace kontor::security {

enum class PrincipalKind {
  kPerson,   ///< A human being; releasing, resolving and approving need one.
  kService,  ///< A program.
};
/// "PERSON", "SERVICE"; stable, stored.
std::string_view NameOf(PrincipalKind kind);
std::optional<PrincipalKind> ParsePrincipalKind(std::string_view name);
/// The inverse of ports::NameOf(Role).
std::optional<ports::Role> ParseRole(std::string_view name);

/// Who calls. Object kind "principal".
struct Principal {
  std::string id;                   ///< prn_…; stands in the audit.
  std::string name;                 ///< 1 to 64 of a-z, 0-9, ".", "_", "-"; unique, never changed.
  PrincipalKind kind = PrincipalKind::kService;
  std::string display_name;         ///< At most 200.
  std::string source;               ///< Namespace of its request ids; its name unless given.
  std::string certificate_subject;  ///< Whole subject that authenticates it; unique; empty: none.
  std::set<ports::Role> roles;      ///< In force; changed by grants only.
  std::set<std::string> entities;   ///< Empty: every entity.
  bool disabled = false;
  bool unmasked = false;            ///< Sees whole names and account numbers.
  bool first = false;               ///< Made by redeeming the first token.
  int calls_per_second = 0;         ///< 0: the server's default; else 1 to 100,000.
  absl::Time created;
  int64_t version = 0;
};

/// Who calls with all that is the principal's own, whatever a token gives. Pure.
ports::Actor ActorOf(const Principal& principal);

/// What is known of a token but its text. Object kind "token".
struct Token {
  std::string id;                  ///< tok_…
  std::string principal_id;
  std::string principal_name;
  std::string description;         ///< At most 200.
  std::set<ports::Role> scopes;    ///< Empty: all roles of the principal.
  std::set<std::string> entities;  ///< Empty: all entities of the principal.
  absl::Time expires;
  absl::Time created;
  std::optional<absl::Time> last_use;  ///< Coarse: see Settings::last_use_interval.
  std::optional<absl::Time> revoked;
  std::string revoker_id;          ///< Principal id; empty while it is not revoked.
  std::string suffix;              ///< Last four characters, to tell tokens apart.
  int64_t version = 0;
};

enum class GrantState { kProposed, kGranted, kRevoked };
std::string_view NameOf(GrantState state);
std::optional<GrantState> ParseGrantState(std::string_view name);

/// A role granted, or proposed to be. Object kind "role_grant".
struct RoleGrant {
  std::string id;  ///< prp_…
  std::string principal_id;
  std::string principal_name;
  ports::Role role = ports::Role::kViewer;
  GrantState state = GrantState::kProposed;
  std::string proposer;  ///< Name; its id stands in the audit.
  std::string proposer_id;
  std::string approver;  ///< Name of the second administrator, or "bootstrap".
  std::string reason;
  absl::Time created;
  std::optional<absl::Time> approved;
  std::optional<absl::Time> revoked;
  int64_t version = 0;
};

/// A token with its text, which is shown this once. The text is empty when a request is repeated.
struct Issued {
  Principal principal;
  Token token;
  std::string text;
};

/// Limits of this folder; server/app fills them from the configuration.
struct Settings {
  int calls_per_second = 200;                            ///< Default rate of one principal.
  int calls_burst = 1000;                                ///< Default burst of one principal.
  int open_calls_per_second = 5;                         ///< Calls without any principal, in all.
  size_t cache_max = 4096;                               ///< Tokens kept in memory.
  absl::Duration cache_ttl = absl::Seconds(15);          ///< Until another node's change is seen.
  absl::Duration last_use_interval = absl::Minutes(10);  ///< Between two writes of a last use.
  absl::Duration token_lifetime = absl::Hours(24 * 90);
  absl::Duration token_lifetime_min = absl::Minutes(1);
  absl::Duration token_lifetime_max = absl::Hours(24 * 366);
};

}  // namespace kontor::security
