// SPDX-License-Identifier: Apache-2.0
// JSON whose numbers stay as they were written: an amount must not pass through a binary number.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"

namespace kontor::expense {

inline constexpr int kJsonDepthMax = 64;

/// Numbers with a fraction or an exponent become texts of exactly what stood there; whole numbers
/// stay numbers. MESSAGE_UNREADABLE for anything that is no JSON, has a key twice or is too deep.
absl::StatusOr<nlohmann::json> ParseExact(std::string_view text);

/// The text of a member; empty when there is none, or it is no text. Pure.
std::string TextMember(const nlohmann::json& object, std::string_view key);

}  // namespace kontor::expense
