// SPDX-License-Identifier: Apache-2.0
// Configured things and readings as the JSON that stands in the store and in events. Pure; never
// lets a JSON exception out; never writes a secret anywhere but into the sealed body.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/engine.h"
#include "server/model/event.h"

namespace kontor::engine {

inline constexpr std::string_view kEntityKind = "entity";
inline constexpr std::string_view kConnectionKind = "connection";
/// Object kind and name of the posting rules of the whole server: {"rules": [...]}.
inline constexpr std::string_view kPolicyKind = "policy";
inline constexpr std::string_view kPostingPolicyName = "posting";
inline constexpr std::string_view kProposalKind = "proposal";

std::string_view NameOf(Mode mode);
std::optional<Mode> ParseMode(std::string_view name);
std::string_view NameOf(AddonUse use);
std::optional<AddonUse> ParseAddonUse(std::string_view name);

/// Bodies of the objects of kind "entity" and "connection"; reading answers FIELD_INVALID on
/// anything that was not written by the other half.
std::string ToJson(const Entity& entity);
absl::StatusOr<Entity> EntityFromJson(std::string_view json);
/// With the api_key: for the sealed body alone.
std::string ToJson(const Connection& connection);
absl::StatusOr<Connection> ConnectionFromJson(std::string_view json);
std::string ToJson(const std::vector<PostingRule>& rules);
absl::StatusOr<std::vector<PostingRule>> PostingRulesFromJson(std::string_view json);

/// A reading as flat JSON: amounts and dates as text; `read_time` tells when. Stored as booked.
std::string ToJson(const ports::ErpSnapshot& snapshot, absl::Time read);
absl::StatusOr<ports::ErpSnapshot> SnapshotFromJson(std::string_view json);
/// What decides whether two readings say the same: all but write_date, read_time and company_name.
std::string ComparableOf(const ports::ErpSnapshot& snapshot);

/// The snapshot of a document in an event: asked content, place in Odoo, what was booked, and the
/// findings when there is an exception. `booked` is a reading as ToJson writes it, or empty.
std::string EventData(const ports::DocumentRow& row, const model::Document& document,
                      const model::Operation* operation, std::string_view booked,
                      const model::ExceptionCase* exception);
/// The snapshot of a record that people made in Odoo.
std::string ForeignEventData(const Entity& entity, const ports::ErpSnapshot& snapshot,
                             absl::Time read);

/// A change of something that is no booking, as the addon told it.
std::string ChangeEventData(const Entity& entity, const ports::ErpChange& change);

/// {"state":"READY"} for the audit.
std::string StateJson(std::string_view state);
/// Everything but the secret, for the audit.
std::string MaskedConnectionJson(const Connection& connection);

}  // namespace kontor::engine
