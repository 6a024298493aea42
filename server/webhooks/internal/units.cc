// SPDX-License-Identifier: Apache-2.0
// See the header.
#include "server/webhooks/internal/units.h"

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::webhooks::internal {

absl::StatusOr<Endpoint> FindEndpoint(ports::ReadView& view, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(const std::optional<ports::ObjectRow> row,
                          view.FindObject(kEndpointKind, id));
  if (!row) return base::Error(base::Reason::kNotFound).Field("id").Says("no such endpoint");
  return FromRow(*row);
}

absl::StatusOr<std::optional<std::string>> TakeRequest(ports::Unit& unit, const ports::Actor& actor,
                                                       const RequestKey& key,
                                                       const std::string& subject_id) {
  if (key.request_id.empty()) return std::nullopt;
  KONTOR_ASSIGN_OR_RETURN(const std::optional<ports::RequestRow> before,
                          unit.FindRequest(actor.source, key.request_id));
  if (before) {
    if (before->digest == key.digest) return before->document_id;
    return base::Error(base::Reason::kRequestIdReused)
        .Field("request_id")
        .Says("this request_id was used for another request");
  }
  ports::RequestRow row;
  row.source = actor.source;
  row.request_id = key.request_id;
  row.digest = key.digest;
  row.document_id = subject_id;
  KONTOR_RETURN_IF_ERROR(unit.InsertRequest(row));
  return std::nullopt;
}

std::string AuditView(const Endpoint& endpoint) {
  nlohmann::json view = {{"url", endpoint.spec.url},
                         {"types", endpoint.spec.types},
                         {"entities", endpoint.spec.entities},
                         {"headers", nlohmann::json::array()},
                         {"unmasked", endpoint.spec.unmasked},
                         {"max_in_flight", endpoint.spec.max_in_flight},
                         {"client_certificate", endpoint.spec.client_certificate},
                         {"state", std::string(NameOf(endpoint.state))}};
  for (const auto& [name, value] : endpoint.spec.headers) view["headers"].push_back(name);
  return view.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

absl::Status Audit(ports::Unit& unit, const ports::Actor& actor, absl::Time now,
                   std::string_view action, const std::string& subject, std::string before,
                   std::string after, const std::string& reason) {
  ports::AuditEntry entry;
  entry.time = now;
  entry.actor = actor.principal_id;
  std::vector<std::string> roles;
  for (const ports::Role role : actor.roles) roles.emplace_back(ports::NameOf(role));
  entry.role = base::StrJoin(roles, ",");
  entry.action = std::string(action);
  entry.subject = subject;
  entry.before = std::move(before);
  entry.after = std::move(after);
  entry.reason = reason;
  return unit.AppendAudit(std::move(entry));
}

}  // namespace kontor::webhooks::internal
