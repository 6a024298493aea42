// SPDX-License-Identifier: Apache-2.0
// Writes JSON straight into text, keys sorted, for what is written for every document: a tree of
// values costs several times as much. Reading is left to the library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kontor::base {

/// Appends `text` as a JSON string, as compact as JSON lets it: `"`, `\` and control characters are
/// escaped, everything else is as it is. A byte that is not UTF-8 becomes U+FFFD.
void AppendJsonString(std::string* out, std::string_view text);
std::string JsonString(std::string_view text);

/// One object, members in any order; written sorted by key, without white space. Keys are literals
/// that need no escaping and live as long as the object; each comes once.
/// Thread safety: one thread at a time.
class JsonObject {
 public:
  void Text(std::string_view key, std::string_view text) { Raw(key, JsonString(text)); }
  void Number(std::string_view key, int64_t number) { Raw(key, std::to_string(number)); }
  void Flag(std::string_view key, bool flag) { Raw(key, flag ? "true" : "false"); }
  void Texts(std::string_view key, const std::vector<std::string>& texts);
  /// `json` is JSON already: an object, an array, a number.
  void Raw(std::string_view key, std::string json) { members_.emplace_back(key, std::move(json)); }
  bool empty() const { return members_.empty(); }
  /// The object as text; the object may go on afterwards.
  std::string ToText();

 private:
  std::vector<std::pair<std::string_view, std::string>> members_;
};

/// `[a,b]` of texts that are JSON already.
std::string JsonArray(const std::vector<std::string>& items);

}  // namespace kontor::base
