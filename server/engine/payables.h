// SPDX-License-Identifier: Apache-2.0
// What is to be paid, and what payments stand there, as Odoo has it now.
#pragma once

#include <string>
#include <vector>

#include "server/engine/core.h"

namespace kontor::engine {

/// See Engine::ReadPayables.
absl::StatusOr<std::vector<ports::Payable>> ReadPayables(Core& core, const std::string& entity,
                                                         ports::PayableQuery query, size_t most);

/// See Engine::ReadVendors.
absl::StatusOr<std::vector<model::NamedId>> ReadVendors(Core& core, const std::string& entity,
                                                        size_t most);

/// See Engine::ReadPayments and Engine::UndoPayment.
absl::StatusOr<std::vector<ports::BookedPayment>> ReadPayments(Core& core,
                                                               const std::string& entity,
                                                               const std::vector<int64_t>& ids);
absl::Status UndoPayment(Core& core, const std::string& entity, int64_t id);

}  // namespace kontor::engine
