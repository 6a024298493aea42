// SPDX-License-Identifier: Apache-2.0
// What flows ask of the engine about documents, from threads that may wait for the answer.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/engine.h"
#include "server/model/operation.h"
#include "server/ports/store.h"

namespace kontor::engine {

/// Accepts and blocks until the document is on disk; repeatable by its request id. Beside what
/// Engine::Accept answers: DEADLINE_EXCEEDED when the engine has not answered in time; the document
/// may be accepted all the same. Never called on an engine or commit thread.
absl::StatusOr<AcceptResult> AcceptBlocking(Engine& engine, const ports::Actor& actor,
                                            AcceptRequest request);

/// The operation as the store has it; none when it is gone. Blocks on the store.
absl::StatusOr<std::optional<model::Operation>> FindOperation(ports::Store& store,
                                                              const std::string& id);

}  // namespace kontor::engine
