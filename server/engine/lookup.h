// SPDX-License-Identifier: Apache-2.0
// What stands in Odoo under the external ids of operations: through the addon for those that take
// its path, else by the probe that needs no addon. Both paths share one external id.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/core.h"
#include "server/engine/items.h"

namespace kontor::engine {

struct Looked {
  ports::ProbeResult probe;
  /// Of a present record, when the addon answered.
  std::optional<ports::ErpSnapshot> snapshot;
  bool gone = false;  ///< The addon applied it once, and the record is not there any more.
};

/// One entry an item, in order. Changes nothing. An addon that was taken out meanwhile is asked no
/// more: the external ids stayed.
absl::StatusOr<std::vector<Looked>> LookUp(Core& core, ports::Erp& erp, const Entity& entity,
                                           std::span<Item* const> items);

}  // namespace kontor::engine
