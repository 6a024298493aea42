// SPDX-License-Identifier: Apache-2.0
// A run of kontorctl with a mock in place of the server and strings in place of the terminal.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "kontor/sdk_mocks/mock_connection.h"
#include "sdk/cli/app.h"

namespace kontor::cli_test {

inline bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What a run answered and printed.
struct Outcome {
  cli::ExitCode code;
  std::string out;
  std::string err;
};

/// Runs one command line against a mock.
class Bench {
 public:
  Bench() : mock(std::make_shared<sdk_mocks::MockConnection>()) {}

  Outcome Run(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    cli::Surroundings surroundings{
        out, err, terminal,
        [this](const sdk::Options& asked)
            -> absl::StatusOr<std::shared_ptr<sdk::Connection>> {
          options = asked;
          if (!connect_problem.ok()) return connect_problem;
          return mock;
        }};
    const cli::ExitCode code = cli::Run(arguments, surroundings);
    return {code, out.str(), err.str()};
  }

  std::shared_ptr<sdk_mocks::MockConnection> mock;
  sdk::Options options;          ///< As the last run asked for.
  absl::Status connect_problem;  ///< Answered instead of a connection.
  cli::Terminal terminal;
};

/// A folder that is gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "kontor-cli-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace kontor::cli_test
