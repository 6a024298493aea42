// SPDX-License-Identifier: Apache-2.0
// What kontorctl's exit code says; documented in README.md.
#pragma once

#include "absl/status/status.h"

namespace kontor::cli {

enum ExitCode : int {
  kDone = 0,
  kRefused = 1,       ///< The server read it and refused it; the findings are printed.
  kUsage = 2,         ///< The command line is wrong; nothing was sent.
  kUnreachable = 3,   ///< No answer: connection refused, time out, service stopping.
  kBug = 70,          ///< A defect, here or in the server.
};

ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace kontor::cli
