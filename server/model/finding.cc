// SPDX-License-Identifier: Apache-2.0
// Findings and statuses say the same in two shapes; this is the way between them.
#include "server/model/finding.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/cord.h"
#include "server/base/strings.h"

namespace kontor::model {
namespace {

using nlohmann::json;

constexpr std::string_view kFindingsUrl = "kontor/Findings";

std::string Encode(const std::vector<Finding>& findings) {
  json out = json::array();
  for (const Finding& f : findings) {
    out.push_back({f.reason, f.field, f.message, f.suggestion, f.asked, f.got,
                   f.severity == Severity::kError});
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Reads what Encode wrote; anything else is no findings.
std::vector<Finding> Decode(const std::string& text) {
  constexpr size_t kParts = 7;
  std::vector<Finding> out;
  const json rows = json::parse(text, nullptr, false);
  if (!rows.is_array()) return out;
  for (const json& row : rows) {
    if (!row.is_array() || row.size() != kParts || !row[kParts - 1].is_boolean()) return {};
    Finding f;
    std::string* const texts[] = {&f.reason, &f.field, &f.message, &f.suggestion, &f.asked, &f.got};
    for (size_t i = 0; i + 1 < kParts; ++i) {
      if (!row[i].is_string()) return {};
      *texts[i] = row[i].get<std::string>();
    }
    f.severity = row[kParts - 1].get<bool>() ? Severity::kError : Severity::kWarning;
    out.push_back(std::move(f));
  }
  return out;
}

std::string Metadata(const base::ErrorInfo& info, const std::string& key) {
  const auto it = info.metadata.find(key);
  return it == info.metadata.end() ? std::string() : it->second;
}

}  // namespace

Finding MakeFinding(base::Reason reason, std::string field, std::string message, std::string asked,
                    std::string got) {
  const base::ReasonEntry& entry = base::EntryOf(reason);
  Finding finding;
  finding.reason = std::string(entry.name);
  finding.field = std::move(field);
  finding.message = std::move(message);
  finding.suggestion = std::string(entry.todo);
  finding.asked = std::move(asked);
  finding.got = std::move(got);
  return finding;
}

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
  // A person is never left without a sentence.
  if (finding.message.empty()) finding.message = finding.suggestion;
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
  absl::Status status = std::move(error).Field(first->field).Says(says);
  status.SetPayload(base::Absl(kFindingsUrl), absl::Cord(Encode(findings)));
  return status;
}

std::vector<Finding> FindingsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(base::Absl(kFindingsUrl));
  return payload.has_value() ? Decode(std::string(*payload)) : std::vector<Finding>();
}

bool HasErrors(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.severity == Severity::kError; });
}

}  // namespace kontor::model
