// SPDX-License-Identifier: Apache-2.0
// SEPA's set: EPC customer-to-bank implementation guidelines, section 1.4 "character set". The
// Swiss one: SIX, Swiss Payment Standards, implementation guidelines for credit transfers,
// section "character set".
#include "server/formats/internal/characters.h"

#include <cstdint>
#include <optional>

namespace kontor::formats::internal {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Reads one code point and moves on; the replacement character for bytes that are none.
char32_t Next(std::string_view& text) {
  const auto first = static_cast<uint8_t>(text[0]);
  size_t size = 1;
  char32_t point = first;
  if (first >= 0xF0 && first < 0xF8) {
    size = 4;
    point = first & 0x07;
  } else if (first >= 0xE0) {
    size = 3;
    point = first & 0x0F;
  } else if (first >= 0xC0) {
    size = 2;
    point = first & 0x1F;
  }
  if (first >= 0xF8 || (first >= 0x80 && first < 0xC0) || text.size() < size) {
    text.remove_prefix(1);
    return kReplacement;
  }
  for (size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) {
      text.remove_prefix(1);
      return kReplacement;
    }
    point = (point << 6) | (byte & 0x3F);
  }
  text.remove_prefix(size);
  return point;
}

bool IsSepa(char32_t point) {
  const bool letter = (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
  const bool digit = point >= '0' && point <= '9';
  return letter || digit ||
         (point < 0x80 &&
          std::string_view("/-?:().,'+ ").find(static_cast<char>(point)) != std::string_view::npos);
}

bool IsLatin(char32_t point) {
  const bool ascii = point >= 0x20 && point <= 0x7E;
  const bool latin = point >= 0xA0 && point <= 0x17F;
  const bool romanian = point >= 0x218 && point <= 0x21B;
  constexpr char32_t kEuro = 0x20AC;
  return ascii || latin || romanian || point == kEuro;
}

bool IsAny(char32_t point) {
  const bool control = point < 0x20 || (point >= 0x7F && point <= 0x9F);
  const bool bidi = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return !control && !bidi && !surrogate && point < 0xFFFD;
}

bool IsIn(char32_t point, CharacterSet set) {
  switch (set) {
    case CharacterSet::kSepa: return IsSepa(point);
    case CharacterSet::kLatin: return IsLatin(point);
    case CharacterSet::kAny: return IsAny(point);
  }
  return false;
}

}  // namespace

std::string FirstForeign(std::string_view text, CharacterSet set) {
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t point = Next(text);
    if (IsIn(point, set)) continue;
    if (point == kReplacement || point < 0x20) return "\xEF\xBF\xBD";
    return std::string(before.substr(0, before.size() - text.size()));
  }
  return "";
}

bool IsWireId(std::string_view text) {
  constexpr size_t kIdMax = 35;
  if (text.empty() || text.size() > kIdMax) return false;
  if (text.front() == '/' || text.back() == '/') return false;
  if (text.find("//") != std::string_view::npos) return false;
  if (text.find(' ') != std::string_view::npos) return false;
  return FirstForeign(text, CharacterSet::kSepa).empty();
}

}  // namespace kontor::formats::internal
