// SPDX-License-Identifier: Apache-2.0
// Adapters that are kept between calls: opening one may read keys and connect.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/status.h"

namespace kontor::engine {

/// One adapter for each thing, kept as long as the thing stays as it is. Thread-safe.
template <typename Adapter>
class AdapterCache {
 public:
  using Make = std::function<absl::StatusOr<std::shared_ptr<Adapter>>()>;

  /// The adapter of the thing `id` as it is in `version`; `make` runs when that one is not kept,
  /// one at a time, and must not call Get. Errors: those of `make`, which is asked again next time.
  /// Who still holds an older adapter may go on using it.
  absl::StatusOr<std::shared_ptr<Adapter>> Get(const std::string& id, int64_t version,
                                               const Make& make) {
    const std::lock_guard lock(mutex_);
    const auto it = kept_.find(id);
    if (it != kept_.end() && it->second.version == version) return it->second.adapter;
    KONTOR_ASSIGN_OR_RETURN(std::shared_ptr<Adapter> adapter, make());
    kept_[id] = {version, adapter};
    return adapter;
  }

 private:
  struct Kept {
    int64_t version = 0;
    std::shared_ptr<Adapter> adapter;
  };
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace kontor::engine
