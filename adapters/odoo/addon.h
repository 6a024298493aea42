// SPDX-License-Identifier: Apache-2.0
// Calls of the addon kontor_connector, where Odoo has it. What it cannot do goes the way of load().
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"
#include "server/model/catalogue.h"
#include "server/ports/erp.h"

namespace kontor::odoo {

/// The version of the contract with the addon that is spoken here.
inline constexpr int64_t kAddonProtocol = 1;

/// What the addon says of itself and its database.
struct AddonIdentity {
  bool usable = false;
  std::string missing;         ///< Why it is not usable, in a sentence.
  std::string version;
  std::string database_uuid;
  bool neutralised = false;
  int64_t event_sequence = 0;
};

/// Asks for the addon. Absent, closed to this user or of another protocol is an answer, not an
/// error; only a call that did not come through is one.
absl::StatusOr<AddonIdentity> AskAddon(Work& work);

/// As ports::Erp::Apply, Find, FetchChanges and AcknowledgeChanges.
absl::StatusOr<std::vector<ports::ApplyResult>> ApplyDocuments(
    Work& work, const model::Catalogue& catalogue, std::span<const ports::ApplyRequest> requests,
    bool post);
absl::StatusOr<std::vector<ports::FoundResult>> FindApplied(
    Work& work, std::span<const std::string> external_ids);
absl::StatusOr<std::vector<ports::ErpChange>> FetchAddonChanges(Work& work, int64_t after_id,
                                                                int limit);
absl::Status AcknowledgeAddonChanges(Work& work, std::span<const int64_t> ids);

/// A snapshot of the addon's in the terms of a reading over RPC, so that the two compare equal.
/// ODOO_ANSWER_UNREADABLE for amounts that are none. Pure.
absl::StatusOr<ports::ErpSnapshot> SnapshotOfAddon(const Json& value);

/// The finding behind a refusal of the addon's, in the catalogue's reasons and the document's
/// fields. Pure.
model::Finding FindingOfAddon(const Json& error, model::DocumentType type);

}  // namespace kontor::odoo
