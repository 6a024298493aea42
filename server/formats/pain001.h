// SPDX-License-Identifier: Apache-2.0
// Credit transfer orders of ISO 20022: pain.001.001.03 and .09, written strictly and read back.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/formats/dialect.h"
#include "server/model/payment_order.h"
#include "server/ports/codec.h"

namespace kontor::formats {

/// Begins the file of an order; see ports::PaymentOrderWriter. `canonical` (may be null) is given
/// the order's normal form, model/payment_canon.h. Dialect and sinks outlive the writer.
absl::StatusOr<std::unique_ptr<ports::PaymentOrderWriter>> BeginPain001(
    const Dialect& dialect, const model::PaymentOrderHeader& header, ports::ByteSink& out,
    ports::ByteSink* canonical);

/// Writes an order that is in memory.
absl::Status WritePain001(const Dialect& dialect, const model::PaymentOrder& order,
                          ports::ByteSink& out, ports::ByteSink* canonical);

/// Reads a pain.001.001.03 or .09 back, to prove that it says what was approved. Strict: elements
/// that kontor does not write are refused, since they could change what is paid; so are wrong
/// counts and sums and ids that come twice. Errors: FORMAT_UNKNOWN, FORMAT_INVALID,
/// FORMAT_TRUNCATED, FORMAT_LIMIT, XML_FORBIDDEN, TOTALS_MISMATCH, ID_NOT_UNIQUE, what source or
/// sinks answer.
/// `canonical` as above: the same bytes as the writer gave, or it is not the same order.
absl::Status ReadPain001(ports::ByteSource& source, ports::PaymentOrderSink& sink,
                         ports::ByteSink* canonical);

}  // namespace kontor::formats
