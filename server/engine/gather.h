// SPDX-License-Identifier: Apache-2.0
// What kontor's own store knows about the things a document refers to: partners, invoices, other
// operations. Reads only.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/core.h"
#include "server/engine/items.h"

namespace kontor::engine {

struct Gathered {
  std::vector<std::string> waits_for;      ///< Operations that must be POSTED first.
  std::vector<model::Finding> findings;    ///< What can never succeed.
  std::map<std::string, int64_t> partners; ///< Reference → res.partner that kontor has made.
  std::vector<AllocationTarget> targets;
  int64_t reversed_move_id = 0;
};

/// One entry an item, in order.
absl::Status Gather(Core& core, std::span<const Item> items, std::vector<Gathered>& gathered);
/// Moves behind a payment's allocations; 0 where kontor's invoice does not stand in Odoo.
absl::StatusOr<std::vector<AllocationTarget>> TargetsOf(ports::ReadView& view,
                                                        const model::Document& document);

}  // namespace kontor::engine
