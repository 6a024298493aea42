// SPDX-License-Identifier: Apache-2.0
// What is to be paid, as Odoo has it now.
#pragma once

#include <string>
#include <vector>

#include "server/engine/core.h"

namespace kontor::engine {

/// See Engine::ReadPayables.
absl::StatusOr<std::vector<ports::Payable>> ReadPayables(Core& core, const std::string& entity,
                                                         ports::PayableQuery query, size_t most);

}  // namespace kontor::engine
