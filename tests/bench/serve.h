// SPDX-License-Identifier: Apache-2.0
// kontord as it is, with one bench-only RPC on its port.
#pragma once

#include <string>
#include <vector>

namespace kontor::bench {

struct ServeOptions {
  std::vector<std::string> settings;  ///< "section.key=value", as kontord takes them.
  std::string ready_file;             ///< Gets the two ports when both answer.
};

/// Serves until SIGTERM; the program's exit code.
int Serve(const ServeOptions& options);

}  // namespace kontor::bench
