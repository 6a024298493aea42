// SPDX-License-Identifier: Apache-2.0
// kontorctl as a function, so that tests call it with a connection of their own.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "sdk/cli/exit_code.h"
#include "sdk/cli/terminal.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace kontor::cli {

struct Command;

/// Where a run reads and writes; the connection is made when the first call is.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  Terminal terminal;  ///< Of `out`.
  std::function<absl::StatusOr<std::shared_ptr<sdk::Connection>>(const sdk::Options&)> connect;
};

/// Flags that stand for every command.
struct Globals {
  sdk::Options options;
  bool json = false;
  bool help = false;
  std::string request_file;
  std::string secret_file;  ///< Where the token or secret of the answer goes.
  std::vector<std::string> words;                             ///< Without a flag, in order.
  std::vector<std::pair<std::string, std::string>> fields;    ///< Flag name and value.
};

/// Reads the command line; INVALID_ARGUMENT says what is wrong. `arguments` without the program.
absl::StatusOr<Globals> ReadArguments(const std::vector<std::string>& arguments,
                                      sdk::Options options);

/// Runs one command line.
ExitCode Run(const std::vector<std::string>& arguments, Surroundings& surroundings);

/// The request that a command line gives: its file first, then flags over it, then the word for the
/// id. INVALID_ARGUMENT says what is wrong with it.
absl::Status FillRequest(const Command& command, const Globals& globals,
                         google::protobuf::Message* request);

/// Says what is wrong with the command line.
ExitCode Usage(const std::string& problem, Surroundings& surroundings);
ExitCode Usage(const absl::Status& problem, Surroundings& surroundings);
/// Prints an error the way that was asked for and answers its exit code.
ExitCode Fail(const absl::Status& status, const Globals& globals, Surroundings& surroundings);

}  // namespace kontor::cli
