// SPDX-License-Identifier: Apache-2.0
// The tables, as numbered migrations that run on both engines. A migration that has been released
// is never changed: a new one follows it.
#pragma once

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/ports/crypto.h"
#include "server/store/internal/sql.h"

namespace kontor::store::internal {

/// The version that this program makes and understands.
int SchemaVersion();

/// The version of the store; 0 when it is empty. STORE_NEWER when this program is too old for it.
absl::StatusOr<int> ReadSchemaVersion(Session& session);

/// Brings the store to SchemaVersion() in one transaction, which also keeps other nodes out, and
/// checks that the sealing key is the one the store was made with. Repeatable.
/// Errors: STORE_NEWER, SEAL_BROKEN, STORE_UNAVAILABLE, STORE_FULL.
absl::Status Migrate(Session& session, const ports::Crypto& crypto, const base::Clock& clock,
                     StoreOpenInfo* info);

}  // namespace kontor::store::internal
