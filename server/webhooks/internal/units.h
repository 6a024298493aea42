// SPDX-License-Identifier: Apache-2.0
// Pieces of units of work that the service's methods share. Private to server/webhooks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/ports/actor.h"
#include "server/ports/store.h"
#include "server/webhooks/endpoint.h"
#include "server/webhooks/service.h"

namespace kontor::webhooks::internal {

/// Errors: NOT_FOUND at `id`.
absl::StatusOr<Endpoint> FindEndpoint(ports::ReadView& view, const std::string& id);

/// Takes the request id for `subject_id`; or answers the subject of the same request before.
/// Errors: REQUEST_ID_REUSED when its content was another. An empty id is always fresh.
absl::StatusOr<std::optional<std::string>> TakeRequest(ports::Unit& unit, const ports::Actor& actor,
                                                       const RequestKey& key,
                                                       const std::string& subject_id);

/// An endpoint as the audit shows it: no secrets, header names without values.
std::string AuditView(const Endpoint& endpoint);

absl::Status Audit(ports::Unit& unit, const ports::Actor& actor, absl::Time now,
                   std::string_view action, const std::string& subject, std::string before,
                   std::string after, const std::string& reason);

}  // namespace kontor::webhooks::internal
