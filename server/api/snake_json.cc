// SPDX-License-Identifier: Apache-2.0
#include "server/api/snake_json.h"

#include <google/protobuf/util/json_util.h>

#include "server/base/status.h"
#include "server/model/masking.h"

namespace kontor::api {

using base::Error;
using base::Reason;

absl::StatusOr<std::string> ToSnakeJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string out;
  const auto status = google::protobuf::util::MessageToJsonString(message, &out, options);
  if (!status.ok()) return Error(Reason::kInternal).Says("a message has no JSON");
  return out;
}

absl::Status FromSnakeJson(const std::string& json, google::protobuf::Message* message) {
  google::protobuf::util::JsonParseOptions options;
  const auto status = google::protobuf::util::JsonStringToMessage(json, message, options);
  if (status.ok()) return absl::OkStatus();
  return Error(Reason::kInternal)
      .With("problem", std::string(status.message().data(), status.message().size()))
      .Says("what is stored does not fit the contract");
}

absl::Status ShowSnakeJson(const Call& call, const std::string& json,
                           google::protobuf::Message* message) {
  return FromSnakeJson(call.unmasked ? json : model::MaskedJson(json), message);
}

}  // namespace kontor::api
