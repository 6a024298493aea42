// SPDX-License-Identifier: Apache-2.0
#include "kontor/v1/payment.pb.h"
#include "server/api/accepting.h"

namespace kontor::api {
namespace {

Shown ShownTo(const Call& call) { return call.unmasked ? Shown::kAll : Shown::kMasked; }

absl::Status Write(const FoundDocument& found, Shown shown, v1::Payment* out) {
  if (found.operation.has_value()) WriteOrigin(*found.operation, out);
  return WritePayment(found.row, shown, out);
}

void Create(const Parts& parts, const Call& call, const v1::CreatePaymentRequest& request,
            absl::Duration wait, Answer<v1::CreatePaymentResponse> answer) {
  auto document = ReadPayment(request.payment(), "payment");
  if (!document.ok()) {
    answer(document.status());
    return;
  }
  AcceptAndWait(parts, call, AcceptRequestOf(request, call, *std::move(document)), wait,
                [answer = std::move(answer), shown = ShownTo(call)](auto accepted) {
                  if (!accepted.ok()) {
                    answer(accepted.status());
                    return;
                  }
                  answer(AcceptedResponse<v1::CreatePaymentResponse>(
                      *accepted,
                      [shown](const FoundDocument& found, v1::CreatePaymentResponse* out) {
                        return Write(found, shown, out->mutable_payment());
                      }));
                });
}

absl::StatusOr<v1::GetPaymentResponse> Get(const Parts& parts, const Call& call,
                                           const v1::GetPaymentRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(auto found, FindDocumentFor(parts, call.actor, request.id(),
                                                    model::DocumentType::kPayment));
  if (request.live()) {
    KONTOR_ASSIGN_OR_RETURN(found.row, parts.engine.Refresh(found.row.id));
  }
  v1::GetPaymentResponse response;
  KONTOR_RETURN_IF_ERROR(Write(found, ShownTo(call), response.mutable_payment()));
  return response;
}

absl::StatusOr<v1::ListPaymentsResponse> List(const Parts& parts, const Call& call,
                                              const v1::ListPaymentsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  ports::DocumentFilter filter;
  filter.type = model::DocumentType::kPayment;
  filter.entity = request.entity();
  filter.state = StateFilter(request.state());
  filter.source = request.source();
  KONTOR_ASSIGN_OR_RETURN(filter.from, ReadDate(request.date_from(), "date_from"));
  KONTOR_ASSIGN_OR_RETURN(filter.to, ReadDate(request.date_to(), "date_to"));
  v1::ListPaymentsResponse response;
  KONTOR_RETURN_IF_ERROR(ListDocumentsFor(
      parts, call.actor, filter, page, [&](const FoundDocument& found) {
        return Write(found, ShownTo(call), response.add_payments());
      }, response.mutable_next_page_token()));
  return response;
}

void Cancel(const Parts& parts, const Call& call, const v1::CancelPaymentRequest& request,
            Answer<v1::CancelPaymentResponse> answer) {
  ChangeDocument<v1::CancelPaymentResponse>(
      parts, call, request, model::DocumentType::kPayment, model::Verb::kCancel, {},
      [shown = ShownTo(call)](const FoundDocument& found, v1::CancelPaymentResponse* out) {
        return Write(found, shown, out->mutable_payment());
      },
      std::move(answer));
}

}  // namespace

void AddPaymentMethods(Parts parts, Registry* registry) {
  const std::string service = "kontor.v1.PaymentService/";
  registry->AddAsync<v1::CreatePaymentRequest, v1::CreatePaymentResponse>(
      service + "CreatePayment", [parts](const Call& call, const auto& request, auto answer) {
        Create(parts, call, request, ReadDuration(request.wait()), std::move(answer));
      });
  registry->AddAsync<v1::BatchCreatePaymentsRequest, v1::BatchCreatePaymentsResponse>(
      service + "BatchCreatePayments", [parts](const Call& call, const auto& request, auto answer) {
        RunBatch<v1::BatchCreatePaymentsRequest, v1::BatchCreatePaymentsResponse,
                 v1::CreatePaymentResponse>(
            parts, call, request, std::move(answer),
            [parts](const Call& c, const auto& item, absl::Duration wait, auto done) {
              Create(parts, c, item, wait, std::move(done));
            });
      });
  registry->Add<v1::GetPaymentRequest, v1::GetPaymentResponse>(
      service + "GetPayment",
      [parts](const Call& call, const auto& request) { return Get(parts, call, request); });
  registry->Add<v1::ListPaymentsRequest, v1::ListPaymentsResponse>(
      service + "ListPayments",
      [parts](const Call& call, const auto& request) { return List(parts, call, request); });
  registry->AddAsync<v1::CancelPaymentRequest, v1::CancelPaymentResponse>(
      service + "CancelPayment", [parts](const Call& call, const auto& request, auto answer) {
        Cancel(parts, call, request, std::move(answer));
      });
}

}  // namespace kontor::api
