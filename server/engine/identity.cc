// SPDX-License-Identifier: Apache-2.0
// A connection is bound to one database (DESIGN 11). When a clone, a restore or another database
// answers, it is suspended before anything is sent to it; two people release it again.
#include "server/engine/identity.h"

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/codec.h"
#include "server/engine/connections.h"
#include "server/engine/core.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;

constexpr char kMarkPrefix[] = "mrk_";

absl::Status Suspended(const std::string& name, const std::string& got) {
  return Error(Reason::kDatabaseReplaced)
      .With("connection", name)
      .With("got", got)
      .Happened(Outcome::kNotApplied)
      .Says(StrCat("connection '", name,
                   "' is bound to another database than the one that answers"));
}

/// Writes the changed connection unless somebody else changed it since `version` was read.
absl::Status PutChanged(ports::Unit& unit, const Versioned<Connection>& before,
                        const Connection& after, absl::Time now, ports::AuditEntry audit) {
  KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(std::string(kConnectionKind),
                                                    before.value.name));
  if (!row.has_value() || row->version != before.version) {
    return Error(Reason::kVersionConflict).Says("the connection was changed meanwhile");
  }
  row->body = ToJson(after);
  row->updated = now;
  KONTOR_RETURN_IF_ERROR(unit.PutObject(*row));
  audit.time = now;
  audit.actor = kSelf;
  audit.subject = StrCat("connection/", before.value.name);
  audit.before = MaskedConnectionJson(before.value);
  audit.after = MaskedConnectionJson(after);
  return unit.AppendAudit(std::move(audit));
}

}  // namespace

std::string MismatchOf(const Connection& bound, const ports::ErpIdentity& got) {
  if (got.neutralised) return "a neutralised copy";
  const bool marked = !bound.database_mark.empty();
  if (marked && bound.database_mark != got.database_mark) return "another database";
  const bool named = !bound.database_uuid.empty() && !got.database_uuid.empty();
  return named && bound.database_uuid != got.database_uuid ? "another database" : "";
}

std::string SequenceCursor(const std::string& connection) {
  return StrCat("addon-sequence/", connection);
}

absl::StatusOr<bool> Connections::CheckIdentity(const OpenConnection& open) {
  const Connection& connection = open.connection.value;
  const absl::Time deadline = deps_.clock.Now() + settings_.call_timeout;
  KONTOR_ASSIGN_OR_RETURN(const ports::ErpIdentity identity, open.erp->Identify(deadline));
  const std::string mismatch = MismatchOf(connection, identity);
  if (!mismatch.empty()) return Suspend(open, mismatch);
  KONTOR_RETURN_IF_ERROR(CheckSequence(open, identity));
  const bool is_new =
      connection.database_mark.empty() ||
      (connection.database_uuid.empty() && !identity.database_uuid.empty());
  if (is_new) KONTOR_RETURN_IF_ERROR(Bind(open, identity));
  return identity.has_addon;
}

/// A database put back from a backup counts its events on from an earlier number. An addon that was
/// taken out and put in again begins anew, which is known only if its absence was seen.
absl::Status Connections::CheckSequence(const OpenConnection& open,
                                        const ports::ErpIdentity& identity) {
  const std::string name = SequenceCursor(open.connection.value.name);
  std::optional<std::string> text;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(text, view.FindCursor(name));
    return absl::OkStatus();
  }));
  int64_t seen = 0;
  if (const auto number = base::ParseInt64(text.value_or("0")); number.ok()) seen = *number;
  const int64_t now = identity.has_addon ? identity.event_sequence : 0;
  if (identity.has_addon && now < seen) return Suspend(open, "an earlier state of the database");
  if (now == seen) return absl::OkStatus();
  return deps_.store.Commit(
      [&](ports::Unit& unit) { return unit.PutCursor(name, std::to_string(now)); });
}

absl::Status Connections::Bind(const OpenConnection& open, const ports::ErpIdentity& identity) {
  Connection after = open.connection.value;
  after.database_mark = identity.database_mark;
  if (!identity.database_uuid.empty()) after.database_uuid = identity.database_uuid;
  if (after.database_mark.empty()) {
    const absl::Time deadline = deps_.clock.Now() + settings_.call_timeout;
    KONTOR_ASSIGN_OR_RETURN(after.database_mark,
                            open.erp->BindDatabase(deps_.ids.Next(kMarkPrefix), deadline));
  }
  ports::AuditEntry audit;
  audit.action = "connection.bound";
  const absl::Status put = deps_.store.Commit([&](ports::Unit& unit) {
    return PutChanged(unit, open.connection, after, deps_.clock.Now(), audit);
  });
  config_.Invalidate();
  return put;
}

absl::Status Connections::Suspend(const OpenConnection& open, const std::string& got) {
  Connection after = open.connection.value;
  if (after.suspended_reason.empty()) {
    after.suspended_reason = std::string(base::EntryOf(Reason::kDatabaseReplaced).name);
    ports::AuditEntry audit;
    audit.action = "connection.suspended";
    audit.reason = got;
    KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) {
      return PutChanged(unit, open.connection, after, deps_.clock.Now(), audit);
    }));
    config_.Invalidate();
  }
  return Suspended(after.name, got);
}

}  // namespace kontor::engine
