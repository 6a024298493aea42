// SPDX-License-Identifier: Apache-2.0
// Which database answers (DESIGN 11): the marker record and, with the addon, database.uuid, both
// checked where both are known. Either may come later than the other, or go.
#pragma once

#include <string>

#include "server/engine/engine.h"

namespace kontor::engine {

/// Why the one that answers is not the one the connection is bound to, as "another database" or "a
/// neutralised copy"; empty when it is, or when the connection is not bound yet. Pure.
std::string MismatchOf(const Connection& bound, const ports::ErpIdentity& got);

/// Name of the cursor with the highest event sequence that the connection's addon has shown: a
/// lower one means a database that was rewound.
std::string SequenceCursor(const std::string& connection);

}  // namespace kontor::engine
