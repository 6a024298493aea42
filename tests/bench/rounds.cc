// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/rounds.h"

#include <sys/sysinfo.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace kontor::bench {
namespace {

double RatioOf(const Round& round) {
  return round.baseline > 0 ? round.measured / round.baseline : 0;
}

void PrintRow(const std::string& name, double baseline, double measured, double ratio) {
  std::printf("| %-6s | %28.0f | %28.0f | %6.3f |\n", name.c_str(), baseline, measured, ratio);
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

void PrintRounds(const Comparison& comparison, const std::vector<Round>& rounds) {
  std::printf("\n%s\n", comparison.title.c_str());
  std::printf("| round  | %28s | %28s | ratio  |\n", (comparison.baseline_name + " /s").c_str(),
              (comparison.measured_name + " /s").c_str());
  std::printf("| ------ | %s | %s | ------ |\n", std::string(28, '-').c_str(),
              std::string(28, '-').c_str());
  std::vector<double> baselines;
  std::vector<double> measured;
  std::vector<double> ratios;
  for (size_t i = 0; i < rounds.size(); ++i) {
    baselines.push_back(rounds[i].baseline);
    measured.push_back(rounds[i].measured);
    ratios.push_back(RatioOf(rounds[i]));
    PrintRow(std::to_string(i + 1), rounds[i].baseline, rounds[i].measured, ratios.back());
  }
  PrintRow("median", Median(baselines), Median(measured), Median(ratios));
  if (comparison.reach > 0) std::printf("to reach: %.2f\n", comparison.reach);
  std::fflush(stdout);
}

std::string MachineLine() {
  struct sysinfo info = {};
  double load = 0;
  if (sysinfo(&info) != 0 || getloadavg(&load, 1) != 1) return "machine: unknown";
  constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
  char line[160];
  std::snprintf(line, sizeof line, "machine: %u cores, %.0f GiB of memory, load %.1f",
                std::thread::hardware_concurrency(),
                static_cast<double>(info.totalram) * info.mem_unit / kGiB, load);
  return line;
}

}  // namespace kontor::bench
