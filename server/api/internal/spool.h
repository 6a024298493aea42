// SPDX-License-Identifier: Apache-2.0
// The bytes of an upload until they are all here: in memory while they are few, then in a file
// without a name, which is gone with the process however it ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/crypto/digest.h"
#include "server/ports/codec.h"

namespace kontor::api::internal {

/// Not thread-safe; written first, then read as often as one likes.
class Spool {
 public:
  /// `folder`: where the file goes. `bytes_max`: more are TOO_LARGE.
  Spool(std::string folder, int64_t bytes_max)
      : folder_(std::move(folder)), bytes_max_(bytes_max) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// TOO_LARGE; STORE_FULL when the disk is full, STORE_UNAVAILABLE when no file can be made.
  absl::Status Append(std::string_view bytes);
  /// After the last Append: what the bytes are.
  void Close() { sha256_ = hash_.Finish().Hex(); }
  int64_t bytes() const { return bytes_; }
  const std::string& sha256() const { return sha256_; }
  /// From the first byte on; the spool outlives the source.
  std::unique_ptr<ports::ByteSource> Open() const;

 private:
  friend class SpoolSource;
  absl::Status ToFile();
  absl::Status Write(std::string_view bytes);

  const std::string folder_;
  const int64_t bytes_max_;
  crypto::Sha256Stream hash_;
  std::string sha256_;
  std::string memory_;
  int file_ = -1;  ///< -1: all of it is in memory.
  int64_t bytes_ = 0;
};

}  // namespace kontor::api::internal
