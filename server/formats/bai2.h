// SPDX-License-Identifier: Apache-2.0
// Balance reports of American and British banks: BAI2, "Cash Management Balance Reporting
// Specifications, version 2".
#pragma once

#include "absl/status/status.h"
#include "server/ports/codec.h"

namespace kontor::formats {

/// Reads one BAI2 file; each account of each group is a statement. Amounts are whole minor units of
/// the account's currency (the group's, or USD). Control totals and record counts of accounts, of
/// groups and of the file are held against what was read: those of an account make its proof
/// REFUSED, those above it fail the file. Same-day groups are INTRADAY with pending lines.
/// Errors: FORMAT_UNKNOWN, FORMAT_INVALID (records out of place), FORMAT_TRUNCATED (no 99 record),
/// TOTALS_MISMATCH, FORMAT_LIMIT, what source or sink answer. After an error nothing that the sink
/// was told may be used. Memory: one line. Thread-safe: calls share nothing.
absl::Status ReadBai2(ports::ByteSource& source, ports::StatementSink& sink,
                      ports::ReadReport& report);

}  // namespace kontor::formats
