// SPDX-License-Identifier: Apache-2.0
// Who does the work: one thread takes and reads files, another brings statements forward, so that a
// slow Odoo keeps no file waiting.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "server/engine/flow_worker.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {

class Worker {
 public:
  explicit Worker(Loop& loop);
  void Start();
  /// Waits for the steps under way.
  void Stop() { worker_.Stop(); }
  bool RunUntilIdle();
  /// `done` is asked after each step, and at `deadline`.
  void WaitUntil(absl::Time deadline, const std::function<bool()>& done) {
    worker_.WaitUntil(deadline, done);
  }

 private:
  /// On the commit thread.
  bool Concerns(const ports::CommitNotice& notice);
  /// Whether something was done.
  bool PollDue();
  bool MayPoll(const model::Channel& channel);

  Loop& loop_;
  const engine::FlowSort files_;
  const engine::FlowSort statements_;
  std::mutex mutex_;
  std::map<std::string, absl::Time> next_poll_;  ///< By channel id.
  engine::FlowWorker worker_;  ///< Last: it ends before anything that Concerns touches.
};

}  // namespace kontor::statements
