// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/json_fields.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;

}  // namespace

absl::StatusOr<nlohmann::json> ParseJson(std::string_view text) {
  constexpr int kDepthMax = 32;
  using Event = nlohmann::json::parse_event_t;
  bool fine = true;
  std::vector<std::set<std::string>> keys;
  const nlohmann::json::parser_callback_t watch = [&](int depth, Event event,
                                                      nlohmann::json& value) {
    fine = fine && depth <= kDepthMax;
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end && !keys.empty()) keys.pop_back();
    if (event == Event::key && !keys.empty()) {
      fine = fine && keys.back().insert(value.get<std::string>()).second;
    }
    return fine;
  };
  nlohmann::json json =
      nlohmann::json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (!fine || json.is_discarded()) {
    return Error(Reason::kFieldInvalid)
        .Says("this is not JSON of reasonable depth with each key once");
  }
  return json;
}

JsonFields::JsonFields(const Json& object, std::string path, absl::Status& status)
    : object_(object), path_(std::move(path)), status_(status) {
  if (!object_.is_object() && status_.ok()) {
    status_ = Error(Reason::kFieldInvalid).Field(path_).Says("an object is wanted here");
  }
}

std::string JsonFields::PathOf(std::string_view key) const {
  return path_.empty() ? std::string(key) : base::StrCat(path_, ".", key);
}

void JsonFields::Fail(const char* key, absl::Status why) {
  if (status_.ok() && !why.ok()) status_ = base::AtField(why, PathOf(key));
}

const JsonFields::Json* JsonFields::Find(const char* key) {
  asked_.insert(key);
  if (!status_.ok() || !object_.is_object()) return nullptr;
  const auto it = object_.find(key);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

bool JsonFields::Has(const char* key) { return Find(key) != nullptr; }

std::string JsonFields::Text(const char* key) {
  const Json* const value = Find(key);
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  Fail(key, Error(Reason::kFieldInvalid).Says("a text is wanted here"));
  return "";
}

int64_t JsonFields::Integer(const char* key, int64_t otherwise, int64_t smallest, int64_t largest) {
  const Json* const value = Find(key);
  if (value == nullptr) return otherwise;
  if (value->is_number_integer() && *value >= smallest && *value <= largest) {
    return value->get<int64_t>();
  }
  Fail(key, Error(Reason::kFieldInvalid)
                .Says(base::StrCat("a whole number from ", smallest, " to ", largest,
                                   " is wanted here")));
  return otherwise;
}

std::optional<bool> JsonFields::Bool(const char* key) {
  const Json* const value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  Fail(key, Error(Reason::kFieldInvalid).Says("true or false is wanted here"));
  return std::nullopt;
}

bool JsonFields::Bool(const char* key, bool otherwise) { return Bool(key).value_or(otherwise); }

std::vector<std::string> JsonFields::Texts(const char* key) {
  std::vector<std::string> out;
  const Json* const value = Find(key);
  if (value == nullptr) return out;
  const auto is_text = [](const Json& item) { return item.is_string(); };
  if (!value->is_array() || !std::all_of(value->begin(), value->end(), is_text)) {
    Fail(key, Error(Reason::kFieldInvalid).Says("a list of texts is wanted here"));
    return out;
  }
  for (const Json& item : *value) out.push_back(item.get<std::string>());
  return out;
}

void JsonFields::Object(const char* key, const std::function<void(JsonFields&)>& read) {
  const Json* const value = Find(key);
  if (value == nullptr) return;
  JsonFields fields(*value, PathOf(key), status_);
  read(fields);
  fields.Close();
}

void JsonFields::Objects(const char* key, const std::function<void(JsonFields&)>& read) {
  const Json* const value = Find(key);
  if (value == nullptr) return;
  if (!value->is_array()) {
    return Fail(key, Error(Reason::kFieldInvalid).Says("a list is wanted here"));
  }
  int64_t index = 0;
  for (const Json& item : *value) {
    JsonFields fields(item, base::StrCat(PathOf(key), "[", index, "]"), status_);
    read(fields);
    fields.Close();
    ++index;
  }
}

std::string JsonFields::Raw(const char* key) {
  const Json* const value = Find(key);
  return value == nullptr ? std::string() : value->dump();
}

void JsonFields::Close() {
  if (!status_.ok() || !object_.is_object()) return;
  for (const auto& [key, value] : object_.items()) {
    if (asked_.contains(key)) continue;
    status_ = Error(Reason::kFieldInvalid).Field(PathOf(key)).Says("the key is unknown");
    return;
  }
}

}  // namespace kontor::formats::internal
