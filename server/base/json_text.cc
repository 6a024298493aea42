// SPDX-License-Identifier: Apache-2.0
#include "server/base/json_text.h"

#include <algorithm>

#include "server/base/text.h"

namespace kontor::base {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr size_t kCodePointBytesMax = 4;

bool IsPlain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20U && byte < 0x80U && c != '"' && c != '\\';
}

void AppendEscaped(std::string* out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"': out->append("\\\""); return;
    case '\\': out->append("\\\\"); return;
    case '\b': out->append("\\b"); return;
    case '\f': out->append("\\f"); return;
    case '\n': out->append("\\n"); return;
    case '\r': out->append("\\r"); return;
    case '\t': out->append("\\t"); return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out->append("\\u00");
  out->push_back(kHex[byte >> 4]);
  out->push_back(kHex[byte & 15U]);
}

/// Bytes of the code point that `text` begins with; 0 when it begins with none.
size_t CodePointBytes(std::string_view text) {
  for (size_t size = 2; size <= std::min(text.size(), kCodePointBytesMax); ++size) {
    if (CountCodePoints(text.substr(0, size)) == 1) return size;
  }
  return 0;
}

}  // namespace

void AppendJsonString(std::string* out, std::string_view text) {
  out->push_back('"');
  while (!text.empty()) {
    const auto run_end = std::find_if_not(text.begin(), text.end(), IsPlain);
    const auto run = static_cast<size_t>(run_end - text.begin());
    out->append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text.front()) < 0x80U) {
      AppendEscaped(out, text.front());
      text.remove_prefix(1);
      continue;
    }
    const size_t bytes = CodePointBytes(text);
    out->append(bytes == 0 ? kReplacement : text.substr(0, bytes));
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  out->push_back('"');
}

std::string JsonString(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  AppendJsonString(&out, text);
  return out;
}

void JsonObject::Texts(std::string_view key, const std::vector<std::string>& texts) {
  std::string array = "[";
  for (const std::string& text : texts) {
    if (array.size() > 1) array.push_back(',');
    AppendJsonString(&array, text);
  }
  array.push_back(']');
  Raw(key, std::move(array));
}

std::string JsonObject::ToText() {
  std::sort(members_.begin(), members_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  size_t size = 2;
  for (const auto& [key, value] : members_) size += key.size() + value.size() + 4;
  std::string out;
  out.reserve(size);
  out.push_back('{');
  for (const auto& [key, value] : members_) {
    if (out.size() > 1) out.push_back(',');
    out.push_back('"');
    out.append(key);
    out.append("\":");
    out.append(value);
  }
  out.push_back('}');
  return out;
}

std::string JsonArray(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out.push_back(',');
    out.append(item);
  }
  out.push_back(']');
  return out;
}

}  // namespace kontor::base
