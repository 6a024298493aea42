// SPDX-License-Identifier: Apache-2.0
// A lane at work: takes the due operations, checks them, and runs them through their steps in
// batches. Each step is marked SENDING on disk before its call and recorded after it.
#pragma once

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

/// One pass of one lane, on one thread.
class LaneRun {
 public:
  LaneRun(Core& core, BatchSizes& sizes, std::string lane)
      : core_(core), sizes_(sizes), lane_(std::move(lane)) {}
  /// Does one batch. True when something was done and there may be more.
  bool Run();

 private:
  absl::StatusOr<bool> RunBatch();
  absl::Status TakeLease();
  void GiveLease();
  absl::Status ParkAll(std::vector<Item> items, model::ParkReason reason);
  /// Parks what may not be sent now; answers the rest.
  absl::StatusOr<std::vector<Item>> HoldBack(std::vector<Item> items, const Connection& connection);
  absl::StatusOr<bool> RunItems(const OpenConnection& open, const Entity& entity,
                                std::vector<Item> items);
  void RunSteps(const OpenConnection& open, const Entity& entity, std::vector<Item>& items);
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
  model::Path path_ = model::Path::kLoad;  ///< Of operations that are sent for the first time.
  int64_t fence_ = 0;
  absl::Time lease_until_ = absl::InfinitePast();
  bool lost_ = false;  ///< Store or lease failed: what is under way is left to recovery.
};

}  // namespace kontor::engine
