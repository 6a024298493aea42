// SPDX-License-Identifier: Apache-2.0
// The methods of AdminService by their wire paths.
#include "kontor/sdk/admin_client.h"

namespace kontor::sdk {

absl::StatusOr<v1::RedeemBootstrapTokenResponse> AdminClient::RedeemBootstrapToken(
    const v1::RedeemBootstrapTokenRequest& request, const CallOptions& options) const {
  return Invoke<v1::RedeemBootstrapTokenResponse>(
      "/kontor.v1.AdminService/RedeemBootstrapToken", request, options);
}

absl::StatusOr<v1::GetServerInfoResponse> AdminClient::GetServerInfo(
    const v1::GetServerInfoRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetServerInfoResponse>(
      "/kontor.v1.AdminService/GetServerInfo", request, options);
}

absl::StatusOr<v1::WhoAmIResponse> AdminClient::WhoAmI(const v1::WhoAmIRequest& request,
                                                       const CallOptions& options) const {
  return Invoke<v1::WhoAmIResponse>("/kontor.v1.AdminService/WhoAmI", request, options);
}

absl::StatusOr<v1::CreatePrincipalResponse> AdminClient::CreatePrincipal(
    const v1::CreatePrincipalRequest& request, const CallOptions& options) const {
  return Invoke<v1::CreatePrincipalResponse>(
      "/kontor.v1.AdminService/CreatePrincipal", request, options);
}

absl::StatusOr<v1::GetPrincipalResponse> AdminClient::GetPrincipal(
    const v1::GetPrincipalRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetPrincipalResponse>("/kontor.v1.AdminService/GetPrincipal", request, options);
}

Range<v1::Principal> AdminClient::ListPrincipals(v1::ListPrincipalsRequest request,
                                                 const CallOptions& options) const {
  return Paged<v1::Principal, v1::ListPrincipalsResponse>(
      "/kontor.v1.AdminService/ListPrincipals", std::move(request), options,
      [](v1::ListPrincipalsResponse& response) { return response.mutable_principals(); });
}

absl::StatusOr<v1::DisablePrincipalResponse> AdminClient::DisablePrincipal(
    const v1::DisablePrincipalRequest& request, const CallOptions& options) const {
  return Invoke<v1::DisablePrincipalResponse>(
      "/kontor.v1.AdminService/DisablePrincipal", request, options);
}

absl::StatusOr<v1::EnablePrincipalResponse> AdminClient::EnablePrincipal(
    const v1::EnablePrincipalRequest& request, const CallOptions& options) const {
  return Invoke<v1::EnablePrincipalResponse>(
      "/kontor.v1.AdminService/EnablePrincipal", request, options);
}

absl::StatusOr<v1::IssueTokenResponse> AdminClient::IssueToken(const v1::IssueTokenRequest& request,
                                                               const CallOptions& options) const {
  return Invoke<v1::IssueTokenResponse>("/kontor.v1.AdminService/IssueToken", request, options);
}

Range<v1::Token> AdminClient::ListTokens(v1::ListTokensRequest request,
                                         const CallOptions& options) const {
  return Paged<v1::Token, v1::ListTokensResponse>(
      "/kontor.v1.AdminService/ListTokens", std::move(request), options,
      [](v1::ListTokensResponse& response) { return response.mutable_tokens(); });
}

absl::StatusOr<v1::RevokeTokenResponse> AdminClient::RevokeToken(
    const v1::RevokeTokenRequest& request, const CallOptions& options) const {
  return Invoke<v1::RevokeTokenResponse>("/kontor.v1.AdminService/RevokeToken", request, options);
}

absl::StatusOr<v1::ProposeRoleGrantResponse> AdminClient::ProposeRoleGrant(
    const v1::ProposeRoleGrantRequest& request, const CallOptions& options) const {
  return Invoke<v1::ProposeRoleGrantResponse>(
      "/kontor.v1.AdminService/ProposeRoleGrant", request, options);
}

absl::StatusOr<v1::ApproveRoleGrantResponse> AdminClient::ApproveRoleGrant(
    const v1::ApproveRoleGrantRequest& request, const CallOptions& options) const {
  return Invoke<v1::ApproveRoleGrantResponse>(
      "/kontor.v1.AdminService/ApproveRoleGrant", request, options);
}

absl::StatusOr<v1::RevokeRoleResponse> AdminClient::RevokeRole(const v1::RevokeRoleRequest& request,
                                                               const CallOptions& options) const {
  return Invoke<v1::RevokeRoleResponse>("/kontor.v1.AdminService/RevokeRole", request, options);
}

Range<v1::RoleGrant> AdminClient::ListRoleGrants(v1::ListRoleGrantsRequest request,
                                                 const CallOptions& options) const {
  return Paged<v1::RoleGrant, v1::ListRoleGrantsResponse>(
      "/kontor.v1.AdminService/ListRoleGrants", std::move(request), options,
      [](v1::ListRoleGrantsResponse& response) { return response.mutable_grants(); });
}

absl::StatusOr<v1::GetPostingPolicyResponse> AdminClient::GetPostingPolicy(
    const v1::GetPostingPolicyRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetPostingPolicyResponse>(
      "/kontor.v1.AdminService/GetPostingPolicy", request, options);
}

absl::StatusOr<v1::UpdatePostingPolicyResponse> AdminClient::UpdatePostingPolicy(
    const v1::UpdatePostingPolicyRequest& request, const CallOptions& options) const {
  return Invoke<v1::UpdatePostingPolicyResponse>(
      "/kontor.v1.AdminService/UpdatePostingPolicy", request, options);
}

}  // namespace kontor::sdk
