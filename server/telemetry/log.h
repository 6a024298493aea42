// SPDX-License-Identifier: Apache-2.0
// Structured logs: an event's name and its fields, as JSON lines or, on a terminal, as text. Never
// a payload, a secret or an account number; the names of events and fields are no API.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/base/clock.h"

namespace kontor::telemetry {

enum class Level { kDebug, kInfo, kWarning, kError };
/// "debug", "info", "warning", "error".
std::string_view NameOf(Level level);
std::optional<Level> ParseLevel(std::string_view name);

enum class Format { kAuto, kJson, kText };  ///< kAuto: text on a terminal, else JSON.
std::optional<Format> ParseFormat(std::string_view name);

struct LogSettings {
  Level level = Level::kInfo;
  Format format = Format::kAuto;
  int repeats_max = 5;  ///< Warnings and errors alike that are written in one window; 1 or more.
  absl::Duration repeat_window = absl::Seconds(10);
};

/// Names and values, in the order they are shown.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// Thread-safe; writing never throws and never waits for more than the stream itself.
class Log {
 public:
  virtual ~Log() = default;
  /// One line. `event` in dotted lower case, such as "delivery.failed". Values are redacted and cut
  /// at 2000 bytes. Of warnings and errors with the same event and the same field "reason",
  /// `repeats_max` are written a window; the next one says how many were left out ("suppressed").
  virtual void Write(Level level, std::string_view event, const Fields& fields) = 0;
  /// Takes effect at once.
  virtual void SetLevel(Level level) = 0;
  virtual void Flush() = 0;

  void Debug(std::string_view event, const Fields& fields = {}) {
    Write(Level::kDebug, event, fields);
  }
  void Info(std::string_view event, const Fields& fields = {}) {
    Write(Level::kInfo, event, fields);
  }
  void Warning(std::string_view event, const Fields& fields = {}) {
    Write(Level::kWarning, event, fields);
  }
  void Error(std::string_view event, const Fields& fields = {}) {
    Write(Level::kError, event, fields);
  }
};

/// To stderr, through spdlog.
std::unique_ptr<Log> MakeLog(const LogSettings& settings, const base::Clock& clock);
/// To `sink`, a line at a time without its line feed; Format::kAuto means JSON. `sink` is called by
/// one thread at a time and must not log itself.
std::unique_ptr<Log> MakeLogTo(const LogSettings& settings, const base::Clock& clock,
                               std::function<void(std::string_view line)> sink);

}  // namespace kontor::telemetry
