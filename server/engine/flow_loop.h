// SPDX-License-Identifier: Apache-2.0
// What the loops over flows have in common: what they depend on, their lease, and who hears of what
// they do.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/engine/flow_cases.h"
#include "server/engine/flow_lease.h"

namespace kontor::engine {

/// A base of loops, never destroyed by a pointer to it. Thread-safe. `Dependencies` have a store, a
/// clock, ids, a log and a failpoint, `Settings` a node, the lease's time and the deadline of
/// cases.
template <typename Dependencies, typename Settings>
class FlowLoop {
 public:
  absl::Time Now() const { return deps.clock.Now(); }
  void Log(const std::string& event,
           const std::vector<std::pair<std::string, std::string>>& fields) const {
    if (deps.log) deps.log(event, fields);
  }
  void Failpoint(const char* name) const {
    if (deps.failpoint) deps.failpoint(name);
  }
  /// A unit of the loop's own work: LEASE_LOST when this node does not hold the lease. What a
  /// caller changes is committed to the store itself; versions guard it.
  absl::Status Commit(const ports::Work& work) { return lease.Commit(work); }
  CaseDesk Desk() const { return {deps.clock, deps.ids, settings.exception_deadline}; }

  const Dependencies deps;
  const Settings settings;
  FlowLease lease;

 protected:
  FlowLoop(Dependencies dependencies, Settings loop_settings, std::string lease_name)
      : deps(std::move(dependencies)),
        settings(std::move(loop_settings)),
        lease(deps.store, deps.clock, std::move(lease_name), settings.node, settings.lease_ttl) {}
  ~FlowLoop() = default;
};

}  // namespace kontor::engine
