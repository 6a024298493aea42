// SPDX-License-Identifier: Apache-2.0
// Lines are built here and handed to spdlog whole: its own pattern adds nothing, so that what is
// redacted is all there is.
#include "server/telemetry/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/telemetry/redact.h"

namespace kontor::telemetry {
namespace {

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 3> kFormats = {"auto", "json", "text"};
constexpr size_t kValueBytesMax = 2000;

template <typename Enum, size_t kCount>
std::optional<Enum> ParseName(const std::array<std::string_view, kCount>& names,
                              std::string_view name) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

/// Counts and times of our own, whose digits are no account number.
bool IsOwnNumber(std::string_view key, std::string_view value) {
  const bool number = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!number) return false;
  for (const std::string_view ending : {"sequence", "_ms", "_us", "bytes", "count", "suppressed",
                                        "version", "fence", "port", "status"}) {
    if (key.ends_with(ending)) return true;
  }
  return false;
}

/// Cut between characters, not inside one.
std::string Cut(std::string text) {
  if (text.size() <= kValueBytesMax) return text;
  size_t end = kValueBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

std::string Shown(std::string_view key, std::string_view value) {
  return IsOwnNumber(key, value) ? std::string(value) : Cut(Redact(value));
}

std::string JsonLine(const std::string& time, Level level, std::string_view event,
                     const Fields& fields) {
  nlohmann::ordered_json line;
  line["time"] = time;
  line["level"] = std::string(NameOf(level));
  line["event"] = std::string(event);
  for (const auto& [key, value] : fields) {
    // A field must not pass for the line's own time, level or event.
    const bool taken = key == "time" || key == "level" || key == "event";
    line[taken ? base::StrCat("field_", key) : key] = Shown(key, value);
  }
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Quoted as JSON does when it is not one plain word: a value cannot forge another line or field.
std::string Quoted(const std::string& value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != '\\' && c != '\x7F';
  });
  const nlohmann::json quoted = value;
  // C1 controls and overrides would reach the terminal raw: such a value is shown in ASCII alone.
  const std::string text = quoted.dump(-1, ' ', base::HasControlCharacters(value, false),
                                       nlohmann::json::error_handler_t::replace);
  const bool unchanged = text.size() == value.size() + 2;
  return plain && unchanged ? value : text;
}

std::string TextLine(const std::string& time, Level level, std::string_view event,
                     const Fields& fields) {
  constexpr std::array<std::string_view, 4> kShown = {"DEBUG", "INFO ", "WARN ", "ERROR"};
  std::string line =
      base::StrCat(time, " ", kShown.at(static_cast<size_t>(level)), " ", event);
  for (const auto& [key, value] : fields) {
    base::StrAppend(&line, " ", key, "=", Quoted(Shown(key, value)));
  }
  return line;
}

/// Which of many equal warnings are written.
class Repeats {
 public:
  Repeats(int most, absl::Duration window) : most_(std::max(most, 1)), window_(window) {}

  /// Nothing: leave it out. Else how many were left out since the last one that was written.
  std::optional<int64_t> Take(const std::string& key, absl::Time now) {
    constexpr size_t kKeysMax = 10'000;
    const std::lock_guard lock(mutex_);
    if (seen_.size() >= kKeysMax) {
      std::erase_if(seen_, [&](const auto& s) { return now - s.second.start >= window_; });
    }
    Seen& seen = seen_.try_emplace(key, Seen{now, 0, 0}).first->second;
    if (now - seen.start >= window_ || now < seen.start) {
      seen.start = now;
      seen.written = 0;
    }
    if (seen.written >= most_) {
      ++seen.left_out;
      return std::nullopt;
    }
    ++seen.written;
    return std::exchange(seen.left_out, 0);
  }

 private:
  struct Seen {
    absl::Time start;
    int written = 0;
    int64_t left_out = 0;
  };
  const int most_;
  const absl::Duration window_;
  std::mutex mutex_;
  std::unordered_map<std::string, Seen> seen_;
};

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    take_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

 private:
  std::function<void(std::string_view)> take_;
};

class SpdlogLog final : public Log {
 public:
  SpdlogLog(const LogSettings& settings, bool json, const base::Clock& clock,
            spdlog::sink_ptr sink)
      : json_(json),
        clock_(clock),
        level_(settings.level),
        repeats_(settings.repeats_max, settings.repeat_window),
        logger_("kontor", std::move(sink)) {
    logger_.set_pattern("%v");
    logger_.set_level(spdlog::level::trace);
    logger_.set_error_handler([](const std::string&) {});  // a full disk must not fill it further
  }

  void Write(Level level, std::string_view event, const Fields& fields) override {
    if (level < level_.load(std::memory_order_relaxed)) return;
    try {
      const absl::Time now = clock_.Now();
      if (level < Level::kWarning) return Put(level, event, fields, now);
      const auto left_out = repeats_.Take(KeyOf(level, event, fields), now);
      if (!left_out.has_value()) return;
      if (*left_out == 0) return Put(level, event, fields, now);
      Fields more = fields;
      more.emplace_back("suppressed", std::to_string(*left_out));
      Put(level, event, more, now);
    } catch (const std::exception&) {
      // Whatever was to be said, saying it must not end the work it was about.
    }
  }
  void SetLevel(Level level) override { level_ = level; }
  void Flush() override { logger_.flush(); }

 private:
  static std::string KeyOf(Level level, std::string_view event, const Fields& fields) {
    std::string key = base::StrCat(NameOf(level), "/", event);
    for (const auto& [name, value] : fields) {
      if (name == "reason") base::StrAppend(&key, "/", value);
    }
    return key;
  }
  void Put(Level level, std::string_view event, const Fields& fields, absl::Time now) {
    constexpr std::array kSpdlogLevels = {spdlog::level::debug, spdlog::level::info,
                                          spdlog::level::warn, spdlog::level::err};
    const std::string time = base::FormatInstant(now);
    logger_.log(kSpdlogLevels.at(static_cast<size_t>(level)), "{}",
                json_ ? JsonLine(time, level, event, fields)
                      : TextLine(time, level, event, fields));
  }

  const bool json_;
  const base::Clock& clock_;
  std::atomic<Level> level_;
  Repeats repeats_;
  spdlog::logger logger_;
};

}  // namespace

std::string_view NameOf(Level level) { return kLevels.at(static_cast<size_t>(level)); }
std::optional<Level> ParseLevel(std::string_view name) { return ParseName<Level>(kLevels, name); }
std::optional<Format> ParseFormat(std::string_view name) {
  return ParseName<Format>(kFormats, name);
}

std::unique_ptr<Log> MakeLog(const LogSettings& settings, const base::Clock& clock) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const bool json =
      settings.format == Format::kJson || (settings.format == Format::kAuto && !terminal);
  auto log = std::make_unique<SpdlogLog>(settings, json, clock,
                                         std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return log;
}

std::unique_ptr<Log> MakeLogTo(const LogSettings& settings, const base::Clock& clock,
                               std::function<void(std::string_view line)> sink) {
  return std::make_unique<SpdlogLog>(settings, settings.format != Format::kText, clock,
                                     std::make_shared<FunctionSink>(std::move(sink)));
}

}  // namespace kontor::telemetry
