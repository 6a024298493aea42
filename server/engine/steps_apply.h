// SPDX-License-Identifier: Apache-2.0
// The one step that the addon does in place of creating, comparing and posting.
#pragma once

#include <span>
#include <vector>

#include "server/engine/steps.h"

namespace kontor::engine {

/// kApply for a group of one document type, journal and posting. What the addon refuses becomes an
/// exception by itself; the others are done.
absl::Status ApplyByAddon(const StepContext& context, std::span<Item* const> group,
                          std::vector<Verdict>& verdicts);

}  // namespace kontor::engine
