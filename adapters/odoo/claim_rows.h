// SPDX-License-Identifier: Apache-2.0
// What stands in Odoo of a claim, whatever the series; for the claims' own files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "server/model/operation.h"

namespace kontor::odoo {

inline constexpr std::string_view kSheet = "hr.expense.sheet";
inline constexpr std::string_view kExpense = "hr.expense";
/// Between a claim's external id and the number of its second and later expenses on 19.
inline constexpr char kLineMark[] = "_l";

/// Where a claim stands on its way.
enum class ClaimStage { kDraft, kSubmitted, kApproved };

struct ClaimRows {
  ClaimStage stage = ClaimStage::kDraft;  ///< Of the expense that is furthest behind.
  bool refused = false;                   ///< A person said no.
  int64_t move_id = 0;                    ///< 0: no entry yet.
  bool posted = false;                    ///< Its entry is posted.
  std::string reference;
  std::string employee_name;
  int64_t employee_id = 0;
  std::optional<base::Date> date;         ///< The accounting date that is asked for, where known.
  std::string write_date;
  std::vector<Json> expenses;             ///< In the order of their ids.
  std::vector<int64_t> IdsAt(ClaimStage at) const;
  std::vector<int64_t> Ids() const;
};

/// Where a single expense stands (19), by Odoo's word.
ClaimStage StageOf(std::string_view state);

/// Nothing when the record is gone.
absl::StatusOr<std::optional<ClaimRows>> RowsOf(Work& work, const model::ErpRecord& record);

}  // namespace kontor::odoo
