// SPDX-License-Identifier: Apache-2.0
// Looking at what people and programs change in Odoo: by (write_date, id) with an overlap, and once
// a day for what is gone. Everything seen goes through observe.h.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/engine/core.h"

namespace kontor::engine {

/// Reads the changes of one entity since its cursor. Repeatable.
absl::Status PollEntity(Core& core, const std::string& entity);
/// Reads every posted document of the entity, finding deletions, and removes drafts that a late
/// call left behind after their operation was cancelled. Repeatable.
absl::Status SweepEntity(Core& core, const std::string& entity);

/// When the last sweep of the entity ended; InfinitePast when there was none.
absl::StatusOr<absl::Time> LastSweep(Core& core, const std::string& entity);

}  // namespace kontor::engine
