// SPDX-License-Identifier: Apache-2.0
// The last thing in a transaction: the head row is locked, events get their numbers, the audit is
// chained. Because the lock is held until the commit, numbers become visible in order, without
// gaps, on PostgreSQL too.
#pragma once

#include <vector>

#include "server/ports/crypto.h"
#include "server/store/internal/sql.h"
#include "server/store/internal/unit.h"

namespace kontor::store::internal {

/// Where feed and audit stand.
struct Heads {
  int64_t event_sequence = 0;
  int64_t audit_sequence = 0;
  std::string audit_hash;  ///< Empty before the first row.
};

absl::StatusOr<Heads> ReadHeads(Session& session);

/// Numbers and writes all events and audit rows of the transaction; the heads after it. Without
/// any of either it locks nothing and answers nullopt.
absl::StatusOr<std::optional<Heads>> AppendFeed(Session& session, const ports::Crypto& crypto,
                                                std::vector<UnitOnSession::Effects*>& effects);

/// "sequence:hash".
std::string AuditHeadText(const Heads& heads);
/// FIELD_INVALID on anything else; an empty text is sequence 0.
absl::StatusOr<Heads> ParseAuditHead(const std::string& text);

/// Reads the whole chain, in the transaction that is open, in pages; the number of rows.
/// AUDIT_BROKEN naming the first bad row.
absl::StatusOr<int64_t> VerifyChain(Session& session, const ports::Crypto& crypto,
                                    const Heads& exported);

}  // namespace kontor::store::internal
