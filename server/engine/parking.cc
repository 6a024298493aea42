// SPDX-License-Identifier: Apache-2.0
#include "server/engine/parking.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/check.h"
#include "server/engine/steps.h"
#include "server/engine/transitions.h"
#include "server/model/canon.h"

namespace kontor::engine {
namespace {

using model::Operation;
using model::OperationState;
using model::ParkReason;

constexpr int kLooksMax = 200;

/// Whether what the operation waits for is still there.
absl::StatusOr<bool> StillHeld(ports::ReadView& view, const ConfigSnapshot& config,
                               const Operation& operation) {
  if (operation.park_reason == ParkReason::kDependsOn) {
    for (const std::string& id : operation.depends_on) {
      KONTOR_ASSIGN_OR_RETURN(const auto other, view.FindOperation(id));
      if (other.has_value() && !model::IsTerminal(other->state)) return true;
    }
    return false;
  }
  const auto entity = EntityIn(config, operation.entity);
  const auto connection = ConnectionIn(config, operation.connection);
  if (!entity.ok() || !connection.ok()) return true;
  if (HoldReasonOf(connection->value, entity->value) != ParkReason::kNone) return true;
  return operation.park_reason == ParkReason::kEntityShadow &&
         (entity->value.mode == Mode::kShadow || connection->value.mode == Mode::kShadow);
}

absl::Status Look(Core& core, const ConfigSnapshot& config, const std::vector<Operation>& parked,
                  bool* woken) {
  core.Failpoint(failpoints::kParkBeforeWake);
  return core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    *woken = false;
    for (const Operation& seen : parked) {
      KONTOR_ASSIGN_OR_RETURN(auto operation, unit.FindOperation(seen.id));
      if (!operation.has_value() || operation->state != OperationState::kParked) continue;
      KONTOR_ASSIGN_OR_RETURN(const bool held, StillHeld(unit, config, *operation));
      if (held) {
        operation->next_attempt = core.Now() + core.settings.park_check;
        KONTOR_RETURN_IF_ERROR(unit.PutOperation(*operation));
        continue;
      }
      operation->next_attempt.reset();
      KONTOR_RETURN_IF_ERROR(MoveTo(core, unit, *operation, OperationState::kReady,
                                    Because("what it waited for has ended")));
      *woken = true;
    }
    return absl::OkStatus();
  });
}

bool IsLockedAlone(const model::ExceptionCase& exception) {
  return !exception.operation_id.empty() && !exception.findings.empty() &&
         std::all_of(exception.findings.begin(), exception.findings.end(), [](const auto& f) {
           return f.severity != model::Severity::kError ||
                  f.reason == base::EntryOf(base::Reason::kPeriodLocked).name;
         });
}

absl::StatusOr<std::vector<model::ExceptionCase>> LockedCases(Core& core) {
  std::vector<model::ExceptionCase> cases;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    cases.clear();
    ports::ExceptionFilter filter;
    filter.state = model::ExceptionState::kOpen;
    filter.technical = false;
    ports::Page page{.limit = kLooksMax, .after = {}};
    do {
      KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListExceptions(filter, page));
      for (const auto& exception : listed.rows) {
        if (IsLockedAlone(exception)) cases.push_back(exception);
      }
      page.after = listed.next;
    } while (!page.after.empty());
    return absl::OkStatus();
  }));
  return cases;
}

absl::Status Reopen(Core& core, const model::ExceptionCase& exception) {
  return core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(auto operation, unit.FindOperation(exception.operation_id));
    if (!operation.has_value() || operation->state != OperationState::kException ||
        operation->exception_id != exception.id) {
      return absl::OkStatus();
    }
    const std::string reason = "the period is open again in Odoo";
    KONTOR_RETURN_IF_ERROR(CloseExceptionBySelf(core, unit, *operation, reason));
    operation->attempt_count = 0;
    operation->next_attempt.reset();
    return MoveTo(core, unit, *operation, OperationState::kReady, Because(reason));
  });
}

/// Whether the exception's document may be posted by now.
absl::StatusOr<bool> IsOpenAgain(Core& core, const model::ExceptionCase& exception) {
  KONTOR_ASSIGN_OR_RETURN(const auto entity, core.config.FindEntity(exception.entity));
  if (core.connections.IsResting(entity.value.connection)) return false;
  KONTOR_ASSIGN_OR_RETURN(const auto catalogue,
                          core.connections.CatalogueOf(entity.value, false));
  if (catalogue->read_at <= exception.opened) return false;
  std::optional<Operation> operation;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(operation, view.FindOperation(exception.operation_id));
    return absl::OkStatus();
  }));
  if (!operation.has_value()) return false;
  KONTOR_ASSIGN_OR_RETURN(const auto items, LoadItems(core, {*operation}));
  return !items.empty() && LockFindings(core, items.front(), *catalogue).empty();
}

}  // namespace

bool WakeDue(Core& core) {
  std::vector<Operation> parked;
  const absl::Status read = core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(
        parked, view.OperationsInState(OperationState::kParked, core.Now(), kLooksMax));
    return absl::OkStatus();
  });
  if (!read.ok() || parked.empty()) return false;
  const auto config = core.config.Get();
  if (!config.ok()) return false;
  bool woken = false;
  const absl::Status looked = Look(core, **config, parked, &woken);
  if (!looked.ok()) core.Log("park.look_failed", {{"reason", base::InfoOf(looked).reason}});
  return looked.ok() && woken;
}

absl::Status WakeEntity(Core& core, const std::string& entity) {
  KONTOR_ASSIGN_OR_RETURN(const auto config, core.config.Get());
  ports::OperationFilter filter;
  filter.entity = entity;
  filter.states = {OperationState::kParked};
  std::vector<Operation> parked;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    parked.clear();
    ports::Page page{.limit = kLooksMax, .after = {}};
    do {
      KONTOR_ASSIGN_OR_RETURN(auto listed, view.ListOperations(filter, page));
      std::move(listed.rows.begin(), listed.rows.end(), std::back_inserter(parked));
      page.after = listed.next;
    } while (!page.after.empty());
    return absl::OkStatus();
  }));
  // Pieces, so that a long list does not hold the commit thread.
  for (size_t from = 0; from < parked.size(); from += kLooksMax) {
    const size_t to = std::min(parked.size(), from + kLooksMax);
    const std::vector<Operation> piece(parked.begin() + static_cast<ptrdiff_t>(from),
                                       parked.begin() + static_cast<ptrdiff_t>(to));
    bool woken = false;
    KONTOR_RETURN_IF_ERROR(Look(core, *config, piece, &woken));
  }
  return absl::OkStatus();
}

bool WatchPeriods(Core& core) {
  const auto cases = LockedCases(core);
  if (!cases.ok()) return false;
  bool any = false;
  for (const model::ExceptionCase& exception : *cases) {
    const auto open = IsOpenAgain(core, exception);
    if (!open.ok()) {
      core.Log("period.look_failed", {{"exception", exception.id},
                                      {"reason", base::InfoOf(open.status()).reason}});
      continue;
    }
    if (*open && Reopen(core, exception).ok()) any = true;
  }
  return any;
}

}  // namespace kontor::engine
