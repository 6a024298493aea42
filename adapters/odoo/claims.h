// SPDX-License-Identifier: Apache-2.0
// Claims as Odoo's own expenses. On 17 and 18 a claim is an hr.expense.sheet with its lines; on 19
// it is several hr.expense, and the record of the claim is the first of them: the others have its
// external id with a number behind it. Once booked, a claim is known by its account.move.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "adapters/odoo/snapshot.h"
#include "server/model/catalogue.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// Whether hr_expense is installed. One call that every user may make.
absl::StatusOr<bool> HasExpenses(Work& work);

/// hr.expense.sheet or hr.expense.
bool IsClaimModel(std::string_view model);

/// As CreateDocuments.
absl::StatusOr<std::vector<model::ErpRecord>> CreateClaims(
    Work& work, const model::Catalogue& catalogue, std::span<const ports::DraftRequest> requests);

/// Submits, approves and posts what is not yet; see ports::Erp::PostClaim.
absl::Status PostClaim(Work& work, const model::Catalogue& catalogue,
                       const ports::DraftRequest& request, const model::ErpRecord& record);

/// The move of a claim that is posted, else the record itself.
absl::StatusOr<model::ErpRecord> BookedAs(Work& work, const model::ErpRecord& record);

/// A posted claim reads as its move; one that is not reads as a draft, whoever approved it.
absl::StatusOr<ports::ErpSnapshot> ReadClaim(Work& work, JournalCodes& journals,
                                             const model::ErpRecord& record);

/// Takes back what was approved and deletes the expenses; gone already is done. STATE_CONFLICT when
/// it is posted.
absl::Status RemoveClaim(Work& work, const model::ErpRecord& record);

}  // namespace kontor::odoo
