// SPDX-License-Identifier: Apache-2.0
// Payment orders: made, shown, and what persons do with them. The rules are the engine's.
#include "kontor/v1/payment_order.pb.h"
#include "server/api/accepting.h"
#include "server/api/payment_order_api.h"
#include "server/api/request_key.h"
#include "server/api/snake_json.h"
#include "server/model/payment_json.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using payment_orders::PaymentOrders;
using payment_orders::View;

constexpr char kService[] = "kontor.v1.PaymentOrderService/";

template <typename Response>
absl::StatusOr<Response> Answered(const Call& call, const absl::StatusOr<View>& view) {
  KONTOR_RETURN_IF_ERROR(view.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view->json, response.mutable_order()));
  return response;
}

absl::StatusOr<ports::PayableQuery> ReadFilter(const v1::PayableFilter& in) {
  ports::PayableQuery query;
  KONTOR_ASSIGN_OR_RETURN(query.due_until, ReadDate(in.due_until(), "filter.due_until"));
  KONTOR_ASSIGN_OR_RETURN(query.due_from, ReadDate(in.due_from(), "filter.due_from"));
  query.journal_code = in.journal_code();
  query.partner_id = in.odoo_partner_id();
  return query;
}

template <typename Bills>
absl::StatusOr<std::vector<payment_orders::BillChoice>> ReadBills(const Bills& in,
                                                                  const std::string& field) {
  std::vector<payment_orders::BillChoice> out;
  for (const v1::PaidBill& bill : in) {
    const std::string at = StrCat(field, "[", out.size(), "]");
    if (bill.odoo_move_id() <= 0) {
      return Error(Reason::kFieldMissing)
          .Field(StrCat(at, ".odoo_move_id"))
          .Says("database ids are greater than 0");
    }
    payment_orders::BillChoice& choice = out.emplace_back();
    choice.move_id = bill.odoo_move_id();
    KONTOR_ASSIGN_OR_RETURN(choice.amount,
                            ReadMoney(bill.has_amount(), bill.amount(), StrCat(at, ".amount")));
  }
  return out;
}

absl::StatusOr<std::vector<payment_orders::FreePayment>> ReadPayments(
    const v1::CreatePaymentOrderRequest& request) {
  std::vector<payment_orders::FreePayment> out;
  std::vector<model::Finding> all;
  for (const v1::PaymentOrderLine& line : request.payments()) {
    const std::string at = StrCat("payments[", out.size(), "]");
    KONTOR_ASSIGN_OR_RETURN(const std::string json, ToSnakeJson(line));
    payment_orders::FreePayment& payment = out.emplace_back();
    std::vector<model::Finding> findings;
    payment.transfer = model::ReadCreditTransfer(json, at, &findings);
    all.insert(all.end(), findings.begin(), findings.end());
    payment.partner_id = line.odoo_partner_id();
    KONTOR_ASSIGN_OR_RETURN(payment.bills, ReadBills(line.bills(), at + ".bills"));
  }
  if (model::HasErrors(all)) return model::StatusOf(all);
  return out;
}

absl::StatusOr<v1::CreatePaymentOrderResponse> Create(PaymentOrders& orders, const Call& call,
                                                      const v1::CreatePaymentOrderRequest& in) {
  payment_orders::CreateRequest request;
  request.request_id = in.request_id();
  request.digest = DigestOf("CreatePaymentOrder", in);
  request.entity = in.entity();
  request.account = in.account();
  request.currency_code = in.currency_code();
  request.description = in.description();
  KONTOR_ASSIGN_OR_RETURN(request.execution_date, ReadDate(in.execution_date(), "execution_date"));
  if (!in.urgency().empty()) request.urgency = in.urgency();
  request.test = in.test();
  if (in.has_filter()) {
    KONTOR_ASSIGN_OR_RETURN(request.query, ReadFilter(in.filter()));
  }
  KONTOR_ASSIGN_OR_RETURN(request.bills, ReadBills(in.bills(), "bills"));
  KONTOR_ASSIGN_OR_RETURN(request.payments, ReadPayments(in));
  for (const int64_t id : in.odoo_payment_ids()) {
    if (id <= 0) {
      return Error(Reason::kFieldInvalid)
          .Field(StrCat("odoo_payment_ids[", request.odoo_payments.size(), "]"))
          .Says("database ids are greater than 0");
    }
    request.odoo_payments.push_back(id);
  }
  return Answered<v1::CreatePaymentOrderResponse>(call, orders.Create(call.actor, request));
}

absl::StatusOr<v1::ListPaymentOrdersResponse> List(PaymentOrders& orders, const Call& call,
                                                   const v1::ListPaymentOrdersRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  payment_orders::ListFilter filter;
  filter.entity = request.entity();
  filter.account = request.account();
  constexpr std::string_view kPrefix = "STATE_";
  for (const int state : request.states()) {
    const std::string name = v1::PaymentOrder::State_Name(state);
    if (name.empty()) return Error(Reason::kFieldInvalid).Field("states").Says("no such state");
    if (state != 0) filter.states.push_back(name.substr(kPrefix.size()));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto listed, orders.List(call.actor, filter, page));
  v1::ListPaymentOrdersResponse response;
  for (const View& view : listed.rows) {
    KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view.json, response.add_orders()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

absl::StatusOr<v1::TracePaymentResponse> Trace(PaymentOrders& orders, const Call& call,
                                               const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(const auto trail, orders.Trace(call.actor, id));
  v1::TracePaymentResponse response;
  for (const View& view : trail.orders) {
    KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view.json, response.add_orders()));
  }
  for (const payment_orders::Trail::Entry& entry : trail.entries) {
    v1::TraceEntry* const out = response.add_entries();
    WriteTime(entry.time, out->mutable_time());
    out->set_what(entry.what);
    out->set_who(entry.who);
    out->set_reference(entry.reference);
    out->set_note(entry.note);
  }
  return response;
}

absl::StatusOr<v1::ExplainRouteResponse> Explain(PaymentOrders& orders, const Call& call,
                                                 const v1::ExplainRouteRequest& request) {
  model::RouteQuestion question;
  question.entity = request.entity();
  KONTOR_ASSIGN_OR_RETURN(const auto amount,
                          ReadMoney(request.has_amount(), request.amount(), "amount"));
  if (!amount) return Error(Reason::kFieldMissing).Field("amount").Says("no amount is given");
  question.amount = *amount;
  question.creditor_country = request.creditor_country();
  if (!request.urgency().empty()) question.urgency = request.urgency();
  question.account = request.account();
  KONTOR_ASSIGN_OR_RETURN(const auto answer, orders.ExplainRoute(call.actor, question));
  v1::ExplainRouteResponse response;
  response.set_route(answer.route);
  response.set_account(answer.account);
  response.set_channel(answer.channel);
  response.set_fallback_channel(answer.fallback_channel);
  response.set_dialect(answer.dialect);
  response.set_policy_version(answer.policy_version);
  for (const model::RouteVerdict& verdict : answer.verdicts) {
    auto* const out = response.add_verdicts();
    out->set_route(verdict.route);
    out->set_fits(verdict.fits);
    out->set_why(verdict.why);
  }
  response.set_execution_date(answer.day);
  response.set_execution_note(answer.day_note);
  return response;
}

void AddReading(PaymentOrders& orders, Registry* registry) {
  const std::string service = kService;
  registry->Add<v1::CreatePaymentOrderRequest, v1::CreatePaymentOrderResponse>(
      service + "CreatePaymentOrder",
      [&orders](const Call& call, const auto& request) { return Create(orders, call, request); });
  registry->Add<v1::GetPaymentOrderRequest, v1::GetPaymentOrderResponse>(
      service + "GetPaymentOrder", [&orders](const Call& call, const auto& request) {
        return Answered<v1::GetPaymentOrderResponse>(call,
                                                     orders.Get(call.actor, request.id(), true));
      });
  registry->Add<v1::ListPaymentOrdersRequest, v1::ListPaymentOrdersResponse>(
      service + "ListPaymentOrders",
      [&orders](const Call& call, const auto& request) { return List(orders, call, request); });
  registry->Add<v1::TracePaymentRequest, v1::TracePaymentResponse>(
      service + "TracePayment", [&orders](const Call& call, const auto& request) {
        return Trace(orders, call, request.id());
      });
  registry->Add<v1::ExplainRouteRequest, v1::ExplainRouteResponse>(
      service + "ExplainRoute",
      [&orders](const Call& call, const auto& request) { return Explain(orders, call, request); });
}

void AddApproving(PaymentOrders& orders, Registry* registry) {
  const std::string service = kService;
  registry->Add<v1::RefreshPaymentOrderRequest, v1::RefreshPaymentOrderResponse>(
      service + "RefreshPaymentOrder", [&orders](const Call& call, const auto& request) {
        return Answered<v1::RefreshPaymentOrderResponse>(call,
                                                         orders.Refresh(call.actor, request.id()));
      });
  registry->Add<v1::ApprovePaymentOrderRequest, v1::ApprovePaymentOrderResponse>(
      service + "ApprovePaymentOrder", [&orders](const Call& call, const auto& request) {
        return Answered<v1::ApprovePaymentOrderResponse>(
            call, orders.Approve(call.actor, request.id(), request.digest()));
      });
  registry->Add<v1::RevokePaymentOrderApprovalRequest, v1::RevokePaymentOrderApprovalResponse>(
      service + "RevokePaymentOrderApproval", [&orders](const Call& call, const auto& request) {
        return Answered<v1::RevokePaymentOrderApprovalResponse>(
            call, orders.RevokeApproval(call.actor, request.id(), request.reason()));
      });
  registry->Add<v1::ReleasePaymentOrderRequest, v1::ReleasePaymentOrderResponse>(
      service + "ReleasePaymentOrder", [&orders](const Call& call, const auto& request) {
        return Answered<v1::ReleasePaymentOrderResponse>(
            call, orders.Release(call.actor, request.id(), request.digest()));
      });
}

void AddIntervening(PaymentOrders& orders, Registry* registry) {
  const std::string service = kService;
  registry->Add<v1::CancelPaymentOrderRequest, v1::CancelPaymentOrderResponse>(
      service + "CancelPaymentOrder", [&orders](const Call& call, const auto& request) {
        return Answered<v1::CancelPaymentOrderResponse>(
            call,
            orders.Cancel(call.actor, request.id(), request.reason(),
                          {request.payment_numbers().begin(), request.payment_numbers().end()}));
      });
  registry->Add<v1::HoldPaymentOrderRequest, v1::HoldPaymentOrderResponse>(
      service + "HoldPaymentOrder", [&orders](const Call& call, const auto& request) {
        return Answered<v1::HoldPaymentOrderResponse>(
            call, orders.Hold(call.actor, request.id(), request.reason()));
      });
  registry->Add<v1::UnholdPaymentOrderRequest, v1::UnholdPaymentOrderResponse>(
      service + "UnholdPaymentOrder", [&orders](const Call& call, const auto& request) {
        return Answered<v1::UnholdPaymentOrderResponse>(
            call, orders.Unhold(call.actor, request.id(), request.reason()));
      });
  registry
      ->Add<v1::ResolvePaymentOrderSubmissionRequest, v1::ResolvePaymentOrderSubmissionResponse>(
          service + "ResolvePaymentOrderSubmission",
          [&orders](const Call& call, const auto& request)
              -> absl::StatusOr<v1::ResolvePaymentOrderSubmissionResponse> {
            using Request = v1::ResolvePaymentOrderSubmissionRequest;
            if (request.outcome() != Request::OUTCOME_SENT &&
                request.outcome() != Request::OUTCOME_NOT_SENT) {
              return Error(Reason::kFieldMissing).Field("outcome").Says("say what the bank says");
            }
            return Answered<v1::ResolvePaymentOrderSubmissionResponse>(
                call, orders.ResolveSubmission(call.actor, request.id(),
                                               request.outcome() == Request::OUTCOME_SENT,
                                               request.reason()));
          });
}

}  // namespace

void AddPaymentOrderMethods(PaymentOrders& orders, Registry* registry) {
  AddReading(orders, registry);
  AddApproving(orders, registry);
  AddIntervening(orders, registry);
}

}  // namespace kontor::api
