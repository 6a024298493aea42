// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "server/api/internal/watch_reactor.h"

namespace kontor::api::internal {

bool FeedWaiters::Add(const std::shared_ptr<Waiter>& waiter, size_t max) {
  const std::lock_guard lock(mutex_);
  if (ended_ || waiters_.size() >= max) return false;
  waiters_.insert(waiter);
  return true;
}

void FeedWaiters::Remove(Waiter* waiter) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiters_, [waiter](const auto& held) { return held.get() == waiter; });
}

std::vector<std::shared_ptr<FeedWaiters::Waiter>> FeedWaiters::Copy() {
  const std::lock_guard lock(mutex_);
  return {waiters_.begin(), waiters_.end()};
}

void FeedWaiters::WakeAll() {
  for (const auto& waiter : Copy()) waiter->Wake();
}

void FeedWaiters::EndAll(const absl::Status& why) {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  for (const auto& waiter : Copy()) waiter->End(why);
}

}  // namespace kontor::api::internal
