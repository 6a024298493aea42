// SPDX-License-Identifier: Apache-2.0
// What the service tells of itself: its log and its metrics, over server/telemetry.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "server/api/pipeline.h"
#include "server/app/config.h"
#include "server/base/clock.h"
#include "server/telemetry/log.h"
#include "server/telemetry/service_metrics.h"

namespace kontor::app {

/// What is read of the running parts when somebody looks at the metrics.
struct Reading {
  std::map<std::string, int64_t> open_operations;  ///< By state name.
  int64_t feed_sequence = 0;
  int64_t store_queue = 0;
  int64_t intake_waiting = 0;
  int64_t quarantined = 0;
  int64_t deliveries_in_flight = 0;
  int64_t delivered = 0;  ///< Since the start, as the two below.
  int64_t failed = 0;
  int64_t parked = 0;
  bool ready = false;
};

/// Thread-safe.
class Observability {
 public:
  explicit Observability(std::unique_ptr<telemetry::Log> log)
      : log_(std::move(log)), service_(metrics_) {}

  telemetry::Log& log() { return *log_; }
  /// Counts a call and logs it at debug, a defect at error.
  void Call(const api::CallRecord& record);
  void ReadWith(std::function<Reading()> read);
  /// Prometheus text format, freshly read.
  std::string MetricsText();

 private:
  void Refresh(const Reading& reading);

  std::unique_ptr<telemetry::Log> log_;
  telemetry::Metrics metrics_;
  telemetry::ServiceMetrics service_;
  std::mutex mutex_;
  std::function<Reading()> read_;
  Reading last_;
};

/// CONFIG_INVALID for an unknown level or format.
absl::StatusOr<std::unique_ptr<Observability>> MakeObservability(const Config& config,
                                                                 const base::Clock& clock);

}  // namespace kontor::app
