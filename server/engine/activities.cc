// SPDX-License-Identifier: Apache-2.0
#include "server/engine/activities.h"

#include <algorithm>
#include <vector>

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/check.h"
#include "server/model/canon.h"

namespace kontor::engine {
namespace {

using base::StrCat;

constexpr int kCasesMax = 200;
constexpr char kCursor[] = "activities";

struct Pending {
  model::ExceptionCase exception;
  model::ErpRecord record;
};

std::string NoteOf(const model::ExceptionCase& exception) {
  std::string note;
  for (const model::Finding& finding : exception.findings) {
    base::StrAppend(&note, finding.message, ". ", finding.suggestion, "\n");
  }
  base::StrAppend(&note, "Decide it in kontor: ", exception.id);
  return note;
}

/// Exceptions opened after the cursor, oldest first, as far as they stand on a record.
absl::StatusOr<std::vector<Pending>> Collect(Core& core, std::string* cursor) {
  std::vector<Pending> pending;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    pending.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto text, view.FindCursor(kCursor));
    *cursor = text.value_or("");
    ports::ExceptionFilter filter;
    filter.state = model::ExceptionState::kOpen;
    ports::Page page{.limit = kCasesMax, .after = {}};
    do {
      KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListExceptions(filter, page));
      for (const model::ExceptionCase& exception : listed.rows) {
        if (exception.id <= *cursor || exception.operation_id.empty()) continue;
        KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(exception.operation_id));
        if (operation.has_value() && operation->record.id != 0) {
          pending.push_back({exception, operation->record});
        }
      }
      page.after = listed.next;
    } while (!page.after.empty());
    return absl::OkStatus();
  }));
  std::sort(pending.begin(), pending.end(), [](const Pending& a, const Pending& b) {
    return a.exception.id < b.exception.id;
  });
  return pending;
}

absl::Status ScheduleOne(Core& core, const Pending& pending) {
  KONTOR_ASSIGN_OR_RETURN(const auto entity, core.config.FindEntity(pending.exception.entity));
  const std::string& name = entity.value.connection;
  KONTOR_ASSIGN_OR_RETURN(const auto connection, core.config.FindConnection(name));
  if (HoldReasonOf(connection.value, entity.value) != model::ParkReason::kNone ||
      core.connections.IsResting(name)) {
    return base::Error(base::Reason::kConnectionPaused).Says("later");
  }
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open, core.connections.Admit(name));
  const auto sha256 = [&](std::string_view bytes) { return core.deps.crypto.Sha256Hex(bytes); };
  const std::string external_id =
      model::ExternalIdOf(name, "exception", pending.exception.id, "activity", sha256);
  return open.erp->ScheduleActivity(
      entity.value.company_id, external_id, pending.record,
      StrCat("kontor: ", pending.exception.findings.front().reason), NoteOf(pending.exception),
      core.CallDeadline());
}

}  // namespace

void ScheduleActivities(Core& core) {
  std::string cursor;
  const auto pending = Collect(core, &cursor);
  if (!pending.ok()) return;
  std::string last = cursor;
  for (const Pending& one : *pending) {
    const absl::Status done = ScheduleOne(core, one);
    if (!done.ok()) {
      core.Log("activity.failed", {{"exception", one.exception.id},
                                   {"reason", base::InfoOf(done).reason}});
      // Not refused, so it may go later; a refusal is final and the case stands in kontor anyway.
      if (base::OutcomeOf(done) != base::Outcome::kRefused) break;
    }
    last = std::max(last, one.exception.id);
  }
  if (last == cursor) return;
  const absl::Status put =
      core.store().Commit([&](ports::Unit& unit) { return unit.PutCursor(kCursor, last); });
  if (!put.ok()) core.Log("activity.cursor_failed", {{"reason", base::InfoOf(put).reason}});
}

}  // namespace kontor::engine
