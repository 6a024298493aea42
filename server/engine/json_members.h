// SPDX-License-Identifier: Apache-2.0
// Members of stored objects that may be missing: what is not there, or of another type, is empty.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace kontor::engine {

/// Pure, as the other one.
inline std::string Text(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

inline int64_t Number(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>() : 0;
}

}  // namespace kontor::engine
