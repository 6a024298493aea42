// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/intake.h"

#include <pthread.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "server/base/strings.h"
#include "server/store/internal/intake_rows.h"

namespace kontor::store::internal {
namespace {

using base::Reason;
using base::StrCat;

/// One row has at most so many records, and bytes but for its last record.
constexpr size_t kGroupMax = 256;
constexpr size_t kGroupBytesMax = 4U << 20;
/// It is calm while not more than so many records come in within two windows.
constexpr std::chrono::milliseconds kWindow{50};
constexpr size_t kCalmMax = 16;
/// Filed without a calm moment after so long.
constexpr std::chrono::seconds kWaitMax{5};
/// Until what failed is tried again: because of the store, and because of itself.
constexpr std::chrono::seconds kAgainAfter{1};
constexpr std::chrono::seconds kPutOffFor{60};
/// The thread looks at least this often.
constexpr std::chrono::milliseconds kIdleWait{250};

std::vector<std::string> MarksOf(const ports::KeptRecord& record) {
  std::vector<std::string> marks;
  for (const std::string& key : record.keys) marks.push_back(StrCat(record.kind, "\x1f", key));
  return marks;
}

int64_t SizeOf(const ports::KeptRecord& record) {
  return static_cast<int64_t>(record.content.size());
}

/// Whether the store, and not the record, is in the way.
bool IsOfTheStore(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         base::Is(status, Reason::kShuttingDown);
}

}  // namespace

absl::Status Intake::Load(Session& session) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows, ReadIntake(session, crypto_));
  for (const IntakeRow& row : rows) {
    auto group = std::make_shared<Group>();
    group->row = last_row_ = row.id;
    group->first = taken_in_ + 1;
    for (const ports::KeptRecord& record : row.records) {
      Entry& entry = group->entries.emplace_back();
      entry.record = record;
      entry.marks = MarksOf(record);
      for (const std::string& mark : entry.marks) holders_[mark] = record.id;
      ++waiting_;
      waiting_bytes_ += SizeOf(record);
    }
    taken_in_ += group->entries.size();
    pending_.push_back(std::move(group));
  }
  return absl::OkStatus();
}

void Intake::Add(ports::IntakeKind kind) {
  std::string name = kind.name;
  kinds_.insert_or_assign(std::move(name), std::move(kind));
}

void Intake::Start() {
  thread_ = std::thread([this] { Loop(); });
  pthread_setname_np(thread_.native_handle(), "store-file");
}

void Intake::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  RemoveRows();
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    waiters.swap(waiters_);
  }
  for (const Waiter& waiter : waiters) waiter.done();
}

int64_t Intake::Waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

// -- keeping ------------------------------------------------------------------------------------

void Intake::Keep(ports::KeptRecord record, Kept done) {
  Entry entry;
  entry.marks = MarksOf(record);
  absl::Status refused;
  bool submits = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      refused = base::Error(Reason::kShuttingDown).Says("the store is closing");
    } else if (!kinds_.contains(record.kind)) {
      refused = base::Error(Reason::kInternal).Says("nothing files such records");
    } else if (waiting_ >= settings_.intake_records_max ||
               waiting_bytes_ >= settings_.intake_bytes_max) {
      refused = base::Error(Reason::kQueueFull).Says("too much waits to be filed");
    } else {
      ++waiting_;
      waiting_bytes_ += SizeOf(record);
      ++taken_in_;
      entry.record = std::move(record);
      entry.done = std::move(done);
      open_.push_back(std::move(entry));
      submits = !std::exchange(is_writing_, true);
      if (submits) writing_first_ = taken_in_;
    }
  }
  if (!refused.ok()) return done(refused, {});
  if (submits) SubmitGroup();
}

void Intake::SubmitGroup() {
  auto group = std::make_shared<Group>();
  committer_.Submit([this, group](ports::Unit& unit) { return Write(unit, *group); },
                    [this, group](const absl::Status& status) { Written(group, status); });
}

void Intake::TakeOpen(Group& group) {
  const std::lock_guard lock(mutex_);
  group.first = writing_first_;
  size_t bytes = 0;
  while (!open_.empty() && group.entries.size() < kGroupMax && bytes < kGroupBytesMax) {
    bytes += open_.front().record.content.size();
    group.entries.push_back(std::move(open_.front()));
    open_.pop_front();
  }
}

absl::StatusOr<Intake::Holders> Intake::FiledHolders(Session& session, const Group& group) const {
  std::map<std::string, std::vector<std::string>, std::less<>> keys;
  for (const Entry& entry : group.entries) {
    auto& of_kind = keys[entry.record.kind];
    of_kind.insert(of_kind.end(), entry.record.keys.begin(), entry.record.keys.end());
  }
  Holders holders;
  for (const auto& [kind, wanted] : keys) {
    KONTOR_ASSIGN_OR_RETURN(holders[kind],
                            ReadHolders(session, crypto_, kinds_.at(kind).key_space, wanted));
  }
  return holders;
}

std::string Intake::HolderOf(const Entry& entry, const Holders& filed) const {
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& mark : entry.marks) {
      const auto held = holders_.find(mark);
      if (held != holders_.end()) return held->second;
    }
  }
  const auto& of_kind = filed.at(entry.record.kind);
  for (const std::string& key : entry.record.keys) {
    const auto held = of_kind.find(key);
    if (held != of_kind.end()) return held->second;
  }
  return std::string();
}

absl::Status Intake::Write(ports::Unit& unit, Group& group) {
  if (group.entries.empty()) TakeOpen(group);  // a unit may run again
  std::vector<const ports::KeptRecord*> records;
  std::unordered_map<std::string, std::string> here;
  Session& session = static_cast<UnitOnSession&>(unit).session();
  KONTOR_ASSIGN_OR_RETURN(const Holders filed, FiledHolders(session, group));
  for (Entry& entry : group.entries) {
    entry.holder.clear();
    for (const std::string& mark : entry.marks) {
      const auto held = here.find(mark);
      if (held != here.end()) entry.holder = held->second;
    }
    if (entry.holder.empty()) entry.holder = HolderOf(entry, filed);
    if (!entry.holder.empty()) continue;
    for (const std::string& mark : entry.marks) here[mark] = entry.record.id;
    records.push_back(&entry.record);
  }
  if (records.empty()) return absl::OkStatus();
  group.row = last_row_ + 1;
  KONTOR_RETURN_IF_ERROR(InsertIntake(session, crypto_, group.row, records));
  last_row_ = group.row;
  return absl::OkStatus();
}

void Intake::Forget(const Entry& entry) {
  for (const std::string& mark : entry.marks) {
    const auto held = holders_.find(mark);
    if (held != holders_.end() && held->second == entry.record.id) holders_.erase(held);
  }
}

void Intake::Written(const GroupPtr& group, const absl::Status& status) {
  std::vector<Entry> told;
  bool again = false;
  {
    std::unique_lock lock(mutex_);
    // A unit that never ran took nothing: all that waits for it has failed with it.
    if (!status.ok() && group->entries.empty()) {
      std::move(open_.begin(), open_.end(), std::back_inserter(group->entries));
      open_.clear();
    }
    const uint64_t count = group->entries.size();
    std::vector<Entry> kept;
    for (Entry& entry : group->entries) {
      if (!status.ok() || !entry.holder.empty()) {
        --waiting_;
        waiting_bytes_ -= SizeOf(entry.record);
        told.push_back(std::move(entry));
        continue;
      }
      for (const std::string& mark : entry.marks) holders_[mark] = entry.record.id;
      told.emplace_back().done = std::move(entry.done);
      kept.push_back(std::move(entry));
    }
    group->entries = std::move(kept);
    group->since = Clock::now();
    NoteKept(group->entries.size(), group->since);
    if (!group->entries.empty()) pending_.push_back(group);
    writing_first_ += count;
    again = is_writing_ = !open_.empty();
    TellWaiters(lock);
  }
  if (again) SubmitGroup();
  changed_.notify_all();
  for (const Entry& entry : told) {
    if (entry.done) entry.done(status, entry.holder);
  }
}

// -- filing -------------------------------------------------------------------------------------

void Intake::WhenFiled(std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_stopping_ && thread_.joinable() && SettledThrough() < taken_in_) {
      urgent_through_ = taken_in_;
      waiters_.push_back({taken_in_, std::move(done)});
      changed_.notify_all();
      return;
    }
  }
  done();
}

uint64_t Intake::SettledThrough() const {
  if (filing_ != nullptr) return filing_->first - 1;
  if (!pending_.empty()) return pending_.front()->first - 1;
  return is_writing_ ? writing_first_ - 1 : taken_in_;
}

void Intake::TellWaiters(std::unique_lock<std::mutex>& lock) {
  const uint64_t through = SettledThrough();
  std::vector<std::function<void()>> ready;
  std::erase_if(waiters_, [&](Waiter& waiter) {
    if (waiter.through > through) return false;
    ready.push_back(std::move(waiter.done));
    return true;
  });
  if (ready.empty()) return;
  lock.unlock();
  for (const auto& done : ready) done();
  lock.lock();
}

bool Intake::IsDue(Clock::time_point now) const {
  if (pending_.empty() || now < not_before_) return false;
  const Group& next = *pending_.front();
  // Beyond half of what may wait, filing goes first.
  return next.first <= urgent_through_ || waiting_ > settings_.intake_records_max / 2 ||
         waiting_bytes_ > settings_.intake_bytes_max / 2 || now - next.since >= kWaitMax ||
         IsCalm(now);
}

bool Intake::IsCalm(Clock::time_point now) const {
  if (now - window_since_ >= 2 * kWindow) return true;
  return kept_in_window_ + kept_before_window_ <= kCalmMax;
}

void Intake::NoteKept(size_t count, Clock::time_point now) {
  if (now - window_since_ >= kWindow) {
    kept_before_window_ = now - window_since_ < 2 * kWindow ? kept_in_window_ : 0;
    kept_in_window_ = 0;
    window_since_ = now;
  }
  kept_in_window_ += count;
}

void Intake::Loop() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    const auto now = Clock::now();
    if (!put_off_.empty() && now >= put_off_until_) {
      pending_.insert(pending_.begin(), put_off_.begin(), put_off_.end());
      put_off_.clear();
    }
    if (IsDue(now)) {
      FileNext(lock);
      continue;
    }
    const bool waits_for_calm = !pending_.empty() && now >= not_before_;
    const auto changed = changed_.wait_for(lock, waits_for_calm ? kWindow : kIdleWait);
    if (changed == std::cv_status::timeout && pending_.empty() && !filed_rows_.empty()) {
      lock.unlock();
      RemoveRows();
      lock.lock();
    }
  }
}

void Intake::FileNext(std::unique_lock<std::mutex>& lock) {
  filing_ = pending_.front();
  pending_.pop_front();
  const GroupPtr group = filing_;
  lock.unlock();
  RemoveRows();
  File(group);
  lock.lock();
  Settle(group);
  TellWaiters(lock);
}

void Intake::File(const GroupPtr& group) {
  // Shared, since the answering thread may still be leaving when this one goes on.
  struct Round {
    std::mutex mutex;
    std::condition_variable ended;
    size_t open = 0;
    bool store_failed = false;
  };
  auto round = std::make_shared<Round>();
  for (const Entry& entry : group->entries) round->open += entry.filed ? 0 : 1;
  for (Entry& entry : group->entries) {
    if (entry.filed) continue;
    committer_.Submit(
        [this, group, &entry](ports::Unit& unit) {
          return kinds_.at(entry.record.kind).file(unit, entry.record);
        },
        [round, group, &entry](const absl::Status& status) {
          const std::lock_guard lock(round->mutex);
          entry.filed = status.ok();
          round->store_failed |= IsOfTheStore(status);
          if (--round->open == 0) round->ended.notify_all();
        });
  }
  // Ends surely: every unit is answered.
  std::unique_lock lock(round->mutex);
  round->ended.wait(lock, [&] { return round->open == 0; });
  if (!round->store_failed) return;
  const std::lock_guard own(mutex_);
  not_before_ = Clock::now() + kAgainAfter;
}

void Intake::Settle(const GroupPtr& group) {
  filing_.reset();
  std::erase_if(group->entries, [&](const Entry& entry) {
    if (!entry.filed) return false;
    Forget(entry);
    --waiting_;
    waiting_bytes_ -= SizeOf(entry.record);
    return true;
  });
  if (group->entries.empty()) {
    filed_rows_.push_back(group->row);
  } else if (Clock::now() < not_before_) {
    pending_.push_front(group);
  } else {
    // Its row stays; whatever is wrong with it must not hold up the others.
    put_off_.push_back(group);
    put_off_until_ = Clock::now() + kPutOffFor;
  }
}

void Intake::RemoveRows() {
  auto rows = std::make_shared<std::vector<int64_t>>();
  {
    const std::lock_guard lock(mutex_);
    rows->swap(filed_rows_);
  }
  if (rows->empty()) return;
  committer_.Submit(
      [rows](ports::Unit& unit) {
        return DeleteIntake(static_cast<UnitOnSession&>(unit).session(), *rows);
      },
      [this, rows](const absl::Status& status) {
        if (status.ok()) return;
        const std::lock_guard lock(mutex_);
        filed_rows_.insert(filed_rows_.end(), rows->begin(), rows->end());
      });
}

}  // namespace kontor::store::internal
