// SPDX-License-Identifier: Apache-2.0
// Log lines.
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "server/telemetry/log.h"

namespace kontor::telemetry {
namespace {

struct Written {
  explicit Written(Format format = Format::kJson, Level level = Level::kInfo)
      : clock(absl::FromUnixMicros(1'780'000'000'123'456)) {
    LogSettings settings;
    settings.format = format;
    settings.level = level;
    settings.repeats_max = 3;
    log = MakeLogTo(settings, clock, [this](std::string_view line) { lines.emplace_back(line); });
  }
  nlohmann::json Last() const { return nlohmann::json::parse(lines.back()); }

  base::FakeClock clock;
  std::vector<std::string> lines;
  std::unique_ptr<Log> log;
};

BOOST_AUTO_TEST_CASE(a_line_is_one_json_object_in_the_order_given) {
  Written written;
  written.log->Info("operation.posted", {{"operation", "opn_1"}, {"attempt", "2"}});
  BOOST_REQUIRE(written.lines.size() == 1U);
  BOOST_TEST(written.lines[0] ==
             R"({"time":"2026-05-28T20:26:40.123456Z","level":"info","event":"operation.posted",)"
             R"("operation":"opn_1","attempt":"2"})");
}

BOOST_AUTO_TEST_CASE(a_terminal_gets_text) {
  Written written(Format::kText);
  written.log->Warning("delivery.failed", {{"endpoint", "whe_1"}, {"error", "no \"route\""}});
  BOOST_TEST(written.lines[0] ==
             "2026-05-28T20:26:40.123456Z WARN  delivery.failed endpoint=whe_1 "
             "error=\"no \\\"route\\\"\"");
}

BOOST_AUTO_TEST_CASE(a_value_cannot_forge_a_line_or_a_field) {
  for (const Format format : {Format::kJson, Format::kText}) {
    Written written(format);
    written.log->Info("x", {{"a", "1\n{\"level\":\"error\"}\x1B[2J"}, {"b", "c=d e=f"}});
    BOOST_REQUIRE(written.lines.size() == 1U);
    BOOST_TEST(written.lines[0].find('\n') == std::string::npos);
    BOOST_TEST(written.lines[0].find('\x1B') == std::string::npos);
  }
  Written text(Format::kText);
  text.log->Info("x", {{"a", "\xC2\x9B"
                             "2J"},
                       {"b", "\xE2\x80\xAE"},
                       {"c", "\x7F"},
                       {"d", "Köln"}});
  BOOST_TEST(text.lines[0].ends_with(R"(x a="\u009b2J" b="\u202e" c="\u007f" d=Köln)"));
  Written written;
  written.log->Info("real", {{"event", "forged"}, {"level", "debug"}, {"time", "never"}});
  BOOST_TEST(written.Last()["event"] == "real");
  BOOST_TEST(written.Last()["level"] == "info");
  BOOST_TEST(written.Last()["field_event"] == "forged");
}

BOOST_AUTO_TEST_CASE(braces_in_a_value_are_no_format) {
  Written written;
  written.log->Info("x", {{"a", "{} {0} {:d} %v %n"}});
  BOOST_TEST(written.Last()["a"] == "{} {0} {:d} %v %n");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_do_not_stop_the_line) {
  for (const Format format : {Format::kJson, Format::kText}) {
    Written written(format);
    written.log->Error("x", {{"a", "Stra\xDF"}, {"b\xFF", "1"}});
    BOOST_TEST(written.lines.size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(values_are_redacted_but_not_our_own_counts) {
  Written written;
  written.log->Info("x", {{"account", "DE89370400440532013000"},
                          {"text", "Bearer secret"},
                          {"feed_sequence", "123456789"},
                          {"elapsed_us", "123456789"},
                          {"number", "123456789"}});
  const nlohmann::json line = written.Last();
  BOOST_TEST(line["account"] == "…3000");
  BOOST_TEST(line["text"] == "Bearer …");
  BOOST_TEST(line["feed_sequence"] == "123456789");
  BOOST_TEST(line["elapsed_us"] == "123456789");
  BOOST_TEST(line["number"] == "…6789");
}

BOOST_AUTO_TEST_CASE(long_values_are_cut_between_characters) {
  Written written;
  std::string text;
  while (text.size() < 5000) text += "€";
  written.log->Info("x", {{"a", text}});
  const std::string value = written.Last()["a"];
  BOOST_TEST(value.size() <= 2003U);
  BOOST_TEST(value.ends_with("€…"));
}

BOOST_AUTO_TEST_CASE(lines_below_the_level_are_not_written) {
  Written written(Format::kJson, Level::kWarning);
  written.log->Debug("a");
  written.log->Info("b");
  BOOST_TEST(written.lines.empty());
  written.log->Warning("c");
  BOOST_TEST(written.lines.size() == 1U);
  written.log->SetLevel(Level::kDebug);
  written.log->Debug("d");
  BOOST_TEST(written.lines.size() == 2U);
  written.log->SetLevel(Level::kError);
  written.log->Warning("e");
  BOOST_TEST(written.lines.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_same_warning_over_and_over_is_counted_and_not_written) {
  Written written;
  for (int i = 0; i < 100; ++i) written.log->Warning("odoo.down", {{"try", std::to_string(i)}});
  BOOST_TEST(written.lines.size() == 3U);
  written.clock.Advance(absl::Seconds(10));
  written.log->Warning("odoo.down", {{"try", "100"}});
  BOOST_REQUIRE(written.lines.size() == 4U);
  BOOST_TEST(written.Last()["suppressed"] == "97");
  written.log->Warning("odoo.down", {{"try", "101"}});
  BOOST_TEST(!written.Last().contains("suppressed"));
}

BOOST_AUTO_TEST_CASE(another_event_reason_or_level_is_not_the_same_warning) {
  Written written;
  for (int i = 0; i < 10; ++i) written.log->Warning("odoo.down", {{"reason", "REFUSED"}});
  const size_t before = written.lines.size();
  written.log->Warning("odoo.down", {{"reason", "TIMEOUT"}});
  written.log->Error("odoo.down", {{"reason", "REFUSED"}});
  written.log->Warning("odoo.slow", {{"reason", "REFUSED"}});
  BOOST_TEST(written.lines.size() == before + 3);
}

BOOST_AUTO_TEST_CASE(what_is_no_warning_is_never_left_out) {
  Written written;
  for (int i = 0; i < 100; ++i) written.log->Info("call.answered");
  BOOST_TEST(written.lines.size() == 100U);
}

BOOST_AUTO_TEST_CASE(threads_write_whole_lines) {
  Written written;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&written] {
        for (int i = 0; i < 200; ++i) written.log->Info("x", {{"a", std::string(100, 'b')}});
      });
    }
  }
  BOOST_TEST(written.lines.size() == 800U);
  for (const std::string& line : written.lines) {
    BOOST_REQUIRE(nlohmann::json::accept(line));
  }
}

BOOST_AUTO_TEST_CASE(levels_and_formats_are_read_by_name) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    BOOST_TEST((ParseLevel(NameOf(level)) == level));
  }
  BOOST_TEST(!ParseLevel("").has_value());
  BOOST_TEST(!ParseLevel("INFO").has_value());
  BOOST_TEST(!ParseLevel("verbose").has_value());
  BOOST_TEST((ParseFormat("text") == Format::kText));
  BOOST_TEST(!ParseFormat("xml").has_value());
}

BOOST_AUTO_TEST_CASE(the_real_log_writes_to_stderr_and_does_not_throw) {
  const base::SystemClock clock;
  const auto log = MakeLog({}, clock);
  log->Debug("not.shown");
  log->Flush();
}

}  // namespace
}  // namespace kontor::telemetry
