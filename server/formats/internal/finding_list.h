// SPDX-License-Identifier: Apache-2.0
// Collects findings in the order they are met, below a path.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/finding.h"

namespace kontor::formats::internal {

/// Not thread-safe.
class FindingList {
 public:
  void Add(base::Reason reason, std::string_view field, std::string_view what,
           model::Severity severity = model::Severity::kError) {
    Add(base::Error(reason).Field(field).Says(what), severity);
  }
  /// What a status says at its own field; nothing when it is OK.
  void Add(const absl::Status& status, model::Severity severity = model::Severity::kError) {
    if (status.ok()) return;
    findings_.push_back(model::FindingOf(status));
    findings_.back().severity = severity;
  }
  bool IsEmpty() const { return findings_.empty(); }
  size_t size() const { return findings_.size(); }
  std::vector<model::Finding> Take() { return std::move(findings_); }

 private:
  std::vector<model::Finding> findings_;
};

/// "creditor" + "name" → "creditor.name".
inline std::string At(std::string_view path, std::string_view member) {
  return path.empty() ? std::string(member) : base::StrCat(path, ".", member);
}

}  // namespace kontor::formats::internal
