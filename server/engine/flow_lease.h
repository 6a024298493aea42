// SPDX-License-Identifier: Apache-2.0
// One node works on the flows of a sort at a time. Its lease, what it commits under it, and how it
// hears of commits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/ports/store.h"

namespace kontor::engine {

/// The lease of a loop over flows. Thread-safe; `store` and `clock` outlive it. Methods block on
/// the store, so none may be called on its commit thread.
class FlowLease {
 public:
  /// `name` and `node` are not empty; `ttl` is longer than any call between two commits.
  FlowLease(ports::Store& store, const base::Clock& clock, std::string name, std::string node,
            absl::Duration ttl);
  FlowLease(const FlowLease&) = delete;
  FlowLease& operator=(const FlowLease&) = delete;

  /// Takes the lease, or renews it once a third of its time is over. False: another node has it,
  /// or the store could not be asked; nothing is committed until a later call succeeds. Repeatable.
  bool Hold();
  /// Gives the lease back, so that the next node need not wait for its end. Repeatable. Errors of
  /// the store: the lease then runs out by itself.
  absl::Status Release();
  /// A unit that becomes durable only under the lease. LEASE_LOST, and `work` is not run, when it
  /// is not held or another node has taken it over; else what `work` answers.
  absl::Status Commit(const ports::Work& work);
  /// Looks at a flow again after `wait`. One that has ended or is gone stays so. LEASE_LOST,
  /// VERSION_CONFLICT. Repeatable.
  absl::Status Postpone(const std::string& flow_id, absl::Duration wait);

 private:
  void Forget(int64_t fence);

  ports::Store& store_;
  const base::Clock& clock_;
  const std::string name_;
  const std::string node_;
  const absl::Duration ttl_;
  std::mutex taking_;  ///< One thread takes or renews at a time; held over the store's answer.
  std::mutex mutex_;   ///< Guards what follows; never held over a call.
  std::optional<int64_t> fence_;  ///< None: not held.
  absl::Time renew_at_ = absl::InfinitePast();
};

/// Tells of commits until it is cut, for the store's listeners outlive those who listen.
/// Thread-safe.
class CommitLine {
 public:
  /// `note` is called on the commit thread, from now on.
  CommitLine(ports::Store& store, std::function<void(const ports::CommitNotice&)> note);
  ~CommitLine();
  CommitLine(const CommitLine&) = delete;
  CommitLine& operator=(const CommitLine&) = delete;
  /// Waits for a call of `note` under way; there is none afterwards. Repeatable; never from `note`.
  void Cut();

 private:
  struct Shared {
    std::mutex mutex;
    std::function<void(const ports::CommitNotice&)> note;  ///< Empty: cut.
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace kontor::engine
