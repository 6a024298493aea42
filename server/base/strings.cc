// SPDX-License-Identifier: Apache-2.0
#include "server/base/strings.h"

#include <charconv>

#include "server/base/status.h"

namespace kontor::base {

std::vector<std::string> StrSplit(std::string_view text, char at) {
  std::vector<std::string> parts;
  size_t start = 0;
  for (size_t end = text.find(at); end != std::string_view::npos; end = text.find(at, start)) {
    parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  parts.emplace_back(text.substr(start));
  return parts;
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string ToUpper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

absl::StatusOr<int64_t> ParseInt64(std::string_view text) {
  int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty()) {
    return Error(Reason::kFieldInvalid).Says("not a whole number");
  }
  return value;
}

}  // namespace kontor::base
