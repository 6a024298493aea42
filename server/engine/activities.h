// SPDX-License-Identifier: Apache-2.0
// Open exceptions as activities on the record in Odoo, for people who live there (DESIGN 7).
#pragma once

#include "server/engine/core.h"

namespace kontor::engine {

/// Makes an activity for each open exception whose document has a record in Odoo and that was
/// opened lately. Repeatable by external id; a failure only leaves the activity out.
void ScheduleActivities(Core& core);

}  // namespace kontor::engine
