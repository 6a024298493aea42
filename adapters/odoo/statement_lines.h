// SPDX-License-Identifier: Apache-2.0
// Bank statements in Odoo; ports/erp_bank.h has the contract.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "server/model/catalogue.h"
#include "server/ports/erp_bank.h"

namespace kontor::odoo {

absl::StatusOr<std::vector<model::ErpRecord>> CreateBankLines(
    Work& work, const model::Catalogue& catalogue, const std::string& journal_code,
    std::span<const ports::StatementLineDraft> lines);
absl::StatusOr<model::ErpRecord> CreateBankStatement(Work& work,
                                                     const ports::StatementDraft& statement);
absl::Status SettleBankLine(Work& work, const model::Catalogue& catalogue,
                            const ports::StatementLineSettlement& settlement);

// statement_reading.cc
absl::StatusOr<ports::StatementLinePage> ReadBankLines(Work& work,
                                                       const model::Catalogue& catalogue,
                                                       const std::string& journal_code,
                                                       const base::Date& from,
                                                       const base::Date& to, int64_t after_id,
                                                       int limit);
absl::StatusOr<std::vector<ports::StatementLineSeen>> FindBankLines(
    Work& work, const model::Catalogue& catalogue, const std::vector<int64_t>& ids);
absl::StatusOr<std::vector<ports::StatementSeen>> FindBankStatements(
    Work& work, const std::vector<int64_t>& ids);

}  // namespace kontor::odoo
