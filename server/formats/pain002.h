// SPDX-License-Identifier: Apache-2.0
// Payment status reports of ISO 20022: pain.002, from version 3 to 11, and the Swiss variant of
// version 3 with a namespace of its own.
#pragma once

#include "absl/status/status.h"
#include "server/model/payment_order.h"
#include "server/ports/codec.h"

namespace kontor::formats {

inline constexpr int kPain002VersionMin = 3;
inline constexpr int kPain002VersionMax = 11;

/// Reads one report. What only informs and cannot be read is a warning of the report's; a report
/// that doesn't say what it is about (OrgnlMsgId) has an error among its findings and must not be
/// acted on. `report.line_count` counts transfers. Answers OK only when the whole document was
/// there. Errors: FORMAT_UNKNOWN, FORMAT_INVALID, FORMAT_TRUNCATED, FORMAT_LIMIT, XML_FORBIDDEN,
/// what source or sink answer. Constant memory. Thread-safe: calls share nothing.
absl::Status ReadPain002(ports::ByteSource& source, ports::PaymentStatusSink& sink,
                         ports::ReadReport& report);

}  // namespace kontor::formats
