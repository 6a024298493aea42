// SPDX-License-Identifier: Apache-2.0
// From the status of a call to what happens to its operations: the closed table of DESIGN 5.7.
// What is not in it is UNKNOWN. Pure.
#pragma once

#include "absl/status/status.h"
#include "server/engine/engine.h"
#include "server/engine/items.h"

namespace kontor::engine {

/// Whether the step changes Odoo; the others only read.
bool ChangesErp(model::StepKind kind);

/// The verdict about every operation of a failed call.
Verdict VerdictOn(const absl::Status& failure, model::StepKind kind);

/// Whether the failure says something about the connection, not about the documents.
bool IsAboutConnection(const absl::Status& failure);
/// Whether trying again never wears out: nobody is at the other end, or it asks for patience.
bool IsPatient(const absl::Status& failure);

/// How long until try number `attempt` (1, 2, …) is repeated: doubling from first to most.
absl::Duration BackoffFor(int attempt, absl::Duration first, absl::Duration most);

}  // namespace kontor::engine
