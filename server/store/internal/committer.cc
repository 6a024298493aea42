// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/committer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <utility>

#include "server/base/strings.h"

namespace kontor::store::internal {
namespace {

using base::Reason;

/// Runs of one transaction after serialization failures, deadlocks and lost idle sessions.
constexpr int kAttemptsMax = 4;
/// The thread looks at least this often whether head files are due.
constexpr std::chrono::milliseconds kIdleWait{250};

/// What the units of a transaction have in common to tell.
ports::CommitNotice NoticeOf(const std::vector<UnitOnSession::Effects*>& effects) {
  ports::CommitNotice notice;
  const auto add = [](const std::vector<std::string>& from, std::vector<std::string>& to) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (const UnitOnSession::Effects* one : effects) {
    if (!one->events.empty()) notice.last_event_sequence = one->events.back().sequence;
    add(one->operation_ids, notice.operation_ids);
    add(one->lanes, notice.lanes);
    add(one->object_kinds, notice.object_kinds);
    add(one->flow_kinds, notice.flow_kinds);
  }
  for (auto* names : {&notice.operation_ids, &notice.lanes, &notice.object_kinds,
                      &notice.flow_kinds}) {
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
  }
  return notice;
}

}  // namespace

Committer::Committer(Target target, const StoreSettings& settings, const ports::Crypto& crypto,
                     const base::Clock& clock, HeadFiles& head_files)
    : target_(std::move(target)),
      settings_(settings),
      crypto_(crypto),
      clock_(clock),
      head_files_(head_files) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  filled_.notify_all();
  if (thread_.joinable()) thread_.join();
  answers_.Stop();
}

void Committer::Start(std::unique_ptr<Session> session) {
  session_ = std::move(session);
  answers_.Start();
  thread_ = std::thread([this] { Loop(); });
  pthread_setname_np(thread_.native_handle(), "store-commit");
}

void Committer::Enqueue(Item item) {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) {
      refused = base::Error(Reason::kShuttingDown).Says("the store is closing");
    } else if (queue_.size() >= static_cast<size_t>(settings_.queue_max)) {
      refused = base::Error(Reason::kQueueFull).Says("too many writes are waiting");
    } else {
      queue_.push_back(std::move(item));
    }
  }
  if (refused.ok()) {
    filled_.notify_one();
  } else {
    Tell(item.done, refused);
  }
}

void Committer::Submit(ports::Work work, Done done) {
  Item item;
  item.work = std::move(work);
  item.done = std::move(done);
  Enqueue(std::move(item));
}

absl::Status Committer::RunAndWait(Item item) {
  if (std::this_thread::get_id() == thread_.get_id() || answers_.IsThisThread()) {
    return base::Error(Reason::kInternal).Says("a blocking write on one of the store's threads");
  }
  // Shared, since the answering thread may still be leaving set_value() when this one goes on.
  auto promise = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> ended = promise->get_future();
  item.done = [promise](absl::Status status) { promise->set_value(std::move(status)); };
  Enqueue(std::move(item));
  // Ends surely: every item is answered, and its own waits are bounded by the settings.
  return ended.get();
}

absl::Status Committer::Commit(const ports::Work& work) {
  Item item;
  item.work = work;
  return RunAndWait(std::move(item));
}

absl::Status Committer::RunAlone(const std::function<absl::Status(Session&)>& work) {
  Item item;
  item.alone = work;
  return RunAndWait(std::move(item));
}

void Committer::AddListener(Listener listener) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.push_back(std::move(listener));
}

void Committer::BeforeCommit(
    std::function<absl::Status(Session&, const ports::CommitNotice&)> hook) {
  before_commit_ = std::move(hook);
}

void Committer::AnnounceLater(const ports::CommitNotice& notice) {
  Item item;
  item.alone = [this, notice](Session&) {
    Announce(notice);
    return absl::OkStatus();
  };
  Enqueue(std::move(item));
}

void Committer::Announce(const ports::CommitNotice& notice) {
  std::vector<Listener> listeners;
  {
    const std::lock_guard lock(listeners_mutex_);
    listeners = listeners_;
  }
  for (const Listener& listener : listeners) {
    try {
      listener(notice);
    } catch (...) {
      // As in Tell().
    }
  }
}

int64_t Committer::QueueLength() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int64_t>(queue_.size());
}

Committer::Batch Committer::NextBatch() {
  Batch batch;
  std::unique_lock lock(mutex_);
  if (queue_.empty() && !is_stopping_) filled_.wait_for(lock, kIdleWait);
  const size_t most = static_cast<size_t>(settings_.group_max);
  while (!queue_.empty() && batch.size() < most) {
    const bool is_alone = static_cast<bool>(queue_.front().alone);
    if (is_alone && !batch.empty()) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (is_alone) break;
  }
  return batch;
}

void Committer::Loop() {
  while (true) {
    Batch batch = NextBatch();
    if (!batch.empty()) {
      Process(batch);
    } else {
      const std::lock_guard lock(mutex_);
      if (is_stopping_ && queue_.empty()) break;
    }
    head_files_.Flush(false);
  }
  head_files_.Flush(true);
  session_.reset();
}

absl::Status Committer::EnsureSession() {
  if (session_ != nullptr && !session_->IsDead()) return absl::OkStatus();
  session_.reset();
  KONTOR_ASSIGN_OR_RETURN(session_,
                          Session::Open(target_, settings_, Session::Access::kReadWrite));
  return absl::OkStatus();
}

void Committer::Process(Batch& batch) {
  if (batch.front().alone) {
    Item& item = batch.front();
    absl::Status status = EnsureSession();
    if (status.ok()) status = item.alone(*session_);
    answers_.Give({{std::move(item.done), status}});
    return;
  }
  size_t begin = 0;
  size_t size = batch.size();
  while (begin < batch.size()) {
    const size_t end = std::min(begin + size, batch.size());
    Ending ending = Ending::kAgain;
    for (int attempt = 1; ending == Ending::kAgain; ++attempt) {
      ending = Attempt(batch, begin, end, attempt < kAttemptsMax);
    }
    if (ending == Ending::kSplit) {
      // Something in it spoils the whole transaction: everyone alone, so that only it fails.
      size = 1;
      continue;
    }
    Finish(batch, begin, end);
    begin = end;
  }
}

Committer::Ending Committer::Attempt(Batch& batch, size_t begin, size_t end, bool may_repeat) {
  heads_.reset();
  bool committing = false;
  absl::Status status = EnsureSession();
  if (status.ok()) status = session_->BeginWrite();
  if (status.ok()) status = RunUnits(batch, begin, end);
  if (status.ok()) {
    std::vector<UnitOnSession::Effects*> effects;
    for (size_t i = begin; i < end; ++i) {
      if (batch[i].status.ok()) effects.push_back(&batch[i].effects);
    }
    auto heads = AppendFeed(*session_, crypto_, effects);
    status = heads.status();
    if (status.ok()) heads_ = *std::move(heads);
    notice_ = NoticeOf(effects);
    if (status.ok() && before_commit_ && !effects.empty()) {
      status = before_commit_(*session_, notice_);
    }
  }
  if (status.ok()) {
    committing = true;
    status = session_->Commit();
  }
  if (status.ok()) return Ending::kDone;
  const Trouble trouble = session_ == nullptr ? Trouble::kConnection : session_->trouble();
  if (session_ != nullptr) session_->Rollback();
  heads_.reset();
  const bool can_repeat = trouble == Trouble::kRepeat || trouble == Trouble::kConnection;
  // After a lost answer to `commit` nobody knows: running it again is the caller's decision.
  if (can_repeat && may_repeat && !committing && session_ != nullptr) return Ending::kAgain;
  if (trouble <= Trouble::kStatement && end - begin > 1) return Ending::kSplit;
  for (size_t i = begin; i < end; ++i) batch[i].status = status;
  return Ending::kDone;
}

absl::Status Committer::RunUnits(Batch& batch, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    Item& item = batch[i];
    item.effects = {};
    KONTOR_RETURN_IF_ERROR(session_->Savepoint());
    item.status = RunUnit(item);
    if (session_->trouble() > Trouble::kStatement) return session_->first_error();
    if (item.status.ok()) {
      KONTOR_RETURN_IF_ERROR(session_->ReleaseSavepoint());
    } else {
      KONTOR_RETURN_IF_ERROR(session_->RollbackToSavepoint());
      session_->ForgetStatementTrouble();
    }
  }
  return absl::OkStatus();
}

absl::Status Committer::RunUnit(Item& item) {
  UnitOnSession unit(*session_, crypto_, clock_);
  absl::Status status;
  try {
    status = item.work(unit);
  } catch (const std::exception& error) {
    status = base::Error(Reason::kInternal).Says(base::StrCat("a write threw: ", error.what()));
  } catch (...) {
    status = base::Error(Reason::kInternal).Says("a write threw");
  }
  // A statement that failed leaves the savepoint unusable, whatever the work made of it.
  if (status.ok() && session_->trouble() != Trouble::kNone) status = session_->first_error();
  if (status.ok()) item.effects = std::move(unit.effects());
  return status;
}

void Committer::Finish(Batch& batch, size_t begin, size_t end) {
  bool is_any = false;
  for (size_t i = begin; i < end; ++i) is_any |= batch[i].status.ok();
  if (heads_) head_files_.Note(*heads_);
  // Listeners first: who is answered "disabled" must not find the old right in a cache.
  if (is_any) Announce(notice_);
  std::vector<Answers::One> answers;
  answers.reserve(end - begin);
  for (size_t i = begin; i < end; ++i) {
    answers.push_back({std::move(batch[i].done), std::move(batch[i].status)});
  }
  answers_.Give(std::move(answers));
}

}  // namespace kontor::store::internal
