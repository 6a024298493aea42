// SPDX-License-Identifier: Apache-2.0
#include "server/engine/changes.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/check.h"
#include "server/engine/codec.h"
#include "server/engine/observe.h"
#include "server/model/canon.h"

namespace kontor::engine {
namespace {

using base::StrCat;
using ports::ErpChange;

constexpr int kPageSize = 200;
constexpr int kPagesMax = 50;
/// What tells more than a record's state can: published under the same names.
constexpr std::array<std::string_view, 3> kTold = {"payment.sent", "partner_bank.changed",
                                                   "lock_dates.changed"};

bool IsBooking(const ErpChange& change) {
  return change.record.model == "account.move" || change.record.model == "account.payment";
}

/// kontor's own document behind a change, also while its record is not known here yet.
absl::StatusOr<std::optional<ports::DocumentRow>> OwnDocument(ports::ReadView& view,
                                                              const std::string& connection,
                                                              const ErpChange& change) {
  KONTOR_ASSIGN_OR_RETURN(auto row, view.FindDocumentByRecord(connection, change.record));
  const std::string& external_id = change.snapshot.external_id;
  if (!row.has_value() && external_id.starts_with("k1_")) {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindDocumentByExternalId(external_id));
  }
  return row;
}

/// Whether kontor is at work on a document of its own behind the change.
absl::StatusOr<bool> IsAtWork(ports::ReadView& view, const std::string& connection,
                              const ErpChange& change) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, OwnDocument(view, connection, change));
  if (!row.has_value()) return false;
  KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(row->operation_id));
  return operation.has_value() && !model::IsTerminal(operation->state);
}

/// Changes of documents at rest; the others are told again once kontor has read them back.
absl::StatusOr<std::vector<ErpChange>> AtRest(Core& core, const std::set<std::string>& connections,
                                              const std::vector<ErpChange>& page) {
  std::vector<ErpChange> at_rest;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    at_rest.clear();
    for (const ErpChange& change : page) {
      bool at_work = false;
      for (const std::string& connection : connections) {
        if (at_work) break;
        KONTOR_ASSIGN_OR_RETURN(at_work, IsAtWork(view, connection, change));
      }
      if (!at_work) at_rest.push_back(change);
    }
    return absl::OkStatus();
  }));
  return at_rest;
}

/// A live entity, with the connection by which its books are read.
struct Listener {
  Entity entity;
  OpenConnection open;
};

/// Whether another connection leads to the same database and may be used now.
bool IsBeside(Core& core, const Connection& own, const Connection& other, const Entity& entity) {
  return other.mode == Mode::kLive && !own.database_uuid.empty() &&
         other.database_uuid == own.database_uuid &&
         HoldReasonOf(other, entity) == model::ParkReason::kNone &&
         !core.connections.IsResting(other.name);
}

/// Every live entity of the database, by whatever connection it is reached: a change that is
/// acknowledged by one connection is never told to another.
absl::StatusOr<std::vector<Listener>> ListenersOf(Core& core, const OpenConnection& open) {
  KONTOR_ASSIGN_OR_RETURN(const auto config, core.config.Get());
  const Connection& own = open.connection.value;
  std::vector<Listener> listeners;
  for (const auto& [name, stored] : config->entities) {
    const Entity& entity = stored.value;
    if (entity.mode != Mode::kLive) continue;
    if (entity.connection == own.name) {
      listeners.push_back({entity, open});
      continue;
    }
    const auto other = ConnectionIn(*config, entity.connection);
    if (!other.ok() || !IsBeside(core, own, other->value, entity)) continue;
    auto beside = core.connections.Admit(entity.connection);
    if (beside.ok()) listeners.push_back({entity, *std::move(beside)});
  }
  return listeners;
}

/// A change of no company is every company's, and comes but once.
std::vector<ErpChange> OfCompany(const std::vector<ErpChange>& changes, int64_t company_id) {
  std::vector<ErpChange> own;
  for (const ErpChange& change : changes) {
    if (change.company_id == company_id || change.company_id == 0) own.push_back(change);
  }
  return own;
}

/// The addon's number of the last change that was told of a subject, with its database.
std::string ToldMark(const std::string& uuid, int64_t id) { return StrCat(uuid, ":", id); }

bool WasTold(const ports::ObservedRow& seen, const std::string& uuid, int64_t id) {
  const size_t colon = seen.digest.rfind(':');
  if (colon == std::string::npos || seen.digest.substr(0, colon) != uuid) return false;
  const auto last = base::ParseInt64(std::string_view(seen.digest).substr(colon + 1));
  return last.ok() && id <= *last;
}

absl::StatusOr<std::string> DataOf(Core& core, ports::Unit& unit, const Entity& entity,
                                   const ErpChange& change,
                                   const std::optional<ports::DocumentRow>& row) {
  if (row.has_value()) {
    KONTOR_ASSIGN_OR_RETURN(const model::Document document,
                            model::FromCanonicalJson(row->content));
    KONTOR_ASSIGN_OR_RETURN(const auto operation, unit.FindOperation(row->operation_id));
    return EventData(*row, document, operation.has_value() ? &*operation : nullptr, row->booked,
                     nullptr);
  }
  if (IsBooking(change)) return ForeignEventData(entity, change.snapshot, core.Now());
  return ChangeEventData(entity, change);
}

absl::Status Tell(Core& core, ports::Unit& unit, const Entity& entity, const std::string& uuid,
                  const ErpChange& change, std::string_view kind) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, OwnDocument(unit, entity.connection, change));
  if (row.has_value() && row->entity != entity.name) return absl::OkStatus();
  const std::string foreign = ForeignSubject(entity.connection, change.record);
  const std::string place = StrCat(foreign, "#", kind, "@", entity.name);
  KONTOR_ASSIGN_OR_RETURN(auto seen, unit.FindObserved(place));
  if (seen.has_value() && WasTold(*seen, uuid, change.id)) return absl::OkStatus();
  if (!seen.has_value()) {
    seen.emplace();
    seen->subject = place;
  }
  seen->digest = ToldMark(uuid, change.id);
  seen->snapshot = "{}";
  KONTOR_RETURN_IF_ERROR(unit.PutObserved(*seen));
  model::Event event;
  event.id = core.NewId(base::kEventPrefix);
  event.type = std::string(kind);
  event.time = core.Now();
  event.entity = entity.name;
  event.subject = row.has_value() ? row->id : foreign;
  KONTOR_ASSIGN_OR_RETURN(event.data, DataOf(core, unit, entity, change, row));
  return unit.AppendEvent(std::move(event));
}

absl::Status TellAll(Core& core, const Entity& entity, const std::string& uuid,
                     const std::vector<ErpChange>& changes) {
  const auto is_told = [](const ErpChange& change) {
    return std::any_of(kTold.begin(), kTold.end(), [&](std::string_view kind) {
      return std::find(change.kinds.begin(), change.kinds.end(), kind) != change.kinds.end();
    });
  };
  if (std::none_of(changes.begin(), changes.end(), is_told)) return absl::OkStatus();
  return core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    for (const ErpChange& change : changes) {
      for (const std::string_view kind : kTold) {
        const auto& kinds = change.kinds;
        if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) continue;
        KONTOR_RETURN_IF_ERROR(Tell(core, unit, entity, uuid, change, kind));
      }
    }
    return absl::OkStatus();
  });
}

/// What the addon answered is a hint where to look, as a page of a poll is: see observe.h.
absl::Status TakeIn(Core& core, const OpenConnection& open, const Entity& entity,
                    const std::vector<ErpChange>& changes, LeftRecords& left) {
  std::vector<ports::ErpSnapshot> bookings;
  for (const ErpChange& change : changes) {
    if (IsBooking(change)) bookings.push_back(change.snapshot);
  }
  KONTOR_RETURN_IF_ERROR(ObserveChanges(core, *open.erp, entity, bookings, &left));
  return TellAll(core, entity, open.connection.value.database_uuid, changes);
}

/// What another connection's entity cannot take in now is logged: it must not hold up the others
/// for ever. Its own documents are read again by its sweep.
absl::Status TakeInBeside(Core& core, const Listener& listener,
                          const std::vector<ErpChange>& changes, LeftRecords& left) {
  const absl::Status taken = TakeIn(core, listener.open, listener.entity, changes, left);
  if (!taken.ok()) {
    core.Log("changes.not_taken_in",
             {{"entity", listener.entity.name}, {"reason", base::InfoOf(taken).reason}});
  }
  return absl::OkStatus();
}

/// Takes a page in for every live entity; answers what may be acknowledged.
absl::StatusOr<std::vector<int64_t>> TakePage(Core& core, const std::string& connection,
                                              const std::vector<Listener>& listeners,
                                              const std::vector<ErpChange>& page) {
  std::set<std::string> connections = {connection};
  for (const Listener& listener : listeners) connections.insert(listener.entity.connection);
  KONTOR_ASSIGN_OR_RETURN(const auto changes, AtRest(core, connections, page));
  LeftRecords all_left;
  for (const Listener& listener : listeners) {
    LeftRecords left;
    const auto own = OfCompany(changes, listener.entity.company_id);
    KONTOR_RETURN_IF_ERROR(listener.entity.connection == connection
                               ? TakeIn(core, listener.open, listener.entity, own, left)
                               : TakeInBeside(core, listener, own, left));
    all_left.insert(all_left.end(), left.begin(), left.end());
  }
  std::vector<int64_t> ids;
  for (const ErpChange& change : changes) {
    const auto is_left = [&](const model::ErpRecord& record) {
      return record.model == change.record.model && record.id == change.record.id;
    };
    if (std::none_of(all_left.begin(), all_left.end(), is_left)) ids.push_back(change.id);
  }
  return ids;
}

}  // namespace

absl::Status TakeChanges(Core& core, const OpenConnection& open, const Entity& entity) {
  KONTOR_ASSIGN_OR_RETURN(const auto listeners, ListenersOf(core, open));
  int64_t after = 0;
  for (int pages = 0; pages < kPagesMax; ++pages) {
    KONTOR_ASSIGN_OR_RETURN(const auto page,
                            open.erp->FetchChanges(entity.company_id, after, kPageSize,
                                                   core.CallDeadline()));
    if (page.empty()) return absl::OkStatus();
    after = page.back().id;
    KONTOR_ASSIGN_OR_RETURN(const auto ids, TakePage(core, entity.connection, listeners, page));
    core.Failpoint(failpoints::kChangesBeforeAcknowledge);
    if (!ids.empty()) {
      KONTOR_RETURN_IF_ERROR(open.erp->AcknowledgeChanges(ids, core.CallDeadline()));
    }
    if (page.size() < static_cast<size_t>(kPageSize)) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace kontor::engine
