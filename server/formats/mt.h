// SPDX-License-Identifier: Apache-2.0
// Statements and interim reports of SWIFT: MT940 and MT942, as banks of many countries send them.
#pragma once

#include "absl/status/status.h"
#include "server/ports/codec.h"

namespace kontor::formats {

/// Reads a file of MT940 and MT942 messages, with or without SWIFT's envelope; each is a statement.
/// Text that is no UTF-8 is taken for ISO 8859-1. What :86: holds is understood where it follows a
/// known scheme and is text otherwise. Lines of an MT942 are pending: only statements book.
/// A field that cannot be read is a finding of its statement, whose proof is then REFUSED.
/// Errors: FORMAT_UNKNOWN (no message at all), FORMAT_INVALID (fields outside of a message),
/// FORMAT_TRUNCATED (a last message without its closing balance), FORMAT_LIMIT, what source or sink
/// answer. After an error nothing that the sink was told may be used. Memory: one line.
/// Thread-safe: calls share nothing.
absl::Status ReadMt(ports::ByteSource& source, ports::StatementSink& sink,
                    ports::ReadReport& report);

}  // namespace kontor::formats
