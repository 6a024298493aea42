// SPDX-License-Identifier: Apache-2.0
// Findings and statuses say the same in two shapes; this is the way between them.
#include "server/model/finding.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::model {
namespace {

std::string Metadata(const base::ErrorInfo& info, const std::string& key) {
  const auto it = info.metadata.find(key);
  return it == info.metadata.end() ? std::string() : it->second;
}

}  // namespace

Finding FindingOf(const absl::Status& status) {
  const base::ErrorInfo info = base::InfoOf(status);
  Finding finding;
  finding.reason = info.reason;
  finding.field = info.field;
  finding.asked = Metadata(info, "asked");
  finding.got = Metadata(info, "got");
  const absl::string_view whole = status.message();
  std::string_view message = base::Std(whole);
  if (const std::string prefix = base::StrCat(info.field, ": ");
      !info.field.empty() && message.starts_with(prefix)) {
    message.remove_prefix(prefix.size());
  }
  if (const base::ReasonEntry* const entry = base::FindReason(info.reason); entry != nullptr) {
    finding.suggestion = std::string(entry->todo);
    if (message.ends_with(entry->todo)) message.remove_suffix(entry->todo.size());
  }
  finding.message = std::string(base::Trim(message));
  return finding;
}

absl::Status StatusOf(const std::vector<Finding>& findings) {
  const auto is_error = [](const Finding& f) { return f.severity == Severity::kError; };
  const auto first = std::find_if(findings.begin(), findings.end(), is_error);
  if (first == findings.end()) return absl::OkStatus();
  const auto more = std::count_if(first + 1, findings.end(), is_error);
  const base::ReasonEntry* const entry = base::FindReason(first->reason);
  base::Error error(entry == nullptr ? base::Reason::kInternal : entry->reason);
  std::string says = first->message;
  if (more > 0) {
    if (says.ends_with('.')) says.pop_back();
    base::StrAppend(&says, " (and ", static_cast<int64_t>(more), " more)");
  }
  if (!first->asked.empty()) static_cast<void>(std::move(error).With("asked", first->asked));
  if (!first->got.empty()) static_cast<void>(std::move(error).With("got", first->got));
  return std::move(error).Field(first->field).Says(says);
}

bool HasErrors(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.severity == Severity::kError; });
}

}  // namespace kontor::model
