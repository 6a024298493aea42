// SPDX-License-Identifier: Apache-2.0
#include "server/app/observability.h"

#include <set>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::app {
namespace {

using base::StrCat;

/// Reasons with which a call is refused before it runs.
bool IsRefusal(const std::string& reason) {
  static const auto* const kReasons = new std::set<std::string>{
      "UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_USED", "PERMISSION_DENIED", "PERSON_REQUIRED",
      "ENTITY_DENIED", "RATE_LIMITED"};
  return kReasons->contains(reason);
}

bool IsDefect(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kDataLoss ||
         code == absl::StatusCode::kUnknown;
}

}  // namespace

void Observability::Call(const api::CallRecord& record) {
  const bool ok = record.code == absl::StatusCode::kOk;
  const std::string result = ok ? "OK" : record.reason;
  service_.rpc_calls.Add({{"method", record.method}, {"code", result}});
  service_.rpc_seconds.Observe({{"method", record.method}}, record.elapsed);
  if (!ok && IsRefusal(record.reason)) service_.refused_calls.Add({{"reason", record.reason}});
  log_->Write(IsDefect(record.code) ? telemetry::Level::kError : telemetry::Level::kDebug,
              "rpc.call",
              {{"method", record.method},
               {"result", result},
               {"principal", record.principal_id},
               {"ms", StrCat(absl::ToInt64Milliseconds(record.elapsed))}});
}

void Observability::ReadWith(std::function<Reading()> read) {
  const std::lock_guard lock(mutex_);
  read_ = std::move(read);
}

void Observability::Refresh(const Reading& reading) {
  // A state that has emptied must fall to zero, not keep its last count.
  for (const auto& [state, count] : last_.open_operations) {
    if (!reading.open_operations.contains(state))
      service_.open_operations.Set({{"state", state}}, 0);
  }
  int64_t exceptions = 0;
  for (const auto& [state, count] : reading.open_operations) {
    service_.open_operations.Set({{"state", state}}, count);
    if (state == "EXCEPTION") exceptions = count;
  }
  service_.open_exceptions.Set(exceptions);
  service_.feed_sequence.Set(reading.feed_sequence);
  service_.store_queue.Set(reading.store_queue);
  service_.intake_waiting.Set(reading.intake_waiting);
  service_.quarantined.Set(reading.quarantined);
  service_.deliveries_in_flight.Set(reading.deliveries_in_flight);
  service_.deliveries.Add({{"outcome", "delivered"}}, reading.delivered - last_.delivered);
  service_.deliveries.Add({{"outcome", "failed"}}, reading.failed - last_.failed);
  service_.deliveries.Add({{"outcome", "parked"}}, reading.parked - last_.parked);
  service_.up.Set(reading.ready ? 1 : 0);
  last_ = reading;
}

std::string Observability::MetricsText() {
  {
    const std::lock_guard lock(mutex_);
    if (read_) Refresh(read_());
  }
  return metrics_.Text();
}

absl::StatusOr<std::unique_ptr<Observability>> MakeObservability(const Config& config,
                                                                 const base::Clock& clock) {
  const auto level = telemetry::ParseLevel(config.Text("log.level"));
  if (!level.has_value()) {
    return base::Error(base::Reason::kConfigInvalid)
        .Field("log.level")
        .Says("must be debug, info, warning or error");
  }
  const auto format = telemetry::ParseFormat(config.Text("log.format"));
  if (!format.has_value()) {
    return base::Error(base::Reason::kConfigInvalid)
        .Field("log.format")
        .Says("must be auto, json or text");
  }
  telemetry::LogSettings settings;
  settings.level = *level;
  settings.format = *format;
  return std::make_unique<Observability>(telemetry::MakeLog(settings, clock));
}

}  // namespace kontor::app
