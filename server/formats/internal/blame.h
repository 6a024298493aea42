// SPDX-License-Identifier: Apache-2.0
// What is wrong with one line of a file, as a finding about the statement that it belongs to.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "server/base/strings.h"
#include "server/model/finding.h"

namespace kontor::formats::internal {

/// What `status` says, at `field` of the statement with that index (from 0), of that line of the
/// file (from 1). Pure.
inline model::Finding FindingAtLine(const absl::Status& status, model::Severity severity,
                                    int64_t statement, std::string_view field, int64_t line) {
  model::Finding finding = model::FindingOf(status);
  finding.severity = severity;
  finding.field = base::StrCat("statements[", statement, "].", field);
  base::StrAppend(&finding.message, " (line ", line, ")");
  return finding;
}

}  // namespace kontor::formats::internal
