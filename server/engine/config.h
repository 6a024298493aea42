// SPDX-License-Identifier: Apache-2.0
// Entities, connections and the server-wide posting rules as the store has them, kept in memory and
// read anew after each change. Must not decide anything.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/engine.h"

namespace kontor::engine {

template <typename T>
struct Versioned {
  T value;
  int64_t version = 0;
};

/// One consistent reading of all configured things.
struct ConfigSnapshot {
  std::map<std::string, Versioned<Entity>> entities;
  std::map<std::string, Versioned<Connection>> connections;
  std::vector<PostingRule> server_rules;
  int64_t server_rules_version = 0;
  absl::Time read_at;
};

/// Thread-safe.
class Config {
 public:
  Config(ports::Store& store, const base::Clock& clock) : store_(store), clock_(clock) {}

  /// Blocking when nothing fresh is in memory.
  absl::StatusOr<std::shared_ptr<const ConfigSnapshot>> Get();
  /// What is in memory and fresh, or nullptr; never blocks on the store.
  std::shared_ptr<const ConfigSnapshot> Cached() const;
  /// Never blocks: `then` is called at once, or on a reader thread of the store.
  void WithConfig(
      std::function<void(absl::StatusOr<std::shared_ptr<const ConfigSnapshot>>)> then);
  void Invalidate();

  absl::StatusOr<Versioned<Entity>> FindEntity(const std::string& name);
  absl::StatusOr<Versioned<Connection>> FindConnection(const std::string& name);

 private:
  absl::StatusOr<std::shared_ptr<const ConfigSnapshot>> Load(ports::ReadView& view,
                                                             uint64_t generation);

  ports::Store& store_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const ConfigSnapshot> snapshot_;
  uint64_t generation_ = 0;
};

absl::StatusOr<Versioned<Entity>> EntityIn(const ConfigSnapshot& config, const std::string& name);
absl::StatusOr<Versioned<Connection>> ConnectionIn(const ConfigSnapshot& config,
                                                   const std::string& name);

}  // namespace kontor::engine
