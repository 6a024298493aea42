// SPDX-License-Identifier: Apache-2.0
// Vendor bills with the accounts that they are to be paid to. Changes nothing.
#pragma once

#include "adapters/odoo/session.h"
#include "adapters/odoo/snapshot.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// One page; a handful of questions, however many bills.
absl::StatusOr<ports::PayablePage> ReadPayableBills(Work& work, JournalCodes& journals,
                                                    const ports::PayableQuery& query);

}  // namespace kontor::odoo
