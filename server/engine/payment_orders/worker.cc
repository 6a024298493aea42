// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/internal/worker.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace kontor::payment_orders {
namespace {

constexpr int kDueMax = 200;
constexpr int kStepsInARow = 1000;
constexpr absl::Duration kTick = absl::Milliseconds(500);

}  // namespace

Worker::Worker(Loop& loop) : loop_(loop), line_(std::make_shared<Line>()) {
  line_->target = this;
  loop_.deps.store.OnCommit([line = line_](const ports::CommitNotice& notice) {
    const std::lock_guard lock(line->mutex);
    if (line->target != nullptr) line->target->Note(notice);
  });
}

Worker::~Worker() { Stop(); }

void Worker::Start() {
  guarded_ = true;
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "orders");
}

void Worker::Stop() {
  {
    const std::lock_guard lock(line_->mutex);
    line_->target = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::optional<int64_t> held;
  {
    const std::lock_guard lock(loop_.lease_mutex);
    held = std::exchange(loop_.fence, std::nullopt);
  }
  if (!held) return;
  const absl::Status released =
      loop_.deps.store.Commit([&](ports::Unit& unit) { return unit.ReleaseLease(kLease, *held); });
  if (!released.ok()) loop_.Log("payment_order.lease_not_released", {});
}

void Worker::Note(const ports::CommitNotice& notice) {
  const auto& kinds = notice.flow_kinds;
  const auto& objects = notice.object_kinds;
  const bool ours = std::ranges::find(kinds, kOrderKind) != kinds.end() ||
                    std::ranges::find(objects, model::kChannelKind) != objects.end();
  if (!ours) return;
  const std::lock_guard lock(mutex_);
  ++changes_;
  wake_.notify_all();
}

bool Worker::HoldLease() {
  const absl::Time now = loop_.Now();
  const std::lock_guard lock(loop_.lease_mutex);
  if (loop_.fence && now < renew_at_) return true;
  std::optional<int64_t> taken;
  const absl::Status got = loop_.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(
        taken, unit.AcquireLease(kLease, loop_.settings.node, now, loop_.settings.lease_ttl));
    return absl::OkStatus();
  });
  if (!got.ok()) {
    loop_.fence.reset();
    return false;
  }
  loop_.fence = taken;
  renew_at_ = now + loop_.settings.lease_ttl / 3;
  return true;
}

void Worker::Run() {
  while (true) {
    int64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      seen = changes_;
    }
    if (HoldLease() && DoDue()) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoNanoseconds(kTick),
                   [&] { return stopping_ || changes_ != seen; });
  }
}

bool Worker::DoDue() {
  std::vector<std::string> ids;
  const absl::Status read = loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    ids.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.DueFlows(kOrderKind, loop_.Now(), kDueMax));
    for (const ports::FlowRow& row : rows) ids.push_back(row.id);
    return absl::OkStatus();
  });
  if (!read.ok()) return false;
  for (const std::string& id : ids) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return false;
    }
    // A long round must not outlive the lease that a send goes by.
    if (!HoldLease()) return false;
    DoOne(id);
  }
  return !ids.empty();
}

void Worker::DoOne(const std::string& id) {
  absl::Status done;
  try {
    for (int i = 0; i < kStepsInARow; ++i) {
      const auto stepped = StepOrder(loop_, id);
      done = stepped.status();
      if (!stepped.ok() || !stepped->again) break;
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
  } catch (const std::exception& problem) {
    if (!guarded_) throw;
    done = absl::InternalError(problem.what());
  }
  // A lost lease ends by itself; a person who was faster is seen at the next look.
  if (done.ok() || base::Is(done, Reason::kLeaseLost) || base::Is(done, Reason::kVersionConflict)) {
    return;
  }
  loop_.Log("payment_order.step_failed", {{"subject", id}, {"reason", base::InfoOf(done).reason}});
  Postpone(id);
}

/// What failed for a reason of our own is looked at again later, and keeps nothing else waiting.
void Worker::Postpone(const std::string& id) {
  const absl::Status written = loop_.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
    if (!row || !row->open) return absl::OkStatus();
    row->due = loop_.Now() + loop_.settings.look_interval;
    return unit.PutFlow(*row);
  });
  if (!written.ok()) loop_.Log("payment_order.postpone_failed", {{"subject", id}});
}

bool Worker::RunUntilIdle() {
  constexpr int kRoundsMax = 1000;
  for (int round = 0; round < kRoundsMax; ++round) {
    if (!HoldLease()) return false;
    if (!DoDue()) return true;
  }
  return false;
}

}  // namespace kontor::payment_orders
