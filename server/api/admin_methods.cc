// SPDX-License-Identifier: Apache-2.0
// Principals, tokens, roles and the state of the server. The rules are security's Directory.
#include "kontor/v1/admin.pb.h"
#include "server/api/accepting.h"
#include "server/model/validate.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using security::Directory;

absl::StatusOr<ports::Role> ReadRole(v1::Role role) {
  if (role != v1::ROLE_UNSPECIFIED) {
    constexpr std::string_view kPrefix = "ROLE_";
    const auto read = security::ParseRole(v1::Role_Name(role).substr(kPrefix.size()));
    if (read.has_value()) return *read;
  }
  return Error(Reason::kFieldInvalid).Field("role").Says("no such role");
}

v1::Role WriteRole(ports::Role role) {
  v1::Role out = v1::ROLE_UNSPECIFIED;
  v1::Role_Parse(base::StrCat("ROLE_", ports::NameOf(role)), &out);
  return out;
}

void WritePrincipal(const security::Principal& in, v1::Principal* out) {
  out->set_id(in.id);
  out->set_name(in.name);
  out->set_kind(in.kind == security::PrincipalKind::kPerson ? v1::Principal::KIND_PERSON
                                                            : v1::Principal::KIND_SERVICE);
  out->set_display_name(in.display_name);
  out->set_source(in.source);
  for (const auto role : in.roles) out->add_roles(WriteRole(role));
  for (const auto& entity : in.entities) out->add_entities(entity);
  out->set_disabled(in.disabled);
  out->set_rate_limit_per_second(in.calls_per_second);
  out->set_certificate_subject(in.certificate_subject);
  out->set_unmasked(in.unmasked);
  WriteTime(in.created, out->mutable_create_time());
  out->set_version(in.version);
}

absl::StatusOr<security::Principal> ReadPrincipal(const v1::Principal& in) {
  if (in.kind() == v1::Principal::KIND_UNSPECIFIED) {
    return Error(Reason::kFieldMissing).Field("principal.kind").Says("a person or a service?");
  }
  security::Principal out;
  out.name = in.name();
  out.kind = in.kind() == v1::Principal::KIND_PERSON ? security::PrincipalKind::kPerson
                                                     : security::PrincipalKind::kService;
  out.display_name = in.display_name();
  out.source = in.source();
  out.entities.insert(in.entities().begin(), in.entities().end());
  out.calls_per_second = in.rate_limit_per_second();
  out.certificate_subject = in.certificate_subject();
  out.unmasked = in.unmasked();
  return out;
}

void WriteToken(const security::Token& in, v1::Token* out) {
  out->set_id(in.id);
  out->set_principal(in.principal_name);
  out->set_description(in.description);
  for (const auto role : in.scopes) out->add_scopes(WriteRole(role));
  for (const auto& entity : in.entities) out->add_entities(entity);
  WriteTime(in.expires, out->mutable_expire_time());
  WriteTime(in.created, out->mutable_create_time());
  if (in.last_use) WriteTime(*in.last_use, out->mutable_last_use_time());
  if (in.revoked) WriteTime(*in.revoked, out->mutable_revoke_time());
  out->set_suffix(in.suffix);
}

void WriteGrant(const security::RoleGrant& in, v1::RoleGrant* out) {
  out->set_id(in.id);
  out->set_principal(in.principal_name);
  out->set_role(WriteRole(in.role));
  switch (in.state) {
    case security::GrantState::kProposed: out->set_state(v1::RoleGrant::STATE_PROPOSED); break;
    case security::GrantState::kGranted: out->set_state(v1::RoleGrant::STATE_GRANTED); break;
    case security::GrantState::kRevoked: out->set_state(v1::RoleGrant::STATE_REVOKED); break;
  }
  out->set_proposer(in.proposer);
  out->set_approver(in.approver);
  out->set_reason(in.reason);
  WriteTime(in.created, out->mutable_create_time());
  if (in.approved) WriteTime(*in.approved, out->mutable_approve_time());
  if (in.revoked) WriteTime(*in.revoked, out->mutable_revoke_time());
}

/// Lists here are small and whole; a page is a slice, its token the place where it ended.
template <typename T>
absl::StatusOr<std::vector<T>> Slice(std::vector<T> all, int page_size,
                                     const std::string& page_token, std::string* next) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(page_size, page_token));
  size_t from = 0;
  if (!page.after.empty()) {
    const auto token = base::ParseInt64(page.after);
    if (!token.ok() || *token < 0) {
      return Error(Reason::kPageTokenInvalid).Field("page_token").Says("not a token of ours");
    }
    from = static_cast<size_t>(*token);
  }
  const size_t begin = std::min(from, all.size());
  const size_t end = std::min(begin + static_cast<size_t>(page.limit), all.size());
  if (end < all.size()) *next = base::StrCat(end);
  return std::vector<T>(all.begin() + static_cast<long>(begin),
                        all.begin() + static_cast<long>(end));
}

template <typename Response, typename Result, typename Write>
absl::StatusOr<Response> Answered(const absl::StatusOr<Result>& result, Write write) {
  if (!result.ok()) return result.status();
  Response response;
  write(*result, &response);
  return response;
}

void AddPrincipals(Directory& directory, const std::string& service, Registry* registry) {
  registry->Add<v1::CreatePrincipalRequest, v1::CreatePrincipalResponse>(
      service + "CreatePrincipal",
      [&directory](const Call& call,
                   const auto& request) -> absl::StatusOr<v1::CreatePrincipalResponse> {
        KONTOR_ASSIGN_OR_RETURN(auto draft, ReadPrincipal(request.principal()));
        return Answered<v1::CreatePrincipalResponse>(
            directory.CreatePrincipal(call.actor, request.request_id(), std::move(draft)),
            [](const auto& made, auto* out) { WritePrincipal(made, out->mutable_principal()); });
      });
  registry->Add<v1::GetPrincipalRequest, v1::GetPrincipalResponse>(
      service + "GetPrincipal", [&directory](const Call&, const auto& request) {
        return Answered<v1::GetPrincipalResponse>(
            directory.GetPrincipal(request.name()),
            [](const auto& found, auto* out) { WritePrincipal(found, out->mutable_principal()); });
      });
  registry->Add<v1::ListPrincipalsRequest, v1::ListPrincipalsResponse>(
      service + "ListPrincipals",
      [&directory](const Call&,
                   const auto& request) -> absl::StatusOr<v1::ListPrincipalsResponse> {
        std::optional<security::PrincipalKind> kind;
        if (request.kind() == v1::Principal::KIND_PERSON) kind = security::PrincipalKind::kPerson;
        if (request.kind() == v1::Principal::KIND_SERVICE) kind = security::PrincipalKind::kService;
        KONTOR_ASSIGN_OR_RETURN(auto all, directory.ListPrincipals(kind));
        v1::ListPrincipalsResponse response;
        KONTOR_ASSIGN_OR_RETURN(
            const auto page, Slice(std::move(all), request.page_size(), request.page_token(),
                                   response.mutable_next_page_token()));
        for (const auto& principal : page) WritePrincipal(principal, response.add_principals());
        return response;
      });
  registry->Add<v1::DisablePrincipalRequest, v1::DisablePrincipalResponse>(
      service + "DisablePrincipal", [&directory](const Call& call, const auto& request) {
        return Answered<v1::DisablePrincipalResponse>(
            directory.SetDisabled(call.actor, request.request_id(), request.name(), true,
                                  request.reason()),
            [](const auto& done, auto* out) { WritePrincipal(done, out->mutable_principal()); });
      });
  registry->Add<v1::EnablePrincipalRequest, v1::EnablePrincipalResponse>(
      service + "EnablePrincipal", [&directory](const Call& call, const auto& request) {
        return Answered<v1::EnablePrincipalResponse>(
            directory.SetDisabled(call.actor, request.request_id(), request.name(), false,
                                  request.reason()),
            [](const auto& done, auto* out) { WritePrincipal(done, out->mutable_principal()); });
      });
}

absl::StatusOr<security::TokenRequest> ReadTokenRequest(const v1::IssueTokenRequest& in) {
  security::TokenRequest out;
  out.principal = in.principal();
  out.description = in.description();
  for (const int role : in.scopes()) {
    KONTOR_ASSIGN_OR_RETURN(const auto scope, ReadRole(static_cast<v1::Role>(role)));
    out.scopes.insert(scope);
  }
  out.entities.insert(in.entities().begin(), in.entities().end());
  if (in.has_lifetime()) out.lifetime = ReadDuration(in.lifetime());
  return out;
}

void AddTokens(Directory& directory, const std::string& service, Registry* registry) {
  registry->Add<v1::RedeemBootstrapTokenRequest, v1::RedeemBootstrapTokenResponse>(
      service + "RedeemBootstrapToken", [&directory](const Call&, const auto& request) {
        security::RedeemRequest redeem{request.bootstrap_token(), request.principal_name(),
                                       request.display_name(), std::nullopt};
        if (request.has_token_lifetime()) redeem.lifetime = ReadDuration(request.token_lifetime());
        return Answered<v1::RedeemBootstrapTokenResponse>(
            directory.Redeem(redeem), [](const auto& issued, auto* out) {
              WritePrincipal(issued.principal, out->mutable_principal());
              out->set_token(issued.text);
              WriteToken(issued.token, out->mutable_token_info());
            });
      });
  registry->Add<v1::IssueTokenRequest, v1::IssueTokenResponse>(
      service + "IssueToken",
      [&directory](const Call& call,
                   const auto& request) -> absl::StatusOr<v1::IssueTokenResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto wanted, ReadTokenRequest(request));
        return Answered<v1::IssueTokenResponse>(
            directory.IssueToken(call.actor, request.request_id(), wanted),
            [](const auto& issued, auto* out) {
              out->set_token(issued.text);
              WriteToken(issued.token, out->mutable_token_info());
            });
      });
  registry->Add<v1::ListTokensRequest, v1::ListTokensResponse>(
      service + "ListTokens",
      [&directory](const Call&, const auto& request) -> absl::StatusOr<v1::ListTokensResponse> {
        KONTOR_ASSIGN_OR_RETURN(auto all,
                                directory.ListTokens(request.principal(), request.include_dead()));
        v1::ListTokensResponse response;
        KONTOR_ASSIGN_OR_RETURN(
            const auto page, Slice(std::move(all), request.page_size(), request.page_token(),
                                   response.mutable_next_page_token()));
        for (const auto& token : page) WriteToken(token, response.add_tokens());
        return response;
      });
  registry->Add<v1::RevokeTokenRequest, v1::RevokeTokenResponse>(
      service + "RevokeToken", [&directory](const Call& call, const auto& request) {
        return Answered<v1::RevokeTokenResponse>(
            directory.RevokeToken(call.actor, request.request_id(), request.id(), request.reason()),
            [](const auto& token, auto* out) { WriteToken(token, out->mutable_token_info()); });
      });
}

void AddGrants(Directory& directory, const std::string& service, Registry* registry) {
  registry->Add<v1::ProposeRoleGrantRequest, v1::ProposeRoleGrantResponse>(
      service + "ProposeRoleGrant",
      [&directory](const Call& call,
                   const auto& request) -> absl::StatusOr<v1::ProposeRoleGrantResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto role, ReadRole(request.role()));
        return Answered<v1::ProposeRoleGrantResponse>(
            directory.ProposeGrant(call.actor, request.request_id(), request.principal(), role,
                                   request.reason()),
            [](const auto& grant, auto* out) { WriteGrant(grant, out->mutable_grant()); });
      });
  registry->Add<v1::ApproveRoleGrantRequest, v1::ApproveRoleGrantResponse>(
      service + "ApproveRoleGrant", [&directory](const Call& call, const auto& request) {
        return Answered<v1::ApproveRoleGrantResponse>(
            directory.ApproveGrant(call.actor, request.request_id(), request.id(),
                                   request.reason()),
            [](const auto& grant, auto* out) { WriteGrant(grant, out->mutable_grant()); });
      });
  registry->Add<v1::RevokeRoleRequest, v1::RevokeRoleResponse>(
      service + "RevokeRole", [&directory](const Call& call, const auto& request) {
        return Answered<v1::RevokeRoleResponse>(
            directory.RevokeGrant(call.actor, request.request_id(), request.id(), request.reason()),
            [](const auto& grant, auto* out) { WriteGrant(grant, out->mutable_grant()); });
      });
  registry->Add<v1::ListRoleGrantsRequest, v1::ListRoleGrantsResponse>(
      service + "ListRoleGrants",
      [&directory](const Call&,
                   const auto& request) -> absl::StatusOr<v1::ListRoleGrantsResponse> {
        std::optional<security::GrantState> state;
        if (request.state() != v1::RoleGrant::STATE_UNSPECIFIED) {
          constexpr std::string_view kPrefix = "STATE_";
          state = security::ParseGrantState(
              v1::RoleGrant::State_Name(request.state()).substr(kPrefix.size()));
        }
        KONTOR_ASSIGN_OR_RETURN(auto all, directory.ListGrants(request.principal(), state));
        v1::ListRoleGrantsResponse response;
        KONTOR_ASSIGN_OR_RETURN(
            const auto page, Slice(std::move(all), request.page_size(), request.page_token(),
                                   response.mutable_next_page_token()));
        for (const auto& grant : page) WriteGrant(grant, response.add_grants());
        return response;
      });
}

absl::StatusOr<v1::GetServerInfoResponse> ServerInfo(const Parts& parts, const ServerFacts& facts) {
  v1::GetServerInfoResponse response;
  response.set_version(facts.version);
  response.set_store(facts.store);
  response.set_schema_version(facts.schema_version);
  WriteTime(facts.started, response.mutable_start_time());
  WriteTime(parts.clock.Now(), response.mutable_server_time());
  auto& limits = *response.mutable_limits();
  limits["batch_max"] = parts.limits.batch_max;
  limits["wait_max_seconds"] = absl::ToInt64Seconds(parts.limits.wait_max);
  limits["lines_max"] = static_cast<int64_t>(model::kLinesMax);
  limits["attachment_bytes_max"] = static_cast<int64_t>(model::kAttachmentBytesMax);
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto open, view.CountOpenOperations());
    for (const auto& [state, count] : open) {
      (*response.mutable_open_operations())[state] = count;
      if (state == "EXCEPTION") response.set_open_exceptions(count);
    }
    KONTOR_ASSIGN_OR_RETURN(const int64_t sequence, view.LastEventSequence());
    response.set_feed_sequence(sequence);
    return absl::OkStatus();
  }));
  KONTOR_ASSIGN_OR_RETURN(const auto connections, parts.engine.ListConnections());
  for (const auto& connection : connections) {
    if (connection.suspended_reason == "RESTORE_HOLD") response.set_restore_pending(true);
  }
  return response;
}

}  // namespace

void AddAdminMethods(Parts parts, Directory& directory, ServerFacts facts, Registry* registry) {
  const std::string service = "kontor.v1.AdminService/";
  AddPrincipals(directory, service, registry);
  AddTokens(directory, service, registry);
  AddGrants(directory, service, registry);
  registry->Add<v1::GetServerInfoRequest, v1::GetServerInfoResponse>(
      service + "GetServerInfo",
      [parts, facts](const Call&, const auto&) { return ServerInfo(parts, facts); });
  registry->Add<v1::WhoAmIRequest, v1::WhoAmIResponse>(
      service + "WhoAmI",
      [&directory](const Call& call, const auto&) -> absl::StatusOr<v1::WhoAmIResponse> {
        v1::WhoAmIResponse response;
        KONTOR_ASSIGN_OR_RETURN(const auto principal,
                                directory.GetPrincipal(call.actor.principal_id));
        WritePrincipal(principal, response.mutable_principal());
        if (!call.actor.token_id.empty()) {
          KONTOR_ASSIGN_OR_RETURN(const auto token, directory.GetToken(call.actor.token_id));
          WriteToken(token, response.mutable_token_info());
        }
        return response;
      });
}

}  // namespace kontor::api
