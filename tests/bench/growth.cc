// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/growth.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/bench/fill.h"
#include "tests/bench/rounds.h"
#include "tests/bench/stored.h"

namespace kontor::bench {
namespace {

using base::StrCat;

std::string ParentOf(const std::string& asked) {
  std::error_code problem;
  return asked.empty() ? std::filesystem::temp_directory_path(problem).string() : asked;
}

absl::Status Fill(const ServerOptions& options, int64_t count, int lines) {
  {
    KONTOR_ASSIGN_OR_RETURN(const auto server, Server::Start(options));
    KONTOR_RETURN_IF_ERROR(SetUp(*server, options.folder).status());
  }
  KONTOR_ASSIGN_OR_RETURN(const auto stored, Stored::Open(options));
  return FillFinished(*stored, {.count = count, .lines = lines});
}

/// A server on a filled store, with its rates.
struct Side {
  std::unique_ptr<Server> server;
  LoadOptions load;
};

absl::StatusOr<Side> Begin(const ServerOptions& options, const LoadOptions& load) {
  Side side;
  KONTOR_ASSIGN_OR_RETURN(side.server, Server::Start(options));
  KONTOR_ASSIGN_OR_RETURN(const People people, KnownPeople(options.folder));
  side.load = load;
  side.load.token = people.submitter;
  return side;
}

}  // namespace

absl::StatusOr<ServerOptions> FilledServer(const std::string& parent, int64_t count, int lines,
                                           const std::string& store_url,
                                           const std::vector<std::string>& settings) {
  ServerOptions options;
  options.folder = StrCat(ParentOf(parent), "/kontor-bench-filled-",
                          store_url.empty() ? "sqlite" : "server", "-", count, "-", lines);
  options.settings = settings;
  if (!store_url.empty()) options.settings.push_back(StrCat("store.url=", store_url));
  const std::string mark = options.folder + "/filled";
  if (std::filesystem::exists(mark)) return options;
  std::error_code problem;
  std::filesystem::remove_all(options.folder, problem);
  std::filesystem::create_directories(options.folder, problem);
  KONTOR_RETURN_IF_ERROR(Fill(options, count, lines));
  std::ofstream(mark) << count << "\n";
  return options;
}

absl::Status RunGrowth(const GrowthOptions& options) {
  KONTOR_ASSIGN_OR_RETURN(const ServerOptions small,
                          FilledServer(options.folder, options.small, options.load.lines,
                                       options.small_url, options.settings));
  KONTOR_ASSIGN_OR_RETURN(const ServerOptions large,
                          FilledServer(options.folder, options.large, options.load.lines,
                                       options.large_url, options.settings));
  KONTOR_ASSIGN_OR_RETURN(const Side few, Begin(small, options.load));
  KONTOR_ASSIGN_OR_RETURN(const Side many, Begin(large, options.load));
  std::printf("%s\n", MachineLine().c_str());
  std::vector<Round> rounds;
  for (int i = 0; i < options.rounds; ++i) {
    Round round;
    KONTOR_ASSIGN_OR_RETURN(round.baseline, AcceptRate(few.server->channel(), few.load));
    KONTOR_ASSIGN_OR_RETURN(round.measured, AcceptRate(many.server->channel(), many.load));
    std::printf("round %d: %.0f/s and %.0f/s\n", i + 1, round.baseline, round.measured);
    std::fflush(stdout);
    rounds.push_back(round);
  }
  PrintRounds({StrCat("acceptance with few and many finished operations stored, ",
                      options.load.in_flight, " in flight, ",
                      options.large_url.empty() ? "SQLite FULL" : "PostgreSQL"),
               StrCat(options.small, " stored (baseline)"), StrCat(options.large, " stored"), 0},
              rounds);
  return absl::OkStatus();
}

}  // namespace kontor::bench
