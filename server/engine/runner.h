// SPDX-License-Identifier: Apache-2.0
// A lane at work: takes the due operations, checks them, and runs them through their steps in
// batches. Each step is marked SENDING on disk before its call and recorded after it.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "server/engine/core.h"
#include "server/engine/items.h"
#include "server/engine/steps.h"

namespace kontor::engine {

/// How many documents a call takes, learnt from how long calls took; per lane. Thread-safe.
class BatchSizes {
 public:
  explicit BatchSizes(const Settings& settings) : settings_(settings) {}
  int For(const std::string& lane);
  /// Any slow call makes batches smaller; only `may_grow` ones, of the step that takes the longest
  /// by nature, make them larger, or quick steps would undo what slow ones taught.
  void Note(const std::string& lane, size_t documents, absl::Duration took, bool may_grow);

 private:
  const Settings& settings_;
  std::mutex mutex_;
  std::map<std::string, int> sizes_;
};

/// One pass of one lane, on one thread and, where there is more than one batch, on a second one
/// that makes drafts ahead. Posting is in order and never beside other posting.
class LaneRun {
 public:
  LaneRun(Core& core, BatchSizes& sizes, std::string lane)
      : core_(core), sizes_(sizes), lane_(std::move(lane)) {}
  /// Does the batches that the lane takes up together. True when something was done and there may
  /// be more.
  bool Run();

 private:
  /// How far the steps of a batch go: all of them, or those that number nothing in Odoo.
  enum class Until { kEnd, kPosting };

  absl::StatusOr<bool> RunBatches();
  absl::Status TakeLease();
  void GiveLease();
  absl::Status ParkAll(std::vector<Item> items, model::ParkReason reason);
  /// Parks what may not be sent now; answers the rest.
  absl::StatusOr<std::vector<Item>> HoldBack(std::vector<Item> items, const Connection& connection);
  absl::StatusOr<bool> RunItems(const OpenConnection& open, const Entity& entity,
                                std::vector<Item> items);
  /// Cuts the items to batches and runs those one after the other, drafts one batch ahead.
  void RunInBatches(const OpenConnection& open, const Entity& entity, std::span<Item> items);
  void RunSteps(const OpenConnection& open, const Entity& entity, std::span<Item> items,
                Until until);
  void RunStep(const StepContext& context, model::StepKind kind, std::vector<Item*> group,
               bool again);
  void ProbeFirst(const OpenConnection& open, const Entity& entity, std::vector<Item>& items);
  /// The catalogue with the lock dates of this moment; nullptr after Odoo did not answer.
  std::shared_ptr<const model::Catalogue> WithLocksOfNow(const StepContext& context,
                                                         const std::vector<Item*>& group);
  /// Refuses what a lock would move; answers the others.
  std::vector<Item*> PlanLocks(const StepContext& context, const std::vector<Item*>& group);
  /// One commit that marks the step SENDING under a lease that outlives the call; items that
  /// someone else changed meanwhile fall out.
  absl::Status MarkSending(std::vector<Item*>& group, bool again);
  /// One commit that carries the verdicts out.
  absl::Status Record(std::span<Item* const> group, const std::vector<Verdict>& verdicts);
  void Split(const StepContext& context, model::StepKind kind, const std::vector<Item*>& group,
             const absl::Status& refusal);
  void ObserveInvoices(const StepContext& context, const Item& item);

  Core& core_;
  BatchSizes& sizes_;
  std::string lane_;
  absl::Time LeaseUntil() const {
    const std::lock_guard lock(lease_mutex_);
    return lease_until_;
  }
  void HoldLeaseUntil(absl::Time until) {
    const std::lock_guard lock(lease_mutex_);
    lease_until_ = std::max(lease_until_, until);
  }

  model::Path path_ = model::Path::kLoad;  ///< Of operations that are sent for the first time.
  int64_t fence_ = 0;  ///< Constant while steps run, as `path_` is.
  mutable std::mutex lease_mutex_;
  absl::Time lease_until_ = absl::InfinitePast();
  /// Store or lease failed: what is under way is left to recovery.
  std::atomic<bool> lost_ = false;
};

}  // namespace kontor::engine
