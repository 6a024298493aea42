// SPDX-License-Identifier: Apache-2.0
// Invoices as a shop sends them: real texts, prices of two decimals, none like another.
#pragma once

#include <cstdint>
#include <string>

#include "kontor/v1/invoice.pb.h"

namespace kontor::bench {

/// An invoice of `lines` lines; `number` makes its texts and prices its own.
void FillInvoice(int64_t number, int lines, ::kontor::v1::Invoice* out);

/// A create request with a request id that `run` and `number` make unique.
::kontor::v1::CreateInvoiceRequest CreateRequest(const std::string& run, int64_t number,
                                                 int lines);

/// A text that no other run has.
std::string NewRunName();

}  // namespace kontor::bench
