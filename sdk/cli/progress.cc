// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/progress.h"

#include <algorithm>
#include <ostream>

namespace kontor::cli {
namespace {

constexpr int kBarMax = 30;
constexpr int kTextColumns = 60;

std::string Wait(absl::Duration left) {
  const int64_t seconds = absl::ToInt64Seconds(left);
  if (seconds < 60) return std::to_string(std::max<int64_t>(seconds, 0)) + " s left";
  if (seconds < 3600) {
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s left";
  }
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min left";
}

std::string Bar(int64_t done, int64_t total, int width) {
  if (width == 0) return "";
  const int64_t full = total > 0 ? std::min<int64_t>(width, done * width / total) : 0;
  std::string bar = "[";
  for (int64_t i = 0; i < width; ++i) bar += i < full ? "█" : "░";
  return bar + "] ";
}

}  // namespace

std::string ProgressLine(const Progress& progress, int columns) {
  const std::string unit = progress.unit.empty() ? "" : " " + progress.unit;
  std::string line;
  if (progress.total > 0) {
    line += Bar(progress.done, progress.total, std::clamp(columns - kTextColumns, 0, kBarMax));
    line += std::to_string(progress.done) + "/" + std::to_string(progress.total) + unit +
            " " + std::to_string(progress.done * 100 / progress.total) + " %";
  } else {
    line += std::to_string(progress.done) + unit;
  }
  const int64_t elapsed_ms = absl::ToInt64Milliseconds(progress.elapsed);
  if (elapsed_ms > 0 && progress.done > 0) {
    const int64_t rate = progress.done * 1000 / elapsed_ms;
    line += " · " + std::to_string(rate) + unit + "/s";
    if (progress.total > progress.done) {
      line += " · " + Wait(progress.elapsed * (progress.total - progress.done) / progress.done);
    }
  }
  if (progress.refused > 0) line += " · " + std::to_string(progress.refused) + " refused";
  return line;
}

void ShowProgress(const Terminal& terminal, const Progress& progress, bool last,
                  std::ostream& err) {
  if (terminal.is_terminal) {
    err << "\r\x1b[K" << ProgressLine(progress, terminal.columns) << (last ? "\n" : "")
        << std::flush;
  } else if (last) {
    err << ProgressLine(progress, 0) << "\n";
  }
}

}  // namespace kontor::cli
