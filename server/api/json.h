// SPDX-License-Identifier: Apache-2.0
// JSON ⇄ protobuf, stricter than protobuf's own reader: valid UTF-8, no key twice, bounded depth.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace kontor::api {

inline constexpr int kJsonDepthMax = 32;

/// JSON_INVALID, JSON_DUPLICATE_KEY, JSON_TOO_DEEP, TEXT_INVALID; OK when a parser may read it.
absl::Status CheckJson(std::string_view text);
/// Checks and reads; unknown fields are refused by name.
absl::Status ReadJson(std::string_view text, google::protobuf::Message* out);
/// lowerCamelCase names as protobuf's JSON mapping has them; default values left out.
absl::StatusOr<std::string> WriteJson(const google::protobuf::Message& message);

}  // namespace kontor::api
