// SPDX-License-Identifier: Apache-2.0
// Asked against got: the draft before it is posted, the booking after it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/engine/engine.h"
#include "server/model/document.h"

namespace kontor::engine {

struct DraftComparison {
  std::vector<model::Finding> findings;
  /// Set when the only difference is a supplier's rounding cent in the tax: write this tax.
  std::optional<model::Money> corrected_tax;
};

/// A rounding difference of at most so many minor units of a bill's tax may be corrected.
inline constexpr int64_t kTaxCorrectionMinorMax = 5;

/// Compares what stands in Odoo as a draft: total, tax, currency, dates, terms, reference, rate.
/// `may_correct`: a tax correction was not tried yet.
DraftComparison CompareDraft(const model::Document& document, const ports::ErpSnapshot& got,
                             bool may_correct);
/// Compares what was booked; with Posting::kDraft it must stand as a draft.
std::vector<model::Finding> CompareBooked(const model::Document& document,
                                          const ports::ErpSnapshot& got, model::Posting posting);

/// Whether Odoo's own state means posted, whatever the record is.
bool IsPostedState(const ports::ErpSnapshot& snapshot);
bool IsCancelledState(const ports::ErpSnapshot& snapshot);

/// Turns errors of accepted reasons into warnings.
void DowngradeAccepted(const std::vector<std::string>& accepted,
                       std::vector<model::Finding>& findings);

/// One invoice that a payment is to pay.
struct AllocationTarget {
  int64_t move_id = 0;
  std::string field;
  std::optional<model::Money> amount;  ///< None: as much as is left.
  ports::ErpSnapshot invoice;
};
/// In which order the targets are reconciled, as indexes: whole ones first, since a part can only
/// be what is left of the payment. Findings when Odoo cannot do what is asked.
struct AllocationPlan {
  std::vector<size_t> order;
  std::vector<model::Finding> findings;
};
AllocationPlan PlanAllocations(const model::Money& payment,
                               const std::vector<AllocationTarget>& targets);

}  // namespace kontor::engine
