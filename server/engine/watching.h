// SPDX-License-Identifier: Apache-2.0
// Callers that hold their answer until an operation rests. In memory only: after a crash the caller
// asks again with the same request_id.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "server/engine/core.h"

namespace kontor::engine {

/// Whether a waiting caller is answered: terminal, EXCEPTION, HELD or PARKED.
bool IsResting(model::OperationState state);

/// Thread-safe.
class Watchers {
 public:
  explicit Watchers(Core& core) : core_(core) {}
  void Add(const std::string& operation_id, absl::Time deadline, Done<model::Operation> done);
  /// From the commit thread; true when somebody waits for one of them.
  bool Note(const std::vector<std::string>& operation_ids);
  /// Answers those whose operation rests or whose time is over. True when any was answered.
  bool Serve();
  /// Answers everyone with what stands now; at shutdown.
  void ServeAll();

 private:
  struct Waiter {
    std::string operation_id;
    absl::Time deadline;
    Done<model::Operation> done;
    bool noted = true;  ///< To be looked at.
  };
  bool ServeSome(bool all);

  Core& core_;
  std::mutex mutex_;
  std::vector<Waiter> waiters_;
  uint64_t notes_ = 0;  ///< Notes so far: one may come while a waiter is being looked at.
};

}  // namespace kontor::engine
