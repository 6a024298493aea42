// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/ofx_scanner.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/line_reader.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

struct Entity {
  std::string_view name;
  std::string_view text;
};
constexpr Entity kEntities[] = {{"amp", "&"},   {"lt", "<"},   {"gt", ">"},
                                {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}};

/// `&amp;` → `&`; what is no entity of XML stays as it is.
std::string Resolved(std::string_view text) {
  constexpr size_t kNameMax = 6;
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const size_t end = text[at] == '&' ? text.find(';', at) : std::string_view::npos;
    if (end == std::string_view::npos || end - at - 1 > kNameMax) {
      out.push_back(text[at]);
      continue;
    }
    const std::string_view name = text.substr(at + 1, end - at - 1);
    const auto* const found = std::find_if(std::begin(kEntities), std::end(kEntities),
                                           [&](const Entity& e) { return e.name == name; });
    const std::optional<int64_t> number =
        name.starts_with('#') ? ReadCount(name.substr(1)) : std::nullopt;
    if (found != std::end(kEntities)) {
      out.append(found->text);
      at = end;
    } else if (number.has_value() && *number >= 0x20 && *number < 0x7F) {
      out.push_back(static_cast<char>(*number));
      at = end;
    } else {
      out.push_back(text[at]);
    }
  }
  return out;
}

std::string_view NameOf(std::string_view tag) {
  const auto* const end = std::find_if(tag.begin(), tag.end(), [](char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '/';
  });
  return tag.substr(0, static_cast<size_t>(end - tag.begin()));
}

}  // namespace

absl::StatusOr<int> OfxScanner::Peek() {
  if (begin_ == end_ && !source_ended_) {
    begin_ = 0;
    KONTOR_ASSIGN_OR_RETURN(end_, source_.Read(buffer_));
    source_ended_ = end_ == 0;
  }
  if (begin_ == end_) return -1;
  return static_cast<unsigned char>(buffer_[begin_]);
}

absl::StatusOr<OfxScanner::Token> OfxScanner::ReadTag() {
  constexpr size_t kCommentMarks = 5;  // of "!--" and "--"
  Skip();                              // the opening bracket
  std::string tag;
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const int c, Peek());
    if (c < 0) {
      return Error(Reason::kFormatTruncated).Says(StrCat("the file ends in a tag, line ", line_));
    }
    Skip();
    const bool in_comment =
        tag.starts_with("!--") && (tag.size() < kCommentMarks || !tag.ends_with("--"));
    if (c == '>' && !in_comment) break;
    tag.push_back(static_cast<char>(c));
    if (tag.size() > kOfxTagBytesMax) {
      return Error(Reason::kFormatLimit).Says(StrCat("a tag in line ", line_, " is too long"));
    }
  }
  if (tag.starts_with('!') && !tag.starts_with("!--")) {
    return Error(Reason::kXmlForbidden)
        .Says(StrCat("line ", line_, " has a document type or a section"));
  }
  self_closed_ = tag.ends_with('/');
  if (tag.starts_with('?') || tag.starts_with('!')) {
    value_ = tag;
    return Token::kInstruction;
  }
  const bool close = tag.starts_with('/');
  value_ = base::ToUpper(NameOf(std::string_view(tag).substr(close ? 1 : 0)));
  if (value_.empty()) {
    return Error(Reason::kFormatInvalid).Says(StrCat("line ", line_, " has a tag without name"));
  }
  return close ? Token::kClose : Token::kOpen;
}

absl::StatusOr<OfxScanner::Token> OfxScanner::Next() {
  std::string text;
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const int c, Peek());
    if (c < 0 || c == '<') break;
    Skip();
    text.push_back(static_cast<char>(c));
    if (text.size() > kOfxTextBytesMax) {
      return Error(Reason::kFormatLimit).Says(StrCat("a text in line ", line_, " is too long"));
    }
  }
  if (const std::string_view trimmed = base::Trim(text); !trimmed.empty()) {
    value_ = ToUtf8(Resolved(trimmed));
    return Token::kText;
  }
  KONTOR_ASSIGN_OR_RETURN(const int c, Peek());
  if (c < 0) return Token::kEnd;
  return ReadTag();
}

}  // namespace kontor::formats::internal
