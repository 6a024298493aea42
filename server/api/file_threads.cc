// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>

#include "server/api/internal/upload_reactor.h"

namespace kontor::api::internal {

FileThreads::FileThreads(UploadLimits limits) : limits_(std::move(limits)) {
  for (int i = 0; i < limits_.threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
    pthread_setname_np(threads_.back().native_handle(), "files");
  }
}

FileThreads::~FileThreads() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void FileThreads::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
}

bool FileThreads::Enter() {
  const std::lock_guard lock(mutex_);
  if (open_ >= limits_.uploads_max) return false;
  ++open_;
  return true;
}

void FileThreads::Leave() {
  const std::lock_guard lock(mutex_);
  --open_;
}

void FileThreads::Loop() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ended_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace kontor::api::internal
