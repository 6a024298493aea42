// SPDX-License-Identifier: Apache-2.0
// Carries verdicts out: the only place where a step is advanced, an operation ends, or a failure
// becomes a state. Runs within a unit and makes no call.
#pragma once

#include "absl/status/status.h"
#include "server/engine/core.h"
#include "server/engine/items.h"

namespace kontor::engine {

/// Changes `operation` (a fresh copy of the item's, read in this unit) as the verdict says.
absl::Status ApplyVerdict(Core& core, ports::Unit& unit, const Item& item,
                          model::Operation& operation, const Verdict& verdict);

/// Takes a reading as the document's present booking and as the base of later comparisons.
absl::Status TakeReading(Core& core, ports::Unit& unit, const std::string& document_id,
                         const ports::ErpSnapshot& snapshot);

/// Digest of a reading, for ObservedRow.
std::string DigestOf(Core& core, const ports::ErpSnapshot& snapshot);

}  // namespace kontor::engine
