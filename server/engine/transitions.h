// SPDX-License-Identifier: Apache-2.0
// The one way in which an operation changes its state: the table is asked, and operation, document,
// event and audit row are written in one unit. No calls to Odoo here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/base/status.h"
#include "server/engine/core.h"

namespace kontor::engine {

/// Who or what caused a change.
struct Cause {
  std::string actor = kSelf;
  std::string role;
  std::string action;  ///< Of the audit row; empty: operation.<state in lower case>.
  std::string reason;
};
/// kontord itself, for that reason.
Cause Because(std::string reason);
Cause CauseOf(const ports::Actor& actor, ports::Role role, std::string action, std::string reason);

/// Moves `operation` to `to` (CheckTransition, STATE_CONFLICT) and writes everything that belongs
/// to it. The caller has set next_attempt, park_reason and steps before. `exception` goes into the
/// event. Runs within a unit, so it may run again with the same arguments.
absl::Status MoveTo(Core& core, ports::Unit& unit, model::Operation& operation,
                    model::OperationState to, const Cause& cause,
                    const model::ExceptionCase* exception = nullptr);

/// Writes an operation that is new, with its document (new or changed), first event and audit row.
absl::Status WriteNew(Core& core, ports::Unit& unit, model::Operation& operation,
                      ports::DocumentRow& row, const model::Document& document,
                      const Cause& cause);

/// Opens an exception for the operation and moves it to EXCEPTION.
absl::Status OpenException(Core& core, ports::Unit& unit, model::Operation& operation,
                           std::vector<model::Finding> findings, bool technical);
/// Opens an exception that no operation waits for: a difference that was found. Answers its id, or
/// that of the open one that says the same.
absl::StatusOr<std::string> OpenCase(Core& core, ports::Unit& unit, const std::string& entity,
                                     const std::string& subject, model::Finding finding);
/// Ends the operation's open exception by kontord itself, if there is one.
absl::Status CloseExceptionBySelf(Core& core, ports::Unit& unit,
                                  const model::Operation& operation, const std::string& reason);

/// After `operation` became terminal: those that wait for it become READY when nothing else holds
/// them, or an exception when it was cancelled.
absl::Status WakeDependents(Core& core, ports::Unit& unit, const model::Operation& operation);

/// Parks the operation until it is looked at again.
absl::Status Park(Core& core, ports::Unit& unit, model::Operation& operation,
                  model::ParkReason reason);

/// Whether the operation only removes what it left behind, to be CANCELLED then.
bool IsGivingUp(const model::Operation& operation);
/// Whether its record may stand in Odoo: a call that creates it was at least begun.
bool MayStandInErp(const model::Operation& operation);
/// Whether giving the operation up means removing a draft first.
bool NeedsRemoval(const model::Operation& operation);
/// Makes the removal of the draft all that is left to do.
void PlanRemoval(model::Operation& operation);
/// Whether the record is posted as far as kontor knows.
bool IsPostedInErp(const model::Operation& operation);
model::Step* CurrentStep(model::Operation& operation);

}  // namespace kontor::engine
