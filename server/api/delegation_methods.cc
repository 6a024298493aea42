// SPDX-License-Identifier: Apache-2.0
// Delegations of roles over payment orders. The rules are the engine's.
#include <algorithm>

#include "kontor/v1/delegation.pb.h"
#include "server/api/accepting.h"
#include "server/api/payment_order_api.h"
#include "server/api/request_key.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using payment_orders::Delegation;
using payment_orders::DelegationRequest;
using payment_orders::Delegations;

void Write(const Delegation& in, absl::Time now, v1::Delegation* out) {
  out->set_id(in.id);
  out->set_role(in.role == ports::Role::kPaymentReleaser ? v1::Delegation::ROLE_RELEASER
                                                         : v1::Delegation::ROLE_APPROVER);
  v1::Delegation::State state = v1::Delegation::STATE_UNSPECIFIED;
  v1::Delegation::State_Parse(
      base::StrCat("STATE_", payment_orders::NameOf(payment_orders::StateOf(in, now))), &state);
  out->set_state(state);
  out->set_delegator(in.delegator);
  out->set_delegate(in.delegate);
  out->set_first_day(in.first.ToString());
  out->set_last_day(in.last.ToString());
  out->set_reason(in.reason);
  WriteTime(in.created, out->mutable_create_time());
  out->set_revoker(in.revoker);
  if (in.revoked) WriteTime(*in.revoked, out->mutable_revoke_time());
  out->set_revoke_reason(in.revoke_reason);
}

template <typename Response>
absl::StatusOr<Response> Answered(const Delegations& delegations,
                                  const absl::StatusOr<Delegation>& delegation) {
  KONTOR_RETURN_IF_ERROR(delegation.status());
  Response response;
  Write(*delegation, delegations.Now(), response.mutable_delegation());
  return response;
}

absl::StatusOr<v1::CreateDelegationResponse> Create(Delegations& delegations, const Call& call,
                                                    const v1::CreateDelegationRequest& in) {
  DelegationRequest request;
  request.request_id = in.request_id();
  request.digest = DigestOf("CreateDelegation", in);
  if (in.role() != v1::Delegation::ROLE_APPROVER && in.role() != v1::Delegation::ROLE_RELEASER) {
    return Error(Reason::kFieldMissing).Field("role").Says("ROLE_APPROVER or ROLE_RELEASER");
  }
  request.role = in.role() == v1::Delegation::ROLE_RELEASER ? ports::Role::kPaymentReleaser
                                                            : ports::Role::kPaymentApprover;
  request.delegate = in.delegate();
  KONTOR_ASSIGN_OR_RETURN(request.first, ReadDate(in.first_day(), "first_day"));
  KONTOR_ASSIGN_OR_RETURN(request.last, ReadDate(in.last_day(), "last_day"));
  request.reason = in.reason();
  return Answered<v1::CreateDelegationResponse>(delegations,
                                                delegations.Create(call.actor, request));
}

/// Pages go by the id of the last delegation shown.
absl::StatusOr<v1::ListDelegationsResponse> List(Delegations& delegations, const Call& call,
                                                 const v1::ListDelegationsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  KONTOR_ASSIGN_OR_RETURN(auto all,
                          delegations.List(call.actor, request.person(), request.open_only()));
  std::erase_if(all, [&](const Delegation& delegation) {
    return !page.after.empty() && delegation.id >= page.after;
  });
  v1::ListDelegationsResponse response;
  for (const Delegation& delegation : all) {
    if (response.delegations_size() == page.limit) {
      const auto& last = response.delegations(response.delegations_size() - 1);
      response.set_next_page_token(last.id());
      break;
    }
    Write(delegation, delegations.Now(), response.add_delegations());
  }
  return response;
}

}  // namespace

void AddDelegationMethods(Delegations& delegations, Registry* registry) {
  const std::string service = "kontor.v1.DelegationService/";
  registry->Add<v1::CreateDelegationRequest, v1::CreateDelegationResponse>(
      service + "CreateDelegation", [&delegations](const Call& call, const auto& request) {
        return Create(delegations, call, request);
      });
  registry->Add<v1::RevokeDelegationRequest, v1::RevokeDelegationResponse>(
      service + "RevokeDelegation", [&delegations](const Call& call, const auto& request) {
        return Answered<v1::RevokeDelegationResponse>(
            delegations, delegations.Revoke(call.actor, request.id(), request.reason()));
      });
  registry->Add<v1::GetDelegationRequest, v1::GetDelegationResponse>(
      service + "GetDelegation", [&delegations](const Call& call, const auto& request) {
        return Answered<v1::GetDelegationResponse>(delegations,
                                                   delegations.Get(call.actor, request.id()));
      });
  registry->Add<v1::ListDelegationsRequest, v1::ListDelegationsResponse>(
      service + "ListDelegations", [&delegations](const Call& call, const auto& request) {
        return List(delegations, call, request);
      });
}

}  // namespace kontor::api
