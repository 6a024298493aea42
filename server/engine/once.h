// SPDX-License-Identifier: Apache-2.0
// A change that a caller asks for again, because the answer was lost, is made once: its request id
// is kept in the unit that makes the change. Documents have their own way, see accept.h.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/engine.h"

namespace kontor::engine {

/// What was kept for that request when it was carried out; nullopt when it was not, or has no id.
/// REQUEST_ID_REUSED when the id stands for another request of the same source.
absl::StatusOr<std::optional<std::string>> AnswerToRepeat(ports::ReadView& view,
                                                          const ports::Actor& actor,
                                                          const RequestKey& key);

/// Keeps the request with its answer, in the unit that carries it out. VERSION_CONFLICT at
/// `request_id` when the same request was carried out meanwhile. Without an id nothing is kept.
absl::Status KeepRequest(ports::Unit& unit, const ports::Actor& actor, const RequestKey& key,
                         const std::string& answer);

/// How the answer to a release of connections is kept, and read again.
std::string ToText(const Agreement& progress);
Agreement AgreementFrom(const std::string& text);

/// Whether a change failed because the same request was carried out meanwhile.
bool WasCarriedOutMeanwhile(const absl::Status& status);

}  // namespace kontor::engine
