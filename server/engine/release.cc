// SPDX-License-Identifier: Apache-2.0
// The end of a suspension takes two people: the first proposes, the second carries it out. After a
// restore, every entity of the connection must have been reconciled since.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/admin.h"
#include "server/engine/codec.h"
#include "server/engine/flow_json.h"
#include "server/engine/identity.h"
#include "server/engine/once.h"
#include "server/engine/parking.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr char kMarkPrefix[] = "mrk_";
/// A proposal that nobody confirmed within this time is forgotten.
constexpr absl::Duration kProposalLives = absl::Hours(24 * 7);

std::string ProposalName(const std::string& connection) { return StrCat("release/", connection); }

absl::Status CheckPerson(const ports::Actor& actor, const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
  if (!actor.is_person) {
    return Error(Reason::kPersonRequired).Says("a program cannot release a connection");
  }
  if (actor.Has(ports::Role::kOperator) || actor.Has(ports::Role::kAdministrator)) {
    return absl::OkStatus();
  }
  return Error(Reason::kPermissionDenied).With("role", "OPERATOR").Says("role OPERATOR is missing");
}

absl::Status CheckReconciled(ports::ReadView& view, const ConfigSnapshot& config,
                             const Connection& connection) {
  KONTOR_ASSIGN_OR_RETURN(const auto held, view.FindCursor(HeldCursor(connection.name)));
  for (const auto& [name, entity] : config.entities) {
    if (entity.value.connection != connection.name) continue;
    KONTOR_ASSIGN_OR_RETURN(const auto reconciled, view.FindCursor(ReconciledCursor(name)));
    // Instants are text of one width, so they compare as text.
    if (reconciled.has_value() && (!held.has_value() || *reconciled >= *held)) continue;
    return Error(Reason::kRestoreHold)
        .With("entity", name)
        .Says(StrCat("entity '", name, "' was not reconciled since the restore"));
  }
  return absl::OkStatus();
}

/// The identity that the released connection is bound to: both marks are always there.
absl::StatusOr<ports::ErpIdentity> FreshIdentity(Core& core, const Connection& connection) {
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open, core.connections.Open(connection.name));
  KONTOR_ASSIGN_OR_RETURN(ports::ErpIdentity identity, open.erp->Identify(core.CallDeadline()));
  if (identity.neutralised) {
    return Error(Reason::kDatabaseReplaced)
        .With("connection", connection.name)
        .Says("the database is a neutralised copy");
  }
  if (!identity.database_mark.empty()) return identity;
  KONTOR_ASSIGN_OR_RETURN(identity.database_mark,
                          open.erp->BindDatabase(core.NewId(kMarkPrefix), core.CallDeadline()));
  return identity;
}

/// Done when `actor` is the second person; else the proposal is written.
absl::StatusOr<Agreement> Agree(Core& core, ports::Unit& unit, const ports::Actor& actor,
                                const Connection& connection, const std::string& reason) {
  const std::string name = ProposalName(connection.name);
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(std::string(kProposalKind), name));
  if (row.has_value() && core.Now() - row->updated < kProposalLives) {
    const auto body = nlohmann::json::parse(row->body, nullptr, false);
    const bool same =
        body.is_object() && body.value("suspended", "") == connection.suspended_reason;
    if (same && body.value("proposer", "") != actor.principal_id) {
      KONTOR_RETURN_IF_ERROR(unit.DeleteObject(std::string(kProposalKind), row->id));
      return Agreement{true, {body.value("proposer_name", ""), actor.name}};
    }
    if (same) return Agreement{false, {actor.name}};
  }
  if (!row.has_value()) {
    row.emplace();
    row->kind = std::string(kProposalKind);
    row->id = core.NewId(base::kProposalPrefix);
    row->name = name;
    row->created = core.Now();
  }
  row->updated = core.Now();
  row->body = DumpLine({{"proposer", actor.principal_id},
                        {"proposer_name", actor.name},
                        {"suspended", connection.suspended_reason},
                        {"reason", reason}});
  KONTOR_RETURN_IF_ERROR(unit.PutObject(*row));
  return Agreement{false, {actor.name}};
}

absl::Status AuditRelease(Core& core, ports::Unit& unit, const ports::Actor& actor,
                          std::string action, const std::string& connection,
                          const std::string& reason) {
  ports::AuditEntry audit;
  audit.time = core.Now();
  audit.actor = actor.principal_id;
  audit.role = std::string(ports::NameOf(
      actor.Has(ports::Role::kOperator) ? ports::Role::kOperator : ports::Role::kAdministrator));
  audit.action = std::move(action);
  audit.subject = StrCat("connection/", connection);
  audit.reason = reason;
  return unit.AppendAudit(std::move(audit));
}

bool IsReplaced(const Connection& connection) {
  return connection.suspended_reason == base::EntryOf(Reason::kDatabaseReplaced).name;
}

/// The one of that name; every one that is held after a restore when the name is empty.
absl::StatusOr<std::vector<Versioned<Connection>>> SuspendedOnes(const ConfigSnapshot& config,
                                                                const std::string& name) {
  std::vector<Versioned<Connection>> found;
  if (!name.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const auto connection, ConnectionIn(config, name));
    if (!connection.value.suspended_reason.empty()) found.push_back(connection);
  } else {
    for (const auto& [each, connection] : config.connections) {
      const std::string& reason = connection.value.suspended_reason;
      if (reason == base::EntryOf(Reason::kRestoreHold).name) found.push_back(connection);
    }
  }
  if (!found.empty()) return found;
  return Error(Reason::kStateConflict)
      .With("connection", name)
      .Says(name.empty() ? "no connection is held" : "the connection is not held");
}

/// One connection's part of a release; `fresh` is what it is bound to from now on, when another
/// database answered.
absl::StatusOr<Agreement> ReleaseOne(Core& core, ports::Unit& unit, const ports::Actor& actor,
                                     const ConfigSnapshot& config,
                                     const Versioned<Connection>& connection,
                                     const std::optional<ports::ErpIdentity>& fresh,
                                     const std::string& reason) {
  const std::string& name = connection.value.name;
  if (!IsReplaced(connection.value)) {
    KONTOR_RETURN_IF_ERROR(CheckReconciled(unit, config, connection.value));
  }
  KONTOR_ASSIGN_OR_RETURN(Agreement progress,
                          Agree(core, unit, actor, connection.value, reason));
  KONTOR_RETURN_IF_ERROR(AuditRelease(
      core, unit, actor, progress.done ? "connection.released" : "connection.release_proposed",
      name, reason));
  if (!progress.done) return progress;
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(std::string(kConnectionKind), name));
  if (!row.has_value() || row->version != connection.version) {
    return Error(Reason::kVersionConflict).Says("the connection was changed meanwhile");
  }
  Connection after = connection.value;
  after.suspended_reason.clear();
  if (fresh.has_value()) {
    after.database_mark = fresh->database_mark;
    after.database_uuid = fresh->database_uuid;
    KONTOR_RETURN_IF_ERROR(
        unit.PutCursor(SequenceCursor(name), std::to_string(fresh->event_sequence)));
  }
  row->body = ToJson(after);
  row->updated = core.Now();
  KONTOR_RETURN_IF_ERROR(unit.PutObject(*row));
  return progress;
}

/// Several connections are released when each is; whoever agreed to all of them has agreed.
void Join(const Agreement& one, bool is_first, Agreement& all) {
  if (is_first) {
    all = one;
    return;
  }
  all.done = all.done && one.done;
  std::erase_if(all.approvers, [&](const std::string& name) {
    return std::find(one.approvers.begin(), one.approvers.end(), name) == one.approvers.end();
  });
}

/// What was held goes on; the identity is looked at anew.
absl::Status GoOn(Core& core, const ConfigSnapshot& config, const std::string& connection) {
  core.connections.Forget(connection);
  for (const auto& [entity, stored] : config.entities) {
    if (stored.value.connection == connection) KONTOR_RETURN_IF_ERROR(WakeEntity(core, entity));
  }
  return absl::OkStatus();
}

}  // namespace

std::string ReconciledCursor(const std::string& entity) { return StrCat("reconciled/", entity); }
std::string HeldCursor(const std::string& connection) { return StrCat("held/", connection); }

absl::StatusOr<Agreement> ReleaseConnection(Core& core, const ports::Actor& actor,
                                                  const std::string& name,
                                                  const std::string& reason,
                                                  const RequestKey& key) {
  KONTOR_RETURN_IF_ERROR(CheckPerson(actor, reason));
  core.config.Invalidate();
  KONTOR_ASSIGN_OR_RETURN(const auto config, core.config.Get());
  KONTOR_ASSIGN_OR_RETURN(const auto suspended, SuspendedOnes(*config, name));
  std::vector<std::optional<ports::ErpIdentity>> fresh(suspended.size());
  for (size_t i = 0; i < suspended.size(); ++i) {
    if (!IsReplaced(suspended[i].value)) continue;
    KONTOR_ASSIGN_OR_RETURN(fresh[i], FreshIdentity(core, suspended[i].value));
  }
  Agreement all;
  std::vector<std::string> released;
  KONTOR_RETURN_IF_ERROR(core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    released.clear();
    for (size_t i = 0; i < suspended.size(); ++i) {
      KONTOR_ASSIGN_OR_RETURN(const Agreement one,
                              ReleaseOne(core, unit, actor, *config, suspended[i], fresh[i],
                                         reason));
      Join(one, i == 0, all);
      if (one.done) released.push_back(suspended[i].value.name);
    }
    return KeepRequest(unit, actor, key, ToText(all));
  }));
  core.config.Invalidate();
  for (const std::string& each : released) {
    KONTOR_RETURN_IF_ERROR(GoOn(core, *config, each));
  }
  return all;
}

absl::Status HoldForRestore(Core& core) {
  KONTOR_RETURN_IF_ERROR(core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto rows, unit.AllObjects(std::string(kConnectionKind)));
    for (ports::ObjectRow row : rows) {
      KONTOR_ASSIGN_OR_RETURN(Connection connection, ConnectionFromJson(row.body));
      connection.suspended_reason = std::string(base::EntryOf(Reason::kRestoreHold).name);
      row.body = ToJson(connection);
      row.updated = core.Now();
      KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
      KONTOR_RETURN_IF_ERROR(
          unit.PutCursor(HeldCursor(connection.name), base::FormatInstant(core.Now())));
      ports::AuditEntry audit;
      audit.time = core.Now();
      audit.actor = kSelf;
      audit.action = "connection.held";
      audit.subject = StrCat("connection/", connection.name);
      audit.reason = "the store was restored from a backup";
      KONTOR_RETURN_IF_ERROR(unit.AppendAudit(std::move(audit)));
    }
    return absl::OkStatus();
  }));
  core.config.Invalidate();
  return absl::OkStatus();
}

}  // namespace kontor::engine
