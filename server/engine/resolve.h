// SPDX-License-Identifier: Apache-2.0
// What people decide: release, retry, cancel, resolve. Role and number of persons are checked here
// too, whoever calls.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/engine/core.h"

namespace kontor::engine {

/// Whether two people may accept a finding of that reason.
bool IsAcceptable(std::string_view reason);
/// Whether a changed field at that path needs a second person; `duplicate`: the exception is about
/// a suspected duplicate, where the reference decides too.
bool IsSensitive(std::string_view path, bool duplicate);

/// As in engine.h.
absl::StatusOr<model::Operation> Release(Core& core, const ports::Actor& actor,
                                         const std::string& operation_id,
                                         const std::string& reason, const RequestKey& key);
absl::StatusOr<model::Operation> Retry(Core& core, const ports::Actor& actor,
                                       const std::string& operation_id, const std::string& reason,
                                       const RequestKey& key);
absl::StatusOr<model::Operation> CancelOperation(Core& core, const ports::Actor& actor,
                                                 const std::string& operation_id,
                                                 const std::string& reason, const RequestKey& key);
absl::StatusOr<model::ExceptionCase> ResolveException(Core& core, const ports::Actor& actor,
                                                      const ResolveRequest& request,
                                                      const RequestKey& key);
absl::StatusOr<model::ExceptionCase> DeclineResolution(Core& core, const ports::Actor& actor,
                                                       const std::string& exception_id,
                                                       const std::string& reason,
                                                       const RequestKey& key);

/// Reads, changes and writes one operation; a change by someone else meanwhile is met by reading
/// anew, at most three times.
absl::StatusOr<model::Operation> ChangeOperation(
    Core& core, const std::string& operation_id,
    const std::function<absl::Status(ports::Unit&, model::Operation&)>& change);

}  // namespace kontor::engine
