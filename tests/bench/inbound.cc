// SPDX-License-Identifier: Apache-2.0
// Both sides are the same program, the same listener and the same client with as many connections,
// and the same load: /healthz is sent the very messages that /hooks is sent. What differs is that
// there a message is verified, told from repetitions and written to the disk before it is answered.
// /healthz asked as a monitor does, without any message, is shown beside it. The source is in test,
// so that reports are read and judged, not posted; that happens after the burst, and the next round
// waits for it.
#include "tests/bench/inbound.h"

#include <curl/curl.h>

#include <cstdio>

#include "absl/time/clock.h"
#include "kontor/v1/source.grpc.pb.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"
#include "tests/bench/http_loop.h"
#include "tests/bench/rounds.h"
#include "tests/bench/world.h"

namespace kontor::bench {
namespace {

namespace v1 = ::kontor::v1;
using base::StrCat;

constexpr char kName[] = "travel";
constexpr char kSecret[] = "a-shared-secret-of-a-bench-0123456789";
constexpr int kPerSecondMost = 100'000;
constexpr absl::Duration kSettleMost = absl::Minutes(10);
constexpr absl::Duration kLookAgain = absl::Milliseconds(200);
constexpr absl::Duration kQuietLook = absl::Seconds(1);
constexpr absl::Duration kQuietMost = absl::Milliseconds(30);  // of the processor, in such a second
constexpr char kMapping[] = R"({
  "version": 1, "amounts": "minor", "reports": "/report",
  "report": {"external_id": "/number", "title": "/purpose", "report_date": "/approved",
             "currency_code": "/currency", "total": "/sum",
             "employee": {"external_id": "/owner/id", "email": "/owner/mail",
                          "name": "/owner/name"},
             "approver": {"external_id": "/boss"}},
  "lines": "/items",
  "line": {"date": "/day", "description": "/what", "category": "/kind", "amount": "/gross",
           "tax": {"treatment": {"is": "RECOVERABLE"}, "code": "/vat/code",
                   "tax_amount": "/vat/sum"}}})";

absl::Status AddSource(Server& server, const People& people) {
  const auto stub = v1::SourceService::NewStub(server.channel());
  v1::CreateSourceRequest request;
  request.set_request_id("source");
  request.set_secret(kSecret);
  v1::Source& source = *request.mutable_source();
  source.set_name(kName);
  source.set_adapter("generic");
  source.set_entity(kEntity);
  source.set_mapping(kMapping);
  source.set_messages_per_second(kPerSecondMost);
  v1::Verification& verification = *source.mutable_verification();
  verification.set_scheme(v1::Verification::SCHEME_HMAC);
  verification.set_signature_header("X-Signature");
  verification.set_signed_content("{timestamp}.{body}");
  verification.set_timestamp_header("X-Timestamp");
  verification.set_event_id_pointer("/event_id");
  v1::CategoryRule& category = *source.mutable_expense()->add_categories();
  category.set_category("travel");
  category.set_account_code("661000");
  v1::CreateSourceResponse made;
  grpc::ClientContext context;
  Authorize(&context, people.administrator);
  const grpc::Status status = stub->CreateSource(&context, request, &made);
  return status.ok() ? absl::OkStatus() : StatusOf(status);
}

/// Messages as a platform sends them, signed now.
std::vector<HttpItem> Messages(int64_t count, int64_t first) {
  const std::string stamp = StrCat(absl::ToUnixSeconds(absl::Now()));
  std::vector<HttpItem> items;
  items.reserve(static_cast<size_t>(count));
  for (int64_t i = first; i < first + count; ++i) {
    HttpItem& item = items.emplace_back();
    item.body = StrCat(
        R"({"event":"report.approved","event_id":"evt-)", i, R"(","report":{"number":"R-)", i,
        R"(","purpose":"Customer visit in Bremen","approved":"2026-11-02","currency":"EUR",)",
        R"("sum":23800,"owner":{"id":"E-17","mail":"erika@example.com","name":"Erika Eilig"},)",
        R"("boss":"B-1","items":[{"day":"2026-11-01","what":"Train to Bremen","kind":"travel",)",
        R"("gross":11900,"vat":{"code":"V19","sum":1900}},{"day":"2026-11-01","what":"Back",)",
        R"("kind":"travel","gross":11900,"vat":{"code":"V19","sum":1900}}]}})");
    item.headers = {"Content-Type: application/json", StrCat("X-Timestamp: ", stamp),
                    StrCat("X-Signature: ",
                           crypto::HmacSha256(kSecret, StrCat(stamp, ".", item.body)).Hex())};
  }
  return items;
}

/// Until the server has nothing to do any more.
absl::Status AwaitQuiet(Server& server, absl::Time until) {
  KONTOR_ASSIGN_OR_RETURN(absl::Duration before, server.process().CpuTime());
  while (absl::Now() < until) {
    absl::SleepFor(kQuietLook);
    KONTOR_ASSIGN_OR_RETURN(const absl::Duration now, server.process().CpuTime());
    if (now - before < kQuietMost) return absl::OkStatus();
    before = now;
  }
  return absl::DeadlineExceededError("the server is still at work");
}

/// Until every message is filed and read, and every report was looked at: what is still at work
/// would slow the next baseline.
absl::StatusOr<absl::Duration> Settle(Server& server, const People& people) {
  const auto stub = v1::SourceService::NewStub(server.channel());
  const absl::Time start = absl::Now();
  while (absl::Now() - start < kSettleMost) {
    v1::ListInboundMessagesRequest request;
    request.set_source(kName);
    request.set_state(v1::InboundMessage::STATE_RECEIVED);
    request.set_page_size(1);
    v1::ListInboundMessagesResponse response;
    grpc::ClientContext context;
    Authorize(&context, people.administrator);
    const grpc::Status status = stub->ListInboundMessages(&context, request, &response);
    if (!status.ok()) return StatusOf(status);
    if (response.messages().empty()) {
      KONTOR_RETURN_IF_ERROR(AwaitQuiet(server, start + kSettleMost));
      return absl::Now() - start;
    }
    absl::SleepFor(kLookAgain);
  }
  return absl::DeadlineExceededError("messages are still not read");
}

/// A rate with what a call cost both processes; where other work disturbs the rate, this does not.
struct Side {
  double rate = 0;
  double server_us = 0;
  double client_us = 0;
};

absl::StatusOr<Side> Drive(Server& server, const HttpLoad& load, int64_t count) {
  KONTOR_ASSIGN_OR_RETURN(const absl::Duration server_before, server.process().CpuTime());
  const absl::Duration client_before = OwnCpuTime();
  Side side;
  KONTOR_ASSIGN_OR_RETURN(side.rate, HttpRate(load));
  KONTOR_ASSIGN_OR_RETURN(const absl::Duration server_after, server.process().CpuTime());
  const double calls = static_cast<double>(count);
  side.server_us = absl::ToDoubleMicroseconds(server_after - server_before) / calls;
  side.client_us = absl::ToDoubleMicroseconds(OwnCpuTime() - client_before) / calls;
  return side;
}

struct Sides {
  Side empty;   ///< GET /healthz.
  Side health;  ///< The messages to /healthz.
  Side hooks;   ///< The messages to /hooks.
};

absl::StatusOr<Sides> Measure(Server& server, const InboundOptions& options, int number) {
  const std::string base = StrCat("http://127.0.0.1:", server.http_port());
  HttpLoad empty;
  empty.url = StrCat(base, "/healthz");
  empty.in_flight = options.in_flight;
  empty.gets = options.messages;
  HttpLoad hooks;
  hooks.url = StrCat(base, "/hooks/", kName);
  hooks.in_flight = options.in_flight;
  hooks.items = Messages(options.messages, number * options.messages);
  HttpLoad health = hooks;
  health.url = empty.url;
  health.method = "GET";  // nobody posts to it, and with a body it reads as much
  Sides sides;
  KONTOR_ASSIGN_OR_RETURN(sides.empty, Drive(server, empty, options.messages));
  KONTOR_ASSIGN_OR_RETURN(sides.health, Drive(server, health, options.messages));
  KONTOR_ASSIGN_OR_RETURN(sides.hooks, Drive(server, hooks, options.messages));
  return sides;
}

}  // namespace

absl::Status RunInbound(const InboundOptions& options) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  KONTOR_ASSIGN_OR_RETURN(const auto folder, Folder::Make(options.folder));
  // There is no Odoo: thousands of reports would be tried again while the next round is measured.
  std::vector<std::string> settings = {"expenses.retry_first=1h", "expenses.retry_max=1h"};
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  const ServerOptions server_options{folder->path(), std::move(settings), false};
  KONTOR_ASSIGN_OR_RETURN(const auto server, Server::Start(server_options));
  KONTOR_ASSIGN_OR_RETURN(const People people, SetUp(*server, folder->path()));
  KONTOR_RETURN_IF_ERROR(AddSource(*server, people));
  std::printf("%s\n", MachineLine().c_str());
  std::vector<Round> rounds;
  std::vector<Round> empty_rounds;
  std::vector<double> costs;
  for (int i = 0; i < options.rounds; ++i) {
    KONTOR_ASSIGN_OR_RETURN(const Sides sides, Measure(*server, options, i));
    const auto& [empty, health, hooks] = sides;
    std::printf("round %d: GET /healthz %.0f/s, the messages to /healthz %.0f/s (server %.0f us, "
                "client %.0f us of processor a call), to /hooks %.0f/s (server %.0f us, client "
                "%.0f us), ",
                i + 1, empty.rate, health.rate, health.server_us, health.client_us, hooks.rate,
                hooks.server_us, hooks.client_us);
    std::fflush(stdout);
    KONTOR_ASSIGN_OR_RETURN(const absl::Duration settled, Settle(*server, people));
    std::printf("filed, read and judged %.1f s later\n", absl::ToDoubleSeconds(settled));
    std::fflush(stdout);
    rounds.push_back({health.rate, hooks.rate});
    empty_rounds.push_back({empty.rate, hooks.rate});
    costs.push_back((health.server_us + health.client_us) / (hooks.server_us + hooks.client_us));
  }
  PrintRounds({StrCat("inbound webhooks, verified and durable, ", options.in_flight,
                      " connections, one server"),
               "messages to /healthz (base)", "messages to /hooks", 0.50},
              rounds);
  PrintRounds({"the same against /healthz without a message", "GET /healthz", "messages to /hooks",
               0},
              empty_rounds);
  std::printf("processor time of /healthz over that of /hooks, both processes: %.3f\n",
              Median(costs));
  return absl::OkStatus();
}

}  // namespace kontor::bench
