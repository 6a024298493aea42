// SPDX-License-Identifier: Apache-2.0
// A progress line with rate and remaining time: redrawn on a terminal, once at the end elsewhere.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "absl/time/time.h"
#include "sdk/cli/terminal.h"

namespace kontor::cli {

struct Progress {
  int64_t done = 0;
  int64_t refused = 0;
  int64_t total = 0;  ///< 0: not known.
  absl::Duration elapsed;
  std::string unit = "";  ///< Such as "MiB"; empty: things that need none.
};

/// `[██████░░░░] 1200/2000 60 % · 340/s · 2 s left · 3 refused`. Pure.
std::string ProgressLine(const Progress& progress, int columns);
/// Draws over the last line on a terminal; elsewhere does nothing until `last`.
/// On `err`, so that what is printed on standard output can go into a file.
void ShowProgress(const Terminal& terminal, const Progress& progress, bool last,
                  std::ostream& err);

}  // namespace kontor::cli
