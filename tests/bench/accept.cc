// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/accept.h"

#include <cstdio>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/bench/rounds.h"
#include "tests/bench/world.h"

namespace kontor::bench {
namespace {

/// A rate with what a call cost both processes; where other work disturbs the rate, this does not.
struct Side {
  double rate = 0;
  double server_us = 0;
  double client_us = 0;
};

absl::StatusOr<Side> Measure(Server& server, const LoadOptions& load,
                             absl::StatusOr<double> (*measure)(
                                 const std::shared_ptr<grpc::Channel>&, const LoadOptions&)) {
  KONTOR_ASSIGN_OR_RETURN(const absl::Duration server_before, server.process().CpuTime());
  const absl::Duration client_before = OwnCpuTime();
  Side side;
  KONTOR_ASSIGN_OR_RETURN(side.rate, measure(server.channel(), load));
  KONTOR_ASSIGN_OR_RETURN(const absl::Duration server_after, server.process().CpuTime());
  const double calls = side.rate * absl::ToDoubleSeconds(load.length + load.warm_up);
  side.server_us = absl::ToDoubleMicroseconds(server_after - server_before) / calls;
  side.client_us = absl::ToDoubleMicroseconds(OwnCpuTime() - client_before) / calls;
  return side;
}

}  // namespace

absl::Status RunAccept(const AcceptOptions& options) {
  KONTOR_ASSIGN_OR_RETURN(const auto folder, Folder::Make(options.folder));
  ServerOptions server_options{folder->path(), options.settings, true};
  KONTOR_ASSIGN_OR_RETURN(const auto server, Server::Start(server_options));
  KONTOR_ASSIGN_OR_RETURN(const People people, SetUp(*server, folder->path()));
  LoadOptions load = options.load;
  load.token = people.submitter;
  std::printf("%s\n", MachineLine().c_str());
  std::vector<Round> rounds;
  std::vector<double> costs;
  for (int i = 0; i < options.rounds; ++i) {
    KONTOR_ASSIGN_OR_RETURN(const Side echo, Measure(*server, load, &EchoRate));
    KONTOR_ASSIGN_OR_RETURN(const Side accept, Measure(*server, load, &AcceptRate));
    std::printf("round %d: echo %.0f/s (server %.0f us, client %.0f us of processor a call), "
                "accepted %.0f/s (server %.0f us, client %.0f us)\n",
                i + 1, echo.rate, echo.server_us, echo.client_us, accept.rate, accept.server_us,
                accept.client_us);
    std::fflush(stdout);
    rounds.push_back({echo.rate, accept.rate});
    costs.push_back((echo.server_us + echo.client_us) / (accept.server_us + accept.client_us));
  }
  PrintRounds({base::StrCat("CreateInvoice (", load.lines, " lines) durably accepted, ",
                            load.in_flight, " in flight, SQLite FULL"),
               "echo (baseline)", "accepted", 0.30},
              rounds);
  std::printf("processor time of an echo over that of an acceptance, both processes: %.3f\n",
              Median(costs));
  return absl::OkStatus();
}

}  // namespace kontor::bench
