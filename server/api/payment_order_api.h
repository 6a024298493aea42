// SPDX-License-Identifier: Apache-2.0
// The methods of payment orders, creditors' accounts and payment policies. Apart from methods.h,
// which every other service reads.
#pragma once

#include "kontor/v1/screening.pb.h"
#include "server/api/methods.h"
#include "server/api/pipeline.h"
#include "server/engine/payment_orders/delegations.h"
#include "server/engine/payment_orders/lists.h"
#include "server/engine/payment_orders/payment_orders.h"
#include "server/engine/payment_orders/policies.h"

namespace kontor::api {

void AddPaymentOrderMethods(payment_orders::PaymentOrders& orders, Registry* registry);
void AddBeneficiaryMethods(payment_orders::PaymentOrders& orders, Registry* registry);
void AddDelegationMethods(payment_orders::Delegations& delegations, Registry* registry);
void AddPaymentPolicyMethods(payment_orders::Policies& policies, Registry* registry);
void AddScreeningMethods(payment_orders::ScreeningLists& lists,
                         payment_orders::PaymentOrders& orders, Registry* registry);

void AddEvidenceMethods(payment_orders::PaymentOrders& orders,
                        const crypto::Ed25519PrivateKey& key, const base::Clock& clock,
                        Registry* registry);

/// Keeps a list that came in pieces, and proposes it. Errors as in the contract.
absl::Status ImportList(payment_orders::ScreeningLists& lists, const Call& call,
                        const ::kontor::v1::ImportScreeningListRequest& head,
                        const std::string& sha256,
                        const payment_orders::ScreeningLists::OpenBytes& open,
                        ::kontor::v1::ImportScreeningListResponse* response);

}  // namespace kontor::api
