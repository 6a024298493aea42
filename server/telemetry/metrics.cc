// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/metrics.h"

#include <algorithm>
#include <mutex>
#include <set>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "server/base/status.h"

namespace kontor::telemetry {
namespace {

bool IsMetricName(const std::string& name) {
  return name.starts_with("kontor_") && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// One series a set of labels, at most kSeriesMax of them.
template <typename T>
class Series {
 public:
  template <typename... Args>
  T& At(prometheus::Family<T>& family, const Labels& labels, const Args&... args) {
    const std::lock_guard lock(mutex_);
    if (const auto it = series_.find(labels); it != series_.end()) return *it->second;
    Labels kept = labels;
    if (series_.size() >= kSeriesMax) {
      for (auto& [name, value] : kept) value = "other";
    }
    T& made = family.Add(kept, args...);  // the existing one when there is one
    if (series_.size() < kSeriesMax) series_[kept] = &made;
    return made;
  }

 private:
  std::mutex mutex_;
  std::map<Labels, T*> series_;
};

class CounterOf final : public Counter {
 public:
  explicit CounterOf(prometheus::Family<prometheus::Counter>& family) : family_(family) {}
  void Add(const Labels& labels, int64_t by) override {
    series_.At(family_, labels).Increment(static_cast<double>(by));
  }

 private:
  prometheus::Family<prometheus::Counter>& family_;
  Series<prometheus::Counter> series_;
};

class GaugeOf final : public Gauge {
 public:
  explicit GaugeOf(prometheus::Family<prometheus::Gauge>& family) : family_(family) {}
  void Set(const Labels& labels, int64_t value) override {
    series_.At(family_, labels).Set(static_cast<double>(value));
  }

 private:
  prometheus::Family<prometheus::Gauge>& family_;
  Series<prometheus::Gauge> series_;
};

class HistogramOf final : public Histogram {
 public:
  explicit HistogramOf(prometheus::Family<prometheus::Histogram>& family) : family_(family) {}
  void Observe(const Labels& labels, absl::Duration elapsed) override {
    static const prometheus::Histogram::BucketBoundaries kSeconds = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
    series_.At(family_, labels, kSeconds).Observe(absl::ToDoubleSeconds(elapsed));
  }

 private:
  prometheus::Family<prometheus::Histogram>& family_;
  Series<prometheus::Histogram> series_;
};

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  std::mutex mutex;
  std::set<std::string> names;
  std::vector<std::unique_ptr<Counter>> counters;
  std::vector<std::unique_ptr<Gauge>> gauges;
  std::vector<std::unique_ptr<Histogram>> histograms;

  void Take(const std::string& name) {
    KONTOR_CHECK(IsMetricName(name));
    KONTOR_CHECK(names.insert(name).second);
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::AddCounter(const std::string& name, const std::string& help) {
  const std::lock_guard lock(state_->mutex);
  state_->Take(name);
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
  return *state_->counters.emplace_back(std::make_unique<CounterOf>(family));
}

Gauge& Metrics::AddGauge(const std::string& name, const std::string& help) {
  const std::lock_guard lock(state_->mutex);
  state_->Take(name);
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
  return *state_->gauges.emplace_back(std::make_unique<GaugeOf>(family));
}

Histogram& Metrics::AddHistogram(const std::string& name, const std::string& help) {
  const std::lock_guard lock(state_->mutex);
  state_->Take(name);
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
  return *state_->histograms.emplace_back(std::make_unique<HistogramOf>(family));
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace kontor::telemetry
