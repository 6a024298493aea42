// SPDX-License-Identifier: Apache-2.0
// Taking work and checking it; the steps themselves are in runner_steps.cc.
#include "server/engine/runner.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/apply.h"
#include "server/engine/check.h"
#include "server/engine/outcomes.h"
#include "server/engine/prober.h"

namespace kontor::engine {
namespace {

using model::Operation;
using Kind = Verdict::Kind;

constexpr int kBatchFirst = 20;

/// A lane begins with its connection's name, which has no slash (LaneOf).
std::string ConnectionOfLane(const std::string& lane) { return lane.substr(0, lane.find('/')); }

/// Cut to whole batches of one entity: companies share a lane only by a mistake in configuration.
std::map<std::string, std::vector<Item>> ByEntity(std::vector<Item> items) {
  std::map<std::string, std::vector<Item>> groups;
  for (Item& item : items) groups[item.operation.entity].push_back(std::move(item));
  return groups;
}

}  // namespace

int BatchSizes::For(const std::string& lane) {
  const std::lock_guard lock(mutex_);
  const auto [it, is_new] =
      sizes_.try_emplace(lane, std::min(kBatchFirst, settings_.batch_size_max));
  return it->second;
}

void BatchSizes::Note(const std::string& lane, size_t documents, absl::Duration took,
                      bool may_grow) {
  const std::lock_guard lock(mutex_);
  const auto it = sizes_.find(lane);
  if (it == sizes_.end() || documents == 0) return;
  int& size = it->second;
  if (took > settings_.batch_target) {
    size = std::max(1, size / 2);
  } else if (may_grow && took < settings_.batch_target / 2 &&
             static_cast<int>(documents) >= size) {
    size = std::min(settings_.batch_size_max, size * 2);
  }
}

bool LaneRun::Run() {
  const auto done = RunBatches();
  if (fence_ != 0) GiveLease();
  if (!done.ok()) {
    core_.Log("lane.failed", {{"lane", lane_}, {"reason", base::InfoOf(done.status()).reason}});
    return false;
  }
  return *done && !lost_;
}

absl::StatusOr<bool> LaneRun::RunBatches() {
  // Every commit wakes its lanes: while the connection rests they must cost nothing.
  if (core_.connections.IsResting(ConnectionOfLane(lane_))) return false;
  std::vector<Operation> operations;
  const int limit = sizes_.For(lane_) * std::max(core_.settings.batches_ahead, 1);
  KONTOR_RETURN_IF_ERROR(core_.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(operations, view.DueOperations(lane_, core_.Now(), limit));
    return absl::OkStatus();
  }));
  if (operations.empty()) return false;
  const std::string name = operations.front().connection;
  if (core_.connections.IsResting(name)) return false;
  KONTOR_RETURN_IF_ERROR(TakeLease());
  core_.Failpoint(failpoints::kLaneAfterLease);
  KONTOR_ASSIGN_OR_RETURN(const auto connection, core_.config.FindConnection(name));
  KONTOR_ASSIGN_OR_RETURN(std::vector<Item> items, LoadItems(core_, std::move(operations)));
  const size_t loaded = items.size();
  KONTOR_ASSIGN_OR_RETURN(items, HoldBack(std::move(items), connection.value));
  if (items.empty()) return loaded > 0;
  const auto open = core_.connections.Admit(name);
  if (!open.ok()) {
    core_.connections.NoteFailure(name, open.status());
    core_.Log("connection.refused",
              {{"connection", name}, {"reason", base::InfoOf(open.status()).reason}});
    return base::Is(open.status(), base::Reason::kDatabaseReplaced);
  }
  if (open->connection.value.addon_use == AddonUse::kRequired && !open->has_addon) {
    KONTOR_RETURN_IF_ERROR(ParkAll(std::move(items), model::ParkReason::kConnectionPaused));
    return true;
  }
  bool any = false;
  for (auto& [entity_name, group] : ByEntity(std::move(items))) {
    KONTOR_ASSIGN_OR_RETURN(const auto entity, core_.config.FindEntity(entity_name));
    KONTOR_ASSIGN_OR_RETURN(const bool done, RunItems(*open, entity.value, std::move(group)));
    any = any || done;
    if (lost_) break;
  }
  return any;
}

absl::Status LaneRun::TakeLease() {
  const absl::Time now = core_.Now();
  int64_t fence = 0;
  KONTOR_RETURN_IF_ERROR(core_.store().Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(fence, unit.AcquireLease(lane_, core_.settings.node, now,
                                                     core_.settings.lease_ttl));
    return absl::OkStatus();
  }));
  fence_ = fence;
  HoldLeaseUntil(now + core_.settings.lease_ttl);
  return absl::OkStatus();
}

void LaneRun::GiveLease() {
  const absl::Status status = core_.store().Commit(
      [&](ports::Unit& unit) { return unit.ReleaseLease(lane_, fence_); });
  if (!status.ok()) core_.Log("lane.lease_kept", {{"lane", lane_}});
  fence_ = 0;
}

absl::Status LaneRun::ParkAll(std::vector<Item> items, model::ParkReason reason) {
  Verdict verdict;
  verdict.kind = Kind::kPark;
  verdict.park = reason;
  std::vector<Item*> group;
  for (Item& item : items) group.push_back(&item);
  return Record(group, std::vector<Verdict>(group.size(), verdict));
}

absl::StatusOr<std::vector<Item>> LaneRun::HoldBack(std::vector<Item> items,
                                                    const Connection& connection) {
  std::vector<Item> free;
  std::vector<Item> held;
  std::vector<Verdict> verdicts;
  for (Item& item : items) {
    KONTOR_ASSIGN_OR_RETURN(const auto entity, core_.config.FindEntity(item.operation.entity));
    const model::ParkReason reason = HoldReasonOf(connection, entity.value);
    if (reason == model::ParkReason::kNone) {
      free.push_back(std::move(item));
      continue;
    }
    Verdict verdict;
    verdict.kind = Kind::kPark;
    verdict.park = reason;
    verdicts.push_back(std::move(verdict));
    held.push_back(std::move(item));
  }
  std::vector<Item*> group;
  for (Item& item : held) group.push_back(&item);
  if (!group.empty()) KONTOR_RETURN_IF_ERROR(Record(group, verdicts));
  return free;
}

absl::StatusOr<bool> LaneRun::RunItems(const OpenConnection& open, const Entity& entity,
                                       std::vector<Item> items) {
  std::vector<Verdict> verdicts;
  const absl::Status checked = CheckItems(core_, open, entity, items, verdicts);
  core_.Failpoint(failpoints::kCheckAfterRead);
  if (!checked.ok()) {
    if (base::OutcomeOf(checked) != base::Outcome::kRefused) {
      // Nothing was sent, so nothing changes: the lane is looked at again after the rest.
      core_.connections.NoteFailure(entity.connection, checked);
      core_.Log("check.failed", {{"lane", lane_}, {"reason", base::InfoOf(checked).reason}});
      return false;
    }
    verdicts.assign(items.size(), VerdictOn(checked, model::StepKind::kVerify));
  }
  std::vector<Item*> group;
  for (Item& item : items) group.push_back(&item);
  KONTOR_RETURN_IF_ERROR(Record(group, verdicts));
  core_.Failpoint(failpoints::kCheckAfterCommit);
  std::vector<Item> going;
  for (size_t i = 0; i < items.size(); ++i) {
    if (verdicts[i].kind == Kind::kProceed &&
        items[i].operation.state == model::OperationState::kReady) {
      going.push_back(std::move(items[i]));
    }
  }
  path_ = open.has_addon ? model::Path::kAddon : model::Path::kLoad;
  for (Item& item : going) model::TakePath(item.operation, path_);
  if (!going.empty()) {
    ProbeFirst(open, entity, going);
    RunInBatches(open, entity, going);
  }
  return true;
}

void LaneRun::ProbeFirst(const OpenConnection& open, const Entity& entity,
                         std::vector<Item>& items) {
  std::vector<Item*> unknown;
  for (Item& item : items) {
    const Operation& operation = item.operation;
    if (operation.step_index < operation.steps.size() &&
        operation.steps[operation.step_index].state == model::StepState::kUnknown) {
      unknown.push_back(&item);
    }
  }
  if (unknown.empty()) return;
  std::vector<Verdict> verdicts;
  const absl::Status probed = DecideByProbe(core_, *open.erp, entity, unknown, verdicts);
  if (!probed.ok()) verdicts.assign(unknown.size(), VerdictOn(probed, model::StepKind::kVerify));
  if (const absl::Status recorded = Record(unknown, verdicts); !recorded.ok()) lost_ = true;
}

}  // namespace kontor::engine
