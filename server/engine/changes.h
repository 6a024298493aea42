// SPDX-License-Identifier: Apache-2.0
// Changes that the addon tells: each goes through observe.h, or becomes an event of its own, and is
// acknowledged only once that is durable here. A crash in between tells it twice to us and once to
// subscribers.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/engine/core.h"

namespace kontor::engine {

/// Fetches what the addon has for the entity's company, takes it in for every live entity of that
/// company, by whatever connection to the same database, and acknowledges it. Changes of documents
/// that kontor itself is at work on stay there until it is done. Repeatable.
absl::Status TakeChanges(Core& core, const OpenConnection& open, const Entity& entity);

}  // namespace kontor::engine
