// SPDX-License-Identifier: Apache-2.0
// A webhook receiver in a process of its own, so small that it is the same for whoever sends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/child.h"

namespace kontor::bench {

/// What a receiver has seen since it was last asked to forget.
struct Received {
  int64_t count = 0;
  int64_t disordered = 0;    ///< Events that came after a later one of their subject, or twice.
  double seconds = 0;        ///< From the first to the last.
};

/// Serves until SIGTERM; writes its port into `ready_file`. One thread.
int Receive(const std::string& ready_file);

/// The receiver seen from outside.
class Receiver {
 public:
  static absl::StatusOr<std::unique_ptr<Receiver>> Start(const std::string& folder);
  std::string url() const;
  int port() const { return port_; }
  absl::StatusOr<Received> Ask() const;
  absl::Status Forget() const;

 private:
  std::unique_ptr<Child> process_;
  int port_ = 0;
};

}  // namespace kontor::bench
