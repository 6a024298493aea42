// SPDX-License-Identifier: Apache-2.0
#include "server/engine/statements/internal/worker.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace kontor::statements {
namespace {

constexpr int kDueMax = 200;
constexpr int kStepsInARow = 100000;
constexpr absl::Duration kTick = absl::Milliseconds(500);

}  // namespace

Worker::Worker(Loop& loop)
    : loop_(loop), line_(loop.deps.store, [this](const auto& notice) { Note(notice); }) {}

Worker::~Worker() { Stop(); }

void Worker::Start() {
  guarded_ = true;
  for (const Part part : {Part::kFiles, Part::kStatements}) {
    threads_.emplace_back([this, part] { Run(part); });
    pthread_setname_np(threads_.back().native_handle(),
                       part == Part::kFiles ? "files" : "statements");
  }
}

void Worker::Stop() {
  line_.Cut();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const absl::Status released = loop_.lease.Release();
  if (!released.ok()) loop_.Log("statement.lease_not_released", {});
}

void Worker::Note(const ports::CommitNotice& notice) {
  const auto has = [](const std::vector<std::string>& kinds, std::string_view kind) {
    return std::ranges::find(kinds, kind) != kinds.end();
  };
  const bool ours = has(notice.flow_kinds, kFileKind) || has(notice.flow_kinds, kStatementKind) ||
                    has(notice.object_kinds, model::kChannelKind) ||
                    has(notice.object_kinds, model::kOwnAccountKind);
  if (!ours) return;
  const std::lock_guard lock(mutex_);
  ++changes_;
  if (has(notice.object_kinds, model::kChannelKind)) next_poll_.clear();
  wake_.notify_all();
}

void Worker::WaitUntil(absl::Time deadline, const std::function<bool()>& done) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const int64_t seen = changes_;
    lock.unlock();
    if (done()) return;
    lock.lock();
    const absl::Duration left = deadline - loop_.Now();
    if (left <= absl::ZeroDuration()) return;
    wake_.wait_for(lock, absl::ToChronoNanoseconds(std::min(left, kTick)),
                   [&] { return stopping_ || changes_ != seen; });
  }
}

void Worker::Run(Part part) {
  while (true) {
    int64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      seen = changes_;
    }
    bool did = false;
    if (loop_.lease.Hold()) {
      if (part == Part::kFiles) did = PollDue();
      did = DoDue(part) || did;
    }
    if (did) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoNanoseconds(kTick),
                   [&] { return stopping_ || changes_ != seen; });
  }
}

bool Worker::PollDue() {
  const auto channels = loop_.Channels();
  if (!channels.ok()) return false;
  bool did = false;
  for (const model::Channel& channel : *channels) {
    if (channel.state == model::ChannelState::kPaused) continue;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return did;
      absl::Time& next = next_poll_.try_emplace(channel.id, absl::InfinitePast()).first->second;
      if (loop_.Now() < next) continue;
      next = loop_.Now() + channel.poll_interval;
    }
    absl::StatusOr<int> taken = 0;
    // What a defect throws must not end the thread.
    try {
      taken = PollChannel(loop_, channel);
    } catch (const std::exception& problem) {
      if (!guarded_) throw;
      taken = absl::InternalError(problem.what());
    }
    if (!taken.ok()) {
      loop_.Log("bank_channel.poll_failed",
                {{"channel", channel.name}, {"reason", base::InfoOf(taken.status()).reason}});
      continue;
    }
    did = did || *taken > 0;
  }
  return did;
}

bool Worker::DoDue(Part part) {
  const char* const kind = part == Part::kFiles ? kFileKind : kStatementKind;
  std::vector<std::string> ids;
  const absl::Status read = loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    ids.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.DueFlows(kind, loop_.Now(), kDueMax));
    for (const ports::FlowRow& row : rows) {
      // Its file brings it forward, or is about to.
      if (row.state != NameOf(State::kImporting)) ids.push_back(row.id);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return false;
  for (const std::string& id : ids) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return false;
    }
    if (!loop_.lease.Hold()) return false;
    DoOne(part, id);
  }
  return !ids.empty();
}

void Worker::DoOne(Part part, const std::string& id) {
  absl::Status done;
  try {
    if (part == Part::kFiles) {
      done = StepFile(loop_, id);
    } else {
      for (int i = 0; i < kStepsInARow && loop_.lease.Hold(); ++i) {
        const auto again = StepStatement(loop_, id);
        done = again.status();
        if (!again.ok() || !*again) break;
        const std::lock_guard lock(mutex_);
        if (stopping_) break;
      }
    }
  } catch (const std::exception& problem) {
    if (!guarded_) throw;
    done = absl::InternalError(problem.what());
  }
  // A lost lease ends by itself; a person who was faster is seen at the next look.
  if (done.ok() || base::Is(done, base::Reason::kLeaseLost) ||
      base::Is(done, base::Reason::kVersionConflict)) {
    return;
  }
  loop_.Log("statement.step_failed", {{"subject", id}, {"reason", base::InfoOf(done).reason}});
  Postpone(id);
}

/// What failed for a reason of our own is looked at again later, and keeps nothing else waiting.
void Worker::Postpone(const std::string& id) {
  const absl::Status written = loop_.lease.Postpone(id, loop_.settings.look_interval);
  if (!written.ok()) loop_.Log("statement.postpone_failed", {{"subject", id}});
}

bool Worker::RunUntilIdle() {
  constexpr int kRoundsMax = 1000;
  for (int round = 0; round < kRoundsMax; ++round) {
    if (!loop_.lease.Hold()) return false;
    bool did = PollDue();
    did = DoDue(Part::kFiles) || did;
    did = DoDue(Part::kStatements) || did;
    if (!did) return true;
  }
  return false;
}

}  // namespace kontor::statements
