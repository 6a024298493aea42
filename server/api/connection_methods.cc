// SPDX-License-Identifier: Apache-2.0
// Connections and entities: configured, checked, compared with Odoo.
#include <set>

#include "kontor/v1/connection.pb.h"
#include "server/api/accepting.h"
#include "server/api/connection_convert.h"
#include "server/api/field_mask.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

absl::StatusOr<v1::CreateConnectionResponse> CreateConnection(
    const Parts& parts, const Call& call, const v1::CreateConnectionRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(auto connection, ReadConnection(request.connection(), {}));
  KONTOR_ASSIGN_OR_RETURN(connection,
                          parts.engine.PutConnection(call.actor, std::move(connection), true));
  v1::CreateConnectionResponse response;
  WriteConnection(connection, response.mutable_connection());
  return response;
}

absl::StatusOr<v1::UpdateConnectionResponse> UpdateConnection(
    const Parts& parts, const Call& call, const v1::UpdateConnectionRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto old, parts.engine.GetConnection(request.connection().name()));
  v1::Connection merged;
  WriteConnection(old, &merged);
  KONTOR_RETURN_IF_ERROR(MergeMasked(request.update_mask(), request.connection(), &merged));
  KONTOR_ASSIGN_OR_RETURN(auto changed, ReadConnection(merged, old));
  KONTOR_ASSIGN_OR_RETURN(changed,
                          parts.engine.PutConnection(call.actor, std::move(changed), false));
  v1::UpdateConnectionResponse response;
  WriteConnection(changed, response.mutable_connection());
  return response;
}

absl::StatusOr<v1::CheckConnectionResponse> Check(const Parts& parts, const Call& call,
                                                  const v1::CheckConnectionRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto connection, parts.engine.GetConnection(request.name()));
  v1::CheckConnectionResponse response;
  auto* out = response.mutable_report();
  const absl::Time begun = parts.clock.Now();
  const auto report = parts.engine.CheckConnection(call.actor, connection.name, "");
  WriteTime(begun, out->mutable_check_time());
  WriteDuration(parts.clock.Now() - begun, out->mutable_round_trip());
  if (!report.ok()) {
    // An unreachable Odoo is a report: the administrator asked what is wrong.
    const bool about_odoo = base::InfoOf(report.status()).reason.starts_with("ODOO_");
    if (!about_odoo) return report.status();
    out->set_reachable(base::Is(report.status(), Reason::kOdooLoginFailed));
    WriteFinding(model::FindingOf(report.status()), out->add_findings());
    return response;
  }
  WriteReport(*report, connection, out);
  KONTOR_ASSIGN_OR_RETURN(const auto entities, parts.engine.ListEntities());
  std::set<int64_t> shown;  // whoever is bound to entities sees the companies of those
  for (const auto& entity : entities) {
    if (entity.connection != connection.name || !call.actor.MaySee(entity.name)) continue;
    shown.insert(entity.company_id);
    const auto catalogue = parts.engine.GetCatalogue(entity.name, true);
    if (!catalogue.ok()) WriteFinding(model::FindingOf(catalogue.status()), out->add_findings());
  }
  for (const auto& company : report->companies) {
    if (call.actor.entities.empty() || shown.contains(company.id)) WriteCompany(company, out);
  }
  return response;
}

/// Both two-person calls end a suspension; which one fits is told by its reason.
absl::StatusOr<std::pair<bool, engine::Connection>> Unsuspend(const Parts& parts, const Call& call,
                                                              const std::string& name,
                                                              std::string_view expected,
                                                              const std::string& reason) {
  KONTOR_ASSIGN_OR_RETURN(auto connection, parts.engine.GetConnection(name));
  if (connection.suspended_reason != expected) {
    return Error(Reason::kStateConflict)
        .Field("name")
        .Says(base::StrCat("the connection is not suspended as ", expected));
  }
  KONTOR_ASSIGN_OR_RETURN(const bool done,
                          parts.engine.ReleaseConnection(call.actor, name, reason));
  KONTOR_ASSIGN_OR_RETURN(connection, parts.engine.GetConnection(name));
  return std::make_pair(done, std::move(connection));
}

/// The company of that exact name, as Odoo has it now; its currency must be the entity's.
absl::StatusOr<int64_t> CompanyNamed(const Parts& parts, const Call& call,
                                     const engine::Entity& entity, const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto report,
                          parts.engine.CheckConnection(call.actor, entity.connection, ""));
  for (const auto& company : report.companies) {
    if (company.name != name) continue;
    if (company.currency_code == entity.currency_code) return company.id;
    return Error(Reason::kFieldConflict)
        .Field("entity.currency_code")
        .With("company_currency", company.currency_code)
        .Says(base::StrCat("the company keeps its books in ", company.currency_code));
  }
  return Error(Reason::kFieldInvalid)
      .Field("entity.company_name")
      .Says(base::StrCat("kontor's user sees no company named '", name, "' in Odoo"));
}

absl::StatusOr<v1::CreateEntityResponse> CreateEntity(const Parts& parts, const Call& call,
                                                      const v1::CreateEntityRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(auto entity, ReadEntity(request.entity(), {}));
  if (entity.company_id == 0 && !request.entity().company_name().empty()) {
    KONTOR_ASSIGN_OR_RETURN(entity.company_id,
                            CompanyNamed(parts, call, entity, request.entity().company_name()));
  }
  KONTOR_ASSIGN_OR_RETURN(entity, parts.engine.PutEntity(call.actor, std::move(entity), true));
  v1::CreateEntityResponse response;
  WriteEntity(entity, response.mutable_entity());
  return response;
}

absl::StatusOr<v1::UpdateEntityResponse> UpdateEntity(const Parts& parts, const Call& call,
                                                      const v1::UpdateEntityRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto old, parts.engine.GetEntity(request.entity().name()));
  v1::Entity merged;
  WriteEntity(old, &merged);
  KONTOR_RETURN_IF_ERROR(MergeMasked(request.update_mask(), request.entity(), &merged));
  KONTOR_ASSIGN_OR_RETURN(auto changed, ReadEntity(merged, old));
  KONTOR_ASSIGN_OR_RETURN(changed, parts.engine.PutEntity(call.actor, std::move(changed), false));
  v1::UpdateEntityResponse response;
  WriteEntity(changed, response.mutable_entity());
  return response;
}

absl::StatusOr<engine::Entity> EntityFor(const Parts& parts, const Call& call,
                                         const std::string& name) {
  if (!call.actor.MaySee(name)) {
    return Error(Reason::kEntityUnknown)
        .Field("entity")
        .With("entity", name)
        .Says("no such entity");
  }
  return parts.engine.GetEntity(name);
}

constexpr int kReconcileDaysMax = 400;

absl::StatusOr<v1::ReconcileEntityResponse> Reconcile(
    const Parts& parts, const Call& call, const v1::ReconcileEntityRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto entity, EntityFor(parts, call, request.entity()));
  KONTOR_ASSIGN_OR_RETURN(const auto from, ReadDate(request.date_from(), "date_from"));
  KONTOR_ASSIGN_OR_RETURN(const auto to, ReadDate(request.date_to(), "date_to"));
  if (!from.has_value() || !to.has_value()) {
    return Error(Reason::kFieldMissing)
        .Field(from.has_value() ? "date_to" : "date_from")
        .Says("both dates are needed");
  }
  if (*to < *from || to->DaysSince(*from) > kReconcileDaysMax) {
    return Error(Reason::kFieldInvalid)
        .Field("date_to")
        .Says(base::StrCat("0 to ", kReconcileDaysMax, " days after date_from"));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto report,
                          parts.engine.Reconcile(call.actor, entity.name, *from, *to,
                                                 request.raise_exceptions()));
  v1::ReconcileEntityResponse response;
  WriteReconcile(report, &response);
  WriteTime(parts.clock.Now(), response.mutable_read_time());
  return response;
}

void AddConnections(Parts parts, const std::string& service, Registry* registry) {
  registry->Add<v1::CreateConnectionRequest, v1::CreateConnectionResponse>(
      service + "CreateConnection", [parts](const Call& call, const auto& request) {
        return CreateConnection(parts, call, request);
      });
  registry->Add<v1::GetConnectionRequest, v1::GetConnectionResponse>(
      service + "GetConnection",
      [parts](const Call&, const auto& request) -> absl::StatusOr<v1::GetConnectionResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto connection, parts.engine.GetConnection(request.name()));
        v1::GetConnectionResponse response;
        WriteConnection(connection, response.mutable_connection());
        return response;
      });
  registry->Add<v1::ListConnectionsRequest, v1::ListConnectionsResponse>(
      service + "ListConnections",
      [parts](const Call&, const auto&) -> absl::StatusOr<v1::ListConnectionsResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto all, parts.engine.ListConnections());
        v1::ListConnectionsResponse response;
        for (const auto& connection : all) {
          WriteConnection(connection, response.add_connections());
        }
        return response;
      });
  registry->Add<v1::UpdateConnectionRequest, v1::UpdateConnectionResponse>(
      service + "UpdateConnection", [parts](const Call& call, const auto& request) {
        return UpdateConnection(parts, call, request);
      });
  registry->Add<v1::CheckConnectionRequest, v1::CheckConnectionResponse>(
      service + "CheckConnection",
      [parts](const Call& call, const auto& request) { return Check(parts, call, request); });
}

void AddSuspensions(Parts parts, const std::string& service, Registry* registry) {
  registry->Add<v1::RebindConnectionRequest, v1::RebindConnectionResponse>(
      service + "RebindConnection",
      [parts](const Call& call,
              const auto& request) -> absl::StatusOr<v1::RebindConnectionResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto result,
                                Unsuspend(
                                    parts, call, request.name(), "DATABASE_REPLACED",
                                    request.reason()));
        v1::RebindConnectionResponse response;
        response.set_done(result.first);
        WriteConnection(result.second, response.mutable_connection());
        return response;
      });
  registry->Add<v1::ReleaseRestoreRequest, v1::ReleaseRestoreResponse>(
      service + "ReleaseRestore",
      [parts](const Call& call, const auto& request) -> absl::StatusOr<v1::ReleaseRestoreResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto result,
                                Unsuspend(
                                    parts, call, request.connection(), "RESTORE_HOLD",
                                    request.reason()));
        v1::ReleaseRestoreResponse response;
        response.set_done(result.first);
        return response;
      });
}

void AddEntities(Parts parts, const std::string& service, Registry* registry) {
  registry->Add<v1::CreateEntityRequest, v1::CreateEntityResponse>(
      service + "CreateEntity", [parts](const Call& call, const auto& request) {
        return CreateEntity(parts, call, request);
      });
  registry->Add<v1::GetEntityRequest, v1::GetEntityResponse>(
      service + "GetEntity",
      [parts](const Call& call, const auto& request) -> absl::StatusOr<v1::GetEntityResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto entity, EntityFor(parts, call, request.name()));
        v1::GetEntityResponse response;
        WriteEntity(entity, response.mutable_entity());
        return response;
      });
  registry->Add<v1::ListEntitiesRequest, v1::ListEntitiesResponse>(
      service + "ListEntities",
      [parts](const Call& call, const auto& request) -> absl::StatusOr<v1::ListEntitiesResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto all, parts.engine.ListEntities());
        v1::ListEntitiesResponse response;
        for (const auto& entity : all) {
          const bool asked =
              request.connection().empty() || entity.connection == request.connection();
          if (asked && call.actor.MaySee(entity.name)) WriteEntity(entity, response.add_entities());
        }
        return response;
      });
  registry->Add<v1::UpdateEntityRequest, v1::UpdateEntityResponse>(
      service + "UpdateEntity", [parts](const Call& call, const auto& request) {
        return UpdateEntity(parts, call, request);
      });
  registry->Add<v1::GetCatalogueRequest, v1::GetCatalogueResponse>(
      service + "GetCatalogue",
      [parts](const Call& call, const auto& request) -> absl::StatusOr<v1::GetCatalogueResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto entity, EntityFor(parts, call, request.entity()));
        KONTOR_ASSIGN_OR_RETURN(const auto catalogue,
                                parts.engine.GetCatalogue(entity.name, request.refresh()));
        v1::GetCatalogueResponse response;
        response.mutable_catalogue()->set_entity(entity.name);
        WriteCatalogue(catalogue, response.mutable_catalogue());
        return response;
      });
  registry->Add<v1::ReconcileEntityRequest, v1::ReconcileEntityResponse>(
      service + "ReconcileEntity",
      [parts](const Call& call, const auto& request) { return Reconcile(parts, call, request); });
}

}  // namespace

void AddConnectionMethods(Parts parts, Registry* registry) {
  const std::string service = "kontor.v1.ConnectionService/";
  AddConnections(parts, service, registry);
  AddSuspensions(parts, service, registry);
  AddEntities(parts, service, registry);
}

}  // namespace kontor::api
