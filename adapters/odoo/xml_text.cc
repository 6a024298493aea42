// SPDX-License-Identifier: Apache-2.0
// XML texts made safe; see xml_text.h. Source of the allowed characters: XML 1.0, section 2.2.
#include "adapters/odoo/xml_text.h"

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
  std::string out = XmlSafe(body);
  ReplaceAll(out, "<double>", "<string>");
  ReplaceAll(out, "</double>", "</string>");
  return out;
}

}  // namespace kontor::odoo
