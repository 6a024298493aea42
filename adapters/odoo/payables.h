// SPDX-License-Identifier: Apache-2.0
// Vendor bills and payments with the accounts that they go to. Changes nothing.
#pragma once

#include <span>
#include <vector>

#include "adapters/odoo/session.h"
#include "adapters/odoo/snapshot.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// One page; a handful of questions, however many bills.
absl::StatusOr<ports::PayablePage> ReadPayableBills(Work& work, JournalCodes& journals,
                                                    const ports::PayableQuery& query);

/// These payments whatever their state, by id; those that are missing or of another company are
/// left out.
absl::StatusOr<std::vector<ports::BookedPayment>> ReadBookedPayments(Work& work,
                                                                     JournalCodes& journals,
                                                                     std::span<const int64_t> ids);

/// See Erp::ReadVendors.
absl::StatusOr<std::vector<model::NamedId>> ReadVendorPage(Work& work, int64_t after_id);

}  // namespace kontor::odoo
