// SPDX-License-Identifier: Apache-2.0
// Rows of a delimited table (RFC 4180): quoted fields may hold delimiters, doubled quotes and line
// ends.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

inline constexpr size_t kCsvRowBytesMax = 256 * 1024;
inline constexpr size_t kCsvFieldsMax = 1000;

/// Not thread-safe.
class CsvScanner {
 public:
  CsvScanner(ports::ByteSource& source, char delimiter, char quote)
      : source_(source), delimiter_(delimiter), quote_(quote) {}
  /// The next row; false at the end of the file. Errors: FORMAT_LIMIT, FORMAT_TRUNCATED for a
  /// quote that is open at the end, FORMAT_INVALID for text behind a closing quote, what the source
  /// answers.
  absl::StatusOr<bool> Next();
  const std::vector<std::string>& fields() const { return fields_; }
  /// Whether the row is an empty line.
  bool blank() const { return fields_.size() == 1 && fields_[0].empty(); }
  int64_t line() const { return row_line_; }

 private:
  absl::StatusOr<int> Take();  ///< −1 at the end.
  absl::Status EndField(std::string& field);

  ports::ByteSource& source_;
  char delimiter_;
  char quote_;
  std::array<char, 16 * 1024> buffer_{};
  size_t begin_ = 0;
  size_t end_ = 0;
  bool source_ended_ = false;
  int pushed_back_ = -2;  ///< −2: nothing.
  std::vector<std::string> fields_;
  int64_t line_ = 1;
  int64_t row_line_ = 1;
  size_t row_bytes_ = 0;
};

}  // namespace kontor::formats::internal
