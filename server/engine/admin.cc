// SPDX-License-Identifier: Apache-2.0
// Ending a suspension is in release.cc.
#include "server/engine/admin.h"

#include <algorithm>
#include <array>

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/codec.h"
#include "server/engine/identity.h"
#include "server/engine/once.h"
#include "server/engine/parking.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr size_t kNameMax = 40;
constexpr int kTextMax = 256;
constexpr int kUrlMax = 2000;
constexpr size_t kRulesMax = 100;
constexpr int kCallsInFlightMax = 32;
constexpr int kCallsPerSecondMax = 1000;
constexpr std::array<std::string_view, 4> kTransports = {"", "json2", "jsonrpc", "xmlrpc"};

absl::Status CheckAdministrator(const ports::Actor& actor) {
  if (actor.Has(ports::Role::kAdministrator)) return absl::OkStatus();
  return Error(Reason::kPermissionDenied)
      .With("role", "ADMINISTRATOR")
      .Says("role ADMINISTRATOR is missing");
}

absl::Status CheckName(const std::string& name, std::string_view field) {
  if (name.empty()) return Error(Reason::kFieldMissing).Field(field).Says("no name is given");
  if (name.size() > kNameMax) {
    return Error(Reason::kFieldTooLong).Field(field)
        .Says(StrCat("at most ", kNameMax, " characters"));
  }
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool rest = (c >= '0' && c <= '9') || c == '-';
    if (!is_letter(c) && (i == 0 || !rest)) {
      return Error(Reason::kFieldInvalid)
          .Field(field)
          .Says("a name has a-z, 0-9 and -, and begins with a letter");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFilled(const std::string& text, int length_max, std::string_view field) {
  if (text.empty()) return Error(Reason::kFieldMissing).Field(field).Says("the field is empty");
  return base::CheckText(text, length_max, field);
}

absl::Status CheckConnectionFields(const Connection& connection) {
  KONTOR_RETURN_IF_ERROR(CheckName(connection.name, "connection.name"));
  KONTOR_RETURN_IF_ERROR(CheckFilled(connection.url, kUrlMax, "connection.url"));
  if (!connection.url.starts_with("https://") && !connection.url.starts_with("http://")) {
    return Error(Reason::kFieldInvalid).Field("connection.url").Says("an http or https address");
  }
  KONTOR_RETURN_IF_ERROR(CheckFilled(connection.database, kTextMax, "connection.database"));
  KONTOR_RETURN_IF_ERROR(CheckFilled(connection.login, kTextMax, "connection.login"));
  KONTOR_RETURN_IF_ERROR(CheckFilled(connection.api_key, kTextMax, "connection.api_key"));
  if (std::find(kTransports.begin(), kTransports.end(), connection.transport) ==
      kTransports.end()) {
    return Error(Reason::kFieldInvalid)
        .Field("connection.transport")
        .Says("one of json2, jsonrpc, xmlrpc");
  }
  if (connection.calls_in_flight_max < 0 || connection.calls_in_flight_max > kCallsInFlightMax) {
    return Error(Reason::kFieldInvalid)
        .Field("connection.max_calls_in_flight")
        .Says(StrCat("0 to ", kCallsInFlightMax));
  }
  if (connection.calls_per_second_max < 0 ||
      connection.calls_per_second_max > kCallsPerSecondMax) {
    return Error(Reason::kFieldInvalid)
        .Field("connection.calls_per_second_max")
        .Says(StrCat("0 to ", kCallsPerSecondMax));
  }
  return absl::OkStatus();
}

absl::Status CheckEntityFields(const Entity& entity) {
  KONTOR_RETURN_IF_ERROR(CheckName(entity.name, "entity.name"));
  KONTOR_RETURN_IF_ERROR(CheckName(entity.connection, "entity.connection"));
  if (entity.company_id <= 0) {
    return Error(Reason::kFieldMissing).Field("entity.company_id").Says("no company is named");
  }
  KONTOR_RETURN_IF_ERROR(
      base::AtField(model::Currency::Parse(entity.currency_code).status(), "entity.currency_code"));
  if (entity.posting_rules.size() > kRulesMax) {
    return Error(Reason::kFieldTooLong)
        .Field("entity.posting_rules")
        .Says(StrCat("at most ", kRulesMax, " rules"));
  }
  return absl::OkStatus();
}

absl::Status Audit(Core& core, ports::Unit& unit, const ports::Actor& actor, std::string action,
                   std::string subject, std::string entity, std::string before,
                   std::string after) {
  ports::AuditEntry audit;
  audit.time = core.Now();
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(ports::Role::kAdministrator));
  audit.action = std::move(action);
  audit.subject = std::move(subject);
  audit.entity = std::move(entity);
  audit.before = std::move(before);
  audit.after = std::move(after);
  return unit.AppendAudit(std::move(audit));
}

/// The object of that name for a change, or a fresh one for a creation.
absl::StatusOr<ports::ObjectRow> RowFor(Core& core, ports::Unit& unit, std::string_view kind,
                                        std::string_view prefix, const std::string& name,
                                        bool create) {
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(std::string(kind), name));
  if (create && row.has_value()) {
    return Error(Reason::kAlreadyExists)
        .Field("name")
        .With("name", name)
        .Says(StrCat("there is a ", kind, " named '", name, "' already"));
  }
  if (!create && !row.has_value()) {
    return Error(kind == kEntityKind ? Reason::kEntityUnknown : Reason::kConnectionUnknown)
        .Field("name")
        .With("name", name)
        .Says(StrCat("there is no ", kind, " named '", name, "'"));
  }
  if (row.has_value()) return *std::move(row);
  ports::ObjectRow fresh;
  fresh.kind = std::string(kind);
  fresh.id = core.NewId(prefix);
  fresh.name = name;
  fresh.created = core.Now();
  return fresh;
}

/// Modes may have changed: what they held is looked at now.
void WakeAfterChange(Core& core, const std::vector<std::string>& entities) {
  for (const std::string& entity : entities) {
    const absl::Status woken = WakeEntity(core, entity);
    if (!woken.ok()) {
      core.Log("park.wake_failed", {{"entity", entity}, {"reason", base::InfoOf(woken).reason}});
    }
  }
}

std::vector<std::string> EntitiesOf(Core& core, const std::string& connection) {
  std::vector<std::string> names;
  const auto config = core.config.Get();
  if (!config.ok()) return names;
  for (const auto& [name, entity] : (*config)->entities) {
    if (entity.value.connection == connection) names.push_back(name);
  }
  return names;
}

}  // namespace

absl::StatusOr<Connection> PutConnection(Core& core, const ports::Actor& actor,
                                         Connection connection, bool create,
                                         const RequestKey& key) {
  KONTOR_RETURN_IF_ERROR(CheckAdministrator(actor));
  Connection result;
  KONTOR_RETURN_IF_ERROR(core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(KeepRequest(unit, actor, key, connection.name));
    KONTOR_ASSIGN_OR_RETURN(ports::ObjectRow row,
                            RowFor(core, unit, kConnectionKind, base::kConnectionPrefix,
                                   connection.name, create));
    Connection after = connection;
    std::string before;
    // Identity and suspension are not the administrator's to write: a new connection has neither,
    // an old one keeps both; another database is another identity.
    after.database_mark.clear();
    after.database_uuid.clear();
    after.suspended_reason.clear();
    if (!create) {
      KONTOR_ASSIGN_OR_RETURN(const Connection old, ConnectionFromJson(row.body));
      before = MaskedConnectionJson(old);
      after.database_mark = old.database_mark;
      after.database_uuid = old.database_uuid;
      after.suspended_reason = old.suspended_reason;
      if (after.api_key.empty()) after.api_key = old.api_key;
    }
    KONTOR_RETURN_IF_ERROR(CheckConnectionFields(after));
    row.body = ToJson(after);
    row.updated = core.Now();
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    result = after;
    return Audit(core, unit, actor, create ? "connection.create" : "connection.update",
                 StrCat("connection/", after.name), {}, before, MaskedConnectionJson(after));
  }));
  core.config.Invalidate();
  core.connections.Wake(result.name);
  if (!create) WakeAfterChange(core, EntitiesOf(core, result.name));
  return result;
}

absl::StatusOr<Entity> PutEntity(Core& core, const ports::Actor& actor, Entity entity,
                                 bool create, const RequestKey& key) {
  KONTOR_RETURN_IF_ERROR(CheckAdministrator(actor));
  KONTOR_RETURN_IF_ERROR(CheckEntityFields(entity));
  // History must not flood those who listen: without a date, the entity is live from today on.
  if (create && !entity.live_from) entity.live_from = model::Date::Of(core.Now());
  KONTOR_RETURN_IF_ERROR(core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(KeepRequest(unit, actor, key, entity.name));
    KONTOR_ASSIGN_OR_RETURN(ports::ObjectRow row, RowFor(core, unit, kEntityKind,
                                                         base::kEntityPrefix, entity.name, create));
    KONTOR_ASSIGN_OR_RETURN(const auto connection,
                            unit.FindObject(std::string(kConnectionKind), entity.connection));
    if (!connection.has_value()) {
      return Error(Reason::kConnectionUnknown)
          .Field("entity.connection")
          .With("connection", entity.connection)
          .Says(StrCat("there is no connection named '", entity.connection, "'"));
    }
    const std::string before = row.body;
    if (!create) {
      KONTOR_ASSIGN_OR_RETURN(const Entity old, EntityFromJson(row.body));
      if (old.connection != entity.connection || old.company_id != entity.company_id) {
        return Error(Reason::kFieldConflict)
            .Field("entity.company_id")
            .Says("connection and company of an entity are fixed");
      }
    }
    row.body = ToJson(entity);
    row.updated = core.Now();
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    return Audit(core, unit, actor, create ? "entity.create" : "entity.update",
                 StrCat("entity/", entity.name), entity.name, before, row.body);
  }));
  core.config.Invalidate();
  if (!create) WakeAfterChange(core, {entity.name});
  return entity;
}

absl::StatusOr<ports::ErpReport> CheckConnection(Core& core, const ports::Actor& actor,
                                                 const std::string& connection,
                                                 const std::string& entity) {
  if (!actor.Has(ports::Role::kAdministrator) && !actor.Has(ports::Role::kOperator)) {
    return Error(Reason::kPermissionDenied)
        .With("role", "OPERATOR")
        .Says("role OPERATOR is missing");
  }
  int64_t company_id = 0;
  if (!entity.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const auto found, core.config.FindEntity(entity));
    company_id = found.value.company_id;
  }
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open, core.connections.Open(connection));
  KONTOR_ASSIGN_OR_RETURN(ports::ErpReport report,
                          open.erp->Check(company_id, core.CallDeadline()));
  const std::string mismatch = MismatchOf(open.connection.value, report.identity);
  if (!mismatch.empty()) {
    report.findings.push_back(model::MakeFinding(
        Reason::kDatabaseReplaced, "",
        StrCat("It is not the database that this connection is bound to: ", mismatch, " answers")));
  }
  return report;
}

}  // namespace kontor::engine
