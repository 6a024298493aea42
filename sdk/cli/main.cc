// SPDX-License-Identifier: Apache-2.0
// kontorctl: everything is in app.h.
#include <unistd.h>

#include <iostream>

#include "sdk/cli/app.h"

int main(int argc, char** argv) {
  using namespace kontor;  // NOLINT: three names in a main of a dozen lines
  try {
    cli::Surroundings surroundings{
        std::cout, std::cerr, cli::TerminalOf(STDOUT_FILENO),
        [](const sdk::Options& options) { return sdk::MakeConnection(options); }};
    return cli::Run({argv + 1, argv + argc}, surroundings);
  } catch (const std::exception& problem) {
    std::cerr << "kontorctl: a defect: " << problem.what() << "\n";
    return cli::kBug;
  }
}
