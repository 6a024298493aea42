// SPDX-License-Identifier: Apache-2.0
// The thread that tells callers how their writes ended, so that the commit thread goes on writing
// while answers are built and sent.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"

namespace kontor::store::internal {

/// One answer. What it throws is a defect of its owner and ends here: others must go on.
void Tell(const std::function<void(absl::Status)>& done, const absl::Status& status);

/// Thread-safe. Answers are given one after the other, in the order they came in.
class Answers {
 public:
  using Done = std::function<void(absl::Status)>;
  struct One {
    Done done;
    absl::Status status;
  };

  /// Stops.
  ~Answers();
  void Start();
  /// Gives what waits, then ends the thread. Nothing may be given after it.
  void Stop();
  /// Waits while more than kAnswersWaitingMax are not yet given.
  void Give(std::vector<One> answers);
  /// Whether the caller is an answer that is being given.
  bool IsThisThread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  void Loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<One> waiting_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace kontor::store::internal
