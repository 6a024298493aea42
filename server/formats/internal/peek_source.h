// SPDX-License-Identifier: Apache-2.0
// A source whose first bytes can be seen before they are read.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "server/base/status.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

/// Not thread-safe.
class PeekSource final : public ports::ByteSource {
 public:
  explicit PeekSource(ports::ByteSource& source) : source_(source) {}
  /// Up to `size` bytes of the front; fewer when the file is shorter. Before the first Read only.
  absl::StatusOr<std::string_view> Peek(size_t size) {
    head_.resize(size);
    size_t filled = 0;
    while (filled < size) {
      KONTOR_ASSIGN_OR_RETURN(const size_t count,
                              source_.Read({head_.data() + filled, size - filled}));
      if (count == 0) break;
      filled += count;
    }
    head_.resize(filled);
    return std::string_view(head_);
  }
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    if (taken_ == head_.size()) return source_.Read(into);
    const size_t count = std::min(into.size(), head_.size() - taken_);
    std::memcpy(into.data(), head_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  ports::ByteSource& source_;
  std::string head_;
  size_t taken_ = 0;
};

}  // namespace kontor::formats::internal
