// SPDX-License-Identifier: Apache-2.0
// Who does the work: one coordinator that finds what is due, and a few threads that step reports.
// One report is in the hands of one thread at a time.
#include "server/engine/expenses/internal/worker.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "server/model/inbound.h"

namespace kontor::expenses {
namespace {

constexpr int kDueMax = 500;
constexpr int kEventsMax = 500;
constexpr int kStepsInARow = 20;
// What stands in the queue beside ids of flows.
constexpr std::string_view kFetch = "fetch/";
constexpr std::string_view kPush = "push/";
constexpr absl::Duration kTick = absl::Milliseconds(500);

bool Names(const std::vector<std::string>& kinds, std::string_view kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

}  // namespace

Worker::Worker(Loop& loop)
    : loop_(loop), line_(loop.deps.store, [this](const auto& notice) { Note(notice); }) {}

Worker::~Worker() { Stop(); }

void Worker::Start() {
  threads_.emplace_back([this] { Coordinate(); });
  pthread_setname_np(threads_.back().native_handle(), "expenses");
  for (int i = 0; i < loop_.settings.threads; ++i) {
    threads_.emplace_back([this] { Work(); });
    pthread_setname_np(threads_.back().native_handle(), "expenses");
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
  if (!released.ok()) loop_.Log("expense.lease_not_released", {});
}

void Worker::Note(const ports::CommitNotice& notice) {
  bool wake = Names(notice.flow_kinds, kReportKind) ||
              Names(notice.flow_kinds, model::kInboundKind) ||
              Names(notice.object_kinds, model::kSourceKind);
  if (Names(notice.object_kinds, model::kSourceKind)) loop_.ForgetSources();
  const std::lock_guard lock(mutex_);
  if (notice.last_event_sequence > 0) told_ = true;
  for (const std::string& id : notice.operation_ids) {
    const auto it = waiting_.find(id);
    if (it == waiting_.end()) continue;
    Enqueue(it->second);
    waiting_.erase(it);
    wake = true;
  }
  looked_ = looked_ && !wake;
  if (wake) wake_.notify_all();
}

void Worker::Enqueue(const std::string& id) {
  if (queued_.insert(id).second) queue_.push_back(id);
}

/// Reports whose payment changed in Odoo are looked at now. What is missed here, such as after a
/// start, is found by the next look at the report itself.
void Worker::FindPaymentChanges() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(told_, false)) return;
  }
  ports::EventFilter filter;
  filter.types = {"bill.payment_state_changed", "credit_note.payment_state_changed"};
  std::vector<std::string> ids;
  bool more = false;
  const absl::Status read = loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    ids.clear();
    filter.after = feed_end_;
    KONTOR_ASSIGN_OR_RETURN(const int64_t end, view.LastEventSequence());
    if (feed_end_ == kFeedUnread) filter.after = end;
    KONTOR_ASSIGN_OR_RETURN(const auto events, view.ListEvents(filter, kEventsMax));
    more = events.size() == kEventsMax;
    for (const model::Event& event : events) {
      KONTOR_ASSIGN_OR_RETURN(const auto found,
                              view.FlowsByKey(kDocumentSpace, event.subject, 1));
      ids.insert(ids.end(), found.begin(), found.end());
    }
    filter.after = more ? events.back().sequence : end;
    return absl::OkStatus();
  });
  const std::lock_guard lock(mutex_);
  told_ = told_ || more || !read.ok();
  if (!read.ok()) return;
  feed_end_ = filter.after;
  for (const std::string& id : ids) Enqueue(id);
  if (!queue_.empty()) wake_.notify_all();
}

int Worker::FindDue() {
  const absl::Time now = loop_.Now();
  std::vector<std::string> ids;
  const absl::Status read = loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    ids.clear();
    for (const char* kind : {model::kInboundKind, kReportKind}) {
      KONTOR_ASSIGN_OR_RETURN(const auto rows, view.DueFlows(kind, now, kDueMax));
      for (const ports::FlowRow& row : rows) ids.push_back(row.id);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return 0;
  const std::lock_guard lock(mutex_);
  for (const std::string& id : ids) {
    if (!busy_.contains(id)) Enqueue(id);
  }
  if (!queue_.empty()) wake_.notify_all();
  return static_cast<int>(ids.size());
}

void Worker::Coordinate() {
  while (true) {
    bool look = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, absl::ToChronoNanoseconds(kTick),
                     [this] { return stopping_ || (!looked_ && queue_.empty()); });
      if (stopping_) return;
      look = queue_.empty();
      looked_ = true;
    }
    if (!loop_.lease.Hold()) continue;
    FindPlatformCalls();
    FindPaymentChanges();
    LookAtQuarantines();
    if (look) FindDue();
  }
}

void Worker::Work() {
  while (true) {
    std::string id;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      id = std::move(queue_.front());
      queue_.pop_front();
      queued_.erase(id);
      if (!busy_.insert(id).second) {
        again_.insert(id);  // in other hands: they look once more
        continue;
      }
    }
    // What a defect throws must not end the thread: the report is looked at again later.
    try {
      DoOne(id);
    } catch (const std::exception& problem) {
      loop_.Log("expense.defect", {{"subject", id}, {"problem", problem.what()}});
      Postpone(id);
    }
    const std::lock_guard lock(mutex_);
    busy_.erase(id);
    if (again_.erase(id) > 0) Enqueue(id);
    if (queue_.empty()) {
      looked_ = false;
      wake_.notify_all();
    }
  }
}

void Worker::DoOne(const std::string& id) {
  const absl::Status done =
      id.starts_with(kFetch)  ? CallPlatform(id.substr(kFetch.size()), true)
      : id.starts_with(kPush) ? CallPlatform(id.substr(kPush.size()), false)
      : id.starts_with(base::kInboundPrefix) ? DoMessage(id)
                                             : DoReport(id);
  if (done.ok() || base::Is(done, base::Reason::kLeaseLost)) return;
  const base::ErrorInfo why = base::InfoOf(done);
  loop_.Log("expense.step_failed", {{"subject", id}, {"reason", why.reason}, {"field", why.field}});
  Postpone(id);
}

/// What failed for a reason of our own is looked at again later, and keeps nothing else waiting.
void Worker::Postpone(const std::string& id) {
  const absl::Status written = loop_.lease.Postpone(id, loop_.settings.look_interval);
  if (!written.ok()) loop_.Log("expense.postpone_failed", {{"subject", id}});
}

absl::Status Worker::DoMessage(const std::string& id) {
  std::optional<ports::FlowRow> row;
  KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
    return absl::OkStatus();
  }));
  if (!row.has_value() || row->state != model::kInboundReceived) return absl::OkStatus();
  const std::string source = row->group;
  bool fetch_now = false;
  const absl::Status handled = HandleMessage(loop_, *std::move(row), &fetch_now);
  if (fetch_now) {
    const std::lock_guard lock(mutex_);
    next_fetch_[source] = absl::InfinitePast();
    next_platform_look_ = absl::InfinitePast();
    looked_ = false;
  }
  return base::Is(handled, base::Reason::kVersionConflict) ? absl::OkStatus() : handled;
}

absl::Status Worker::DoReport(const std::string& id) {
  for (int i = 0; i < kStepsInARow; ++i) {
    KONTOR_ASSIGN_OR_RETURN(const Stepped stepped, StepReport(loop_, id));
    if (!stepped.wait_for.empty()) {
      const std::lock_guard lock(mutex_);
      for (const std::string& operation : stepped.wait_for) waiting_[operation] = id;
    }
    if (!stepped.again) return absl::OkStatus();
  }
  return absl::OkStatus();
}

void Worker::LookAtQuarantines() {
  const absl::Time now = loop_.Now();
  {
    const std::lock_guard lock(mutex_);
    if (now < next_quarantine_look_) return;
    next_quarantine_look_ = now + loop_.settings.look_interval;
  }
  for (const model::Source& source : AllSources()) {
    const absl::Status looked = LookAtQuarantine(loop_, source);
    if (!looked.ok()) {
      loop_.Log("inbound.quarantine_not_looked_at",
                {{"source", source.name}, {"reason", base::InfoOf(looked).reason}});
    }
  }
}

std::vector<model::Source> Worker::AllSources() {
  std::vector<model::Source> sources;
  const absl::Status read = loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    sources.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(model::kSourceKind));
    for (const ports::ObjectRow& row : rows) {
      KONTOR_ASSIGN_OR_RETURN(model::Source source, model::SourceFromBody(row.body));
      source.id = row.id;
      source.name = row.name;
      source.version = row.version;
      sources.push_back(std::move(source));
    }
    return absl::OkStatus();
  });
  if (!read.ok()) sources.clear();
  return sources;
}

void Worker::FindPlatformCalls() {
  const absl::Time now = loop_.Now();
  {
    const std::lock_guard lock(mutex_);
    if (now < next_platform_look_) return;
    next_platform_look_ = now + kTick;
  }
  for (const model::Source& source : AllSources()) {
    if (source.state != model::SourceState::kLive) continue;
    const std::lock_guard lock(mutex_);
    absl::Time& fetch = next_fetch_.try_emplace(source.name, absl::InfinitePast()).first->second;
    absl::Time& push = next_push_.try_emplace(source.name, absl::InfinitePast()).first->second;
    if (fetch <= now) Enqueue(base::StrCat(kFetch, source.name));
    if (push <= now) Enqueue(base::StrCat(kPush, source.name));
    if (fetch <= now) fetch = now + source.platform.poll_interval;
    if (push <= now) push = now + loop_.settings.reference_interval;
  }
}

/// A call that fails is made again at its next time, or when the platform said.
absl::Status Worker::CallPlatform(const std::string& name, bool fetch) {
  const auto source = loop_.SourceByName(name);
  if (!source.ok()) return absl::OkStatus();  // removed meanwhile
  const absl::Status called = fetch ? FetchReady(loop_, *source)
                                    : PushReferenceData(loop_, *source);
  if (called.ok() || base::Is(called, base::Reason::kLeaseLost)) return called;
  const base::ErrorInfo info = base::InfoOf(called);
  loop_.Log(fetch ? "expense.fetch_failed" : "expense.reference_failed",
            {{"source", name}, {"reason", info.reason}});
  const std::lock_guard lock(mutex_);
  absl::Time& next = (fetch ? next_fetch_ : next_push_)[name];
  next = std::max(next, loop_.Now() + info.retry_after);
  return absl::OkStatus();
}

bool Worker::RunUntilIdle() {
  constexpr int kRoundsMax = 1000;
  for (int round = 0; round < kRoundsMax; ++round) {
    if (!loop_.lease.Hold()) return false;
    if (round == 0) next_platform_look_ = next_quarantine_look_ = absl::InfinitePast();
    FindPlatformCalls();
    FindPaymentChanges();
    LookAtQuarantines();
    FindDue();
    std::vector<std::string> ids;
    {
      const std::lock_guard lock(mutex_);
      ids.assign(queue_.begin(), queue_.end());
      queue_.clear();
      queued_.clear();
    }
    if (ids.empty()) return true;
    for (const std::string& id : ids) DoOne(id);
  }
  return false;
}

}  // namespace kontor::expenses
