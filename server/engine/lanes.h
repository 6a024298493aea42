// SPDX-License-Identifier: Apache-2.0
// The scheduler: which piece of work runs when, on which thread. One piece of a name runs at a
// time; pieces of different names run in parallel. Decides nothing about operations.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "server/engine/core.h"
#include "server/engine/runner.h"
#include "server/engine/watching.h"

namespace kontor::engine {

/// Thread-safe. Without Start it has no threads: RunUntilIdle does the same work on the caller's.
class Scheduler {
 public:
  Scheduler(Core& core, Watchers& watchers);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  void Start();
  /// Takes no more work; waits until `deadline` for what runs, then for its bounded calls to end.
  void Stop(absl::Time deadline);
  /// From the commit thread: lanes that may have become due.
  void NoteCommit(const ports::CommitNotice& notice);
  /// Runs a piece of work of someone else's on the pool (or at once, without threads). False when
  /// stopping or when too many wait.
  bool Post(std::function<void()> work);

  /// Everything that is due by the clock, until nothing is. True when it came to rest within the
  /// bound of rounds. Only without threads.
  bool RunUntilIdle();

 private:
  enum class Again { kNo, kYes };
  void Enqueue(const std::string& name);
  void EnqueueLocked(const std::string& name);
  /// The names that are due now; those of regular work by their times.
  std::vector<std::string> DueNames();
  void AddRegular(std::vector<std::string>& names);
  bool IsTime(const std::string& name, absl::Duration every);
  /// Runs one piece; what it throws ends it, as a crash would.
  Again RunNamed(const std::string& name);
  Again RunPiece(const std::string& name);
  void Work();
  void KeepTime();

  Core& core_;
  Watchers& watchers_;
  BatchSizes sizes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> queue_;
  std::set<std::string> queued_;
  std::set<std::string> running_;
  std::deque<std::function<void()>> posted_;
  std::map<std::string, absl::Time> last_run_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
  bool threaded_ = false;
};

}  // namespace kontor::engine
