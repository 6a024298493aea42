// SPDX-License-Identifier: Apache-2.0
// Connections and entities as administrators configure them, the check of a connection, and the end
// of a suspension by two people.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/engine/core.h"

namespace kontor::engine {

/// As in engine.h.
absl::StatusOr<Connection> PutConnection(Core& core, const ports::Actor& actor,
                                         Connection connection, bool create,
                                         const RequestKey& key);
absl::StatusOr<Entity> PutEntity(Core& core, const ports::Actor& actor, Entity entity, bool create,
                                 const RequestKey& key);
absl::StatusOr<ports::ErpReport> CheckConnection(Core& core, const ports::Actor& actor,
                                                 const std::string& connection,
                                                 const std::string& entity);
absl::StatusOr<Agreement> ReleaseConnection(Core& core, const ports::Actor& actor,
                                                  const std::string& connection,
                                                  const std::string& reason,
                                                  const RequestKey& key);
/// Suspends every connection as RESTORE_HOLD: the store was restored from a backup. Repeatable.
absl::Status HoldForRestore(Core& core);

/// Cursor that tells when an entity was last reconciled, and when a connection was put on hold.
std::string ReconciledCursor(const std::string& entity);
std::string HeldCursor(const std::string& connection);

}  // namespace kontor::engine
