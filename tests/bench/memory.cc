// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/memory.h"

#include <cstdio>

#include "kontor/v1/event.grpc.pb.h"
#include "kontor/v1/invoice.grpc.pb.h"
#include "kontor/v1/operation.grpc.pb.h"
#include "server/base/status.h"
#include "tests/bench/growth.h"
#include "tests/bench/rounds.h"
#include "tests/bench/world.h"

namespace kontor::bench {
namespace {

namespace v1 = ::kontor::v1;

constexpr int kPages = 40;
constexpr int kPageSize = 500;
constexpr long kReachMib = 200;

absl::Status Tell(Server& server, const char* when) {
  KONTOR_ASSIGN_OR_RETURN(const MemoryUse use, server.process().Memory());
  constexpr long kKibInMib = 1024;
  std::printf("| %-44s | %12ld | %8ld |\n", when, use.resident / kKibInMib, use.peak / kKibInMib);
  std::fflush(stdout);
  return absl::OkStatus();
}

/// Pages of invoices, newest first, and each tenth of them on its own.
absl::Status ListAndGet(Server& server, const std::string& token) {
  const auto stub = v1::InvoiceService::NewStub(server.channel());
  v1::ListInvoicesRequest request;
  request.set_page_size(kPageSize);
  for (int page = 0; page < kPages; ++page) {
    grpc::ClientContext context;
    Authorize(&context, token);
    v1::ListInvoicesResponse response;
    const grpc::Status listed = stub->ListInvoices(&context, request, &response);
    if (!listed.ok()) return StatusOf(listed);
    if (response.invoices().empty()) break;
    for (int i = 0; i < response.invoices_size(); i += 10) {
      grpc::ClientContext one;
      Authorize(&one, token);
      v1::GetInvoiceRequest get;
      get.set_id(response.invoices(i).id());
      v1::GetInvoiceResponse got;
      const grpc::Status status = stub->GetInvoice(&one, get, &got);
      if (!status.ok()) return StatusOf(status);
    }
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  return absl::OkStatus();
}

absl::Status ListOthers(Server& server, const std::string& token) {
  const auto operations = v1::OperationService::NewStub(server.channel());
  v1::ListOperationsRequest request;
  request.set_page_size(kPageSize);
  const auto events = v1::EventService::NewStub(server.channel());
  v1::ListEventsRequest feed;
  feed.set_page_size(kPageSize);
  for (int page = 0; page < kPages; ++page) {
    grpc::ClientContext context;
    Authorize(&context, token);
    v1::ListOperationsResponse response;
    const grpc::Status listed = operations->ListOperations(&context, request, &response);
    if (!listed.ok()) return StatusOf(listed);
    request.set_page_token(response.next_page_token());
    grpc::ClientContext other;
    Authorize(&other, token);
    v1::ListEventsResponse told;
    const grpc::Status fed = events->ListEvents(&other, feed, &told);
    if (!fed.ok()) return StatusOf(fed);
    feed.set_after_sequence(told.next_after());
    if (request.page_token().empty()) break;
  }
  return absl::OkStatus();
}

absl::Status Watch(const ServerOptions& options, const MemoryOptions& asked) {
  KONTOR_ASSIGN_OR_RETURN(const People people, KnownPeople(options.folder));
  KONTOR_ASSIGN_OR_RETURN(const auto server, Server::Start(options));
  KONTOR_RETURN_IF_ERROR(Tell(*server, "after the start"));
  KONTOR_RETURN_IF_ERROR(ListAndGet(*server, people.submitter));
  KONTOR_RETURN_IF_ERROR(Tell(*server, "after 40 pages of 500 invoices, 2000 gets"));
  KONTOR_RETURN_IF_ERROR(ListOthers(*server, people.submitter));
  KONTOR_RETURN_IF_ERROR(Tell(*server, "after 40 pages of operations and events"));
  LoadOptions load;
  load.lines = asked.lines;
  load.token = people.submitter;
  KONTOR_RETURN_IF_ERROR(AcceptSome(server->channel(), load, asked.accepted));
  KONTOR_RETURN_IF_ERROR(Tell(*server, "after accepting, 64 in flight"));
  KONTOR_RETURN_IF_ERROR(ListAndGet(*server, people.submitter));
  return Tell(*server, "after 40 more pages and 2000 gets");
}

}  // namespace

absl::Status RunMemory(const MemoryOptions& options) {
  KONTOR_ASSIGN_OR_RETURN(const ServerOptions server,
                          FilledServer(options.folder, options.stored, options.lines, "",
                                       options.settings));
  std::printf("%s\nkontord with %lld finished operations stored (SQLite); %lld accepted\n",
              MachineLine().c_str(), static_cast<long long>(options.stored),
              static_cast<long long>(options.accepted));
  std::printf("| %-44s | resident MiB | peak MiB |\n| %s | ------------ | -------- |\n", "when",
              std::string(44, '-').c_str());
  for (int start = 0; start < 2; ++start) {
    KONTOR_RETURN_IF_ERROR(Watch(server, options));
  }
  std::printf("to reach: below %ld MB resident\n", kReachMib);
  return absl::OkStatus();
}

}  // namespace kontor::bench
