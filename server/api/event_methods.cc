// SPDX-License-Identifier: Apache-2.0
// The event feed, pulled. Watching is in the gRPC server; both read through ReadFeed.
#include "kontor/v1/event.pb.h"
#include "server/api/accepting.h"
#include "server/api/feed.h"

namespace kontor::api {

using base::Error;
using base::Reason;

absl::StatusOr<FeedPage> ReadFeed(const Parts& parts, const Call& call,
                                  const ports::EventFilter& filter, int limit) {
  if (filter.after < 0) {
    return Error(Reason::kFieldInvalid).Field("after_sequence").Says("must not be negative");
  }
  FeedPage page;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    // The end is read first: what commits between the two reads is found by the next look.
    KONTOR_ASSIGN_OR_RETURN(page.end, view.LastEventSequence());
    KONTOR_ASSIGN_OR_RETURN(page.events, view.ListEvents(filter, limit));
    return absl::OkStatus();
  }));
  page.at_end = page.events.size() < static_cast<size_t>(limit);
  page.next_after = page.at_end ? std::max(page.end, filter.after) : page.events.back().sequence;
  if (page.at_end && !page.events.empty()) {
    page.next_after = std::max(page.next_after, page.events.back().sequence);
  }
  std::erase_if(page.events, [&](const model::Event& event) {
    return !call.actor.MaySee(event.entity);
  });
  return page;
}

absl::StatusOr<ports::EventFilter> FilterFor(const Call& call, const std::string& entity,
                                             int64_t after) {
  ports::EventFilter filter;
  filter.after = after;
  if (!entity.empty()) {
    if (!call.actor.MaySee(entity)) {
      return Error(Reason::kEntityDenied).Field("entity").Says("not one of yours");
    }
    filter.entities = {entity};
  }
  return filter;
}

namespace {

absl::StatusOr<v1::ListEventsResponse> List(const Parts& parts, const Call& call,
                                            const v1::ListEventsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), ""));
  int64_t after = request.after_sequence();
  if (!request.page_token().empty()) {
    const auto token = base::ParseInt64(request.page_token());
    if (!token.ok() || *token < 0) {
      return Error(Reason::kPageTokenInvalid).Field("page_token").Says("not a token of ours");
    }
    after = *token;
  }
  KONTOR_ASSIGN_OR_RETURN(auto filter, FilterFor(call, request.entity(), after));
  filter.types.assign(request.types().begin(), request.types().end());
  filter.subject = request.subject();
  KONTOR_ASSIGN_OR_RETURN(const auto feed, ReadFeed(parts, call, filter, page.limit));
  v1::ListEventsResponse response;
  const Shown shown = call.unmasked ? Shown::kAll : Shown::kMasked;
  for (const auto& event : feed.events) WriteEvent(event, shown, response.add_events());
  response.set_next_after(feed.next_after);
  response.set_at_end(feed.at_end);
  if (!feed.at_end) response.set_next_page_token(base::StrCat(feed.next_after));
  return response;
}

}  // namespace

void AddEventMethods(Parts parts, Registry* registry) {
  registry->Add<v1::ListEventsRequest, v1::ListEventsResponse>(
      "kontor.v1.EventService/ListEvents",
      [parts](const Call& call, const auto& request) { return List(parts, call, request); });
}

}  // namespace kontor::api
