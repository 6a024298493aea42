// SPDX-License-Identifier: Apache-2.0
// Whether an order's creditors stand on a sanctions list, and what people decided about those that
// are alike. A hit is one creditor as it is and one entry as it is: when either changes, it is
// another hit.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {

/// FlowRow::kind of hits, and their states.
inline constexpr char kHitKind[] = "screening_hit";
inline constexpr std::string_view kHitPrefix = "shi_";
inline constexpr char kHitOpen[] = "OPEN";
inline constexpr char kHitCleared[] = "CLEARED";
inline constexpr char kHitConfirmed[] = "CONFIRMED";

struct Screened {
  std::vector<Finding> findings;  ///< Of the lists: missing, unreadable, stale.
  std::vector<std::pair<int64_t, ports::ScreeningHit>> hits;  ///< By number of the payment.
  std::string facts;  ///< JSON: the lists that it was screened against, and when.
};
/// May block on reading lists, or on a service.
absl::StatusOr<Screened> Screen(Loop& loop, const Flow& flow, const InForce& lists);
/// Keeps each hit and says what it means for the order. Runs in a unit.
absl::StatusOr<std::vector<Finding>> TakeHits(Loop& loop, ports::Unit& unit, const Flow& flow,
                                              const Screened& screened);
/// The same without keeping: what stands in the way now, of lists and hits. Runs in a read.
absl::StatusOr<std::vector<Finding>> JudgeHits(Loop& loop, ports::ReadView& view, const Flow& flow,
                                               const Screened& screened);

std::string ViewOfHit(const ports::FlowRow& row);

}  // namespace kontor::payment_orders
