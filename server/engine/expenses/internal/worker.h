// SPDX-License-Identifier: Apache-2.0
// The threads of the loop, and the same work without threads for tests.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "server/base/ids.h"
#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {

/// Thread-safe.
class Worker {
 public:
  explicit Worker(Loop& loop);
  ~Worker();
  void Start();
  void Stop();
  /// Everything that is due by the clock, on the calling thread; false when it does not come to
  /// rest. Never together with Start.
  bool RunUntilIdle();

 private:
  void Note(const ports::CommitNotice& notice);
  void Enqueue(const std::string& id);  // under mutex_
  int FindDue();
  void FindPaymentChanges();
  void Coordinate();
  void Work();
  void DoOne(const std::string& id);
  void Postpone(const std::string& id);
  absl::Status DoMessage(const std::string& id);
  absl::Status DoReport(const std::string& id);
  std::vector<model::Source> AllSources();
  void LookAtQuarantines();
  void FindPlatformCalls();
  absl::Status CallPlatform(const std::string& name, bool fetch);

  Loop& loop_;
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool looked_ = false;  ///< Nothing has changed since what is due was looked for.
  bool told_ = true;     ///< Events came since the feed was read.
  static constexpr int64_t kFeedUnread = -1;
  int64_t feed_end_ = kFeedUnread;  ///< Of the one thread that reads it.
  std::deque<std::string> queue_;
  std::set<std::string> queued_;
  std::set<std::string> busy_;
  std::set<std::string> again_;
  std::map<std::string, std::string> waiting_;  ///< Operation → report.
  std::map<std::string, absl::Time> next_fetch_;
  std::map<std::string, absl::Time> next_push_;
  absl::Time next_platform_look_ = absl::InfinitePast();
  absl::Time next_quarantine_look_ = absl::InfinitePast();
  engine::CommitLine line_;  ///< Last: it is cut before anything that Note touches ends.
};

}  // namespace kontor::expenses
