// SPDX-License-Identifier: Apache-2.0
// What comparing kontor with Odoo answers: counts and sums, balances, and each difference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/model/money.h"
#include "server/model/operation.h"

namespace kontor::engine {

/// One difference between kontor and Odoo; each becomes an exception.
struct Difference {
  std::string kind;  ///< MISSING_IN_ODOO, MISSING_IN_KONTOR, AMOUNT, DATE, STATE, BALANCE.
  std::string document_id;
  std::string external_id;
  model::ErpRecord record;
  std::string asked;
  std::string got;
  std::string exception_id;
  std::string message;  ///< One sentence about it.
  /// What the exception is about; empty: the document, else the record in Odoo.
  std::string subject;
  std::string journal_code;  ///< For what is about a bank, as the two below.
  std::string date;
  std::string statement_id;
};
struct ReconcileRow {
  std::string journal_code;
  std::string currency_code;
  model::Date date;
  int64_t kontor_count = 0;
  int64_t erp_count = 0;  ///< Of kontor's documents; others are not counted.
  int64_t kontor_total_minor = 0;
  int64_t erp_total_minor = 0;
};
/// The closing balance of one statement.
struct ReconcileBalance {
  std::string journal_code;
  std::string date;
  std::string statement_id;
  model::Money kontor;
  std::optional<model::Money> erp;  ///< None: the statement is gone in Odoo.
};
/// What was found about bank journals.
struct BankComparison {
  std::vector<ReconcileRow> rows;
  std::vector<ReconcileBalance> balances;
  std::vector<Difference> differences;
};
struct ReconcileReport {
  std::string entity;
  model::Date from;
  model::Date to;
  std::vector<ReconcileRow> rows;
  std::vector<ReconcileRow> bank_rows;
  std::vector<ReconcileBalance> bank_balances;
  std::vector<Difference> differences;  ///< Of documents, then of banks.
};

}  // namespace kontor::engine
