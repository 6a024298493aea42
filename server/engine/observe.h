// SPDX-License-Identifier: Apache-2.0
// The one door for what is seen in Odoo (DESIGN 6): compare and set. Nothing new, no event; an
// older reading never overwrites a newer one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/core.h"

namespace kontor::engine {

/// A reading on its way in.
struct Observation {
  ports::ErpSnapshot snapshot;
  /// ObservedRow's version before the reading began; 0: there was none.
  int64_t version_before = 0;
};

/// Records whose reading was not taken in: another reading was first, or kontor is at work on them.
/// They are to be looked at again.
using LeftRecords = std::vector<model::ErpRecord>;

/// Takes readings of one entity's records in one unit and writes the events that follow. `left`, if
/// given, is set.
absl::Status Observe(Core& core, const Entity& entity, std::span<const Observation> observations,
                     LeftRecords* left = nullptr);

/// Reads records and observes them, with the versions taken before the read.
absl::Status ReadAndObserve(Core& core, ports::Erp& erp, const Entity& entity,
                            std::span<const model::ErpRecord> records,
                            LeftRecords* left = nullptr);

/// Takes a page of changes for a hint where to look: what differs from what kontor knows is read
/// again. The page itself may be older than kontor's last reading, and Odoo's write_date, whole
/// seconds, cannot tell.
absl::Status ObserveChanges(Core& core, ports::Erp& erp, const Entity& entity,
                            std::span<const ports::ErpSnapshot> changes,
                            LeftRecords* left = nullptr);

/// As Engine::Refresh.
absl::StatusOr<ports::DocumentRow> Refresh(Core& core, const std::string& document_id);

/// Types of the events between two readings of a document, without the noun: paid,
/// payment_state_changed, changed_in_odoo, deleted_in_odoo. Pure.
std::vector<std::string> ChangesBetween(const ports::ErpSnapshot& before,
                                        const ports::ErpSnapshot& after);
/// Subject of a record that is not kontor's: odoo:<connection>/<model>/<id>.
std::string ForeignSubject(const std::string& connection, const model::ErpRecord& record);

}  // namespace kontor::engine
