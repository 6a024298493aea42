// SPDX-License-Identifier: Apache-2.0
// Sessions for reads, opened when first needed and kept. A session that broke is thrown away, so
// the store recovers by itself when its server is back.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "server/store/internal/sql.h"

namespace kontor::store::internal {

/// Thread-safe.
class SessionPool {
 public:
  SessionPool(Target target, const StoreSettings& settings)
      : target_(std::move(target)), settings_(settings), left_(settings.reader_sessions) {}

  /// Runs `work` on a session of its own. STORE_UNAVAILABLE after reader_wait_max without a free
  /// one, or when none can be opened.
  absl::Status With(const std::function<absl::Status(Session&)>& work);

 private:
  absl::StatusOr<std::unique_ptr<Session>> Take();
  void GiveBack(std::unique_ptr<Session> session);

  const Target target_;
  const StoreSettings& settings_;
  std::mutex mutex_;
  std::condition_variable freed_;
  int left_;  ///< Sessions that may still be taken or opened.
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace kontor::store::internal
