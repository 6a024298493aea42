// SPDX-License-Identifier: Apache-2.0
// What changes existing records: posting, reconciling, undoing, removing. Each reads the state
// first and does only what is still to do, so that a repeat is harmless.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "adapters/odoo/session.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

absl::Status PostRecords(Work& work, std::span<const model::ErpRecord> records);
absl::Status ReconcileMoves(Work& work, const ports::ReconcileRequest& request);
absl::Status RemoveDraftRecords(Work& work, std::span<const model::ErpRecord> records);
absl::Status UndoRecord(Work& work, const model::ErpRecord& record);
absl::Status CorrectTaxLine(Work& work, const model::ErpRecord& record, const model::Money& tax);

}  // namespace kontor::odoo
