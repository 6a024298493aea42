// SPDX-License-Identifier: Apache-2.0
// The event feed, pulled.
// A typed face of the connection: no logic of its own.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/internal/client_base.h"
#include "kontor/sdk/range.h"
#include "kontor/sdk/watch.h"
#include "kontor/v1/event.pb.h"

namespace kontor::sdk {

/// Lets programs pull the event feed instead of, or beside, receiving webhooks.
///
/// Equality: two clients are equal when they share a connection. Performance: cheap to copy; make
/// one connection a program and share it. Thread Safety: all methods may be called from any thread.
/// Failures carry a reason: see kontor/sdk/errors.h.
class EventClient : public internal::ClientBase {
 public:
  explicit EventClient(std::shared_ptr<Connection> connection)
      : ClientBase(std::move(connection)) {}

  /// Lists events after a sequence, in order. Reading on from next_after never misses or repeats
  /// one. Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID, FIELD_INVALID). Fetches pages as it goes;
  /// page_token says where to begin.
  Range<v1::Event> ListEvents(v1::ListEventsRequest request, const CallOptions& options = {}) const;
  /// Opens a watch that goes on after breaks where it stopped. Streams events after a sequence, in
  /// order and without a gap, then new ones as they happen. Errors as for ListEvents. Idempotent.
  EventWatch WatchEvents(const v1::WatchEventsRequest& request,
                         const WatchOptions& options = {}) const;
  /// Delivers events again to endpoints, under their old ids. Errors: NOT_FOUND, INVALID_ARGUMENT
  /// (FIELD_MISSING, FIELD_INVALID) for an empty or too large selection. Idempotent by request_id.
  absl::StatusOr<v1::ReplayEventsResponse> ReplayEvents(const v1::ReplayEventsRequest& request,
                                                        const CallOptions& options = {}) const;
};

}  // namespace kontor::sdk
