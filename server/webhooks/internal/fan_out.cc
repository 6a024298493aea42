// SPDX-License-Identifier: Apache-2.0
// Units of the commit thread: short, and repeatable when a transaction is.
#include "server/webhooks/internal/fan_out.h"

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::webhooks::internal {
namespace {

constexpr char kCursor[] = "webhooks.fan_out";
constexpr char kSelf[] = "kontord";

absl::StatusOr<std::vector<Endpoint>> TakingEvents(ports::Unit& unit) {
  KONTOR_ASSIGN_OR_RETURN(const std::vector<ports::ObjectRow> rows, unit.AllObjects(kEndpointKind));
  std::vector<Endpoint> endpoints;
  for (const ports::ObjectRow& row : rows) {
    absl::StatusOr<Endpoint> endpoint = FromRow(row);
    if (endpoint.ok() && TakesEvents(*endpoint)) endpoints.push_back(*std::move(endpoint));
  }
  return endpoints;
}

absl::Status MoveCursor(ports::Unit& unit, std::int64_t sequence) {
  return unit.PutCursor(kCursor, std::to_string(sequence));
}

ports::DeliveryRow NewDelivery(const Endpoint& endpoint, const model::Event& event, absl::Time now,
                               base::IdSource& ids) {
  ports::DeliveryRow row;
  row.id = ids.Next(base::kDeliveryPrefix);
  row.endpoint_id = endpoint.id;
  row.event_sequence = event.sequence;
  row.event_id = event.id;
  row.subject = event.subject;
  row.next_attempt = now;
  row.created = now;
  return row;
}

}  // namespace

absl::StatusOr<FannedOut> FanOutEvents(ports::Unit& unit, int batch, absl::Time now,
                                       base::IdSource& ids) {
  KONTOR_ASSIGN_OR_RETURN(const std::int64_t last, unit.LastEventSequence());
  KONTOR_ASSIGN_OR_RETURN(const std::optional<std::string> cursor, unit.FindCursor(kCursor));
  if (!cursor) {
    KONTOR_RETURN_IF_ERROR(MoveCursor(unit, last));
    return FannedOut{};
  }
  KONTOR_ASSIGN_OR_RETURN(const std::int64_t after, base::ParseInt64(*cursor));
  if (after >= last) return FannedOut{};
  KONTOR_ASSIGN_OR_RETURN(const std::vector<Endpoint> endpoints, TakingEvents(unit));
  if (endpoints.empty()) {
    KONTOR_RETURN_IF_ERROR(MoveCursor(unit, last));
    return FannedOut{};
  }
  ports::EventFilter filter;
  filter.after = after;
  KONTOR_ASSIGN_OR_RETURN(const std::vector<model::Event> events, unit.ListEvents(filter, batch));
  if (events.empty()) return FannedOut{};
  FannedOut result;
  for (const model::Event& event : events) {
    ++result.events;
    for (const Endpoint& endpoint : endpoints) {
      if (!Matches(endpoint.spec, event)) continue;
      ports::DeliveryRow row = NewDelivery(endpoint, event, now, ids);
      KONTOR_RETURN_IF_ERROR(unit.PutDelivery(row));
      result.deliveries.push_back({std::move(row), event});
    }
  }
  KONTOR_RETURN_IF_ERROR(MoveCursor(unit, events.back().sequence));
  result.more = events.back().sequence < last;
  return result;
}

absl::Status Apply(const Transition& transition, absl::Time now, ports::Unit& unit) {
  KONTOR_ASSIGN_OR_RETURN(std::optional<ports::ObjectRow> row,
                          unit.FindObject(kEndpointKind, transition.endpoint_id));
  if (!row) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(Endpoint endpoint, FromRow(*row));
  const bool fits = transition.to == EndpointState::kDisabled
                        ? endpoint.state == EndpointState::kActive ||
                              endpoint.state == EndpointState::kBroken
                        : endpoint.state == transition.from;
  if (!fits) return absl::OkStatus();
  ports::AuditEntry audit;
  audit.time = now;
  audit.actor = kSelf;
  audit.action = base::StrCat("webhook_endpoint.", base::ToLower(NameOf(transition.to)));
  audit.subject = endpoint.id;
  audit.before = base::StrCat(R"({"state":")", NameOf(endpoint.state), R"("})");
  audit.after = base::StrCat(R"({"state":")", NameOf(transition.to), R"("})");
  audit.reason = transition.reason;
  endpoint.state = transition.to;
  endpoint.state_reason = transition.reason;
  endpoint.updated = now;
  ports::ObjectRow changed = ToRow(endpoint);
  KONTOR_RETURN_IF_ERROR(unit.PutObject(changed));
  return unit.AppendAudit(std::move(audit));
}

}  // namespace kontor::webhooks::internal
