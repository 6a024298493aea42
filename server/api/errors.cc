// SPDX-License-Identifier: Apache-2.0
#include "server/api/errors.h"

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "server/api/convert.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/finding.h"

namespace kontor::api {
namespace {

using nlohmann::json;

constexpr std::string_view kTypePrefix = "type.googleapis.com/";
constexpr std::string_view kErrorInfoType = "google.rpc.ErrorInfo";
constexpr std::string_view kFindingType = "kontor.v1.Finding";

std::string_view ConnectCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled: return "canceled";
    case absl::StatusCode::kInvalidArgument: return "invalid_argument";
    case absl::StatusCode::kDeadlineExceeded: return "deadline_exceeded";
    case absl::StatusCode::kNotFound: return "not_found";
    case absl::StatusCode::kAlreadyExists: return "already_exists";
    case absl::StatusCode::kPermissionDenied: return "permission_denied";
    case absl::StatusCode::kResourceExhausted: return "resource_exhausted";
    case absl::StatusCode::kFailedPrecondition: return "failed_precondition";
    case absl::StatusCode::kAborted: return "aborted";
    case absl::StatusCode::kOutOfRange: return "out_of_range";
    case absl::StatusCode::kUnimplemented: return "unimplemented";
    case absl::StatusCode::kInternal: return "internal";
    case absl::StatusCode::kUnavailable: return "unavailable";
    case absl::StatusCode::kDataLoss: return "data_loss";
    case absl::StatusCode::kUnauthenticated: return "unauthenticated";
    default: return "unknown";
  }
}

::kontor::v1::ErrorInfo InfoMessage(const base::ErrorInfo& info) {
  ::kontor::v1::ErrorInfo out;
  out.set_reason(info.reason);
  out.set_domain("kontor");
  for (const auto& [key, value] : info.metadata) (*out.mutable_metadata())[key] = value;
  if (!info.field.empty()) (*out.mutable_metadata())["field"] = info.field;
  if (info.retry_after > absl::ZeroDuration()) {
    (*out.mutable_metadata())["retry_after_ms"] =
        base::StrCat(absl::ToInt64Milliseconds(info.retry_after));
  }
  return out;
}

void AddDetail(::kontor::v1::StatusDetail* out, std::string_view type,
               const google::protobuf::Message& message) {
  auto* any = out->add_details();
  any->set_type_url(base::StrCat(kTypePrefix, type));
  any->set_value(message.SerializeAsString());
}

}  // namespace

::kontor::v1::StatusDetail ToStatusDetail(const absl::Status& status) {
  const base::ErrorInfo info = base::InfoOf(status);
  ::kontor::v1::StatusDetail out;
  out.set_code(static_cast<int>(status.code()));
  const bool ours = base::FindReason(info.reason) != nullptr && info.reason != "INTERNAL";
  out.set_message(ours ? std::string(status.message())
                       : std::string(base::EntryOf(base::Reason::kInternal).todo));
  AddDetail(&out, kErrorInfoType, InfoMessage(info));
  for (const model::Finding& finding : model::FindingsOf(status)) {
    ::kontor::v1::Finding message;
    WriteFinding(finding, &message);
    AddDetail(&out, kFindingType, message);
  }
  return out;
}

std::string ToConnectJson(const absl::Status& status) {
  const ::kontor::v1::StatusDetail detail = ToStatusDetail(status);
  json details = json::array();
  for (const auto& any : detail.details()) {
    std::string value;
    absl::Base64Escape(any.value(), &value);
    while (!value.empty() && value.back() == '=') value.pop_back();
    json entry = {{"type", any.type_url().substr(kTypePrefix.size())}, {"value", value}};
    if (entry["type"] == kErrorInfoType) {
      ::kontor::v1::ErrorInfo message;
      message.ParseFromString(any.value());
      json metadata = json::object();
      for (const auto& [key, text] : message.metadata()) metadata[key] = text;
      entry["debug"] = {{"reason", message.reason()},
                        {"domain", message.domain()},
                        {"metadata", std::move(metadata)}};
    } else {
      ::kontor::v1::Finding finding;
      finding.ParseFromString(any.value());
      entry["debug"] = {{"reason", finding.reason()},   {"field", finding.field()},
                        {"message", finding.message()}, {"suggestion", finding.suggestion()},
                        {"asked", finding.asked()},     {"got", finding.got()}};
    }
    details.push_back(std::move(entry));
  }
  const json body = {{"code", ConnectCode(status.code())},
                     {"message", detail.message()},
                     {"details", std::move(details)}};
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

int ToHttpStatus(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk: return 200;
    case absl::StatusCode::kCancelled: return 499;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange: return 400;
    case absl::StatusCode::kDeadlineExceeded: return 504;
    case absl::StatusCode::kNotFound: return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted: return 409;
    case absl::StatusCode::kPermissionDenied: return 403;
    case absl::StatusCode::kResourceExhausted: return 429;
    case absl::StatusCode::kUnimplemented: return 501;
    case absl::StatusCode::kUnavailable: return 503;
    case absl::StatusCode::kUnauthenticated: return 401;
    default: return 500;
  }
}

}  // namespace kontor::api
