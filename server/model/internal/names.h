// SPDX-License-Identifier: Apache-2.0
// Stable names of enumerators, both ways, from one table each.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace kontor::model::internal {

/// The enumerator at the name's place in `names`; nothing when the name is not there.
template <typename Enum, size_t kCount>
std::optional<Enum> ParseName(const std::array<std::string_view, kCount>& names,
                              std::string_view name) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

/// The name at the enumerator's place.
template <typename Enum, size_t kCount>
std::string_view NameAt(const std::array<std::string_view, kCount>& names, Enum value) {
  return names.at(static_cast<size_t>(value));
}

}  // namespace kontor::model::internal
