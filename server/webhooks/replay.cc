// SPDX-License-Identifier: Apache-2.0
// Replays: the same events again, to one endpoint or to all whose filter they pass.
#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/webhooks/internal/units.h"
#include "server/webhooks/service.h"

namespace kontor::webhooks {
namespace {

using base::Error;
using base::Reason;

absl::StatusOr<std::vector<model::Event>> SelectEvents(ports::ReadView& view,
                                                       const ReplaySelection& selection) {
  std::vector<model::Event> events;
  for (const std::string& id : selection.event_ids) {
    KONTOR_ASSIGN_OR_RETURN(std::optional<model::Event> event, view.FindEvent(id));
    if (!event) {
      return Error(Reason::kNotFound).Field("event_ids").With("event", id).Says("no such event");
    }
    events.push_back(*std::move(event));
  }
  if (!selection.event_ids.empty()) return events;
  ports::EventFilter filter;
  filter.from = selection.from;
  filter.to = selection.to;
  KONTOR_ASSIGN_OR_RETURN(events, view.ListEvents(filter, kReplayEventsMax + 1));
  // The window ends before `to`; the store's filter takes in an event of that very instant.
  if (selection.to) {
    std::erase_if(events, [&](const model::Event& event) { return event.time >= *selection.to; });
  }
  return events;
}

absl::StatusOr<std::vector<Endpoint>> SelectEndpoints(ports::ReadView& view,
                                                      const std::string& endpoint_id) {
  std::vector<Endpoint> endpoints;
  if (!endpoint_id.empty()) {
    KONTOR_ASSIGN_OR_RETURN(Endpoint endpoint, internal::FindEndpoint(view, endpoint_id));
    endpoints.push_back(std::move(endpoint));
    return endpoints;
  }
  KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(kEndpointKind));
  for (const ports::ObjectRow& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(Endpoint endpoint, FromRow(row));
    if (TakesEvents(endpoint)) endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

absl::Status CheckSelection(const ReplaySelection& selection) {
  if (selection.event_ids.empty() && !selection.from && !selection.to) {
    return Error(Reason::kFieldMissing)
        .Field("event_ids")
        .Says("name events, or a window by time_from and time_to");
  }
  if (!selection.event_ids.empty() && (selection.from || selection.to)) {
    return Error(Reason::kFieldConflict).Field("event_ids").Says("events or a window, not both");
  }
  if (selection.from && selection.to && *selection.to <= *selection.from) {
    return Error(Reason::kFieldInvalid).Field("time_to").Says("ends before it begins");
  }
  if (selection.event_ids.size() > static_cast<std::size_t>(kReplayEventsMax)) {
    return Error(Reason::kFieldInvalid).Field("event_ids").Says("too many events for one call");
  }
  return absl::OkStatus();
}

// Deliveries of the endpoint that a person must look at, by event: a replay wakes them.
absl::StatusOr<std::map<std::string, ports::DeliveryRow>> KeptBack(ports::ReadView& view,
                                                                   const std::string& endpoint_id) {
  std::map<std::string, ports::DeliveryRow> rows;
  ports::Page page;
  page.limit = 1000;
  do {
    KONTOR_ASSIGN_OR_RETURN(
        auto listed, view.ListDeliveries(endpoint_id, {ports::DeliveryState::kParked}, page));
    for (ports::DeliveryRow& row : listed.rows) {
      std::string event_id = row.event_id;
      rows.emplace(std::move(event_id), std::move(row));
    }
    page.after = listed.next;
  } while (!page.after.empty());
  return rows;
}

}  // namespace

absl::StatusOr<ReplayResult> Service::Replay(const ports::Actor& actor, const RequestKey& key,
                                             const ReplaySelection& selection,
                                             const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(CheckSelection(selection));
  KONTOR_RETURN_IF_ERROR(base::CheckText(reason, kReasonMax, "reason", /*multiline=*/true));
  const absl::Time now = deps_.clock.Now();
  ReplayResult result;
  const absl::Status done = deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    result = {};
    KONTOR_ASSIGN_OR_RETURN(const auto events, SelectEvents(unit, selection));
    if (events.size() > static_cast<std::size_t>(kReplayEventsMax)) {
      return Error(Reason::kFieldInvalid)
          .Field("time_to")
          .Says(base::StrCat("the window holds more than ", kReplayEventsMax, " events"));
    }
    KONTOR_ASSIGN_OR_RETURN(const auto endpoints, SelectEndpoints(unit, selection.endpoint_id));
    KONTOR_ASSIGN_OR_RETURN(const auto first, internal::TakeRequest(unit, actor, key, "replay"));
    result.events = static_cast<std::int64_t>(events.size());
    for (const Endpoint& endpoint : endpoints) {
      KONTOR_ASSIGN_OR_RETURN(auto kept_back, KeptBack(unit, endpoint.id));
      for (const model::Event& event : events) {
        if (!Matches(endpoint.spec, event)) continue;
        ++result.deliveries;
        if (first) continue;  // counted again, scheduled once
        ports::DeliveryRow row;
        if (const auto kept = kept_back.find(event.id); kept != kept_back.end()) {
          row = kept->second;
          row.state = ports::DeliveryState::kPending;
          row.attempts = 0;
        } else {
          row.id = deps_.ids.Next(base::kDeliveryPrefix);
          row.endpoint_id = endpoint.id;
          row.event_sequence = event.sequence;
          row.event_id = event.id;
          row.subject = event.subject;
          row.created = now;
          row.replay = true;
        }
        row.next_attempt = now;
        KONTOR_RETURN_IF_ERROR(unit.PutDelivery(row));
      }
    }
    if (first) return absl::OkStatus();
    return internal::Audit(
        unit, actor, now, "webhook.replay", selection.endpoint_id, "",
        base::StrCat(R"({"events":)", result.events, R"(,"deliveries":)", result.deliveries, "}"),
        reason);
  });
  if (!done.ok()) return done;
  deliverer_.Wake();
  return result;
}

}  // namespace kontor::webhooks
