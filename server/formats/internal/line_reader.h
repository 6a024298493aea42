// SPDX-License-Identifier: Apache-2.0
// Text files line by line: bounded, with line numbers, and aware of a last line without an end.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

inline constexpr size_t kLineBytesMax = 64 * 1024;

/// Lines end in LF, CR LF or CR. Not thread-safe.
class LineReader {
 public:
  explicit LineReader(ports::ByteSource& source) : source_(source) {}
  /// The next line without its end; false at the end of the file. FORMAT_LIMIT for a line that is
  /// longer than kLineBytesMax; what the source answers. `line()` is valid until the next call.
  absl::StatusOr<bool> Next();
  std::string_view line() const { return line_; }
  int64_t number() const { return number_; }
  /// Whether the present line had an end of its own; a last one without may have been cut.
  bool ended() const { return ended_; }

 private:
  absl::StatusOr<bool> Fill();

  ports::ByteSource& source_;
  std::array<char, 16 * 1024> buffer_{};
  size_t begin_ = 0;
  size_t end_ = 0;
  bool source_ended_ = false;
  bool after_return_ = false;  ///< The last line ended in CR: an LF next belongs to it.
  std::string line_;
  int64_t number_ = 0;
  bool ended_ = false;
};

/// The text as UTF-8: as it is when it is valid, else read as ISO 8859-1, which is what banks mean.
std::string ToUtf8(std::string_view text);

}  // namespace kontor::formats::internal
