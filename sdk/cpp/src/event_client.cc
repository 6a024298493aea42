// SPDX-License-Identifier: Apache-2.0
// The methods of EventService by their wire paths.
#include "kontor/sdk/event_client.h"

#include "sdk/cpp/src/resuming_watch.h"

namespace kontor::sdk {

Range<v1::Event> EventClient::ListEvents(v1::ListEventsRequest request,
                                         const CallOptions& options) const {
  return Paged<v1::Event, v1::ListEventsResponse>(
      "/kontor.v1.EventService/ListEvents", std::move(request), options,
      [](v1::ListEventsResponse& response) { return response.mutable_events(); });
}

EventWatch EventClient::WatchEvents(const v1::WatchEventsRequest& request,
                                    const WatchOptions& options) const {
  return internal::MakeWatch<v1::WatchEventsResponse>(
      connection(), "/kontor.v1.EventService/WatchEvents", request, options);
}

absl::StatusOr<v1::ReplayEventsResponse> EventClient::ReplayEvents(
    const v1::ReplayEventsRequest& request, const CallOptions& options) const {
  return Invoke<v1::ReplayEventsResponse>("/kontor.v1.EventService/ReplayEvents", request, options);
}

}  // namespace kontor::sdk
