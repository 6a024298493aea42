// SPDX-License-Identifier: Apache-2.0
// Messages as the contract's JSON with the names of the .proto, which the model reads and writes.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/api/pipeline.h"

namespace kontor::api {

/// As model's readers take it. INTERNAL when the message has no JSON. Pure.
absl::StatusOr<std::string> ToSnakeJson(const google::protobuf::Message& message);
/// The other way; INTERNAL when it does not fit the message. Pure.
absl::Status FromSnakeJson(const std::string& json, google::protobuf::Message* message);
/// As FromSnakeJson; names and account numbers are masked unless the caller is granted them. Pure.
absl::Status ShowSnakeJson(const Call& call, const std::string& json,
                           google::protobuf::Message* message);

}  // namespace kontor::api
