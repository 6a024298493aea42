// SPDX-License-Identifier: Apache-2.0
// Files of the American clearing house: NACHA's fixed records of 94 characters, read.
#pragma once

#include "absl/status/status.h"
#include "server/ports/codec.h"

namespace kontor::formats {

/// Reads one file; each batch is a statement of kind CLEARING_FILE. CCD, PPD, CTX and batches laid
/// out like them (WEB, TEL, …), returns (addenda 99) and notifications of change (addenda 98, COR).
/// Lines are signed as seen from the receiver's account and are pending: a clearing file books
/// nothing. A return is a line whose detail carries the reason and the trace number of the entry
/// that came back; a notification of change moves no money.
/// Counts, sums and hashes of batches are held against what was read: a batch that differs is
/// REFUSED; those of the file fail it. Batches laid out differently (IAT, ADV) are refused.
/// Errors: FORMAT_UNKNOWN, FORMAT_INVALID (records out of place or of the wrong length),
/// FORMAT_TRUNCATED (no file control record), TOTALS_MISMATCH, what source or sink answer. After an
/// error nothing that the sink was told may be used. Memory: one line. Thread-safe: calls share
/// nothing.
absl::Status ReadNacha(ports::ByteSource& source, ports::StatementSink& sink,
                       ports::ReadReport& report);

}  // namespace kontor::formats
