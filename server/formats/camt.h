// SPDX-License-Identifier: Apache-2.0
// Statements, reports and notifications of ISO 20022: camt.053, camt.052 and camt.054.
#pragma once

#include "absl/status/status.h"
#include "server/ports/codec.h"

namespace kontor::formats {

/// Versions that were read against their schemas; others are read as far as they are like these,
/// and the report says so.
inline constexpr int kCamtVersionMin = 2;
inline constexpr int kCamtVersionMax = 8;

/// Reads one camt.052, .053 or .054 document, statement by statement.
/// Lines are handed out signed as the bank wrote them (see model::BookedAmount); amounts are exact.
/// A part that cannot be read is a finding of its statement, whose proof is then REFUSED; reading
/// goes on, so that all findings are told.
/// Answers OK only when the whole document was there and well-formed. Errors: FORMAT_UNKNOWN (no
/// camt), FORMAT_INVALID, FORMAT_TRUNCATED, FORMAT_LIMIT, XML_FORBIDDEN, what source or sink
/// answer. After an error nothing that the sink was told may be used.
/// Memory: one line with at most kCamtDetailsHeld details. Thread-safe: calls share nothing.
absl::Status ReadCamt(ports::ByteSource& source, ports::StatementSink& sink,
                      ports::ReadReport& report);

/// Details of one line that are held back for it; those of larger batches go ahead of it.
inline constexpr size_t kCamtDetailsHeld = 1000;

}  // namespace kontor::formats
