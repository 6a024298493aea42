// SPDX-License-Identifier: Apache-2.0
// Who brings orders forward: one thread, under a lease.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {

class Worker {
 public:
  explicit Worker(Loop& loop);
  ~Worker();
  void Start();
  /// Waits for the step under way.
  void Stop();
  bool RunUntilIdle();

 private:
  void Note(const ports::CommitNotice& notice);
  void Run();
  /// Whether something was done.
  bool DoDue();
  void DoOne(const std::string& id);

  Loop& loop_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool guarded_ = false;  ///< On a thread of our own: what is thrown ends in the log.
  bool stopping_ = false;
  int64_t changes_ = 0;      ///< Grows with each commit that concerns orders.
  engine::CommitLine line_;  ///< Last: it is cut before anything that Note touches ends.
};

}  // namespace kontor::payment_orders
