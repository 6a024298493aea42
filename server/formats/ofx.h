// SPDX-License-Identifier: Apache-2.0
// Statements that banks offer for download: Open Financial Exchange, 1.x (SGML) and 2.x (XML).
#pragma once

#include "absl/status/status.h"
#include "server/ports/codec.h"

namespace kontor::formats {

/// Reads the bank and credit card statements of one OFX file. OFX names a ledger balance at the end
/// and none at the beginning, so these statements stay UNPROVEN: FITID tells the lines apart.
/// The dialects are read by one scanner: tags may be left open (SGML), a document type is refused.
/// Errors: FORMAT_UNKNOWN, FORMAT_INVALID, FORMAT_TRUNCATED (no </OFX>), FORMAT_LIMIT,
/// XML_FORBIDDEN, what source or sink answer. After an error nothing that the sink was told may be
/// used. Memory: one line. Thread-safe: calls share nothing.
absl::Status ReadOfx(ports::ByteSource& source, ports::StatementSink& sink,
                     ports::ReadReport& report);

}  // namespace kontor::formats
