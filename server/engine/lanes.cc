// SPDX-License-Identifier: Apache-2.0
// Names of pieces: lane:<lane>, recover:<lane>, probe, wake, periods, watch, poll:<entity>,
// sweep:<entity>. A lane and its recovery exclude each other.
#include "server/engine/lanes.h"

#include <algorithm>
#include <chrono>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/activities.h"
#include "server/engine/parking.h"
#include "server/engine/poller.h"
#include "server/engine/prober.h"

namespace kontor::engine {
namespace {

using base::StrCat;

constexpr std::string_view kLane = "lane:";
constexpr std::string_view kRecover = "recover:";
constexpr std::string_view kPoll = "poll:";
constexpr std::string_view kSweep = "sweep:";
constexpr int kLanesMax = 256;
constexpr size_t kPostedMax = 1000;
/// How often the clock is looked at; commits wake lanes at once.
constexpr std::chrono::milliseconds kTick{200};
constexpr absl::Duration kRecoverEvery = absl::Seconds(5);
constexpr absl::Duration kSweepLook = absl::Minutes(10);
constexpr absl::Duration kActivitiesEvery = absl::Minutes(1);

/// The name that a piece runs under: two pieces with one name never run together.
std::string RunsAs(const std::string& name) {
  if (!name.starts_with(kRecover)) return name;
  return StrCat(kLane, name.substr(kRecover.size()));
}

}  // namespace

Scheduler::Scheduler(Core& core, Watchers& watchers)
    : core_(core), watchers_(watchers), sizes_(core.settings) {}

Scheduler::~Scheduler() { Stop(core_.Now()); }

void Scheduler::Start() {
  {
    const std::lock_guard lock(mutex_);
    if (threaded_ || stopping_) return;
    threaded_ = true;
  }
  for (int i = 0; i < core_.settings.lane_threads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
  threads_.emplace_back([this] { KeepTime(); });
}

void Scheduler::Stop(absl::Time deadline) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    // The bound is real time: the process ends in it, whatever clock the engine lives by.
    const absl::Duration left = std::max(deadline - core_.Now(), absl::ZeroDuration());
    changed_.wait_for(lock, absl::ToChronoMilliseconds(left), [this] { return running_.empty(); });
    if (!running_.empty()) {
      core_.Log("engine.stopping_late", {{"pieces", std::to_string(running_.size())}});
    }
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Scheduler::NoteCommit(const ports::CommitNotice& notice) {
  const bool watched = watchers_.Note(notice.operation_ids);
  const std::lock_guard lock(mutex_);
  if (!threaded_ || stopping_) return;
  for (const std::string& lane : notice.lanes) EnqueueLocked(StrCat(kLane, lane));
  if (watched) EnqueueLocked("watch");
}

bool Scheduler::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || posted_.size() >= kPostedMax) return false;
    if (threaded_) {
      posted_.push_back(std::move(work));
      changed_.notify_one();
      return true;
    }
  }
  work();
  return true;
}

void Scheduler::Enqueue(const std::string& name) {
  const std::lock_guard lock(mutex_);
  EnqueueLocked(name);
}

void Scheduler::EnqueueLocked(const std::string& name) {
  if (!queued_.insert(name).second) return;
  queue_.push_back(name);
  changed_.notify_one();
}

bool Scheduler::IsTime(const std::string& name, absl::Duration every) {
  const absl::Time now = core_.Now();
  const std::lock_guard lock(mutex_);
  const auto [it, is_new] = last_run_.try_emplace(name, now);
  if (!is_new && now - it->second < every) return false;
  it->second = now;
  return true;
}

void Scheduler::AddRegular(std::vector<std::string>& names) {
  if (IsTime("periods", core_.settings.park_check)) names.emplace_back("periods");
  if (IsTime("activities", kActivitiesEvery)) names.emplace_back("activities");
  if (core_.settings.poll_interval <= absl::ZeroDuration()) return;
  const auto config = core_.config.Get();
  if (!config.ok()) return;
  for (const auto& [entity, stored] : (*config)->entities) {
    const std::string poll = StrCat(kPoll, entity);
    if (IsTime(poll, core_.settings.poll_interval)) names.push_back(poll);
    const std::string sweep = StrCat(kSweep, entity);
    if (!IsTime(sweep, std::min(kSweepLook, core_.settings.sweep_interval))) continue;
    const auto last = LastSweep(core_, entity);
    if (last.ok() && core_.Now() - *last >= core_.settings.sweep_interval) names.push_back(sweep);
  }
}

std::vector<std::string> Scheduler::DueNames() {
  std::vector<std::string> names;
  const absl::Status read = core_.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto lanes, view.DueLanes(core_.Now(), kLanesMax));
    for (const std::string& lane : lanes) names.push_back(StrCat(kLane, lane));
    return absl::OkStatus();
  });
  if (!read.ok()) core_.Log("engine.store_unread", {{"reason", base::InfoOf(read).reason}});
  if (IsTime("recover", threaded_ ? kRecoverEvery : absl::ZeroDuration())) {
    if (const auto lanes = LanesWithSending(core_); lanes.ok()) {
      const std::lock_guard lock(mutex_);
      for (const std::string& lane : *lanes) {
        if (!running_.contains(StrCat(kLane, lane))) names.push_back(StrCat(kRecover, lane));
      }
    }
  }
  names.emplace_back("probe");
  names.emplace_back("wake");
  names.emplace_back("watch");
  AddRegular(names);
  return names;
}

Scheduler::Again Scheduler::RunPiece(const std::string& name) {
  bool again = false;
  if (name.starts_with(kLane)) {
    again = LaneRun(core_, sizes_, name.substr(kLane.size())).Run();
  } else if (name.starts_with(kRecover)) {
    again = RecoverLane(core_, name.substr(kRecover.size()), false);
  } else if (name == "probe") {
    again = ProbeDue(core_);
  } else if (name == "wake") {
    again = WakeDue(core_);
  } else if (name == "periods") {
    again = WatchPeriods(core_);
  } else if (name == "watch") {
    again = watchers_.Serve();
  } else if (name == "activities") {
    ScheduleActivities(core_);
  } else {
    const absl::Status done = name.starts_with(kPoll)
                                  ? PollEntity(core_, name.substr(kPoll.size()))
                                  : SweepEntity(core_, name.substr(kSweep.size()));
    if (!done.ok()) core_.Log("engine.look_failed", {{"piece", name},
                                                      {"reason", base::InfoOf(done).reason}});
  }
  return again ? Again::kYes : Again::kNo;
}

Scheduler::Again Scheduler::RunNamed(const std::string& name) {
  try {
    return RunPiece(name);
  } catch (const std::exception& thrown) {
    // Only failpoints and exhausted memory come here; recovery takes up what is left on disk.
    core_.Log("engine.piece_broke", {{"piece", name}, {"what", thrown.what()}});
    return Again::kNo;
  }
}

void Scheduler::Work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto runnable = std::find_if(queue_.begin(), queue_.end(), [this](const auto& name) {
      return !running_.contains(RunsAs(name));
    });
    if (runnable != queue_.end()) {
      const std::string name = *runnable;
      queue_.erase(runnable);
      queued_.erase(name);
      running_.insert(RunsAs(name));
      lock.unlock();
      const Again again = RunNamed(name);
      lock.lock();
      running_.erase(RunsAs(name));
      if (again == Again::kYes && !stopping_) EnqueueLocked(name);
      changed_.notify_all();
      continue;
    }
    if (!posted_.empty()) {
      const std::function<void()> work = std::move(posted_.front());
      posted_.pop_front();
      lock.unlock();
      work();
      lock.lock();
      continue;
    }
    changed_.wait_for(lock, kTick);
  }
}

void Scheduler::KeepTime() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    for (const std::string& name : DueNames()) Enqueue(name);
    lock.lock();
    if (stopping_) return;
    changed_.wait_for(lock, kTick, [this] { return stopping_; });
  }
}

bool Scheduler::RunUntilIdle() {
  constexpr int kRoundsMax = 10'000;
  for (int round = 0; round < kRoundsMax; ++round) {
    bool any = false;
    for (const std::string& name : DueNames()) {
      any = RunNamed(name) == Again::kYes || any;
    }
    if (!any) return true;
  }
  return false;
}

}  // namespace kontor::engine
