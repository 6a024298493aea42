// SPDX-License-Identifier: Apache-2.0
// The normal form of a payment order, piece by piece: what people approve, what a file holds and
// what is read back from it are the same bytes, or they are not the same order. Whoever has a hash
// digests the pieces in order (header, then each instruction and its transfers).
#pragma once

#include <string>

#include "server/model/payment_order.h"

namespace kontor::model {

/// Version of this normal form; it leads the header's piece. A new one never reinterprets old
/// digests.
inline constexpr int kPaymentCanonVersion = 1;

/// Every field that is not empty, as `name=length:value;`, nested parts in braces; ends in a line
/// feed. No two different values have one text. Pure.
std::string CanonicalText(const PaymentOrderHeader& header);
std::string CanonicalText(const PaymentInstruction& instruction);
std::string CanonicalText(const CreditTransfer& transfer);
/// All pieces of an order in memory.
std::string CanonicalText(const PaymentOrder& order);

}  // namespace kontor::model
