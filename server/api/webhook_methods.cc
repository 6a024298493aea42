// SPDX-License-Identifier: Apache-2.0
// Endpoints, their secrets and deliveries, and replays. The rules are webhooks' Service.
#include "kontor/v1/event.pb.h"
#include "kontor/v1/webhook.pb.h"
#include "server/api/accepting.h"
#include "server/api/field_mask.h"
#include "server/api/request_key.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using webhooks::Deliverer;
using webhooks::Service;

constexpr absl::Duration kOverlapDefault = absl::Hours(24);

webhooks::EndpointSpec ReadSpec(const v1::Endpoint& in) {
  webhooks::EndpointSpec out;
  out.url = in.url();
  out.description = in.description();
  out.types.assign(in.types().begin(), in.types().end());
  out.entities.assign(in.entities().begin(), in.entities().end());
  for (const auto& [name, value] : in.headers()) out.headers[name] = value;
  out.unmasked = in.unmasked();
  if (in.max_in_flight() != 0) out.max_in_flight = in.max_in_flight();
  if (in.has_timeout()) out.timeout = ReadDuration(in.timeout());
  out.client_certificate = in.client_certificate();
  return out;
}

v1::Endpoint::State WriteState(webhooks::EndpointState state) {
  v1::Endpoint::State out = v1::Endpoint::STATE_UNSPECIFIED;
  v1::Endpoint::State_Parse(base::StrCat("STATE_", webhooks::NameOf(state)), &out);
  return out;
}

struct Context {
  Parts parts;
  Service& service;
  const Deliverer& deliverer;
};

constexpr int kPendingCountedMax = 1000;

void WriteEndpoint(const Context& context, const webhooks::Endpoint& in, v1::Endpoint* out) {
  out->set_id(in.id);
  out->set_url(in.spec.url);
  out->set_description(in.spec.description);
  for (const auto& type : in.spec.types) out->add_types(type);
  for (const auto& entity : in.spec.entities) out->add_entities(entity);
  for (const auto& [name, value] : in.spec.headers) (*out->mutable_headers())[name] = value;
  out->set_unmasked(in.spec.unmasked);
  out->set_max_in_flight(in.spec.max_in_flight);
  WriteDuration(in.spec.timeout, out->mutable_timeout());
  out->set_client_certificate(in.spec.client_certificate);
  out->set_state(WriteState(in.state));
  out->set_state_reason(in.state_reason);
  out->set_owner(in.owner);
  out->set_version(in.version);
  WriteTime(in.created, out->mutable_create_time());
  WriteTime(in.updated, out->mutable_update_time());
  const auto expires = webhooks::OldSecretExpires(in, context.parts.clock.Now());
  if (expires) WriteTime(*expires, out->mutable_old_secret_expire_time());
  const webhooks::EndpointHealth health = context.deliverer.HealthOf(in.id);
  out->set_failure_count(health.failures_in_a_row);
  if (health.last_success) WriteTime(*health.last_success, out->mutable_last_success_time());
  int64_t waiting = 0;
  for (const auto state : {ports::DeliveryState::kPending, ports::DeliveryState::kParked}) {
    const auto rows = context.service.ListDeliveries(in.id, state, {kPendingCountedMax, ""});
    if (rows.ok()) waiting += static_cast<int64_t>(rows->rows.size());
  }
  out->set_pending_count(waiting);
}

void WriteDelivery(const ports::DeliveryRow& in, v1::Delivery* out) {
  out->set_id(in.id);
  out->set_endpoint_id(in.endpoint_id);
  out->set_event_id(in.event_id);
  out->set_event_sequence(in.event_sequence);
  out->set_subject(in.subject);
  switch (in.state) {
    case ports::DeliveryState::kPending: out->set_state(v1::Delivery::STATE_PENDING); break;
    case ports::DeliveryState::kDelivered: out->set_state(v1::Delivery::STATE_DELIVERED); break;
    case ports::DeliveryState::kParked: out->set_state(v1::Delivery::STATE_PARKED); break;
    case ports::DeliveryState::kDropped: out->set_state(v1::Delivery::STATE_DROPPED); break;
  }
  out->set_attempt_count(in.attempts);
  if (in.state == ports::DeliveryState::kPending) {
    WriteTime(in.next_attempt, out->mutable_next_attempt_time());
  }
  out->set_last_status_code(in.last_http_status);
  out->set_last_error(in.last_error);
  WriteTime(in.created, out->mutable_create_time());
  if (in.ended) WriteTime(*in.ended, out->mutable_end_time());
  out->set_replay(in.replay);
}

std::optional<ports::DeliveryState> ReadDeliveryState(v1::Delivery::State state) {
  switch (state) {
    case v1::Delivery::STATE_PENDING: return ports::DeliveryState::kPending;
    case v1::Delivery::STATE_DELIVERED: return ports::DeliveryState::kDelivered;
    case v1::Delivery::STATE_PARKED: return ports::DeliveryState::kParked;
    case v1::Delivery::STATE_DROPPED: return ports::DeliveryState::kDropped;
    default: return std::nullopt;
  }
}

/// Methods that answer one endpoint differ in what the service is asked.
template <typename Request, typename Response, typename Ask>
void AddEndpointMethod(const Context& context, Registry* registry, const std::string& method,
                       Ask ask) {
  registry->Add<Request, Response>(
      "kontor.v1.WebhookService/" + method,
      [context, ask](const Call& call, const auto& request) -> absl::StatusOr<Response> {
        KONTOR_ASSIGN_OR_RETURN(const auto endpoint, ask(call, request));
        Response response;
        WriteEndpoint(context, endpoint, response.mutable_endpoint());
        return response;
      });
}

void AddStates(const Context& context, Registry* registry) {
  Service& service = context.service;
  AddEndpointMethod<v1::GetEndpointRequest, v1::GetEndpointResponse>(
      context, registry, "GetEndpoint",
      [&service](const Call&, const auto& request) { return service.Get(request.id()); });
  AddEndpointMethod<v1::VerifyEndpointRequest, v1::VerifyEndpointResponse>(
      context, registry, "VerifyEndpoint", [&service](const Call& call, const auto& request) {
        return service.Verify(call.actor, request.id());
      });
  AddEndpointMethod<v1::PauseEndpointRequest, v1::PauseEndpointResponse>(
      context, registry, "PauseEndpoint", [&service](const Call& call, const auto& request) {
        return service.Pause(call.actor, request.id(), request.reason());
      });
  AddEndpointMethod<v1::ResumeEndpointRequest, v1::ResumeEndpointResponse>(
      context, registry, "ResumeEndpoint", [&service](const Call& call, const auto& request) {
        return service.Resume(call.actor, request.id(), request.reason());
      });
  AddEndpointMethod<v1::UpdateEndpointRequest, v1::UpdateEndpointResponse>(
      context, registry, "UpdateEndpoint",
      [context](const Call& call, const auto& request) -> absl::StatusOr<webhooks::Endpoint> {
        KONTOR_ASSIGN_OR_RETURN(const auto old, context.service.Get(request.endpoint().id()));
        v1::Endpoint merged;
        WriteEndpoint(context, old, &merged);
        KONTOR_RETURN_IF_ERROR(MergeMasked(request.update_mask(), request.endpoint(), &merged));
        return context.service.Update(call.actor, old.id, ReadSpec(merged),
                                      request.endpoint().version());
      });
}

void AddSecrets(const Context& context, Registry* registry) {
  const std::string service = "kontor.v1.WebhookService/";
  registry->Add<v1::CreateEndpointRequest, v1::CreateEndpointResponse>(
      service + "CreateEndpoint",
      [context](const Call& call,
                const auto& request) -> absl::StatusOr<v1::CreateEndpointResponse> {
        KONTOR_ASSIGN_OR_RETURN(
            const auto made, context.service.Create(
                                 call.actor, KeyOf<webhooks::RequestKey>("CreateEndpoint", request),
                                 ReadSpec(request.endpoint()), request.secret()));
        v1::CreateEndpointResponse response;
        WriteEndpoint(context, made.endpoint, response.mutable_endpoint());
        response.set_secret(made.secret.Reveal());
        return response;
      });
  registry->Add<v1::RotateSecretRequest, v1::RotateSecretResponse>(
      service + "RotateSecret",
      [context](const Call& call, const auto& request) -> absl::StatusOr<v1::RotateSecretResponse> {
        const absl::Duration overlap =
            request.has_overlap() ? ReadDuration(request.overlap()) : kOverlapDefault;
        KONTOR_ASSIGN_OR_RETURN(
            const auto made, context.service.RotateSecret(
                                 call.actor, KeyOf<webhooks::RequestKey>("RotateSecret", request),
                                 request.id(), overlap, request.secret()));
        v1::RotateSecretResponse response;
        WriteEndpoint(context, made.endpoint, response.mutable_endpoint());
        response.set_secret(made.secret.Reveal());
        return response;
      });
}

absl::StatusOr<v1::ListEndpointsResponse> ListEndpoints(const Context& context,
                                                        const v1::ListEndpointsRequest& request) {
  std::optional<webhooks::EndpointState> state;
  if (request.state() != v1::Endpoint::STATE_UNSPECIFIED) {
    constexpr std::string_view kPrefix = "STATE_";
    state = webhooks::ParseEndpointState(
        v1::Endpoint::State_Name(request.state()).substr(kPrefix.size()));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto all, context.service.List(state));
  v1::ListEndpointsResponse response;
  for (const auto& endpoint : all) WriteEndpoint(context, endpoint, response.add_endpoints());
  return response;
}

void AddDeliveries(const Context& context, Registry* registry) {
  const std::string service = "kontor.v1.WebhookService/";
  registry->Add<v1::ListEndpointsRequest, v1::ListEndpointsResponse>(
      service + "ListEndpoints",
      [context](const Call&, const auto& request) { return ListEndpoints(context, request); });
  registry->Add<v1::DeleteEndpointRequest, v1::DeleteEndpointResponse>(
      service + "DeleteEndpoint",
      [context](const Call& call,
                const auto& request) -> absl::StatusOr<v1::DeleteEndpointResponse> {
        KONTOR_ASSIGN_OR_RETURN(
            const int64_t dropped,
            context.service.Delete(call.actor, request.id(), request.reason()));
        v1::DeleteEndpointResponse response;
        response.set_dropped_count(dropped);
        return response;
      });
  registry->Add<v1::PingEndpointRequest, v1::PingEndpointResponse>(
      service + "PingEndpoint",
      [context](const Call& call, const auto& request) -> absl::StatusOr<v1::PingEndpointResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto ping, context.service.Ping(call.actor, request.id()));
        v1::PingEndpointResponse response;
        response.set_status_code(ping.http_status);
        response.set_error(ping.error);
        WriteDuration(ping.elapsed, response.mutable_duration());
        return response;
      });
  registry->Add<v1::ListDeliveriesRequest, v1::ListDeliveriesResponse>(
      service + "ListDeliveries",
      [context](const Call&, const auto& request) -> absl::StatusOr<v1::ListDeliveriesResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto page,
                                ReadPage(request.page_size(), request.page_token()));
        KONTOR_ASSIGN_OR_RETURN(
            const auto listed,
            context.service.ListDeliveries(request.endpoint_id(),
                                           ReadDeliveryState(request.state()), page));
        v1::ListDeliveriesResponse response;
        for (const auto& row : listed.rows) WriteDelivery(row, response.add_deliveries());
        response.set_next_page_token(listed.next);
        return response;
      });
}

/// Deliveries by id, or those of an endpoint that a person dropped or the breaker parked.
absl::StatusOr<v1::ReplayDeliveriesResponse> ReplayDeliveries(
    const Context& context, const Call& call, const v1::ReplayDeliveriesRequest& request) {
  if (request.endpoint_id().empty()) {
    return Error(Reason::kFieldMissing).Field("endpoint_id").Says("say which endpoint");
  }
  const std::set<std::string> ids(request.delivery_ids().begin(), request.delivery_ids().end());
  std::optional<ports::DeliveryState> state;
  if (request.dropped_only()) state = ports::DeliveryState::kDropped;
  webhooks::ReplaySelection selection;
  selection.endpoint_id = request.endpoint_id();
  ports::Page page{kPageSizeMax, ""};
  do {
    KONTOR_ASSIGN_OR_RETURN(
        const auto listed,
        context.service.ListDeliveries(request.endpoint_id(), state, page));
    for (const auto& row : listed.rows) {
      if (ids.empty() || ids.contains(row.id)) selection.event_ids.push_back(row.event_id);
    }
    page.after = listed.next;
  } while (!page.after.empty() && selection.event_ids.size() <= webhooks::kReplayEventsMax);
  if (ids.size() > selection.event_ids.size()) {
    return Error(Reason::kNotFound).Field("delivery_ids").Says("not all of them exist");
  }
  v1::ReplayDeliveriesResponse response;
  if (selection.event_ids.empty()) return response;
  KONTOR_ASSIGN_OR_RETURN(
      const auto result,
      context.service.Replay(call.actor, KeyOf<webhooks::RequestKey>("ReplayDeliveries", request),
                             selection, request.reason()));
  response.set_delivery_count(result.deliveries);
  return response;
}

absl::StatusOr<v1::ReplayEventsResponse> ReplayEvents(const Context& context, const Call& call,
                                                      const v1::ReplayEventsRequest& request) {
  webhooks::ReplaySelection selection;
  selection.endpoint_id = request.endpoint_id();
  selection.event_ids.assign(request.event_ids().begin(), request.event_ids().end());
  if (request.has_time_from()) selection.from = ReadTime(request.time_from());
  if (request.has_time_to()) selection.to = ReadTime(request.time_to());
  KONTOR_ASSIGN_OR_RETURN(
      const auto result,
      context.service.Replay(call.actor, KeyOf<webhooks::RequestKey>("ReplayEvents", request),
                             selection, request.reason()));
  v1::ReplayEventsResponse response;
  response.set_event_count(result.events);
  response.set_delivery_count(result.deliveries);
  return response;
}

}  // namespace

void AddWebhookMethods(Parts parts, Service& service, const Deliverer& deliverer,
                       Registry* registry) {
  const Context context{parts, service, deliverer};
  AddStates(context, registry);
  AddSecrets(context, registry);
  AddDeliveries(context, registry);
  registry->Add<v1::ReplayDeliveriesRequest, v1::ReplayDeliveriesResponse>(
      "kontor.v1.WebhookService/ReplayDeliveries",
      [context](const Call& call, const auto& request) {
        return ReplayDeliveries(context, call, request);
      });
  registry->Add<v1::ReplayEventsRequest, v1::ReplayEventsResponse>(
      "kontor.v1.EventService/ReplayEvents", [context](const Call& call, const auto& request) {
        return ReplayEvents(context, call, request);
      });
}

}  // namespace kontor::api
