// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace kontor::bench {

/// Writes a pain.001 with that many payments in one pass, reads it back, compares the normal forms
/// by a running hash, prints time and memory. 0 when all is right.
int RunOrders(long payments, const std::string& folder);

}  // namespace kontor::bench
