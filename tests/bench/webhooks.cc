// SPDX-License-Identifier: Apache-2.0
// A round of kontor begins with a stop: its events are put into the store by the bench, and the
// clock runs from the first delivery to the last, as the receiver sees them. So reading the feed,
// writing deliveries, sending, and recording all but the last few are within it.
#include "tests/bench/webhooks.h"

#include <curl/curl.h>

#include <cstdio>

#include "absl/time/clock.h"
#include "kontor/v1/webhook.grpc.pb.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/bench/fill.h"
#include "tests/bench/poster.h"
#include "tests/bench/receiver.h"
#include "tests/bench/rounds.h"
#include "tests/bench/stored.h"
#include "tests/bench/world.h"

namespace kontor::bench {
namespace {

namespace v1 = ::kontor::v1;
using base::StrCat;

constexpr absl::Duration kRoundMax = absl::Minutes(5);
constexpr absl::Duration kLook = absl::Milliseconds(100);

absl::Status AddEndpoint(Server& server, const People& people, const WebhooksOptions& options,
                         const std::string& url) {
  const auto stub = v1::WebhookService::NewStub(server.channel());
  v1::CreateEndpointRequest request;
  request.set_request_id("endpoint");
  request.mutable_endpoint()->set_url(url);
  request.mutable_endpoint()->set_max_in_flight(options.in_flight);
  v1::CreateEndpointResponse made;
  grpc::ClientContext context;
  Authorize(&context, people.administrator);
  grpc::Status status = stub->CreateEndpoint(&context, request, &made);
  if (!status.ok()) return StatusOf(status);
  v1::VerifyEndpointRequest verify;
  verify.set_request_id("verify");
  verify.set_id(made.endpoint().id());
  v1::VerifyEndpointResponse verified;
  grpc::ClientContext other;
  Authorize(&other, people.administrator);
  status = stub->VerifyEndpoint(&other, verify, &verified);
  return status.ok() ? absl::OkStatus() : StatusOf(status);
}

absl::StatusOr<double> BareRound(const Receiver& receiver, const WebhooksOptions& options,
                                 const std::string& body) {
  KONTOR_RETURN_IF_ERROR(receiver.Forget());
  KONTOR_RETURN_IF_ERROR(PostMany({receiver.url(), body, options.events, options.in_flight}));
  KONTOR_ASSIGN_OR_RETURN(const Received got, receiver.Ask());
  return static_cast<double>(got.count) / got.seconds;
}

absl::StatusOr<Received> AwaitAll(const Receiver& receiver, int64_t count) {
  const absl::Time until = absl::Now() + kRoundMax;
  while (absl::Now() < until) {
    KONTOR_ASSIGN_OR_RETURN(const Received got, receiver.Ask());
    if (got.count >= count) return got;
    absl::SleepFor(kLook);
  }
  return absl::DeadlineExceededError("not all events were delivered");
}

absl::StatusOr<double> KontorRound(const ServerOptions& server_options, const Receiver& receiver,
                                   const WebhooksOptions& options) {
  {
    KONTOR_ASSIGN_OR_RETURN(const auto stored, Stored::Open(server_options));
    KONTOR_RETURN_IF_ERROR(
        FillEvents(*stored, options.events, options.subjects, options.lines));
  }
  KONTOR_RETURN_IF_ERROR(receiver.Forget());
  KONTOR_ASSIGN_OR_RETURN(const auto server, Server::Start(server_options));
  KONTOR_ASSIGN_OR_RETURN(const Received got, AwaitAll(receiver, options.events));
  KONTOR_ASSIGN_OR_RETURN(const absl::Duration cpu, server->process().CpuTime());
  if (got.count != options.events || got.disordered != 0) {
    return absl::InternalError(StrCat(got.count, " deliveries of ", options.events, ", ",
                                      got.disordered, " out of order"));
  }
  std::printf("kontord's processor time %.0f us a delivery\n",
              absl::ToDoubleMicroseconds(cpu) / static_cast<double>(got.count));
  return static_cast<double>(got.count) / got.seconds;
}

}  // namespace

absl::Status RunWebhooks(const WebhooksOptions& options) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  KONTOR_ASSIGN_OR_RETURN(const auto folder, Folder::Make(options.folder));
  KONTOR_ASSIGN_OR_RETURN(const auto receiver, Receiver::Start(folder->path()));
  const ServerOptions server_options{folder->path(), options.settings, false};
  {
    KONTOR_ASSIGN_OR_RETURN(const auto server, Server::Start(server_options));
    KONTOR_ASSIGN_OR_RETURN(const People people, SetUp(*server, folder->path()));
    KONTOR_RETURN_IF_ERROR(AddEndpoint(*server, people, options, receiver->url()));
    // The cursor of the feed is set at the deliverer's first look; events from then on count.
    absl::SleepFor(absl::Seconds(2));
  }
  // As long as kontor's own bodies, which the first lines of a round tell.
  constexpr size_t kBodyBytes = 1500;
  const std::string body = StrCat(R"({"text":")", std::string(kBodyBytes, 'x'), R"("})");
  std::printf("%s\n", MachineLine().c_str());
  std::vector<Round> rounds;
  for (int i = 0; i < options.rounds; ++i) {
    Round round;
    KONTOR_ASSIGN_OR_RETURN(round.baseline, BareRound(*receiver, options, body));
    KONTOR_ASSIGN_OR_RETURN(round.measured, KontorRound(server_options, *receiver, options));
    std::printf("round %d: bare %.0f/s, kontor %.0f/s\n", i + 1, round.baseline, round.measured);
    std::fflush(stdout);
    rounds.push_back(round);
  }
  PrintRounds({StrCat("webhook deliveries, durable, ordered per subject, ", options.in_flight,
                      " in flight, to one receiver"),
               "bare curl multi (baseline)", "kontor", 0.40},
              rounds);
  return absl::OkStatus();
}

}  // namespace kontor::bench
