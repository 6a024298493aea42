// SPDX-License-Identifier: Apache-2.0
// ports::Intake on the commit thread of one node. One unit at a time writes all that has come in
// meanwhile as one row. Filing waits for a calm moment, since it costs many times what keeping
// does; it goes on without one when something has waited for seconds, or when half of what may wait
// does.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/ports/crypto.h"
#include "server/ports/intake.h"
#include "server/store/internal/committer.h"

namespace kontor::store::internal {

class Intake final : public ports::Intake {
 public:
  Intake(Committer& committer, const StoreSettings& settings, const ports::Crypto& crypto)
      : committer_(committer), settings_(settings), crypto_(crypto) {}
  ~Intake() override { Stop(); }

  /// Reads what an earlier run left. Before the commit thread runs.
  absl::Status Load(Session& session);

  void Add(ports::IntakeKind kind) override;
  void Start() override;
  /// Before the commit thread ends.
  void Stop() override;
  void Keep(ports::KeptRecord record, Kept done) override;
  void WhenFiled(std::function<void()> done) override;
  int64_t Waiting() const override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    ports::KeptRecord record;
    Kept done;
    std::vector<std::string> marks;  ///< Its keys beside those of other kinds.
    std::string holder;
    bool filed = false;
  };
  /// What one row holds.
  struct Group {
    int64_t row = 0;
    uint64_t first = 0;  ///< Number of its first record since the start.
    std::vector<Entry> entries;
    Clock::time_point since;
  };
  using GroupPtr = std::shared_ptr<Group>;
  struct Waiter {
    uint64_t through = 0;
    std::function<void()> done;
  };

  void SubmitGroup();
  absl::Status Write(ports::Unit& unit, Group& group);
  void Forget(const Entry& entry);
  void TakeOpen(Group& group);
  /// By kind, then by key: who holds it, of what is filed.
  using Holders = std::map<std::string, std::unordered_map<std::string, std::string>, std::less<>>;
  absl::StatusOr<Holders> FiledHolders(Session& session, const Group& group) const;
  /// Empty: nobody has a key of it.
  std::string HolderOf(const Entry& entry, const Holders& filed) const;
  void Written(const GroupPtr& group, const absl::Status& status);

  void Loop();
  bool IsDue(Clock::time_point now) const;
  bool IsCalm(Clock::time_point now) const;
  void NoteKept(size_t count, Clock::time_point now);
  void FileNext(std::unique_lock<std::mutex>& lock);
  void File(const GroupPtr& group);
  void Settle(const GroupPtr& group);
  void RemoveRows();
  uint64_t SettledThrough() const;
  void TellWaiters(std::unique_lock<std::mutex>& lock);

  Committer& committer_;
  const StoreSettings& settings_;
  const ports::Crypto& crypto_;
  std::map<std::string, ports::IntakeKind, std::less<>> kinds_;  // Fixed from Start() on.
  int64_t last_row_ = 0;                                         // The commit thread's.

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopping_ = false;
  bool is_writing_ = false;           // A unit that writes a group is on its way.
  uint64_t taken_in_ = 0;             // Records since the start.
  uint64_t writing_first_ = 0;        // The first that is not yet on disk, while is_writing_.
  std::deque<Entry> open_;            // Not yet in a group.
  std::deque<GroupPtr> pending_;      // On disk, not filed.
  GroupPtr filing_;
  std::deque<GroupPtr> put_off_;      // Could not be filed; tried again from time to time.
  Clock::time_point put_off_until_;
  std::unordered_map<std::string, std::string> holders_;  // Of marks, not filed.
  int64_t waiting_ = 0;
  int64_t waiting_bytes_ = 0;
  Clock::time_point window_since_;
  size_t kept_in_window_ = 0;
  size_t kept_before_window_ = 0;
  Clock::time_point not_before_;      // After a failure of the store.
  std::vector<int64_t> filed_rows_;   // To be removed.
  std::vector<Waiter> waiters_;
  uint64_t urgent_through_ = 0;
  std::thread thread_;
};

}  // namespace kontor::store::internal
