// SPDX-License-Identifier: Apache-2.0
// Which characters banks take, and what becomes of the others.
#pragma once

#include <string>
#include <string_view>

#include "server/formats/dialect.h"

namespace kontor::formats::internal {

/// The first character of the text that the set does not have, as UTF-8; empty when all are fine.
/// Bytes that are no UTF-8 are shown as U+FFFD.
std::string FirstForeign(std::string_view text, CharacterSet set);

/// Whether the text is an id that all banks take: 1 to 35 characters of the SEPA set without
/// spaces, no slash at either end, no two slashes in a row.
bool IsWireId(std::string_view text);

}  // namespace kontor::formats::internal
