// SPDX-License-Identifier: Apache-2.0
// Words of the command line → fields of a request, by the contract's own descriptors: whatever a
// message has, a flag can say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>

#include "absl/status/status.h"

namespace kontor::cli {

/// A field that a flag can set: `--due-date`, `--endpoint.url`.
struct FlagField {
  std::string flag;       ///< Without dashes in front; words joined by `-`, levels by `.`.
  std::string about;      ///< Type and allowed values, for the help.
  bool repeated = false;
  bool flag_only = false; ///< A boolean: given without value means true.
};

/// Flags for the fields of a message, nested messages to a depth of three.
std::vector<FlagField> FlagFieldsOf(const google::protobuf::Descriptor& type);

/// Sets a field by its flag name. Messages take JSON, or `@file` with JSON; enums their short name;
/// durations `90s`; timestamps RFC 3339; bytes and secrets `@file`. INVALID_ARGUMENT says what was
/// expected.
absl::Status SetField(std::string_view flag, const std::string& value,
                      google::protobuf::Message* message);

/// Reads JSON into the message; `source` is for the error text.
absl::Status ReadJsonInto(const std::string& json, const std::string& source,
                          google::protobuf::Message* message);
/// A whole file, or standard input for "-"; at most 256 MiB.
absl::Status ReadWhole(const std::string& path, std::string* out);

/// Makes a file with mode 0600. ALREADY_EXISTS when there is one, PERMISSION_DENIED when it cannot
/// be written.
absl::Status WriteNewSecret(const std::string& path, const std::string& text);

/// `STATE_POSTED` of `Operation.State` → `POSTED`.
std::string ShortName(const google::protobuf::EnumValueDescriptor& value);
/// "due_date" → "due-date".
std::string ToKebab(std::string_view name);

}  // namespace kontor::cli
