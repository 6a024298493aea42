// SPDX-License-Identifier: Apache-2.0
// Principals, tokens, roles, the posting policy and facts about the server.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/v1/admin.pb.h"

namespace kontor::sdk {

/// Administers who may do what. Needs the role ADMINISTRATOR except where a method says otherwise.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class AdminClient : public internal::ClientBase {
 public:
  explicit AdminClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Exchanges the one-use bootstrap token, which the server writes to a file on its first start,
  /// for the first administrator and its token. Needs no other authentication. Errors:
  /// UNAUTHENTICATED (UNAUTHENTICATED, TOKEN_USED). Not repeatable: the second call fails.
  absl::StatusOr<v1::RedeemBootstrapTokenResponse> RedeemBootstrapToken(
      const v1::RedeemBootstrapTokenRequest& request, const CallOptions& options = {}) const;
  /// Answers version, limits and state of the server. Any authenticated principal may call it.
  /// Idempotent.
  absl::StatusOr<v1::GetServerInfoResponse> GetServerInfo(const v1::GetServerInfoRequest& request,
                                                          const CallOptions& options = {}) const;
  /// Answers the calling principal with its roles. Any authenticated principal may call it.
  /// Idempotent.
  absl::StatusOr<v1::WhoAmIResponse> WhoAmI(const v1::WhoAmIRequest& request,
                                            const CallOptions& options = {}) const;
  /// Creates a principal without roles. Errors: INVALID_ARGUMENT, ALREADY_EXISTS (ALREADY_EXISTS,
  /// REQUEST_ID_REUSED). Idempotent by request_id.
  absl::StatusOr<v1::CreatePrincipalResponse> CreatePrincipal(
      const v1::CreatePrincipalRequest& request, const CallOptions& options = {}) const;
  /// Gets one principal. Errors: NOT_FOUND. Idempotent.
  absl::StatusOr<v1::GetPrincipalResponse> GetPrincipal(const v1::GetPrincipalRequest& request,
                                                        const CallOptions& options = {}) const;
  /// Lists principals by name. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Principal> ListPrincipals(v1::ListPrincipalsRequest request,
                                      const CallOptions& options = {}) const;
  /// Disables a principal: all its tokens stop working at once. Errors: NOT_FOUND,
  /// FAILED_PRECONDITION (STATE_CONFLICT) for the last administrator. Idempotent by request_id.
  absl::StatusOr<v1::DisablePrincipalResponse> DisablePrincipal(
      const v1::DisablePrincipalRequest& request, const CallOptions& options = {}) const;
  /// Enables a disabled principal again. Errors: NOT_FOUND. Idempotent by request_id.
  absl::StatusOr<v1::EnablePrincipalResponse> EnablePrincipal(
      const v1::EnablePrincipalRequest& request, const CallOptions& options = {}) const;
  /// Issues a token. It is answered once and stored only as a hash. Errors: NOT_FOUND,
  /// INVALID_ARGUMENT (FIELD_INVALID) for a role or entity that the principal does not have.
  /// Idempotent by request_id, but the token is answered once only.
  absl::StatusOr<v1::IssueTokenResponse> IssueToken(const v1::IssueTokenRequest& request,
                                                    const CallOptions& options = {}) const;
  /// Lists tokens, without their text. Fetches pages as it goes; page_token says where to begin.
  Range<v1::Token> ListTokens(v1::ListTokensRequest request, const CallOptions& options = {}) const;
  /// Revokes a token at once. A principal may revoke its own. Errors: NOT_FOUND. Idempotent by
  /// request_id.
  absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(const v1::RevokeTokenRequest& request,
                                                      const CallOptions& options = {}) const;
  /// Proposes to grant a role to a principal. Errors: NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS
  /// (ALREADY_EXISTS) when the principal has the role. Idempotent by request_id.
  absl::StatusOr<v1::ProposeRoleGrantResponse> ProposeRoleGrant(
      const v1::ProposeRoleGrantRequest& request, const CallOptions& options = {}) const;
  /// Approves a proposed grant. The caller must be an administrator and a person other than the
  /// proposer and the grantee. Errors: NOT_FOUND, FAILED_PRECONDITION (STATE_CONFLICT),
  /// PERMISSION_DENIED (SECOND_PERSON_REQUIRED, PERSON_REQUIRED). Idempotent by request_id.
  absl::StatusOr<v1::ApproveRoleGrantResponse> ApproveRoleGrant(
      const v1::ApproveRoleGrantRequest& request, const CallOptions& options = {}) const;
  /// Takes a role away, or withdraws a proposal; one administrator is enough. Errors: NOT_FOUND,
  /// FAILED_PRECONDITION (STATE_CONFLICT) for the last administrator. Idempotent by request_id.
  absl::StatusOr<v1::RevokeRoleResponse> RevokeRole(const v1::RevokeRoleRequest& request,
                                                    const CallOptions& options = {}) const;
  /// Lists role grants, newest first. Fetches pages as it goes; page_token says where to begin.
  Range<v1::RoleGrant> ListRoleGrants(v1::ListRoleGrantsRequest request,
                                      const CallOptions& options = {}) const;
  /// Answers the server-wide posting policy. Idempotent.
  absl::StatusOr<v1::GetPostingPolicyResponse> GetPostingPolicy(
      const v1::GetPostingPolicyRequest& request, const CallOptions& options = {}) const;
  /// Replaces the server-wide posting policy by a new version. Loosening a rule takes two persons:
  /// the first call proposes, the same call by another person carries it out. Errors:
  /// INVALID_ARGUMENT, ABORTED (VERSION_CONFLICT), PERMISSION_DENIED. Idempotent by request_id.
  absl::StatusOr<v1::UpdatePostingPolicyResponse> UpdatePostingPolicy(
      const v1::UpdatePostingPolicyRequest& request, const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
