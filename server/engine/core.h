// SPDX-License-Identifier: Apache-2.0
// What every room of the engine shares: dependencies, settings, configuration and connections.
// Holds no decisions of its own.
#pragma once

#include <atomic>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/config.h"
#include "server/engine/connections.h"
#include "server/engine/engine.h"
#include "server/engine/failpoints.h"

namespace kontor::engine {

/// Thread-safe; lives as long as the engine.
struct Core {
  Core(Dependencies dependencies, Settings engine_settings)
      : deps(std::move(dependencies)),
        settings(std::move(engine_settings)),
        config(deps.store, deps.clock),
        connections(deps, settings, config) {}

  absl::Time Now() const { return deps.clock.Now(); }
  std::string NewId(std::string_view prefix) { return deps.ids.Next(prefix); }
  ports::Store& store() { return deps.store; }
  void Log(const std::string& event,
           const std::vector<std::pair<std::string, std::string>>& fields) const {
    if (deps.log) deps.log(event, fields);
  }
  void Failpoint(const char* name) const {
    if (deps.failpoint) deps.failpoint(name);
  }
  /// When a call to Odoo that starts now must have ended.
  absl::Time CallDeadline() const { return Now() + settings.call_timeout; }

  Dependencies deps;
  Settings settings;
  Config config;
  Connections connections;
  /// Operations that one look at lost answers takes together. A probe fails as a whole, so that on
  /// a bad line only few get through; it grows again when they do.
  static constexpr int kProbesMax = 200;
  std::atomic<int> probes_together{kProbesMax};
};

/// The actor of what kontor does by itself.
inline constexpr char kSelf[] = "kontord";

}  // namespace kontor::engine
