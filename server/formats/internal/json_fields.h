// SPDX-License-Identifier: Apache-2.0
// Reads a JSON object key by key and refuses keys that nobody asked for.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kontor::formats::internal {

/// Keeps the first error in `status`; after it all answers are empty. Not thread-safe.
class JsonFields {
 public:
  using Json = nlohmann::json;
  JsonFields(const Json& object, std::string path, absl::Status& status);

  std::string Text(const char* key);
  int64_t Integer(const char* key, int64_t otherwise, int64_t smallest, int64_t largest);
  bool Bool(const char* key, bool otherwise);
  std::optional<bool> Bool(const char* key);
  std::vector<std::string> Texts(const char* key);
  /// Calls with the object below `key`, when there is one.
  void Object(const char* key, const std::function<void(JsonFields&)>& read);
  /// Calls with each object of the list below `key`.
  void Objects(const char* key, const std::function<void(JsonFields&)>& read);
  /// The JSON text below `key`; empty when there is none.
  std::string Raw(const char* key);
  bool Has(const char* key);
  /// Fails the key with a reason's status.
  void Fail(const char* key, absl::Status why);
  /// Refuses keys that were not asked for.
  void Close();

 private:
  const Json* Find(const char* key);
  std::string PathOf(std::string_view key) const;

  const Json& object_;
  std::string path_;
  absl::Status& status_;
  std::set<std::string, std::less<>> asked_;
};

/// One JSON text of bounded depth in which no object has a key twice; FIELD_INVALID otherwise.
absl::StatusOr<nlohmann::json> ParseJson(std::string_view text);

}  // namespace kontor::formats::internal
