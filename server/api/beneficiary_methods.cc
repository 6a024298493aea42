// SPDX-License-Identifier: Apache-2.0
// Creditors' accounts, shown and confirmed; and versions of payment policies.
#include "kontor/v1/beneficiary.pb.h"
#include "kontor/v1/policy.pb.h"
#include "server/api/accepting.h"
#include "server/api/payment_order_api.h"
#include "server/api/request_key.h"
#include "server/api/snake_json.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using payment_orders::PaymentOrders;
using payment_orders::Policies;
using payment_orders::View;

template <typename Response>
absl::StatusOr<Response> Answered(const Call& call, const absl::StatusOr<View>& view) {
  KONTOR_RETURN_IF_ERROR(view.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view->json, response.mutable_beneficiary()));
  return response;
}

absl::StatusOr<v1::ListBeneficiariesResponse> List(PaymentOrders& orders, const Call& call,
                                                   const v1::ListBeneficiariesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  constexpr std::string_view kPrefix = "STATE_";
  std::string state;
  if (request.state() != v1::Beneficiary::STATE_UNSPECIFIED) {
    state = v1::Beneficiary::State_Name(request.state());
    if (state.empty()) return Error(Reason::kFieldInvalid).Field("state").Says("no such state");
    state = state.substr(kPrefix.size());
  }
  KONTOR_ASSIGN_OR_RETURN(const auto listed,
                          orders.ListBeneficiaries(call.actor, request.entity(), state, page));
  v1::ListBeneficiariesResponse response;
  for (const View& view : listed.rows) {
    KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view.json, response.add_beneficiaries()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

v1::PaymentPolicy::State StateOf(model::PolicyState state) {
  switch (state) {
    case model::PolicyState::kProposed: return v1::PaymentPolicy::STATE_PROPOSED;
    case model::PolicyState::kActive: return v1::PaymentPolicy::STATE_ACTIVE;
    case model::PolicyState::kRetired: return v1::PaymentPolicy::STATE_RETIRED;
    case model::PolicyState::kDeclined: return v1::PaymentPolicy::STATE_DECLINED;
  }
  return v1::PaymentPolicy::STATE_UNSPECIFIED;
}

void Write(const model::PaymentPolicy& policy, bool with_content, v1::PaymentPolicy* out) {
  out->set_id(policy.id);
  out->set_name(policy.Name());
  out->set_kind(std::string(model::NameOf(policy.kind)));
  out->set_state(StateOf(policy.state));
  if (with_content) out->set_content(policy.content);
  out->set_digest(policy.digest);
  out->set_proposer(policy.proposer);
  out->set_reason(policy.reason);
  out->set_decider(policy.decider);
  WriteTime(policy.created, out->mutable_create_time());
  if (policy.decided) WriteTime(*policy.decided, out->mutable_decide_time());
}

template <typename Response>
absl::StatusOr<Response> Answered(const absl::StatusOr<model::PaymentPolicy>& policy) {
  KONTOR_RETURN_IF_ERROR(policy.status());
  Response response;
  Write(*policy, true, response.mutable_policy());
  return response;
}

absl::StatusOr<v1::ProposePolicyResponse> Propose(Policies& policies, const Call& call,
                                                  const v1::ProposePolicyRequest& request) {
  return Answered<v1::ProposePolicyResponse>(
      policies.Propose(call.actor, request.request_id(), DigestOf("ProposePolicy", request),
                       request.kind(), request.content(), request.reason()));
}

/// The token is the name of the last version of the page before.
absl::StatusOr<v1::ListPoliciesResponse> List(Policies& policies,
                                              const v1::ListPoliciesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  KONTOR_ASSIGN_OR_RETURN(const auto all, policies.List(request.kind()));
  v1::ListPoliciesResponse response;
  bool begun = page.after.empty();
  for (const model::PaymentPolicy& policy : all) {
    if (!begun) {
      begun = policy.Name() == page.after;
      continue;
    }
    if (response.policies_size() == page.limit) {
      response.set_next_page_token(response.policies(page.limit - 1).name());
      break;
    }
    Write(policy, false, response.add_policies());
  }
  return response;
}

absl::StatusOr<v1::DiffPoliciesResponse> Diff(Policies& policies,
                                              const v1::DiffPoliciesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto diff, policies.Diff(request.before(), request.after()));
  v1::DiffPoliciesResponse response;
  response.set_before(diff.before);
  response.set_after(diff.after);
  for (const model::PolicyChange& change : diff.changes) {
    auto* const out = response.add_changes();
    out->set_path(change.path);
    out->set_before(change.before);
    out->set_after(change.after);
  }
  return response;
}

}  // namespace

void AddBeneficiaryMethods(PaymentOrders& orders, Registry* registry) {
  const std::string service = "kontor.v1.BeneficiaryService/";
  registry->Add<v1::GetBeneficiaryRequest, v1::GetBeneficiaryResponse>(
      service + "GetBeneficiary", [&orders](const Call& call, const auto& request) {
        return Answered<v1::GetBeneficiaryResponse>(
            call, orders.GetBeneficiary(call.actor, request.id()));
      });
  registry->Add<v1::ListBeneficiariesRequest, v1::ListBeneficiariesResponse>(
      service + "ListBeneficiaries",
      [&orders](const Call& call, const auto& request) { return List(orders, call, request); });
  registry->Add<v1::ConfirmBeneficiaryRequest, v1::ConfirmBeneficiaryResponse>(
      service + "ConfirmBeneficiary", [&orders](const Call& call, const auto& request) {
        return Answered<v1::ConfirmBeneficiaryResponse>(
            call, orders.ConfirmBeneficiary(call.actor, request.id(), request.digest(),
                                            request.reason()));
      });
  registry->Add<v1::BlockBeneficiaryRequest, v1::BlockBeneficiaryResponse>(
      service + "BlockBeneficiary", [&orders](const Call& call, const auto& request) {
        return Answered<v1::BlockBeneficiaryResponse>(
            call, orders.BlockBeneficiary(call.actor, request.id(), request.reason()));
      });
}

void AddPaymentPolicyMethods(Policies& policies, Registry* registry) {
  const std::string service = "kontor.v1.PolicyService/";
  registry->Add<v1::ProposePolicyRequest, v1::ProposePolicyResponse>(
      service + "ProposePolicy", [&policies](const Call& call, const auto& request) {
        return Propose(policies, call, request);
      });
  registry->Add<v1::ActivatePolicyRequest, v1::ActivatePolicyResponse>(
      service + "ActivatePolicy", [&policies](const Call& call, const auto& request) {
        return Answered<v1::ActivatePolicyResponse>(
            policies.Activate(call.actor, request.name(), request.digest()));
      });
  registry->Add<v1::DeclinePolicyRequest, v1::DeclinePolicyResponse>(
      service + "DeclinePolicy", [&policies](const Call& call, const auto& request) {
        return Answered<v1::DeclinePolicyResponse>(
            policies.Decline(call.actor, request.name(), request.reason()));
      });
  registry->Add<v1::GetPolicyRequest, v1::GetPolicyResponse>(
      service + "GetPolicy", [&policies](const Call&, const auto& request) {
        return Answered<v1::GetPolicyResponse>(policies.Get(request.name()));
      });
  registry->Add<v1::ListPoliciesRequest, v1::ListPoliciesResponse>(
      service + "ListPolicies",
      [&policies](const Call&, const auto& request) { return List(policies, request); });
  registry->Add<v1::DiffPoliciesRequest, v1::DiffPoliciesResponse>(
      service + "DiffPolicies",
      [&policies](const Call&, const auto& request) { return Diff(policies, request); });
}

}  // namespace kontor::api
