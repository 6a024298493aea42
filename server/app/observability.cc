// SPDX-License-Identifier: Apache-2.0
#include "server/app/observability.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <mutex>

#include <nlohmann/json.hpp>

#include "server/base/clock.h"
#include "server/base/decimal.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::app {
namespace {

using base::StrAppend;
using base::StrCat;

enum class Level { kDebug, kInfo, kWarning, kError };

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};
/// Upper bounds of the histogram of call times, in milliseconds.
constexpr std::array<int64_t, 9> kBoundsMs = {1, 5, 10, 50, 100, 500, 1000, 10000, 60000};

struct Series {
  int64_t count = 0;
  absl::Duration sum;
  std::array<int64_t, kBoundsMs.size()> within{};
};

class StreamObservability final : public Observability {
 public:
  StreamObservability(Level least, bool json, const base::Clock& clock)
      : least_(least), json_(json), clock_(clock) {}

  void Log(const std::string& event, const LogFields& fields) override {
    Write(Level::kInfo, event, fields);
  }
  void Warn(const std::string& event, const LogFields& fields) override {
    Write(Level::kWarning, event, fields);
  }

  void Call(const api::CallRecord& record) override {
    {
      const std::lock_guard lock(mutex_);
      const std::string result = record.code == absl::StatusCode::kOk ? "OK" : record.reason;
      Series& series = calls_[{record.method, result}];
      ++series.count;
      series.sum += record.elapsed;
      for (size_t i = 0; i < kBoundsMs.size(); ++i) {
        if (record.elapsed <= absl::Milliseconds(kBoundsMs[i])) ++series.within[i];
      }
    }
    const bool failed = record.code == absl::StatusCode::kInternal ||
                        record.code == absl::StatusCode::kDataLoss ||
                        record.code == absl::StatusCode::kUnknown;
    Write(failed ? Level::kError : Level::kDebug, "call",
          {{"method", record.method},
           {"result", record.code == absl::StatusCode::kOk ? "OK" : record.reason},
           {"principal", record.principal_id},
           {"ms", StrCat(absl::ToInt64Milliseconds(record.elapsed))}});
  }

  void SetGauges(Gauges gauges) override {
    const std::lock_guard lock(mutex_);
    gauges_ = std::move(gauges);
  }

  std::string MetricsText() override {
    Gauges gauges;
    std::string out;
    {
      const std::lock_guard lock(mutex_);
      gauges = gauges_;
      WriteCalls(&out);
    }
    if (!gauges.read) return out;
    std::string last;
    for (const auto& [name, value] : gauges.read()) {
      const std::string bare = name.substr(0, name.find('{'));
      if (bare != last) {
        StrAppend(&out, "# TYPE ", bare, bare.ends_with("_total") ? " counter\n" : " gauge\n");
      }
      last = bare;
      StrAppend(&out, name, " ", value, "\n");
    }
    return out;
  }

 private:
  void WriteCalls(std::string* out) const {
    StrAppend(out, "# HELP kontor_api_call_seconds Time of API calls by method and result.\n",
              "# TYPE kontor_api_call_seconds histogram\n");
    for (const auto& [key, series] : calls_) {
      const std::string labels = StrCat("method=\"", key.first, "\",result=\"", key.second, "\"");
      for (size_t i = 0; i < kBoundsMs.size(); ++i) {
        StrAppend(out, "kontor_api_call_seconds_bucket{", labels, ",le=\"",
                  base::Decimal::FromUnscaled(kBoundsMs[i], 3).ToString(), "\"} ",
                  series.within[i], "\n");
      }
      StrAppend(out, "kontor_api_call_seconds_bucket{", labels, ",le=\"+Inf\"} ", series.count,
                "\n");
      StrAppend(out, "kontor_api_call_seconds_sum{", labels, "} ",
                base::Decimal::FromUnscaled(absl::ToInt64Microseconds(series.sum), 6).ToString(),
                "\n");
      StrAppend(out, "kontor_api_call_seconds_count{", labels, "} ", series.count, "\n");
    }
  }

  void Write(Level level, const std::string& event, const LogFields& fields) {
    if (level < least_) return;
    std::string line;
    const std::string time = base::FormatInstant(clock_.Now());
    const std::string_view level_name = kLevelNames[static_cast<size_t>(level)];
    if (json_) {
      nlohmann::ordered_json object{{"time", time},
                                    {"level", std::string(level_name)},
                                    {"event", event}};
      for (const auto& [key, value] : fields) object[key] = value;
      line = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    } else {
      line = StrCat(time.substr(11, 12), " ", level_name, " ", event);
      for (const auto& [key, value] : fields) StrAppend(&line, " ", key, "=", value);
    }
    line.push_back('\n');
    const std::lock_guard lock(write_mutex_);
    std::cerr << line << std::flush;
  }

  const Level least_;
  const bool json_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::mutex write_mutex_;
  std::map<std::pair<std::string, std::string>, Series> calls_;
  Gauges gauges_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Observability>> MakeObservability(const Config& config,
                                                                 const base::Clock& clock) {
  const std::string& level = config.Text("log.level");
  const auto found = std::find(kLevelNames.begin(), kLevelNames.end(), level);
  if (found == kLevelNames.end()) {
    return base::Error(base::Reason::kConfigInvalid)
        .Field("log.level")
        .Says("must be debug, info, warning or error");
  }
  const std::string& format = config.Text("log.format");
  if (format != "auto" && format != "json" && format != "text") {
    return base::Error(base::Reason::kConfigInvalid)
        .Field("log.format")
        .Says("must be auto, json or text");
  }
  const bool json = format == "json" || (format == "auto" && isatty(STDERR_FILENO) == 0);
  return std::make_unique<StreamObservability>(static_cast<Level>(found - kLevelNames.begin()), json,
                                               clock);
}

}  // namespace kontor::app
