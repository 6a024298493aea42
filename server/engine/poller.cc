// SPDX-License-Identifier: Apache-2.0
#include "server/engine/poller.h"

#include <algorithm>
#include <vector>

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/changes.h"
#include "server/engine/check.h"
#include "server/engine/observe.h"

namespace kontor::engine {
namespace {

using base::StrCat;

constexpr int kPageSize = 200;
constexpr int kPagesMax = 50;
constexpr absl::Duration kStrayDraftsWithin = absl::Hours(24 * 7);
constexpr char kOdooTime[] = "%Y-%m-%d %H:%M:%S";

std::string OdooTime(absl::Time time) {
  return absl::FormatTime(kOdooTime, time, absl::UTCTimeZone());
}

/// "write_date|id|more": `more` when the last poll stopped before the end.
struct Position {
  ports::ChangeCursor cursor;
  bool more = false;
};

std::string ToText(const Position& position) {
  return StrCat(position.cursor.write_date, "|", position.cursor.id, "|", position.more ? 1 : 0);
}

Position FromText(const std::string& text) {
  Position position;
  const auto parts = base::StrSplit(text, '|');
  if (parts.size() != 3) return position;
  position.cursor.write_date = parts[0];
  if (const auto id = base::ParseInt64(parts[1]); id.ok()) position.cursor.id = *id;
  position.more = parts[2] == "1";
  return position;
}

/// Transactions carry the time they began, so late ones show up behind the cursor.
ports::ChangeCursor WithOverlap(const Position& position, absl::Duration overlap) {
  if (position.more) return position.cursor;
  absl::Time at;
  std::string error;
  if (!absl::ParseTime(kOdooTime, base::Absl(position.cursor.write_date), &at, &error)) {
    return position.cursor;
  }
  return {OdooTime(at - overlap), 0};
}

/// The entity and its connection when it may be looked at now; nullopt when not.
absl::StatusOr<std::optional<std::pair<Entity, OpenConnection>>> MayLook(Core& core,
                                                                         const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto entity, core.config.FindEntity(name));
  KONTOR_ASSIGN_OR_RETURN(const auto connection,
                          core.config.FindConnection(entity.value.connection));
  if (HoldReasonOf(connection.value, entity.value) != model::ParkReason::kNone ||
      core.connections.IsResting(entity.value.connection)) {
    return std::nullopt;
  }
  KONTOR_ASSIGN_OR_RETURN(OpenConnection open, core.connections.Admit(entity.value.connection));
  return std::make_pair(entity.value, std::move(open));
}

absl::StatusOr<Position> StartOf(Core& core, const Entity& entity, const std::string& cursor) {
  std::optional<std::string> text;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(text, view.FindCursor(cursor));
    return absl::OkStatus();
  }));
  if (text.has_value()) return FromText(*text);
  Position position;
  position.cursor.write_date =
      entity.live_from ? StrCat(entity.live_from->ToString(), " 00:00:00") : OdooTime(core.Now());
  return position;
}

bool IsBehind(const ports::ChangeCursor& a, const ports::ChangeCursor& b) {
  return std::tie(a.write_date, a.id) < std::tie(b.write_date, b.id);
}

absl::Status PutCursor(Core& core, const std::string& name, const std::string& value) {
  return core.store().Commit(
      [&](ports::Unit& unit) { return unit.PutCursor(name, value); });
}

/// Since when the addon tells the changes; none when it does not. Changes of before its time, and
/// of transactions that began before it, are still read: for as long as an overlap.
std::string ToldCursor(const std::string& entity) { return StrCat("told/", entity); }

absl::StatusOr<std::optional<absl::Time>> ToldSince(Core& core, const Entity& entity, bool told) {
  const std::string cursor = ToldCursor(entity.name);
  std::optional<std::string> text;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(text, view.FindCursor(cursor));
    return absl::OkStatus();
  }));
  const bool known = text.has_value() && !text->empty();
  if (!told) {
    if (known) KONTOR_RETURN_IF_ERROR(PutCursor(core, cursor, ""));
    return std::nullopt;
  }
  if (!known) {
    KONTOR_RETURN_IF_ERROR(PutCursor(core, cursor, base::FormatInstant(core.Now())));
    return core.Now();
  }
  KONTOR_ASSIGN_OR_RETURN(const absl::Time since, base::ParseInstant(*text));
  return since;
}

/// One page of documents in a state; answers the next page's token.
absl::StatusOr<ports::Listed<ports::DocumentRow>> PageOf(Core& core, const std::string& entity,
                                                         model::OperationState state,
                                                         const std::string& after) {
  ports::Listed<ports::DocumentRow> listed;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    ports::DocumentFilter filter;
    filter.entity = entity;
    filter.state = std::string(NameOf(state));
    KONTOR_ASSIGN_OR_RETURN(listed,
                            view.ListDocuments(filter, {.limit = kPageSize, .after = after}));
    return absl::OkStatus();
  }));
  return listed;
}

absl::Status SweepPosted(Core& core, const Entity& entity, ports::Erp& erp) {
  std::string after;
  do {
    KONTOR_ASSIGN_OR_RETURN(const auto page,
                            PageOf(core, entity.name, model::OperationState::kPosted, after));
    std::vector<model::ErpRecord> records;
    for (const ports::DocumentRow& row : page.rows) {
      if (row.record.id != 0) records.push_back(row.record);
    }
    if (!records.empty()) KONTOR_RETURN_IF_ERROR(ReadAndObserve(core, erp, entity, records));
    after = page.next;
  } while (!after.empty());
  return absl::OkStatus();
}

/// External ids of cancelled documents of late, whose creation might still have arrived.
absl::StatusOr<std::vector<std::string>> CancelledIds(
    Core& core, const std::vector<ports::DocumentRow>& rows) {
  std::vector<std::string> ids;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    ids.clear();
    for (const ports::DocumentRow& row : rows) {
      if (core.Now() - row.created > kStrayDraftsWithin ||
          row.type == model::DocumentType::kPartner) {
        continue;
      }
      KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(row.operation_id));
      if (operation.has_value() && operation->state == model::OperationState::kCancelled &&
          operation->path != model::Path::kUndecided) {
        ids.push_back(operation->external_id);
      }
    }
    return absl::OkStatus();
  }));
  return ids;
}

absl::Status RemoveStrayDrafts(Core& core, const Entity& entity, ports::Erp& erp) {
  std::string after;
  do {
    KONTOR_ASSIGN_OR_RETURN(const auto page,
                            PageOf(core, entity.name, model::OperationState::kCancelled, after));
    after = page.next;
    KONTOR_ASSIGN_OR_RETURN(const auto ids, CancelledIds(core, page.rows));
    if (ids.empty()) continue;
    KONTOR_ASSIGN_OR_RETURN(const auto probed, erp.Probe(ids, core.CallDeadline()));
    std::vector<model::ErpRecord> present;
    for (const ports::ProbeResult& probe : probed) {
      if (probe.kind == ports::ProbeResult::Kind::kPresent) present.push_back(probe.record);
    }
    if (present.empty()) continue;
    KONTOR_ASSIGN_OR_RETURN(const auto read,
                            erp.Read(entity.company_id, present, core.CallDeadline()));
    std::vector<model::ErpRecord> drafts;
    for (const ports::ErpSnapshot& snapshot : read) {
      if (snapshot.exists && snapshot.state == "draft") drafts.push_back(snapshot.record);
    }
    if (drafts.empty()) continue;
    core.Log("sweep.stray_drafts", {{"entity", entity.name},
                                    {"drafts", std::to_string(drafts.size())}});
    KONTOR_RETURN_IF_ERROR(erp.RemoveDrafts(entity.company_id, drafts, core.CallDeadline()));
  } while (!after.empty());
  return absl::OkStatus();
}

/// Reads by write_date what changed since the entity's cursor.
absl::Status ReadSinceCursor(Core& core, const Entity& entity, const OpenConnection& open) {
  const std::string cursor = StrCat("changes/", entity.name);
  KONTOR_ASSIGN_OR_RETURN(Position position, StartOf(core, entity, cursor));
  ports::ChangeCursor at = WithOverlap(position, core.settings.poll_overlap);
  bool more = true;
  for (int pages = 0; more && pages < kPagesMax; ++pages) {
    auto page = open.erp->ReadChanges(entity.company_id, at, kPageSize, core.CallDeadline());
    if (!page.ok()) {
      core.connections.NoteFailure(entity.connection, page.status());
      return page.status();
    }
    at = page->next;
    more = page->more;
    KONTOR_RETURN_IF_ERROR(ObserveChanges(core, *open.erp, entity, page->snapshots));
  }
  core.Failpoint(failpoints::kPollBeforeCursor);
  Position next{IsBehind(at, position.cursor) && !more ? position.cursor : at, more};
  return PutCursor(core, cursor, ToText(next));
}

}  // namespace

absl::Status PollEntity(Core& core, const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto look, MayLook(core, name));
  if (!look.has_value()) return absl::OkStatus();
  const auto& [entity, open] = *look;
  // A shadow beside the service that is live must not take its changes away.
  const bool told = open.has_addon && entity.mode == Mode::kLive &&
                    open.connection.value.mode == Mode::kLive;
  KONTOR_ASSIGN_OR_RETURN(const auto since, ToldSince(core, entity, told));
  if (!since) return ReadSinceCursor(core, entity, open);
  const absl::Time began = core.Now();
  if (const absl::Status taken = TakeChanges(core, open, entity); !taken.ok()) {
    if (base::Is(taken, base::Reason::kAddonMissing)) {
      core.connections.Recheck(entity.connection);
    } else {
      core.connections.NoteFailure(entity.connection, taken);
    }
    return taken;
  }
  if (began - *since < core.settings.poll_overlap) return ReadSinceCursor(core, entity, open);
  // Should the addon go, reading begins where it stopped telling.
  return PutCursor(core, StrCat("changes/", name), ToText({{OdooTime(began), 0}, false}));
}

absl::Status SweepEntity(Core& core, const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto look, MayLook(core, name));
  if (!look.has_value()) return absl::OkStatus();
  const auto& [entity, open] = *look;
  KONTOR_RETURN_IF_ERROR(SweepPosted(core, entity, *open.erp));
  KONTOR_RETURN_IF_ERROR(RemoveStrayDrafts(core, entity, *open.erp));
  return PutCursor(core, StrCat("sweep/", name), base::FormatInstant(core.Now()));
}

absl::StatusOr<absl::Time> LastSweep(Core& core, const std::string& entity) {
  std::optional<std::string> text;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(text, view.FindCursor(StrCat("sweep/", entity)));
    return absl::OkStatus();
  }));
  if (!text.has_value()) return absl::InfinitePast();
  return base::ParseInstant(*text);
}

}  // namespace kontor::engine
