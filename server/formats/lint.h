// SPDX-License-Identifier: Apache-2.0
// Says of any file what it holds, whether it adds up, and what a bank would refuse and where.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/formats/csv.h"
#include "server/formats/detect.h"
#include "server/formats/dialect.h"
#include "server/ports/codec.h"

namespace kontor::formats {

struct LintOptions {
  /// For payment orders; null: the rules that all banks share.
  const Dialect* dialect = nullptr;
  /// For tables; null: they are recognised and not read.
  const CsvMapping* mapping = nullptr;
};

/// One statement in a few words. Account numbers are masked.
struct LintStatement {
  model::StatementKind kind = model::StatementKind::kEndOfDay;
  std::string id;
  std::string account;
  std::string currency;
  std::string opening;  ///< "100.00"; empty: the file has none.
  std::string closing;
  std::string date;  ///< Of the closing balance; empty: none.
  model::StatementProof proof;
};

/// How a file came out; kontorctl's exit codes follow it.
enum class LintGrade {
  kFine,        ///< Read whole; nothing to say but perhaps hints.
  kUnproven,    ///< Read whole, and nothing in it proves or contradicts it.
  kRefused,     ///< Read whole, but it does not add up, or a bank would refuse it.
  kUnreadable,  ///< Not read to its end, or no format that kontor reads.
};

struct LintResult {
  static constexpr size_t kStatementsMax = 1000;  ///< More are counted in `report` only.
  static constexpr size_t kFindingsMax = 1000;
  LintGrade grade = LintGrade::kUnreadable;
  Detected detected;
  ports::ReadReport report;
  std::vector<LintStatement> statements;
  int64_t instruction_count = 0;  ///< Of an order or a status report.
  int64_t transfer_count = 0;
  std::map<std::string, std::string> sums;       ///< Currency → sum of an order's transfers.
  std::map<std::string, int64_t> status_counts;  ///< Status code → how many, of a report.
  std::string subject;  ///< Message id of an order, or of the order a report is about.
  std::vector<model::Finding> findings;  ///< Of the file and all its parts, in its order.
  int64_t finding_count = 0;             ///< All, also those that are not kept.
  absl::Status end;                      ///< What reading answered.
};

/// Reads the file once, whatever it is. Constant memory. Thread-safe: calls share nothing.
LintResult Lint(ports::ByteSource& source, const LintOptions& options);

std::string_view NameOf(LintGrade grade);

}  // namespace kontor::formats
