// SPDX-License-Identifier: Apache-2.0
// Payment orders, creditors' accounts and payment policies.
#include "kontor/v1/beneficiary.grpc.pb.h"
#include "kontor/v1/delegation.grpc.pb.h"
#include "kontor/v1/evidence.grpc.pb.h"
#include "kontor/v1/payment_order.grpc.pb.h"
#include "kontor/v1/policy.grpc.pb.h"
#include "server/api/internal/grpc_call.h"
#include "server/api/internal/services.h"

namespace kontor::api::internal {
namespace {

class PaymentOrders final : public ::kontor::v1::PaymentOrderService::CallbackService {
 public:
  explicit PaymentOrders(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(PaymentOrderService, CreatePaymentOrder)
  KONTOR_UNARY(PaymentOrderService, GetPaymentOrder)
  KONTOR_UNARY(PaymentOrderService, ListPaymentOrders)
  KONTOR_UNARY(PaymentOrderService, RefreshPaymentOrder)
  KONTOR_UNARY(PaymentOrderService, ApprovePaymentOrder)
  KONTOR_UNARY(PaymentOrderService, RevokePaymentOrderApproval)
  KONTOR_UNARY(PaymentOrderService, ReleasePaymentOrder)
  KONTOR_UNARY(PaymentOrderService, CancelPaymentOrder)
  KONTOR_UNARY(PaymentOrderService, HoldPaymentOrder)
  KONTOR_UNARY(PaymentOrderService, UnholdPaymentOrder)
  KONTOR_UNARY(PaymentOrderService, ResolvePaymentOrderSubmission)
  KONTOR_UNARY(PaymentOrderService, TracePayment)
  KONTOR_UNARY(PaymentOrderService, ExplainRoute)

 private:
  Pipeline& pipeline_;
};

class Beneficiaries final : public ::kontor::v1::BeneficiaryService::CallbackService {
 public:
  explicit Beneficiaries(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(BeneficiaryService, GetBeneficiary)
  KONTOR_UNARY(BeneficiaryService, ListBeneficiaries)
  KONTOR_UNARY(BeneficiaryService, ConfirmBeneficiary)
  KONTOR_UNARY(BeneficiaryService, BlockBeneficiary)

 private:
  Pipeline& pipeline_;
};

class Delegations final : public ::kontor::v1::DelegationService::CallbackService {
 public:
  explicit Delegations(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(DelegationService, CreateDelegation)
  KONTOR_UNARY(DelegationService, RevokeDelegation)
  KONTOR_UNARY(DelegationService, GetDelegation)
  KONTOR_UNARY(DelegationService, ListDelegations)

 private:
  Pipeline& pipeline_;
};

class PaymentPolicies final : public ::kontor::v1::PolicyService::CallbackService {
 public:
  explicit PaymentPolicies(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(PolicyService, ProposePolicy)
  KONTOR_UNARY(PolicyService, ActivatePolicy)
  KONTOR_UNARY(PolicyService, DeclinePolicy)
  KONTOR_UNARY(PolicyService, GetPolicy)
  KONTOR_UNARY(PolicyService, ListPolicies)
  KONTOR_UNARY(PolicyService, DiffPolicies)

 private:
  Pipeline& pipeline_;
};

class Evidence final : public ::kontor::v1::EvidenceService::CallbackService {
 public:
  explicit Evidence(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(EvidenceService, ExportEvidence)

 private:
  Pipeline& pipeline_;
};

}  // namespace

void AddPaymentOrderServices(Pipeline& pipeline, Services* out) {
  out->push_back(std::make_unique<PaymentOrders>(pipeline));
  out->push_back(std::make_unique<Beneficiaries>(pipeline));
  out->push_back(std::make_unique<Delegations>(pipeline));
  out->push_back(std::make_unique<PaymentPolicies>(pipeline));
  out->push_back(std::make_unique<Evidence>(pipeline));
}

}  // namespace kontor::api::internal
