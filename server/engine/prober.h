// SPDX-License-Identifier: Apache-2.0
// What became of a call whose answer was lost (DESIGN 5.7): Odoo is asked by external id, and the
// state is read. Correctness never depends on how long it waited before.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/core.h"
#include "server/engine/items.h"

namespace kontor::engine {

/// Decides for each item, all of one connection and entity: kStepDone, kResend or kException. A
/// failed status: Odoo could not be asked; nothing was decided.
absl::Status DecideByProbe(Core& core, ports::Erp& erp, const Entity& entity,
                           std::span<Item* const> items, std::vector<Verdict>& verdicts);

/// Probes the UNKNOWN operations that are due. True when something was decided.
bool ProbeDue(Core& core);

/// Turns the SENDING operations of one lane, which no live lease covers, into UNKNOWN. The caller
/// makes sure that this process does not run the lane meanwhile. `take_over`: also from an earlier
/// life of this node. True when something changed.
bool RecoverLane(Core& core, const std::string& lane, bool take_over);
/// The lanes that have SENDING operations.
absl::StatusOr<std::vector<std::string>> LanesWithSending(Core& core);

}  // namespace kontor::engine
