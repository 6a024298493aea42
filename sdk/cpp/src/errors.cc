// SPDX-License-Identifier: Apache-2.0
// Details travel as one payload of the status: the StatusDetail as the wire had it.
#include "kontor/sdk/errors.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"

namespace kontor::sdk {
namespace {

constexpr char kPayloadUrl[] = "type.googleapis.com/kontor.v1.StatusDetail";
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kFindingUrl[] = "type.googleapis.com/kontor.v1.Finding";
constexpr char kDomain[] = "kontor";
constexpr char kFieldKey[] = "field";
constexpr char kRetryAfterKey[] = "retry_after_ms";
// The highest canonical code (UNAUTHENTICATED); anything above is a newer server's.
constexpr int kCodeMax = 16;

std::optional<v1::StatusDetail> PayloadOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  v1::StatusDetail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace

std::optional<v1::ErrorInfo> ErrorInfoOf(const absl::Status& status) {
  const auto detail = PayloadOf(status);
  if (!detail) return std::nullopt;
  for (const auto& any : detail->details()) {
    v1::ErrorInfo info;
    if (any.type_url() == kErrorInfoUrl && info.ParseFromString(any.value())) return info;
  }
  return std::nullopt;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = ErrorInfoOf(status);
  return info ? info->reason() : std::string();
}

std::string FieldOf(const absl::Status& status) {
  const auto info = ErrorInfoOf(status);
  if (!info) return {};
  const auto found = info->metadata().find(kFieldKey);
  return found == info->metadata().end() ? std::string() : found->second;
}

std::vector<v1::Finding> FindingsOf(const absl::Status& status) {
  std::vector<v1::Finding> findings;
  const auto detail = PayloadOf(status);
  if (!detail) return findings;
  for (const auto& any : detail->details()) {
    v1::Finding finding;
    if (any.type_url() == kFindingUrl && finding.ParseFromString(any.value())) {
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

absl::Duration RetryAfterOf(const absl::Status& status) {
  const auto info = ErrorInfoOf(status);
  if (!info) return absl::ZeroDuration();
  const auto found = info->metadata().find(kRetryAfterKey);
  int64_t ms = 0;
  if (found == info->metadata().end() || !absl::SimpleAtoi(found->second, &ms) || ms < 0) {
    return absl::ZeroDuration();
  }
  return absl::Milliseconds(ms);
}

absl::Status StatusFrom(const v1::StatusDetail& detail) {
  if (detail.code() == 0) return absl::OkStatus();
  const bool known = detail.code() > 0 && detail.code() <= kCodeMax;
  const auto code = known ? static_cast<absl::StatusCode>(detail.code())
                          : absl::StatusCode::kUnknown;
  absl::Status status(code, detail.message());
  status.SetPayload(kPayloadUrl, absl::Cord(detail.SerializeAsString()));
  return status;
}

v1::StatusDetail DetailFrom(const absl::Status& status) {
  v1::StatusDetail detail = PayloadOf(status).value_or(v1::StatusDetail());
  detail.set_code(static_cast<int>(status.code()));
  detail.set_message(std::string(status.message()));
  return detail;
}

absl::Status MakeError(absl::StatusCode code, const std::string& reason,
                       const std::string& message, const std::vector<v1::Finding>& findings) {
  v1::StatusDetail detail;
  detail.set_code(static_cast<int>(code));
  detail.set_message(message);
  v1::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(kDomain);
  auto* first = detail.add_details();
  first->set_type_url(kErrorInfoUrl);
  info.SerializeToString(first->mutable_value());
  for (const auto& finding : findings) {
    auto* any = detail.add_details();
    any->set_type_url(kFindingUrl);
    finding.SerializeToString(any->mutable_value());
  }
  return StatusFrom(detail);
}

}  // namespace kontor::sdk
