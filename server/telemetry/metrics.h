// SPDX-License-Identifier: Apache-2.0
// Counters, gauges and histograms over prometheus-cpp, and their text for /metrics. Labels come
// from closed sets (methods, states, outcomes), never from documents.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace kontor::telemetry {

using Labels = std::map<std::string, std::string>;

/// Series a metric has at most; what would be one more is counted under `other` in every label. A
/// label that is not from a closed set after all thus costs no memory without end.
inline constexpr size_t kSeriesMax = 500;

/// Owned by Metrics and valid as long as it; thread-safe.
class Counter {
 public:
  virtual ~Counter() = default;
  /// by >= 0.
  virtual void Add(const Labels& labels, int64_t by) = 0;
  void Add(const Labels& labels = {}) { Add(labels, 1); }
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(const Labels& labels, int64_t value) = 0;
  void Set(int64_t value) { Set({}, value); }
};
/// Of seconds; buckets from 1 ms to 60 s.
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(const Labels& labels, absl::Duration elapsed) = 0;
};

/// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// Names: `kontor_<area>_<thing>_total`, `…_seconds`, or a gauge's unit; each is registered once
  /// (CHECKed, as the name's form is).
  Counter& AddCounter(const std::string& name, const std::string& help);
  Gauge& AddGauge(const std::string& name, const std::string& help);
  Histogram& AddHistogram(const std::string& name, const std::string& help);

  /// Prometheus' text format 0.0.4; media type kTextType.
  std::string Text() const;
  static constexpr const char* kTextType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kontor::telemetry
