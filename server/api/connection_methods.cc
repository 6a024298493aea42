// SPDX-License-Identifier: Apache-2.0
// Connections and entities: configured, checked, compared with Odoo.
#include <set>

#include "kontor/v1/connection.pb.h"
#include "server/api/accepting.h"
#include "server/api/connection_convert.h"
#include "server/api/field_mask.h"
#include "server/engine/statements/statements.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

absl::StatusOr<v1::CreateConnectionResponse> CreateConnection(
    const Parts& parts, const Call& call, const v1::CreateConnectionRequest& request,
    const engine::RequestKey& key) {
  KONTOR_ASSIGN_OR_RETURN(auto connection, ReadConnection(request.connection(), {}));
  KONTOR_ASSIGN_OR_RETURN(
      connection, parts.engine.PutConnection(call.actor, std::move(connection), true, key));
  v1::CreateConnectionResponse response;
  WriteConnection(connection, response.mutable_connection());
  return response;
}

absl::StatusOr<v1::UpdateConnectionResponse> UpdateConnection(
    const Parts& parts, const Call& call, const v1::UpdateConnectionRequest& request,
    const engine::RequestKey& key) {
  KONTOR_ASSIGN_OR_RETURN(const auto old, parts.engine.GetConnection(request.connection().name()));
  v1::Connection merged;
  WriteConnection(old, &merged);
  KONTOR_RETURN_IF_ERROR(MergeMasked(request.update_mask(), request.connection(), &merged));
  KONTOR_ASSIGN_OR_RETURN(auto changed, ReadConnection(merged, old));
  KONTOR_ASSIGN_OR_RETURN(changed,
                          parts.engine.PutConnection(call.actor, std::move(changed), false, key));
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
absl::StatusOr<engine::Agreement> Unsuspend(const Parts& parts, const Call& call,
                                                  std::string_view field, const std::string& name,
                                                  std::string_view expected,
                                                  const std::string& reason,
                                                  const engine::RequestKey& key) {
  KONTOR_ASSIGN_OR_RETURN(const auto connection, parts.engine.GetConnection(name));
  if (connection.suspended_reason != expected) {
    return Error(Reason::kStateConflict)
        .Field(field)
        .Says(base::StrCat("the connection is not suspended as ", expected));
  }
  return parts.engine.ReleaseConnection(call.actor, name, reason, key);
}

absl::StatusOr<v1::RebindConnectionResponse> RebindAnswer(
    const Parts& parts, const v1::RebindConnectionRequest& request,
    const absl::StatusOr<engine::Agreement>& progress) {
  if (!progress.ok()) return progress.status();
  KONTOR_ASSIGN_OR_RETURN(const auto connection, parts.engine.GetConnection(request.name()));
  v1::RebindConnectionResponse response;
  response.set_done(progress->done);
  for (const auto& name : progress->approvers) response.add_approvers(name);
  WriteConnection(connection, response.mutable_connection());
  return response;
}

absl::StatusOr<v1::ReleaseRestoreResponse> ReleaseAnswer(
    const absl::StatusOr<engine::Agreement>& progress) {
  if (!progress.ok()) return progress.status();
  v1::ReleaseRestoreResponse response;
  response.set_done(progress->done);
  for (const auto& name : progress->approvers) response.add_approvers(name);
  return response;
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
                                                      const v1::CreateEntityRequest& request,
                                                      const engine::RequestKey& key) {
  KONTOR_ASSIGN_OR_RETURN(auto entity, ReadEntity(request.entity(), {}));
  if (entity.company_id == 0 && !request.entity().company_name().empty()) {
    KONTOR_ASSIGN_OR_RETURN(entity.company_id,
                            CompanyNamed(parts, call, entity, request.entity().company_name()));
  }
  KONTOR_ASSIGN_OR_RETURN(entity, parts.engine.PutEntity(call.actor, std::move(entity), true, key));
  v1::CreateEntityResponse response;
  WriteEntity(entity, response.mutable_entity());
  return response;
}

absl::StatusOr<v1::UpdateEntityResponse> UpdateEntity(const Parts& parts, const Call& call,
                                                      const v1::UpdateEntityRequest& request,
                                                      const engine::RequestKey& key) {
  KONTOR_ASSIGN_OR_RETURN(const auto old, parts.engine.GetEntity(request.entity().name()));
  v1::Entity merged;
  WriteEntity(old, &merged);
  KONTOR_RETURN_IF_ERROR(MergeMasked(request.update_mask(), request.entity(), &merged));
  KONTOR_ASSIGN_OR_RETURN(auto changed, ReadEntity(merged, old));
  KONTOR_ASSIGN_OR_RETURN(changed,
                          parts.engine.PutEntity(call.actor, std::move(changed), false, key));
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
  // The bank first: what is noted as compared after a restore is both.
  engine::BankComparison bank;
  if (parts.statements != nullptr) {
    KONTOR_ASSIGN_OR_RETURN(bank, parts.statements->CompareWithOdoo(entity.name, *from, *to));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto report,
                          parts.engine.Reconcile(call.actor, entity.name, *from, *to,
                                                 request.raise_exceptions(), std::move(bank)));
  v1::ReconcileEntityResponse response;
  WriteReconcile(report, &response);
  WriteTime(parts.clock.Now(), response.mutable_read_time());
  return response;
}

absl::StatusOr<engine::Connection> Again(const Parts& parts, const engine::Connection&,
                                         const std::string& name) {
  return parts.engine.GetConnection(name);
}
absl::StatusOr<engine::Entity> Again(const Parts& parts, const engine::Entity&,
                                     const std::string& name) {
  return parts.engine.GetEntity(name);
}
void WriteInto(const engine::Connection& in, v1::CreateConnectionResponse* out) {
  WriteConnection(in, out->mutable_connection());
}
void WriteInto(const engine::Connection& in, v1::UpdateConnectionResponse* out) {
  WriteConnection(in, out->mutable_connection());
}
void WriteInto(const engine::Entity& in, v1::CreateEntityResponse* out) {
  WriteEntity(in, out->mutable_entity());
}
void WriteInto(const engine::Entity& in, v1::UpdateEntityResponse* out) {
  WriteEntity(in, out->mutable_entity());
}

/// Creations and updates: once a request id; a repeat is answered with what stands there now.
template <typename Thing, typename Request, typename Response>
void AddWriting(Parts parts, Registry* registry, const std::string& name,
                absl::StatusOr<Response> (*write)(const Parts&, const Call&, const Request&,
                                                  const engine::RequestKey&)) {
  registry->Add<Request, Response>(
      name,
      [parts, name, write](const Call& call, const auto& request) -> absl::StatusOr<Response> {
        return Once<Response>(
            parts, call, name, request,
            [&](const engine::RequestKey& key) { return write(parts, call, request, key); },
            [&](const std::string& known) -> absl::StatusOr<Response> {
              KONTOR_ASSIGN_OR_RETURN(const auto found, Again(parts, Thing(), known));
              Response response;
              WriteInto(found, &response);
              return response;
            });
      });
}

void AddConnections(Parts parts, const std::string& service, Registry* registry) {
  AddWriting<engine::Connection, v1::CreateConnectionRequest, v1::CreateConnectionResponse>(
      parts, registry, service + "CreateConnection", &CreateConnection);
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
  AddWriting<engine::Connection, v1::UpdateConnectionRequest, v1::UpdateConnectionResponse>(
      parts, registry, service + "UpdateConnection", &UpdateConnection);
  registry->Add<v1::CheckConnectionRequest, v1::CheckConnectionResponse>(
      service + "CheckConnection",
      [parts](const Call& call, const auto& request) { return Check(parts, call, request); });
}

void AddSuspensions(Parts parts, const std::string& service, Registry* registry) {
  const std::string rebind = service + "RebindConnection";
  registry->Add<v1::RebindConnectionRequest, v1::RebindConnectionResponse>(
      rebind, [parts, rebind](const Call& call, const auto& request) {
        return Once<v1::RebindConnectionResponse>(
            parts, call, rebind, request,
            [&](const engine::RequestKey& key) {
              return RebindAnswer(parts, request,
                                  Unsuspend(parts, call, "name", request.name(),
                                            "DATABASE_REPLACED", request.reason(), key));
            },
            [&](const std::string& kept) {
              return RebindAnswer(parts, request, engine::AgreementFrom(kept));
            });
      });
  const std::string release = service + "ReleaseRestore";
  registry->Add<v1::ReleaseRestoreRequest, v1::ReleaseRestoreResponse>(
      release, [parts, release](const Call& call, const auto& request) {
        return Once<v1::ReleaseRestoreResponse>(
            parts, call, release, request,
            [&](const engine::RequestKey& key) {
              const std::string& name = request.connection();
              if (name.empty()) {  // every connection that is held
                return ReleaseAnswer(
                    parts.engine.ReleaseConnection(call.actor, name, request.reason(), key));
              }
              return ReleaseAnswer(Unsuspend(parts, call, "connection", name, "RESTORE_HOLD",
                                             request.reason(), key));
            },
            [](const std::string& kept) {
              return ReleaseAnswer(engine::AgreementFrom(kept));
            });
      });
}

void AddEntities(Parts parts, const std::string& service, Registry* registry) {
  AddWriting<engine::Entity, v1::CreateEntityRequest, v1::CreateEntityResponse>(
      parts, registry, service + "CreateEntity", &CreateEntity);
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
  AddWriting<engine::Entity, v1::UpdateEntityRequest, v1::UpdateEntityResponse>(
      parts, registry, service + "UpdateEntity", &UpdateEntity);
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
