// SPDX-License-Identifier: Apache-2.0
// The one thread of a node that writes: takes what is queued, runs it in one transaction, a
// savepoint a unit, closes it with the feed, and only then has its callers told (answers.h).
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/base/clock.h"
#include "server/ports/crypto.h"
#include "server/store/internal/answers.h"
#include "server/store/internal/head_files.h"
#include "server/store/internal/sql.h"
#include "server/store/internal/unit.h"

namespace kontor::store::internal {

/// Thread-safe.
class Committer {
 public:
  using Done = Answers::Done;
  using Listener = std::function<void(const ports::CommitNotice&)>;

  Committer(Target target, const StoreSettings& settings, const ports::Crypto& crypto,
            const base::Clock& clock, HeadFiles& head_files);
  /// Runs and answers what is queued, then ends the threads.
  ~Committer();

  /// Takes over the session that migrated the store and starts the thread.
  void Start(std::unique_ptr<Session> session);
  void Submit(ports::Work work, Done done);
  absl::Status Commit(const ports::Work& work);
  void AddListener(Listener listener);
  /// Tells the listeners, on the commit thread, about another node's commit. A full queue drops it.
  void AnnounceLater(const ports::CommitNotice& notice);
  int64_t QueueLength() const;
  /// Called in each transaction of units that succeeded, before it is committed. Set it before
  /// Start().
  void BeforeCommit(std::function<absl::Status(Session&, const ports::CommitNotice&)> hook);
  /// Runs `work` on the commit thread between two transactions, blocking.
  absl::Status RunAlone(const std::function<absl::Status(Session&)>& work);

 private:
  struct Item {
    ports::Work work;                                   // One of the two is set.
    std::function<absl::Status(Session&)> alone;
    Done done;
    absl::Status status;
    UnitOnSession::Effects effects;
  };
  using Batch = std::vector<Item>;

  void Loop();
  Batch NextBatch();
  void Enqueue(Item item);
  absl::Status RunAndWait(Item item);
  void Process(Batch& batch);
  /// How a transaction ended.
  enum class Ending { kDone, kAgain, kSplit };
  Ending Attempt(Batch& batch, size_t begin, size_t end, bool may_repeat);
  absl::Status RunUnits(Batch& batch, size_t begin, size_t end);
  absl::Status RunUnit(Item& item);
  absl::Status EnsureSession();
  void Finish(Batch& batch, size_t begin, size_t end);
  void Announce(const ports::CommitNotice& notice);

  const Target target_;
  const StoreSettings& settings_;
  const ports::Crypto& crypto_;
  const base::Clock& clock_;
  HeadFiles& head_files_;
  std::unique_ptr<Session> session_;

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Item> queue_;
  bool is_stopping_ = false;
  std::mutex listeners_mutex_;
  std::vector<Listener> listeners_;
  std::function<absl::Status(Session&, const ports::CommitNotice&)> before_commit_;
  ports::CommitNotice notice_;  ///< Of the transaction that is being run.
  std::optional<Heads> heads_;  ///< Of the transaction that was just committed.
  Answers answers_;
  std::thread thread_;
};

}  // namespace kontor::store::internal
