// SPDX-License-Identifier: Apache-2.0
// Reading what changed and what stands in a period, page by page. Changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "adapters/odoo/snapshot.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// Adds kontor's external ids of records of one model, by the record's id.
absl::Status FillExternalIds(Work& work, const std::string& model, const std::vector<int64_t>& ids,
                             std::map<int64_t, std::string>& out);

/// Moves and payments by (write_date, id). The cursor's id counts both models in one order, twice
/// the database id and one more for payments: callers keep it and look at its write_date only.
absl::StatusOr<ports::ChangePage> ReadChangedRecords(Work& work, JournalCodes& journals,
                                                     const ports::ChangeCursor& after, int limit);

/// Moves of the company in [from, to] with id > after_id, by id; kontor's external ids are filled,
/// those of payments on the payments' moves.
absl::StatusOr<ports::ChangePage> ReadMovesOfPeriod(Work& work, JournalCodes& journals,
                                                    const model::Date& from, const model::Date& to,
                                                    int64_t after_id, int limit);

}  // namespace kontor::odoo
