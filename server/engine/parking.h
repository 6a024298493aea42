// SPDX-License-Identifier: Apache-2.0
// Operations that wait for something which ends by itself, and who wakes them.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/engine/core.h"

namespace kontor::engine {

/// Looks at parked operations that are due: READY when nothing holds them any more. True when any
/// was woken.
bool WakeDue(Core& core);
/// Looks at every parked operation of the entity now: after its mode, or its connection's, changed.
absl::Status WakeEntity(Core& core, const std::string& entity);
/// Ends the exceptions that only a locked period made, once the period is open again in Odoo.
bool WatchPeriods(Core& core);

}  // namespace kontor::engine
