// SPDX-License-Identifier: Apache-2.0
#include "server/engine/flow_worker.h"

#include <pthread.h>

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::engine {
namespace {

using base::Reason;

constexpr int kDueMax = 200;
/// Longest wait without a look: what falls due by the clock makes no commit.
constexpr absl::Duration kTick = absl::Milliseconds(500);

}  // namespace

FlowWorker::FlowWorker(FlowWorkerParts parts)
    : parts_(std::move(parts)),
      line_(parts_.store, [this](const ports::CommitNotice& notice) { Note(notice); }) {}

FlowWorker::~FlowWorker() { Stop(); }

void FlowWorker::Start(const char* thread_name, std::function<bool()> work) {
  const std::lock_guard lock(mutex_);
  guarded_ = true;
  threads_.emplace_back([this, work = std::move(work)] { Run(work); });
  pthread_setname_np(threads_.back().native_handle(), thread_name);
}

void FlowWorker::Stop() {
  line_.Cut();
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads) thread.join();
  const absl::Status released = parts_.lease.Release();
  if (!released.ok()) Log("lease_not_released", {});
}

bool FlowWorker::IsStopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void FlowWorker::Note(const ports::CommitNotice& notice) {
  if (!parts_.concerns(notice)) return;
  const std::lock_guard lock(mutex_);
  ++changes_;
  wake_.notify_all();
}

void FlowWorker::Run(const std::function<bool()>& work) {
  while (true) {
    int64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      seen = changes_;
    }
    if (parts_.lease.Hold() && work()) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoNanoseconds(kTick),
                   [&] { return stopping_ || changes_ != seen; });
  }
}

bool FlowWorker::DoDue(const FlowSort& sort) {
  std::vector<std::string> ids;
  const absl::Status read = parts_.store.Read([&](ports::ReadView& view) -> absl::Status {
    ids.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.DueFlows(sort.kind, parts_.clock.Now(), kDueMax));
    for (const ports::FlowRow& row : rows) {
      if (sort.left_out.empty() || row.state != sort.left_out) ids.push_back(row.id);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return false;
  for (const std::string& id : ids) {
    if (IsStopping() || !parts_.lease.Hold()) return false;
    DoOne(sort, id);
  }
  return !ids.empty();
}

void FlowWorker::DoOne(const FlowSort& sort, const std::string& id) {
  const absl::Status done = Guarded([&] { return StepInARow(sort, id); });
  // A lost lease ends by itself; a person who was faster is seen at the next look.
  if (done.ok() || base::Is(done, Reason::kLeaseLost) || base::Is(done, Reason::kVersionConflict)) {
    return;
  }
  Log("step_failed", {{"subject", id}, {"reason", base::InfoOf(done).reason}});
  // What failed for a reason of our own is looked at again later, and keeps nothing else waiting.
  const absl::Status postponed = parts_.lease.Postpone(id, parts_.look_interval);
  if (!postponed.ok()) Log("postpone_failed", {{"subject", id}});
}

absl::Status FlowWorker::StepInARow(const FlowSort& sort, const std::string& id) {
  for (int i = 0; i < sort.steps_in_a_row && parts_.lease.Hold(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(const bool again, sort.step(id));
    if (!again || IsStopping()) break;
  }
  return absl::OkStatus();
}

absl::Status FlowWorker::Guarded(const std::function<absl::Status()>& step) {
  try {
    return step();
  } catch (const std::exception& problem) {
    {
      const std::lock_guard lock(mutex_);
      if (!guarded_) throw;
    }
    return absl::InternalError(problem.what());
  }
}

void FlowWorker::WaitUntil(absl::Time deadline, const std::function<bool()>& done) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const int64_t seen = changes_;
    lock.unlock();
    if (done()) return;
    lock.lock();
    const absl::Duration left = deadline - parts_.clock.Now();
    if (left <= absl::ZeroDuration()) return;
    wake_.wait_for(lock, absl::ToChronoNanoseconds(std::min(left, kTick)),
                   [&] { return stopping_ || changes_ != seen; });
  }
}

void FlowWorker::Log(std::string_view what,
                     const std::vector<std::pair<std::string, std::string>>& fields) {
  if (parts_.log) parts_.log(base::StrCat(parts_.name, ".", what), fields);
}

}  // namespace kontor::engine
