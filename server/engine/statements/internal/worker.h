// SPDX-License-Identifier: Apache-2.0
// Who does the work: one thread takes and reads files, another brings statements forward, so that a
// slow Odoo keeps no file waiting.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {

class Worker {
 public:
  explicit Worker(Loop& loop);
  ~Worker();
  void Start();
  /// Waits for the steps under way.
  void Stop();
  bool RunUntilIdle();
  /// Woken after each step; the predicate is asked then and at `deadline`.
  void WaitUntil(absl::Time deadline, const std::function<bool()>& done);

 private:
  enum class Part { kFiles, kStatements };

  void Note(const ports::CommitNotice& notice);
  void Run(Part part);
  /// Whether something was done.
  bool DoDue(Part part);
  bool PollDue();
  void DoOne(Part part, const std::string& id);
  void Postpone(const std::string& id);

  Loop& loop_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool guarded_ = false;      ///< On threads of our own: what is thrown ends in the log.
  bool stopping_ = false;
  int64_t changes_ = 0;                          ///< Grows with each commit that concerns the loop.
  std::map<std::string, absl::Time> next_poll_;  ///< By channel id.
  engine::CommitLine line_;  ///< Last: it is cut before anything that Note touches ends.
};

}  // namespace kontor::statements
