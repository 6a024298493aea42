// SPDX-License-Identifier: Apache-2.0
// Metrics and their text.
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "server/telemetry/metrics.h"
#include "server/telemetry/service_metrics.h"

namespace kontor::telemetry {
namespace {

bool Has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

BOOST_AUTO_TEST_CASE(counters_count_by_labels) {
  Metrics metrics;
  Counter& calls = metrics.AddCounter("kontor_test_calls_total", "Calls.");
  calls.Add({{"code", "OK"}});
  calls.Add({{"code", "OK"}}, 2);
  calls.Add({{"code", "INTERNAL"}});
  const std::string text = metrics.Text();
  BOOST_TEST(Has(text, "# HELP kontor_test_calls_total Calls."), text);
  BOOST_TEST(Has(text, "# TYPE kontor_test_calls_total counter"), text);
  BOOST_TEST(Has(text, "kontor_test_calls_total{code=\"OK\"} 3"), text);
  BOOST_TEST(Has(text, "kontor_test_calls_total{code=\"INTERNAL\"} 1"), text);
}

BOOST_AUTO_TEST_CASE(gauges_show_the_last_value) {
  Metrics metrics;
  Gauge& open = metrics.AddGauge("kontor_test_open", "Open.");
  open.Set(5);
  open.Set(0);
  BOOST_TEST(Has(metrics.Text(), "kontor_test_open 0"), metrics.Text());
}

BOOST_AUTO_TEST_CASE(histograms_are_of_seconds) {
  Metrics metrics;
  Histogram& times = metrics.AddHistogram("kontor_test_seconds", "Time.");
  times.Observe({}, absl::Milliseconds(2));
  times.Observe({}, absl::Milliseconds(700));
  times.Observe({}, absl::Minutes(5));
  const std::string text = metrics.Text();
  BOOST_TEST(Has(text, "kontor_test_seconds_count 3"), text);
  BOOST_TEST(Has(text, "kontor_test_seconds_bucket{le=\"0.0025\"} 1"), text);
  BOOST_TEST(Has(text, "kontor_test_seconds_bucket{le=\"1\"} 2"), text);
  BOOST_TEST(Has(text, "kontor_test_seconds_bucket{le=\"60\"} 2"), text);
  BOOST_TEST(Has(text, "kontor_test_seconds_bucket{le=\"+Inf\"} 3"), text);
}

BOOST_AUTO_TEST_CASE(labels_without_end_cost_no_memory_without_end_and_no_count_is_lost) {
  Metrics metrics;
  Counter& calls = metrics.AddCounter("kontor_test_calls_total", "Calls.");
  for (int i = 0; i < 2000; ++i) calls.Add({{"who", std::to_string(i)}});
  const std::string text = metrics.Text();
  size_t lines = 0;
  for (size_t at = text.find("kontor_test_calls_total{"); at != std::string::npos;
       at = text.find("kontor_test_calls_total{", at + 1)) {
    ++lines;
  }
  BOOST_TEST(lines == kSeriesMax + 1);
  BOOST_TEST(Has(text, "kontor_test_calls_total{who=\"other\"} 1500"));
}

BOOST_AUTO_TEST_CASE(label_values_are_escaped) {
  Metrics metrics;
  metrics.AddCounter("kontor_test_calls_total", "Calls.").Add({{"a", "x\"\n\\"}});
  BOOST_TEST(metrics.Text().find("{a=\"x\\\"\\n\\\\\"} 1") != std::string::npos, metrics.Text());
}

BOOST_AUTO_TEST_CASE(threads_lose_no_count) {
  Metrics metrics;
  Counter& calls = metrics.AddCounter("kontor_test_calls_total", "Calls.");
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&calls] {
        for (int i = 0; i < 1000; ++i) calls.Add({{"code", "OK"}});
      });
    }
  }
  BOOST_TEST(Has(metrics.Text(), "kontor_test_calls_total{code=\"OK\"} 4000"));
}

BOOST_AUTO_TEST_CASE(the_services_metrics_are_all_there_once) {
  Metrics metrics;
  ServiceMetrics service(metrics);
  service.rpc_calls.Add({{"method", "m"}, {"code", "OK"}});
  service.rpc_seconds.Observe({{"method", "m"}}, absl::Milliseconds(3));
  service.up.Set(1);
  const std::string text = metrics.Text();
  BOOST_TEST(Has(text, "kontor_rpc_calls_total{code=\"OK\",method=\"m\"} 1"), text);
  BOOST_TEST(Has(text, "kontor_rpc_call_seconds_count{method=\"m\"} 1"), text);
  BOOST_TEST(Has(text, "kontor_service_ready 1"), text);
}

}  // namespace
}  // namespace kontor::telemetry
