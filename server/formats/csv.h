// SPDX-License-Identifier: Apache-2.0
// Statements as tables: CSV, by a mapping that is data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/ports/codec.h"

namespace kontor::formats {

/// Which column holds what. Columns are named by the table's head, or by their number from 1 as
/// "#3" where a table has no head. Empty: the table has no such column.
struct CsvMapping {
  std::string name;  ///< Of the mapping.
  char delimiter = ',';
  char quote = '"';
  bool has_head = true;
  int lines_before = 0;                    ///< Lines above the head, skipped.
  std::string date_format = "YYYY-MM-DD";  ///< YYYY or YY, MM and DD with what stands between.
  char decimal_mark = '.';
  char thousands_mark = 0;  ///< 0: none.

  std::string booking_date;  ///< Required.
  std::string value_date;
  std::string amount;  ///< Either this, or credit and debit.
  std::string credit;
  std::string debit;
  std::string direction;                  ///< With it the amount's own sign does not count.
  std::vector<std::string> credit_words;  ///< What `direction` says for money that comes in.
  std::vector<std::string> debit_words;
  std::string currency_column;
  std::string balance;  ///< After the line.
  std::string reference;
  std::string end_to_end_id;
  std::string other_name;
  std::string other_account;
  std::string other_bank;
  std::vector<std::string> text;  ///< Joined in this order.
  std::string code;

  std::string account;   ///< Of the whole table; required.
  std::string currency;  ///< Of the whole table, or of rows that name none.
};

/// Reads a mapping from JSON with the names above. Errors: FIELD_INVALID or FIELD_MISSING with the
/// key; unknown keys are refused.
absl::StatusOr<CsvMapping> ParseCsvMapping(std::string_view json);

/// Reads one table as one statement. With a balance column each row is proven by it, whichever way
/// the table is sorted; the proof's basis is then RUNNING_BALANCES, which proves the rows that are
/// there and not that none is missing at the end. Without one the statement stays UNPROVEN.
/// Errors: FORMAT_UNKNOWN (a mapped column is not there), FORMAT_INVALID (a row of another width),
/// FORMAT_TRUNCATED (an open quote at the end), FORMAT_LIMIT, what source or sink answer. After an
/// error nothing that the sink was told may be used. Memory: one row. Thread-safe: calls share
/// nothing.
absl::Status ReadCsv(ports::ByteSource& source, const CsvMapping& mapping,
                     ports::StatementSink& sink, ports::ReadReport& report);

}  // namespace kontor::formats
