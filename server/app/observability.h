// SPDX-License-Identifier: Apache-2.0
// What the service tells of itself: log lines and metrics. Payloads and secrets never come here.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/api/pipeline.h"
#include "server/app/config.h"

namespace kontor::app {

using LogFields = std::vector<std::pair<std::string, std::string>>;

/// Values read when somebody looks, by metric name.
struct Gauges {
  std::function<std::vector<std::pair<std::string, int64_t>>()> read;
};

/// Thread-safe.
class Observability {
 public:
  virtual ~Observability() = default;
  virtual void Log(const std::string& event, const LogFields& fields) = 0;
  virtual void Warn(const std::string& event, const LogFields& fields) = 0;
  virtual void Call(const api::CallRecord& record) = 0;
  virtual void SetGauges(Gauges gauges) = 0;
  /// Prometheus text format.
  virtual std::string MetricsText() = 0;
};

/// CONFIG_INVALID for an unknown level or format.
absl::StatusOr<std::unique_ptr<Observability>> MakeObservability(const Config& config,
                                                                 const base::Clock& clock);

}  // namespace kontor::app
