// SPDX-License-Identifier: Apache-2.0
#include "server/base/text.h"

#include <cstdint>

#include "server/base/strings.h"
#include "server/base/status.h"

namespace kontor::base {
namespace {

constexpr uint32_t kInvalid = 0xFFFFFFFF;

/// Reads one code point and moves on; kInvalid when the bytes are none.
uint32_t NextCodePoint(std::string_view& text) {
  const auto first = static_cast<uint8_t>(text[0]);
  int extra = 0;
  uint32_t point = 0;
  uint32_t smallest = 0;
  if (first < 0x80) {
    text.remove_prefix(1);
    return first;
  }
  if ((first & 0xE0) == 0xC0) {
    extra = 1, point = first & 0x1F, smallest = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    extra = 2, point = first & 0x0F, smallest = 0x800;
  } else if ((first & 0xF8) == 0xF0) {
    extra = 3, point = first & 0x07, smallest = 0x10000;
  } else {
    return kInvalid;
  }
  if (text.size() < static_cast<size_t>(extra) + 1) return kInvalid;
  for (int i = 1; i <= extra; ++i) {
    const auto byte = static_cast<uint8_t>(text[static_cast<size_t>(i)]);
    if ((byte & 0xC0) != 0x80) return kInvalid;
    point = (point << 6) | (byte & 0x3F);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < smallest || point > 0x10FFFF || surrogate) return kInvalid;
  text.remove_prefix(static_cast<size_t>(extra) + 1);
  return point;
}

bool IsControl(uint32_t point, bool multiline) {
  if (multiline && (point == '\n' || point == '\t')) return false;
  const bool c0_or_c1 = point < 0x20 || (point >= 0x7F && point <= 0x9F);
  // Bidirectional overrides make an account number read as another one.
  const bool bidi = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
  return c0_or_c1 || bidi;
}

}  // namespace

int CountCodePoints(std::string_view text) {
  int count = 0;
  while (!text.empty()) {
    if (NextCodePoint(text) == kInvalid) return -1;
    ++count;
  }
  return count;
}

bool HasControlCharacters(std::string_view text, bool multiline) {
  while (!text.empty()) {
    const uint32_t point = NextCodePoint(text);
    if (point == kInvalid || IsControl(point, multiline)) return true;
  }
  return false;
}

absl::Status CheckText(std::string_view text, int length_max, std::string_view field,
                       bool multiline) {
  const int length = CountCodePoints(text);
  if (length < 0) {
    return Error(Reason::kTextInvalid).Field(field).Says("not valid UTF-8");
  }
  if (HasControlCharacters(text, multiline)) {
    return Error(Reason::kTextInvalid).Field(field).Says("has control characters");
  }
  if (length > length_max) {
    return Error(Reason::kFieldTooLong)
        .Field(field)
        .With("length", StrCat(length))
        .With("length_max", StrCat(length_max))
        .Says(StrCat("has ", length, " characters, ", length_max, " are allowed"));
  }
  return absl::OkStatus();
}

absl::Status CheckReason(std::string_view reason, int length_max) {
  if (reason.empty()) {
    return Error(Reason::kFieldMissing).Field("reason").Says("no reason is given");
  }
  return CheckText(reason, length_max, "reason", /*multiline=*/true);
}

std::string Masked(std::string_view account_number) {
  constexpr size_t kShown = 4;
  if (account_number.size() <= kShown) return "…";
  return StrCat("…", account_number.substr(account_number.size() - kShown));
}

}  // namespace kontor::base
