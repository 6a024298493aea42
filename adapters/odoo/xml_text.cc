// SPDX-License-Identifier: Apache-2.0
// XML texts made safe; see xml_text.h. Source of the allowed characters: XML 1.0, section 2.2.
#include "adapters/odoo/xml_text.h"

#include <algorithm>
#include <cstdint>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

/// Length of the valid UTF-8 sequence at the front of `text`, 0 when there is none (RFC 3629).
size_t SequenceLength(std::string_view text) {
  const auto at = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  size_t length = 0;
  uint32_t code = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    code = lead & 0x1FU;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    code = lead & 0x0FU;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    code = lead & 0x07U;
  }
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
    code = (code << 6U) | (at(i) & 0x3FU);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool not_a_character = code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF;
  if (code < kSmallest[length] || surrogate || not_a_character) return 0;
  return length;
}

bool IsForbiddenControl(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte < 0x20 && c != '\n' && c != '\r' && c != '\t';
}

constexpr std::string_view kMarker = "\xEE\x80\x80";  // U+E000, private use
constexpr size_t kHexDigits = 6;
constexpr size_t kAstralBytes = 4;

void AppendHidden(std::string& out, std::string_view sequence) {
  const uint32_t lead_bits = sequence.size() == kAstralBytes ? 0x07U : 0x0FU;
  uint32_t code = static_cast<uint8_t>(sequence[0]) & lead_bits;
  for (const char c : sequence.substr(1)) code = (code << 6U) | (static_cast<uint8_t>(c) & 0x3FU);
  out.append(kMarker);
  constexpr char kHex[] = "0123456789ABCDEF";
  for (size_t i = kHexDigits; i-- > 0;) out.push_back(kHex[(code >> (4 * i)) & 0xFU]);
}

uint32_t HexValue(std::string_view digits) {
  uint32_t value = 0;
  for (const char c : digits) {
    value = (value << 4U) | static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'A' + 10);
  }
  return value;
}

void AppendCode(std::string& out, uint32_t code) {
  const auto byte = [&out](uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x10000) {
    byte(0xE0U | (code >> 12U));
  } else {
    byte(0xF0U | (code >> 18U));
    byte(0x80U | ((code >> 12U) & 0x3FU));
  }
  byte(0x80U | ((code >> 6U) & 0x3FU));
  byte(0x80U | (code & 0x3FU));
}

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::string XmlSafe(std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) {
      out.append(kReplacement);
      text.remove_prefix(1);
      continue;
    }
    if (!IsForbiddenControl(text.front())) out.append(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

std::string HideAstral(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = std::max<size_t>(SequenceLength(text), 1);
    if (length == kAstralBytes || text.starts_with(kMarker)) {
      AppendHidden(out, text.substr(0, length));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string ShowAstral(std::string_view text) {
  std::string out;
  for (size_t at = text.find(kMarker); at != std::string_view::npos; at = text.find(kMarker)) {
    out.append(text.substr(0, at));
    text.remove_prefix(at + kMarker.size());
    AppendCode(out, HexValue(text.substr(0, kHexDigits)));
    text.remove_prefix(std::min(text.size(), kHexDigits));
  }
  out.append(text);
  return out;
}

absl::StatusOr<std::string> PrepareXmlAnswer(std::string_view body) {
  const auto unreadable = [](std::string_view what) {
    return base::Error(base::Reason::kOdooAnswerUnreadable)
        .Says(what)
        .Happened(base::Outcome::kUnknown);
  };
  const std::string lower = base::ToLower(body);
  if (lower.find("<!doctype") != std::string::npos || lower.find("<!entity") != std::string::npos) {
    return unreadable("the answer declares a document type");
  }
  if (lower.find("<methodresponse") == std::string::npos) {
    return unreadable("the answer is not XML-RPC");
  }
  std::string out = HideAstral(XmlSafe(body));
  ReplaceAll(out, "<double>", "<string>");
  ReplaceAll(out, "</double>", "</string>");
  return out;
}

}  // namespace kontor::odoo
