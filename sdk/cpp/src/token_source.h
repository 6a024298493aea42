// SPDX-License-Identifier: Apache-2.0
// The bearer token of a connection, from a string or from a file that may be replaced while the
// program runs. Never logged. Not public.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace kontor::sdk::internal {

/// Reads a small file whole. Errors: NOT_FOUND naming the file; INVALID_ARGUMENT over 1 MiB.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

/// Thread-safe.
class TokenSource {
 public:
  /// A fixed token; empty means none.
  explicit TokenSource(std::string token) : token_(std::move(token)) {}
  /// A token kept in a file. Errors: NOT_FOUND, INVALID_ARGUMENT for an empty one.
  static absl::StatusOr<std::unique_ptr<TokenSource>> FromFile(const std::string& path);
  /// The token now; the last good one while the file cannot be read.
  std::string Token();

 private:
  absl::Mutex mutex_;
  std::string path_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  /// What the file was when it was last read: inode, size, seconds and nanoseconds of its change.
  /// The time alone is too coarse: two files of the same tick bear the same.
  std::array<int64_t, 4> seen_ ABSL_GUARDED_BY(mutex_) = {};
};

}  // namespace kontor::sdk::internal
