// SPDX-License-Identifier: Apache-2.0
// Who brings flows forward: threads that do what is due under a lease, and then wait for the next
// commit. Rooms say what concerns them and what one step is.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/engine/flow_lease.h"
#include "server/ports/store.h"

namespace kontor::engine {

/// What a worker needs of its room; all that is named outlives the worker.
struct FlowWorkerParts {
  ports::Store& store;
  const base::Clock& clock;
  FlowLease& lease;
  std::function<void(const std::string& event,
                     const std::vector<std::pair<std::string, std::string>>& fields)>
      log;                       ///< Empty: nothing is told.
  std::string name;              ///< Events of the log are "<name>.step_failed" and the like.
  absl::Duration look_interval;  ///< After which a flow that failed is looked at again.
  /// Whether a commit may have made something due. On the commit thread; must not block.
  std::function<bool(const ports::CommitNotice&)> concerns;
};

/// One sort of flows, and how one of them comes forward.
struct FlowSort {
  std::string kind;
  std::string left_out;  ///< The state of flows that others bring forward; empty: none.
  int steps_in_a_row = 1;
  /// True: there is more to do for this flow at once.
  std::function<absl::StatusOr<bool>(const std::string& id)> step;
};

/// Thread-safe. Blocks on the store, so no method may be called on its commit thread.
class FlowWorker {
 public:
  explicit FlowWorker(FlowWorkerParts parts);
  ~FlowWorker();
  FlowWorker(const FlowWorker&) = delete;
  FlowWorker& operator=(const FlowWorker&) = delete;

  /// Starts one more thread, `thread_name` of at most 15 characters. It runs `work` while the lease
  /// is held and `work` did something, and then waits for what concerns it, half a second at most.
  void Start(const char* thread_name, std::function<bool()> work);
  /// Waits for the steps under way and gives the lease back. Repeatable.
  void Stop();
  bool IsStopping();

  /// Steps what is due of that sort; whether there was anything.
  bool DoDue(const FlowSort& sort);
  /// Runs `step`. What a defect throws must not end a thread: it is answered as INTERNAL once
  /// threads were started, and goes on to the caller before.
  absl::Status Guarded(const std::function<absl::Status()>& step);
  /// Asks `done` after each commit that concerns the worker, until it says yes, `deadline` has come
  /// or the worker stops.
  void WaitUntil(absl::Time deadline, const std::function<bool()>& done);

 private:
  void Note(const ports::CommitNotice& notice);
  void Run(const std::function<bool()>& work);
  void DoOne(const FlowSort& sort, const std::string& id);
  absl::Status StepInARow(const FlowSort& sort, const std::string& id);
  void Log(std::string_view what, const std::vector<std::pair<std::string, std::string>>& fields);

  const FlowWorkerParts parts_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::thread> threads_;
  bool guarded_ = false;  ///< On threads of our own.
  bool stopping_ = false;
  int64_t changes_ = 0;  ///< Grows with each commit that concerns the worker.
  CommitLine line_;      ///< Last: it is cut before anything that Note touches ends.
};

}  // namespace kontor::engine
