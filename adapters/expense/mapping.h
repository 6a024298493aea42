// SPDX-License-Identifier: Apache-2.0
// A mapping file: where in a platform's JSON each field of an expense report stands. README.md
// documents the format.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "server/ports/expense_source.h"

namespace kontor::expense {

/// How one value is found: at a pointer, translated, or the same always.
struct Place {
  std::string pointer;                        ///< Empty: `constant` alone.
  std::string constant;
  std::map<std::string, std::string> values;  ///< What stands there → what it means here.
  std::optional<std::string> otherwise;       ///< For what `values` does not have.
  size_t cut = 0;                             ///< Leading characters to keep; 0: all.
};

/// A message is meant when at every pointer one of the texts stands.
using Condition = std::vector<std::pair<std::string, std::vector<std::string>>>;

struct Mapping {
  Condition when;             ///< Messages that carry reports; empty: all that are not otherwise.
  Condition ready;            ///< Messages that say that reports are ready; empty: none.
  Condition recalled;         ///< Messages that take a report back; empty: none.
  std::string recalled_id;    ///< Pointer to the report's id in such a message.
  std::string reports;        ///< Pointer to the report or the list of them; "": the message.
  std::string ref;            ///< Pointer to the platform's own name of it; empty: external_id.
  bool minor_amounts = false; ///< Whole numbers of the smallest unit.
  std::map<std::string, Place> report;    ///< By field, such as external_id or employee.email.
  std::string lines;          ///< Pointer to the list of lines in the report; "": one line, itself.
  std::map<std::string, Place> line;      ///< By field, such as amount or tax.code.
  std::string receipts;       ///< Pointer to the list of receipts in a line; empty: none.
  std::map<std::string, Place> receipt;
};

/// MAPPING_INVALID naming the place in the file.
absl::StatusOr<Mapping> ReadMapping(std::string_view text);

/// What a message says. Reports with what is wrong with them; a message that no condition meets
/// says nothing. MESSAGE_UNREADABLE when the body is no JSON or no report stands where one should.
absl::StatusOr<ports::HookReading> ReadMessage(const Mapping& mapping, std::string_view body);
/// One report out of a value that was parsed with ParseExact.
ports::PlatformReport ReadReport(const Mapping& mapping, const nlohmann::json& value);

}  // namespace kontor::expense
