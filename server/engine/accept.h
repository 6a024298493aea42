// SPDX-License-Identifier: Apache-2.0
// Taking documents in: validation, idempotency, posting policy; request, document, operation, event
// and audit row in one unit. Nothing here waits for Odoo, except validate_only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/core.h"
#include "server/model/document.h"

namespace kontor::engine {

/// Limits of a request beside those of its document.
inline constexpr size_t kRequestIdMax = 128;
inline constexpr size_t kDependsOnMax = 100;

/// As Engine::Accept, without validate_only. Never blocks on the store.
void Accept(Core& core, const ports::Actor& actor, AcceptRequest request,
            Done<AcceptResult> done);
/// validate_only: everything up to the send, nothing written. Blocks on Odoo.
absl::StatusOr<AcceptResult> Validate(Core& core, const ports::Actor& actor,
                                      AcceptRequest request);

/// FIELD_MISSING, FIELD_TOO_LONG or TEXT_INVALID at "request_id" unless it is 1 to kRequestIdMax
/// visible ASCII characters. Pure.
absl::Status CheckRequestId(const std::string& request_id);

/// What the policy says of a document: the entity's rules, the server's, the built-in one.
model::Posting PolicyFor(const ConfigSnapshot& config, const Entity& entity,
                         const std::string& source, const model::Document& document);
/// Whether a caller may ask for `asked` where the policy says `policy`: only kontor's going less
/// far.
bool MayAsk(model::Posting asked, model::Posting policy);

}  // namespace kontor::engine
