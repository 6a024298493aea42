// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/session_pool.h"

#include <chrono>
#include <utility>

namespace kontor::store::internal {

absl::StatusOr<std::unique_ptr<Session>> SessionPool::Take() {
  std::unique_lock lock(mutex_);
  const auto wait = absl::ToChronoMilliseconds(settings_.reader_wait_max);
  if (!freed_.wait_for(lock, wait, [this] { return left_ > 0; })) {
    return base::Error(base::Reason::kStoreUnavailable).Says("every reading session is busy");
  }
  --left_;
  if (!idle_.empty()) {
    std::unique_ptr<Session> session = std::move(idle_.back());
    idle_.pop_back();
    return session;
  }
  lock.unlock();
  auto opened = Session::Open(target_, settings_, Session::Access::kRead);
  if (!opened.ok()) GiveBack(nullptr);
  return opened;
}

void SessionPool::GiveBack(std::unique_ptr<Session> session) {
  {
    const std::lock_guard lock(mutex_);
    ++left_;
    if (session != nullptr && !session->IsDead()) idle_.push_back(std::move(session));
  }
  freed_.notify_one();
}

absl::Status SessionPool::With(const std::function<absl::Status(Session&)>& work) {
  // A session that died while idle is noticed at its first statement: one more try, on a new one.
  absl::Status status;
  for (int attempt = 0; attempt < 2; ++attempt) {
    KONTOR_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Take());
    status = session->BeginRead();
    const bool is_stale = !status.ok() && session->IsDead();
    if (status.ok()) {
      status = work(*session);
      session->Rollback();
    }
    GiveBack(std::move(session));
    if (!is_stale) break;
    const std::lock_guard lock(mutex_);
    idle_.clear();
  }
  return status;
}

}  // namespace kontor::store::internal
