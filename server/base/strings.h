// SPDX-License-Identifier: Apache-2.0
// Small string helpers over std::string_view. Debian's Abseil is built with its own string_view,
// which std::string_view does not convert to; these keep that out of sight.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kontor::base {

/// For calls into Abseil.
inline absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view Std(absl::string_view text) { return {text.data(), text.size()}; }

namespace internal {
inline void AppendPiece(std::string& out, std::string_view piece) { out.append(piece); }
inline void AppendPiece(std::string& out, char piece) { out.push_back(piece); }
template <std::integral T>
  requires(!std::same_as<T, char> && !std::same_as<T, bool>)
void AppendPiece(std::string& out, T piece) {
  out.append(std::to_string(piece));
}
}  // namespace internal

template <typename... Pieces>
void StrAppend(std::string* out, const Pieces&... pieces) {
  (internal::AppendPiece(*out, pieces), ...);
}

/// Texts, single characters and integers, one behind the other.
template <typename... Pieces>
std::string StrCat(const Pieces&... pieces) {
  std::string out;
  StrAppend(&out, pieces...);
  return out;
}

template <typename Range>
std::string StrJoin(const Range& pieces, std::string_view between) {
  std::string out;
  bool first = true;
  for (const auto& piece : pieces) {
    if (!first) out.append(between);
    first = false;
    internal::AppendPiece(out, piece);
  }
  return out;
}

/// "a,b," at ',' → {"a", "b", ""}.
std::vector<std::string> StrSplit(std::string_view text, char at);

/// ASCII only; the locale plays no part.
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);
std::string_view Trim(std::string_view text);

/// Decimal digits with an optional minus sign, the whole text; FIELD_INVALID otherwise.
absl::StatusOr<int64_t> ParseInt64(std::string_view text);

}  // namespace kontor::base
