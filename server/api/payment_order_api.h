// SPDX-License-Identifier: Apache-2.0
// The methods of payment orders, creditors' accounts and payment policies. Apart from methods.h,
// which every other service reads.
#pragma once

#include "server/api/pipeline.h"
#include "server/engine/payment_orders/payment_orders.h"
#include "server/engine/payment_orders/policies.h"

namespace kontor::api {

void AddPaymentOrderMethods(payment_orders::PaymentOrders& orders, Registry* registry);
void AddBeneficiaryMethods(payment_orders::PaymentOrders& orders, Registry* registry);
void AddPaymentPolicyMethods(payment_orders::Policies& policies, Registry* registry);

}  // namespace kontor::api
