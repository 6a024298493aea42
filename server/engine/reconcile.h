// SPDX-License-Identifier: Apache-2.0
// kontor against Odoo: counts and sums by journal, currency and day, and every difference a case
// for a person. Changes nothing in Odoo and no operation.
#pragma once

#include "absl/status/statusor.h"
#include "server/engine/core.h"

namespace kontor::engine {

/// Longest period that is compared in one call.
inline constexpr int kReconcileDaysMax = 400;

/// As Engine::Reconcile.
absl::StatusOr<ReconcileReport> Reconcile(Core& core, const ports::Actor& actor,
                                          const std::string& entity, const model::Date& from,
                                          const model::Date& to, bool raise_exceptions,
                                          BankComparison bank);

}  // namespace kontor::engine
