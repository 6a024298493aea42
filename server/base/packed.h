// SPDX-License-Identifier: Apache-2.0
// Texts one after another, each behind its length: a form for records that only we read again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace kontor::base {

/// Not thread-safe.
class PackedWriter {
 public:
  /// Any bytes, up to 4 GiB.
  void Text(std::string_view text);
  void Number(int64_t number);
  void Texts(const std::vector<std::string>& texts);
  /// Room for so many bytes at once.
  void Reserve(size_t bytes) { bytes_.reserve(bytes); }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what PackedWriter wrote, in the same order. Does not own the bytes.
class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : rest_(bytes) {}
  /// INTERNAL when the bytes end before.
  absl::StatusOr<std::string_view> Text();
  absl::StatusOr<int64_t> Number();
  absl::StatusOr<std::vector<std::string>> Texts();
  bool AtEnd() const { return rest_.empty(); }

 private:
  absl::StatusOr<std::string_view> Bytes(uint64_t count);
  std::string_view rest_;
};

}  // namespace kontor::base
