// SPDX-License-Identifier: Apache-2.0
// The one place where principals, tokens and role grants change. Every change is checked against
// the store as it stands in the same unit (not against what a cache believed of the caller), and
// leaves its audit row there. Nobody raises their own rights alone:
//  - a granted role takes two administrators, both persons: one proposes, another approves who does
//    not get the role either; the first administrator may make the second one, once, while being
//    the only one;
//  - a person who has a working token issues further ones for themselves, and whoever revoked a
//    person's token cannot issue the next one: nobody can act as another person alone;
//  - a token never gives more than the one that issued it for its own principal.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/ports/actor.h"
#include "server/ports/crypto.h"
#include "server/ports/store.h"
#include "server/security/principals.h"

namespace kontor::security {

struct RedeemRequest {
  std::string first_token;
  std::string name;
  std::string display_name;
  std::optional<absl::Duration> lifetime;
};

struct TokenRequest {
  std::string principal;           ///< Name; empty: the caller itself.
  std::string description;
  std::set<ports::Role> scopes;    ///< Empty: all that the issuing call may give.
  std::set<std::string> entities;  ///< Likewise.
  std::optional<absl::Duration> lifetime;
};

/// Thread-safe; calls block on the store. Mutating calls take a `request_id` (1 to 128 visible
/// ASCII characters): repeated with the same content they answer the same object again (a token
/// without its text), with other content REQUEST_ID_REUSED. Common errors: FIELD_MISSING,
/// FIELD_INVALID, NOT_FOUND, PERMISSION_DENIED, STORE_UNAVAILABLE.
class Directory {
 public:
  /// `first_token_used` is called after the first token was redeemed, by the thread that did it.
  Directory(ports::Store& store, const base::Clock& clock, base::IdSource& ids,
            const ports::Crypto& crypto, Settings settings,
            std::function<void()> first_token_used = {})
      : store_(store),
        clock_(clock),
        ids_(ids),
        crypto_(crypto),
        settings_(settings),
        first_token_used_(std::move(first_token_used)) {}

  /// On a store without principals: the text of a new first token, to be shown or written to a file
  /// of mode 0600 by the caller. Nothing when there is a principal, or when one was made before and
  /// `replace` is false (the caller still has its file).
  absl::StatusOr<std::optional<std::string>> EnsureFirstToken(bool replace);
  /// Turns the first token into the first administrator, a person, and a token of theirs.
  /// Errors: UNAUTHENTICATED, TOKEN_USED. Not repeatable.
  absl::StatusOr<Issued> Redeem(const RedeemRequest& request);

  /// Of `draft` id, roles, disabled, first, created and version are ignored. ALREADY_EXISTS for a
  /// name, or a certificate, that is taken.
  absl::StatusOr<Principal> CreatePrincipal(const ports::Actor& actor,
                                            const std::string& request_id, Principal draft);
  absl::StatusOr<Principal> GetPrincipal(const std::string& name_or_id);
  /// By name.
  absl::StatusOr<std::vector<Principal>> ListPrincipals(std::optional<PrincipalKind> kind);
  /// Disabling ends all its tokens at once. STATE_CONFLICT for the last administrator.
  absl::StatusOr<Principal> SetDisabled(const ports::Actor& actor, const std::string& request_id,
                                        const std::string& name, bool disabled,
                                        const std::string& reason);

  absl::StatusOr<Issued> IssueToken(const ports::Actor& actor, const std::string& request_id,
                                    const TokenRequest& request);
  /// Newest first; `principal` a name, empty: all.
  absl::StatusOr<std::vector<Token>> ListTokens(const std::string& principal, bool include_dead);
  absl::StatusOr<Token> GetToken(const std::string& id);
  /// Administrators any, everyone else their own; revoked already is done.
  absl::StatusOr<Token> RevokeToken(const ports::Actor& actor, const std::string& request_id,
                                    const std::string& id, const std::string& reason);

  /// ALREADY_EXISTS when the principal has the role or waits for it; STATE_CONFLICT when disabled.
  /// GRANTED at once in the one case named above, else PROPOSED.
  absl::StatusOr<RoleGrant> ProposeGrant(const ports::Actor& actor, const std::string& request_id,
                                         const std::string& principal, ports::Role role,
                                         const std::string& reason);
  /// STATE_CONFLICT unless PROPOSED; PERSON_REQUIRED; SECOND_PERSON_REQUIRED.
  absl::StatusOr<RoleGrant> ApproveGrant(const ports::Actor& actor, const std::string& request_id,
                                         const std::string& id, const std::string& reason);
  /// Takes a granted role away, or withdraws a proposal. STATE_CONFLICT when done already and for
  /// the last administrator.
  absl::StatusOr<RoleGrant> RevokeGrant(const ports::Actor& actor, const std::string& request_id,
                                        const std::string& id, const std::string& reason);
  /// Newest first; `principal` a name, empty: all.
  absl::StatusOr<std::vector<RoleGrant>> ListGrants(const std::string& principal,
                                                    std::optional<GrantState> state);

 private:
  ports::Store& store_;
  const base::Clock& clock_;
  base::IdSource& ids_;
  const ports::Crypto& crypto_;
  const Settings settings_;
  const std::function<void()> first_token_used_;
};

}  // namespace kontor::security
