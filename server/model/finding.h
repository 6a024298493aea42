// SPDX-License-Identifier: Apache-2.0
// One reason in an exception or a refusal, in words that a finance person understands.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/base/status.h"

namespace kontor::model {

enum class Severity { kWarning, kError };

struct Finding {
  std::string reason;      ///< Name from errors.def.
  std::string field;       ///< Path such as invoice.lines[2].account_code; may be empty.
  std::string message;     ///< What is wrong, with the values (masked).
  std::string suggestion;  ///< What to do next.
  std::string asked;       ///< What the document says; empty when not a comparison.
  std::string got;         ///< What Odoo says.
  Severity severity = Severity::kError;
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// An error with the catalogue's suggestion. `field` may be empty; `asked` and `got` are of
/// comparisons only. Pure.
Finding MakeFinding(base::Reason reason, std::string field, std::string message,
                    std::string asked = {}, std::string got = {});
/// The finding that says what a status says; message without the field prefix and suggestion.
Finding FindingOf(const absl::Status& status);
/// A status with the first error of the findings, naming how many more there are; it carries all of
/// them (FindingsOf).
absl::Status StatusOf(const std::vector<Finding>& findings);
/// The findings that StatusOf put into a status; empty for any other status.
std::vector<Finding> FindingsOf(const absl::Status& status);
bool HasErrors(const std::vector<Finding>& findings);

}  // namespace kontor::model
