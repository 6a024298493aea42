// SPDX-License-Identifier: Apache-2.0
// The methods of PaymentService by their wire paths.
#include "kontor/sdk/payment_client.h"

namespace kontor::sdk {

absl::StatusOr<v1::CreatePaymentResponse> PaymentClient::CreatePayment(
    const v1::CreatePaymentRequest& request, const CallOptions& options) const {
  return Invoke<v1::CreatePaymentResponse>(
      "/kontor.v1.PaymentService/CreatePayment", request, options);
}

absl::StatusOr<v1::BatchCreatePaymentsResponse> PaymentClient::BatchCreatePayments(
    const v1::BatchCreatePaymentsRequest& request, const CallOptions& options) const {
  return Invoke<v1::BatchCreatePaymentsResponse>(
      "/kontor.v1.PaymentService/BatchCreatePayments", request, options);
}

absl::StatusOr<v1::GetPaymentResponse> PaymentClient::GetPayment(
    const v1::GetPaymentRequest& request, const CallOptions& options) const {
  return Invoke<v1::GetPaymentResponse>("/kontor.v1.PaymentService/GetPayment", request, options);
}

Range<v1::Payment> PaymentClient::ListPayments(v1::ListPaymentsRequest request,
                                               const CallOptions& options) const {
  return Paged<v1::Payment, v1::ListPaymentsResponse>(
      "/kontor.v1.PaymentService/ListPayments", std::move(request), options,
      [](v1::ListPaymentsResponse& response) { return response.mutable_payments(); });
}

absl::StatusOr<v1::CancelPaymentResponse> PaymentClient::CancelPayment(
    const v1::CancelPaymentRequest& request, const CallOptions& options) const {
  return Invoke<v1::CancelPaymentResponse>(
      "/kontor.v1.PaymentService/CancelPayment", request, options);
}

}  // namespace kontor::sdk
