// SPDX-License-Identifier: Apache-2.0
// A connection is bound to one database (DESIGN 11). When a clone, a restore or another database
// answers, it is suspended before anything is sent to it; two people release it again.
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

absl::Status Connections::CheckIdentity(const OpenConnection& open) {
  const Connection& connection = open.connection.value;
  const absl::Time deadline = deps_.clock.Now() + settings_.call_timeout;
  KONTOR_ASSIGN_OR_RETURN(const ports::ErpIdentity identity, open.erp->Identify(deadline));
  if (connection.database_mark.empty()) return Bind(open, identity);
  const bool same = identity.database_mark == connection.database_mark;
  if (same && !identity.neutralised) return absl::OkStatus();
  return Suspend(open, identity.neutralised ? "a neutralised copy" : "another database");
}

absl::Status Connections::Bind(const OpenConnection& open, const ports::ErpIdentity& identity) {
  Connection after = open.connection.value;
  after.database_mark = identity.database_mark;
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
