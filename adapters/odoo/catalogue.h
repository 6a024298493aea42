// SPDX-License-Identifier: Apache-2.0
// Odoo's master data of one company, and what kontor's user may and should not do there.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "adapters/odoo/snapshot.h"
#include "server/base/clock.h"
#include "server/model/catalogue.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// The whole catalogue; parts that the user may not read stay empty and are named in
/// missing_rights. Learns the journals' codes on the way.
absl::StatusOr<model::Catalogue> ReadCatalogue(Work& work, JournalCodes& journals,
                                               const base::Clock& clock);

/// The company's lock dates alone: one small call.
absl::StatusOr<model::LockDates> ReadLockDates(Work& work);

/// Every company that the connection's user sees, whatever the company of the work.
absl::StatusOr<std::vector<ports::ErpCompany>> ReadCompanies(Work& work);

absl::StatusOr<ports::ErpPrecision> ReadPrecision(Work& work);

/// What keeps kontor from posting Odoo's own expenses, in words for people; empty: nothing.
absl::StatusOr<std::vector<std::string>> ReadExpenseObstacles(Work& work);

struct Rights {
  std::vector<std::string> missing;  ///< "account.move:create"
  std::vector<std::string> excess;   ///< Group names, such as base.group_system.
};
/// Asks model by model and group by group.
absl::StatusOr<Rights> ReadRights(Work& work);

}  // namespace kontor::odoo
