// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/answers.h"

#include <pthread.h>

#include <iterator>
#include <utility>

namespace kontor::store::internal {
namespace {

/// Beyond these the commit thread waits: answers must not pile up without bound.
constexpr size_t kAnswersWaitingMax = 4096;

}  // namespace

void Tell(const std::function<void(absl::Status)>& done, const absl::Status& status) {
  if (!done) return;
  try {
    done(status);
  } catch (...) {
    // See the header.
  }
}

Answers::~Answers() { Stop(); }

void Answers::Start() {
  thread_ = std::thread([this] { Loop(); });
  pthread_setname_np(thread_.native_handle(), "store-answer");
}

void Answers::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Answers::Give(std::vector<One> answers) {
  {
    std::unique_lock lock(mutex_);
    // Ends surely: an answer must not block, so the thread works them off.
    changed_.wait(lock, [this] { return waiting_.size() <= kAnswersWaitingMax; });
    waiting_.insert(waiting_.end(), std::make_move_iterator(answers.begin()),
                    std::make_move_iterator(answers.end()));
  }
  changed_.notify_all();
}

void Answers::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::vector<One> batch;
    batch.swap(waiting_);
    lock.unlock();
    changed_.notify_all();
    for (const One& answer : batch) Tell(answer.done, answer.status);
    batch.clear();  // what callers keep alive ends here, outside the lock
    lock.lock();
  }
}

}  // namespace kontor::store::internal
