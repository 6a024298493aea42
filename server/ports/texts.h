// SPDX-License-Identifier: Apache-2.0
// Bytes that are in memory anyway, as source and sink of the ports.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "server/ports/codec.h"

namespace kontor::ports {

/// The bytes of a text that outlives it; at most `chunk_bytes_max` a time, 0: as many as asked for.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text, size_t chunk_bytes_max = 0)
      : text_(text), chunk_bytes_max_(chunk_bytes_max) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    size_t count = std::min(into.size(), text_.size());
    if (chunk_bytes_max_ > 0) count = std::min(count, chunk_bytes_max_);
    if (count > 0) std::memcpy(into.data(), text_.data(), count);
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
  size_t chunk_bytes_max_;
};

class TextSink final : public ByteSink {
 public:
  absl::Status Write(std::string_view bytes) override {
    text_.append(bytes);
    return absl::OkStatus();
  }
  const std::string& text() const { return text_; }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace kontor::ports
