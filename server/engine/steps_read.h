// SPDX-License-Identifier: Apache-2.0
// The steps that read back and compare. Change nothing in Odoo.
#pragma once

#include <span>
#include <vector>

#include "server/engine/steps.h"

namespace kontor::engine {

/// kCompareDraft and kVerify for a group.
absl::Status ReadBack(const StepContext& context, model::StepKind kind,
                      std::span<Item* const> group, std::vector<Verdict>& verdicts);

}  // namespace kontor::engine
