// SPDX-License-Identifier: Apache-2.0
// Status payloads are one line of tab-separated, escaped text: no JSON library at this layer.
#include "server/base/status.h"

#include <cstdio>
#include <cstdlib>
#include <unordered_map>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "server/base/strings.h"

namespace kontor::base {
namespace {

constexpr std::string_view kPayloadUrl = "kontor/ErrorInfo";

std::string Encode(const ErrorInfo& info) {
  std::string out =
      StrCat(absl::CEscape(Absl(info.reason)), "\t", absl::CEscape(Absl(info.field)), "\t",
             static_cast<int>(info.outcome), "\t", absl::ToInt64Milliseconds(info.retry_after));
  for (const auto& [key, value] : info.metadata) {
    StrAppend(&out, "\t", absl::CEscape(Absl(key)), "\t", absl::CEscape(Absl(value)));
  }
  return out;
}

std::string Unescape(std::string_view text) {
  std::string out;
  absl::CUnescape(Absl(text), &out);
  return out;
}

ErrorInfo Decode(const std::string& text) {
  constexpr size_t kFixedParts = 4;
  const std::vector<std::string> parts = StrSplit(text, '\t');
  ErrorInfo info;
  if (parts.size() < kFixedParts) return info;
  info.reason = Unescape(parts[0]);
  info.field = Unescape(parts[1]);
  if (const auto outcome = ParseInt64(parts[2]); outcome.ok()) {
    info.outcome = static_cast<Outcome>(*outcome);
  }
  if (const auto wait_ms = ParseInt64(parts[3]); wait_ms.ok()) {
    info.retry_after = absl::Milliseconds(*wait_ms);
  }
  for (size_t i = kFixedParts; i + 1 < parts.size(); i += 2) {
    info.metadata[Unescape(parts[i])] = Unescape(parts[i + 1]);
  }
  return info;
}

std::string ReasonForCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kNotFound: return "NOT_FOUND";
    case absl::StatusCode::kDeadlineExceeded: return "DEADLINE_EXCEEDED";
    case absl::StatusCode::kInvalidArgument: return "FIELD_INVALID";
    case absl::StatusCode::kUnauthenticated: return "UNAUTHENTICATED";
    case absl::StatusCode::kPermissionDenied: return "PERMISSION_DENIED";
    default: return "INTERNAL";
  }
}

}  // namespace

const std::vector<ReasonEntry>& ReasonCatalogue() {
  static const auto* const kCatalogue = new std::vector<ReasonEntry>{
#define KONTOR_ERROR(name, reason, code, who, todo) \
  {Reason::k##name, #reason, absl::StatusCode::code, #who, todo},
#include "server/base/errors.def"
#undef KONTOR_ERROR
  };
  return *kCatalogue;
}

const ReasonEntry& EntryOf(Reason reason) {
  return ReasonCatalogue()[static_cast<size_t>(reason)];
}

const ReasonEntry* FindReason(std::string_view name) {
  static const auto* const kByName = [] {
    auto* map = new std::unordered_map<std::string_view, const ReasonEntry*>;
    for (const ReasonEntry& entry : ReasonCatalogue()) (*map)[entry.name] = &entry;
    return map;
  }();
  const auto it = kByName->find(name);
  return it == kByName->end() ? nullptr : it->second;
}

Error&& Error::Field(std::string_view path) && {
  info_.field = std::string(path);
  return std::move(*this);
}

Error&& Error::With(std::string_view key, std::string_view value) && {
  info_.metadata[std::string(key)] = std::string(value);
  return std::move(*this);
}

Error&& Error::Says(std::string_view what) && {
  what_ = std::string(what);
  return std::move(*this);
}

Error&& Error::Happened(Outcome outcome) && {
  info_.outcome = outcome;
  return std::move(*this);
}

Error&& Error::RetryAfter(absl::Duration wait) && {
  info_.retry_after = wait;
  return std::move(*this);
}

Error::operator absl::Status() const {
  const ReasonEntry& entry = EntryOf(reason_);
  std::string message;
  if (!info_.field.empty()) StrAppend(&message, info_.field, ": ");
  StrAppend(&message, what_, what_.empty() || what_.back() == '.' ? "" : ".",
                  what_.empty() ? "" : " ", entry.todo);
  absl::Status status(entry.code, message);
  ErrorInfo info = info_;
  info.reason = std::string(entry.name);
  status.SetPayload(Absl(kPayloadUrl), absl::Cord(Encode(info)));
  return status;
}

ErrorInfo InfoOf(const absl::Status& status) {
  const auto payload = status.GetPayload(Absl(kPayloadUrl));
  if (payload.has_value()) return Decode(std::string(*payload));
  ErrorInfo info;
  if (!status.ok()) info.reason = ReasonForCode(status.code());
  return info;
}

bool Is(const absl::Status& status, Reason reason) {
  return !status.ok() && InfoOf(status).reason == EntryOf(reason).name;
}

Outcome OutcomeOf(const absl::Status& status) { return InfoOf(status).outcome; }

absl::Status AtField(const absl::Status& status, std::string_view prefix) {
  if (status.ok()) return status;
  ErrorInfo info = InfoOf(status);
  std::string message(status.message());
  if (!info.field.empty() && message.starts_with(StrCat(info.field, ": "))) {
    message = message.substr(info.field.size() + 2);
  }
  const bool joins_directly = info.field.empty() || info.field.front() == '[';
  info.field = StrCat(prefix, joins_directly ? "" : ".", info.field);
  absl::Status moved(status.code(), StrCat(info.field, ": ", message));
  moved.SetPayload(Absl(kPayloadUrl), absl::Cord(Encode(info)));
  return moved;
}

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, condition);
  std::abort();
}

}  // namespace kontor::base
