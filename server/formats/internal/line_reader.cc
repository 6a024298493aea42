// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/line_reader.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"

namespace kontor::formats::internal {

absl::StatusOr<bool> LineReader::Fill() {
  if (begin_ < end_) return true;
  if (source_ended_) return false;
  KONTOR_ASSIGN_OR_RETURN(end_, source_.Read(buffer_));
  begin_ = 0;
  source_ended_ = end_ == 0;
  return end_ > 0;
}

absl::StatusOr<bool> LineReader::Next() {
  line_.clear();
  ended_ = false;
  ++number_;
  bool any = false;
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) return any;
    if (after_return_) {
      after_return_ = false;
      if (buffer_[begin_] == '\n') {
        ++begin_;
        continue;
      }
    }
    any = true;
    const auto* const from = buffer_.data() + begin_;
    const auto* const to = buffer_.data() + end_;
    const auto* const stop = std::find_if(from, to, [](char c) { return c == '\n' || c == '\r'; });
    if (line_.size() + static_cast<size_t>(stop - from) > kLineBytesMax) {
      return base::Error(base::Reason::kFormatLimit)
          .Says(base::StrCat("line ", number_, " is longer than ",
                             static_cast<int64_t>(kLineBytesMax), " bytes"));
    }
    line_.append(from, stop);
    begin_ += static_cast<size_t>(stop - from);
    if (stop == to) continue;
    after_return_ = *stop == '\r';
    ++begin_;
    ended_ = true;
    return true;
  }
}

std::string ToUtf8(std::string_view text) {
  if (base::CountCodePoints(text) >= 0) return std::string(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0 | (byte >> 6)));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
  }
  return out;
}

}  // namespace kontor::formats::internal
