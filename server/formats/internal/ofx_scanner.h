// SPDX-License-Identifier: Apache-2.0
// Tags and texts of an OFX file, SGML and XML alike.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

inline constexpr size_t kOfxTextBytesMax = 64 * 1024;
inline constexpr size_t kOfxTagBytesMax = 4 * 1024;  ///< Of a tag or a processing instruction.

/// Hands out one token a time. Not thread-safe.
class OfxScanner {
 public:
  enum class Token { kOpen, kClose, kText, kInstruction, kEnd };

  explicit OfxScanner(ports::ByteSource& source) : source_(source) {}
  /// The next token. Texts are trimmed and never empty; the five entities of XML and numbered ones
  /// are resolved, others stay as they are. Errors: XML_FORBIDDEN for a document type,
  /// FORMAT_LIMIT, FORMAT_INVALID, what the source answers.
  absl::StatusOr<Token> Next();
  /// Name of the tag without attributes, or the text, as UTF-8; valid until the next call.
  std::string_view value() const { return value_; }
  /// Whether an opened tag closed itself (`<MEMO/>`).
  bool self_closed() const { return self_closed_; }
  int64_t line() const { return line_; }

 private:
  /// −1 at the end.
  absl::StatusOr<int> Peek();
  void Skip() {
    if (buffer_[begin_] == '\n') ++line_;
    ++begin_;
  }
  absl::StatusOr<Token> ReadTag();

  ports::ByteSource& source_;
  std::array<char, 16 * 1024> buffer_{};
  size_t begin_ = 0;
  size_t end_ = 0;
  bool source_ended_ = false;
  std::string value_;
  bool self_closed_ = false;
  int64_t line_ = 1;
};

}  // namespace kontor::formats::internal
