// SPDX-License-Identifier: Apache-2.0
// What a failed call says beside its code: the stable reason, the field, the findings. Reads only;
// decides nothing about retries (policies.h does).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kontor/v1/common.pb.h"

namespace kontor::sdk {

/// Answers the stable reason of a failure, such as "REQUEST_ID_REUSED"; empty for OK and for a
/// failure that did not come from a kontor server, such as a refused connection. Thread-safe.
/// The list of reasons is the server's error catalogue. Switch on this, never on message texts.
std::string ReasonOf(const absl::Status& status);

/// Answers the whole ErrorInfo of a failure; nothing when it has none. Thread-safe.
std::optional<v1::ErrorInfo> ErrorInfoOf(const absl::Status& status);

/// Answers the path of the field at fault, such as "invoice.lines[2].unit_price"; empty when the
/// failure names none. Thread-safe.
std::string FieldOf(const absl::Status& status);

/// Answers all findings of a failure, in the server's order; empty when it has none. Thread-safe.
std::vector<v1::Finding> FindingsOf(const absl::Status& status);

/// Answers how long the server asks to wait before the next attempt; zero when it does not say.
absl::Duration RetryAfterOf(const absl::Status& status);

/// Turns the error of one item of a batch or stream into a status with the same details, so that
/// the functions above work on it. A detail with code 0 is OK. Thread-safe.
absl::Status StatusFrom(const v1::StatusDetail& detail);

/// Turns a status back into what the wire carries; for fakes and tests of code that uses the SDK.
v1::StatusDetail DetailFrom(const absl::Status& status);

/// Builds the failure that a server would answer; for fakes and tests of code that uses the SDK.
absl::Status MakeError(absl::StatusCode code, const std::string& reason, const std::string& message,
                       const std::vector<v1::Finding>& findings = {});

}  // namespace kontor::sdk
