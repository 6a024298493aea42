// SPDX-License-Identifier: Apache-2.0
// An order is made: its payments as drafts, each id of the wire registered for ever.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/ids.h"
#include "server/base/text.h"
#include "server/engine/accept.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

constexpr int kDescriptionMax = 200;

/// A test moves money as any other order does: it is one small payment.
absl::Status CheckTest(const CreateRequest& request) {
  const base::Decimal most = *base::Decimal::Parse("1");
  const bool small = request.payments.size() == 1 && request.payments[0].bills.empty() &&
                     request.payments[0].transfer.amount.ToDecimal() <= most;
  if (small && !request.account.empty()) return absl::OkStatus();
  return Error(Reason::kFieldInvalid)
      .Field("test")
      .Says("a test order names its account and has one payment of 1 at most, without bills");
}

absl::Status CheckRequest(const Loop& loop, const ports::Actor& actor,
                          const CreateRequest& request) {
  KONTOR_RETURN_IF_ERROR(engine::CheckRequestId(request.request_id));
  if (!actor.MaySee(request.entity)) {
    return Error(Reason::kEntityDenied).Field("entity").Says("not one of yours");
  }
  KONTOR_RETURN_IF_ERROR(base::CheckText(request.description, kDescriptionMax, "description"));
  constexpr std::string_view kUrgencies[] = {"NORMAL", "URGENT", "INSTANT"};
  if (std::ranges::find(kUrgencies, request.urgency) == std::end(kUrgencies)) {
    return Error(Reason::kFieldInvalid)
        .Field("urgency")
        .Says("an urgency is NORMAL, URGENT or INSTANT");
  }
  const int ways = (request.query ? 1 : 0) + (request.bills.empty() ? 0 : 1) +
                   (request.payments.empty() ? 0 : 1) + (request.odoo_payments.empty() ? 0 : 1);
  if (ways != 1) {
    return Error(ways == 0 ? Reason::kFieldMissing : Reason::kFieldConflict)
        .Field("bills")
        .Says("give exactly one of filter, bills, payments and odoo_payment_ids");
  }
  if (std::max({request.bills.size(), request.payments.size(), request.odoo_payments.size()}) >
      loop.settings.transfers_max) {
    return Error(Reason::kTooLarge)
        .Field("bills")
        .Says(StrCat("an order has ", loop.settings.transfers_max, " payments at most"));
  }
  return request.test ? CheckTest(request) : absl::OkStatus();
}

/// The order that an earlier request with this id made.
absl::StatusOr<std::optional<std::string>> Earlier(ports::ReadView& view, const ports::Actor& actor,
                                                   const CreateRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto known, view.FindRequest(actor.source, request.request_id));
  if (!known) return std::optional<std::string>();
  if (known->digest == request.digest) return std::optional(known->document_id);
  return Error(Reason::kRequestIdReused)
      .Field("request_id")
      .Says("this request_id was used with other content");
}

absl::StatusOr<std::string> CurrencyOf(Loop& loop, const CreateRequest& request) {
  if (!request.currency_code.empty()) {
    KONTOR_RETURN_IF_ERROR(
        base::AtField(model::Currency::Parse(request.currency_code).status(), "currency_code"));
    return request.currency_code;
  }
  if (request.account.empty()) {
    return Error(Reason::kFieldMissing)
        .Field("currency_code")
        .Says("without an account the currency must be given");
  }
  KONTOR_ASSIGN_OR_RETURN(const auto account, loop.AccountByName(request.account));
  return account.currency.code();
}

absl::StatusOr<Flow> MakeFlow(Loop& loop, const ports::Actor& actor, const CreateRequest& request) {
  Flow flow;
  flow.row.kind = kOrderKind;
  flow.row.id = loop.deps.ids.Next(kOrderPrefix);
  flow.row.entity = request.entity;
  flow.row.state = std::string(NameOf(State::kDraft));
  flow.row.created = loop.Now();
  flow.row.due = loop.Now();
  Body& body = flow.body;
  body.description = request.description;
  body.asked_account = request.account;
  KONTOR_ASSIGN_OR_RETURN(body.currency, CurrencyOf(loop, request));
  if (request.execution_date) body.asked_date = request.execution_date->ToString();
  body.urgency = request.urgency;
  body.test = request.test;
  body.preparer_id = actor.principal_id;
  body.preparer = actor.name;
  body.message_id = flow.row.id.substr(kOrderPrefix.size());
  body.created_at = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", loop.Now(), absl::UTCTimeZone());
  body.correlation_id = loop.deps.ids.Next(base::kCorrelationPrefix);
  KONTOR_ASSIGN_OR_RETURN(flow.lines, BuildLines(loop, request, body.currency, flow.row.id));
  for (const Line& line : flow.lines) {
    if (line.transfer.amount.currency().code() == body.currency) continue;
    return Error(Reason::kFieldConflict)
        .Field(FieldOf(line, "amount"))
        .Says(StrCat("the order is in ", body.currency));
  }
  body.count = static_cast<int64_t>(flow.lines.size());
  body.total = TotalOf(flow).ValueText();
  return flow;
}

/// Ids that go out are ours alone, and lead back to the order.
absl::Status TakeIds(ports::Unit& unit, const Flow& flow) {
  KONTOR_RETURN_IF_ERROR(
      unit.ReserveFlowKey({kMessageSpace, flow.body.message_id, flow.row.id}).status());
  KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, flow.body.message_id));
  KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, flow.row.id));
  KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, flow.body.correlation_id));
  std::vector<ports::FlowLineRow> rows;
  for (const Line& line : flow.lines) {
    KONTOR_ASSIGN_OR_RETURN(
        const std::string holder,
        unit.ReserveFlowKey({kEndToEndSpace, line.transfer.end_to_end_id, flow.row.id}));
    if (holder != flow.row.id) return Error(Reason::kInternal).Says("an id was used before");
    KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, line.transfer.end_to_end_id));
    rows.push_back(RowOf(flow.row.id, line));
  }
  return unit.AddFlowLines(rows).status();
}

absl::Status Audit(Loop& loop, ports::Unit& unit, const ports::Actor& actor, const Flow& flow) {
  ports::AuditEntry audit;
  audit.time = loop.Now();
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(ports::Role::kPaymentPreparer));
  audit.action = "payment_order.create";
  audit.subject = flow.row.id;
  audit.entity = flow.row.entity;
  audit.after =
      nlohmann::json{
          {"state", flow.row.state}, {"payments", flow.body.count}, {"total", flow.body.total}}
          .dump();
  audit.correlation_id = flow.body.correlation_id;
  return unit.AppendAudit(std::move(audit));
}

}  // namespace

absl::StatusOr<View> CreateOrder(Loop& loop, const ports::Actor& actor,
                                 const CreateRequest& request) {
  KONTOR_RETURN_IF_ERROR(CheckRequest(loop, actor, request));
  std::optional<std::string> earlier;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(earlier, Earlier(view, actor, request));
    return absl::OkStatus();
  }));
  if (earlier) {
    KONTOR_ASSIGN_OR_RETURN(const Flow flow, loop.Load(*earlier));
    return ViewFor(flow, true);
  }
  KONTOR_RETURN_IF_ERROR(loop.deps.engine.GetEntity(request.entity).status());
  if (!request.account.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const auto account, loop.AccountByName(request.account));
    if (account.entity != request.entity) {
      return Error(Reason::kOwnAccountUnknown)
          .Field("account")
          .Says(StrCat("the entity has no account '", request.account, "'"));
    }
  }
  KONTOR_ASSIGN_OR_RETURN(const Flow made, MakeFlow(loop, actor, request));
  View view;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(earlier, Earlier(unit, actor, request));
    if (earlier) {
      KONTOR_ASSIGN_OR_RETURN(const Flow first, LoadFlow(unit, *earlier));
      view = ViewFor(first, true);
      return absl::OkStatus();
    }
    Flow flow = made;
    KONTOR_RETURN_IF_ERROR(
        unit.InsertRequest({actor.source, request.request_id, request.digest, 1, "", flow.row.id}));
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, State::kDraft, {"created"}));
    KONTOR_RETURN_IF_ERROR(TakeIds(unit, flow));
    view = ViewFor(flow, true);
    return Audit(loop, unit, actor, flow);
  }));
  return view;
}

}  // namespace kontor::payment_orders
