// SPDX-License-Identifier: Apache-2.0
// The engine for tests: without threads, driven by hand under a fake clock. The service never uses
// it; what runs is the same code that the threads run.
#pragma once

#include <memory>
#include <string>

#include "server/engine/engine.h"

namespace kontor::engine {

class SteppedEngine : public Engine {
 public:
  /// Does everything that is due by the clock, until nothing is; never moves the clock. True when
  /// it came to rest.
  virtual bool RunUntilIdle() = 0;
  /// One look for deletions and left-behind drafts, whatever the clock says.
  virtual absl::Status Sweep(const std::string& entity) = 0;
  /// One reading of changes, whatever the clock says.
  virtual absl::Status Poll(const std::string& entity) = 0;
};

/// Start opens leases and recovers, but starts no thread.
std::unique_ptr<SteppedEngine> MakeSteppedEngine(Dependencies dependencies, Settings settings);

}  // namespace kontor::engine
