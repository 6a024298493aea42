// SPDX-License-Identifier: Apache-2.0
// Answers for people (tables, name and value) and for programs (JSON, one object).
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "sdk/cli/terminal.h"

namespace kontor::cli {

/// Protobuf's JSON form, indented, with a line feed.
std::string ToJson(const google::protobuf::Message& message, bool indented = true);
/// Lists as tables with the columns that matter of each type, single objects as name and value.
std::string ToText(const google::protobuf::Message& response, const Terminal& terminal);
/// An error for people: code, reason, field, what to do, then the findings as a table.
std::string ErrorText(const absl::Status& status, const Terminal& terminal);
/// The same as one JSON object.
std::string ErrorJson(const absl::Status& status);
/// "1 payment", "2 payments".
std::string Count(int64_t count, std::string_view one, std::string_view more);
/// Green for POSTED and DELIVERED, red for EXCEPTION, yellow for what waits.
Colour ColourOf(std::string_view state);

}  // namespace kontor::cli
