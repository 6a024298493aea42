// SPDX-License-Identifier: Apache-2.0
// The check before anything is sent (DESIGN 5.2): modes, dependencies, references, Odoo's master
// data, allocations. Reads only; what follows is in the verdicts.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/core.h"
#include "server/engine/items.h"

namespace kontor::engine {

/// Why an operation of this entity may not be sent now, or kNone. Shadow is decided after the
/// check.
model::ParkReason HoldReasonOf(const Connection& connection, const Entity& entity);

/// Whether the operation's next step is its first, so that it has to be checked.
bool NeedsCheck(const model::Operation& operation);

/// Loads the documents of operations; those without one are left out with a log line.
absl::StatusOr<std::vector<Item>> LoadItems(Core& core, std::vector<model::Operation> operations);

/// Decides for each item: kProceed, kPark, kShadow, kLane or kException. Fills references and
/// targets of those that proceed. A failed status: Odoo could not be read; nothing was decided.
absl::Status CheckItems(Core& core, const OpenConnection& open, const Entity& entity,
                        std::span<Item> items, std::vector<Verdict>& verdicts);

/// The allocation targets of a payment with their invoices as they stand in Odoo now.
absl::StatusOr<std::vector<AllocationTarget>> ReadTargets(Core& core, ports::Erp& erp,
                                                          int64_t company_id,
                                                          const model::Document& document);

/// The document's duplicate key, empty when its findings are accepted or none is possible.
std::string DuplicateKeyFor(const Item& item);
/// The finding that another operation holds the key.
absl::StatusOr<model::Finding> DuplicateFinding(ports::Unit& unit, const Item& item,
                                                const std::string& holder);

}  // namespace kontor::engine
