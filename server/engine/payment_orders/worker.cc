// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/internal/worker.h"

#include <pthread.h>

#include <algorithm>

namespace kontor::payment_orders {
namespace {

constexpr int kDueMax = 200;
constexpr int kStepsInARow = 1000;
constexpr absl::Duration kTick = absl::Milliseconds(500);

}  // namespace

Worker::Worker(Loop& loop)
    : loop_(loop), line_(loop.deps.store, [this](const auto& notice) { Note(notice); }) {}

Worker::~Worker() { Stop(); }

void Worker::Start() {
  guarded_ = true;
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "orders");
}

void Worker::Stop() {
  line_.Cut();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  const absl::Status released = loop_.lease.Release();
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

void Worker::Run() {
  while (true) {
    int64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      seen = changes_;
    }
    if (loop_.lease.Hold() && DoDue()) continue;
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
    if (!loop_.lease.Hold()) return false;
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
  // What failed for a reason of our own is looked at again later, and keeps nothing else waiting.
  const absl::Status postponed = loop_.lease.Postpone(id, loop_.settings.look_interval);
  if (!postponed.ok()) loop_.Log("payment_order.postpone_failed", {{"subject", id}});
}

bool Worker::RunUntilIdle() {
  constexpr int kRoundsMax = 1000;
  for (int round = 0; round < kRoundsMax; ++round) {
    if (!loop_.lease.Hold()) return false;
    if (!DoDue()) return true;
  }
  return false;
}

}  // namespace kontor::payment_orders
