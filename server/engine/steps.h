// SPDX-License-Identifier: Apache-2.0
// One call to Odoo for a group of operations that stand at the same kind of step. Writes nothing to
// the store; a failed status is about the whole group (outcomes.h says what it means).
#pragma once

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/core.h"
#include "server/engine/items.h"

namespace kontor::engine {

struct StepContext {
  Core& core;
  ports::Erp& erp;
  const Entity& entity;
  std::shared_ptr<const model::Catalogue> catalogue;
  absl::Time deadline;
};

/// Whether several operations go in one call.
bool GoesInBatches(model::StepKind kind);

/// Calls Odoo. OK: `verdicts` has one entry an item; items carry what was learnt (records).
absl::Status CallStep(const StepContext& context, model::StepKind kind,
                      std::span<Item* const> group, std::vector<Verdict>& verdicts);

/// The lock that would move the document's date in silence, as findings; empty when none does.
std::vector<model::Finding> LockFindings(Core& core, const Item& item,
                                         const model::Catalogue& catalogue);

/// The finding that a record which kontor saw is gone.
model::Finding DeletedFinding(const Item& item);

}  // namespace kontor::engine
