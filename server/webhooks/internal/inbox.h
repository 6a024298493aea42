// SPDX-License-Identifier: Apache-2.0
// Where other threads leave what they have for the delivering one. Private to server/webhooks.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/ports/http_client.h"
#include "server/ports/store.h"
#include "server/webhooks/endpoint.h"
#include "server/webhooks/internal/fan_out.h"
#include "server/webhooks/internal/lane.h"

namespace kontor::webhooks::internal {

/// What one unit writes about answers.
struct RecordBatch {
  std::vector<ports::DeliveryRow> rows;
  std::vector<Transition> transitions;
  std::vector<std::pair<std::string, std::string>> subjects;  // endpoint, subject; freed by it
  std::int64_t fence = 0;
  absl::Time now;
};

/// An answer to a delivery.
struct Finished {
  std::string endpoint_id;
  ports::DeliveryRow row;
  ports::HttpResponse response;
};

/// Callbacks own it too, so that they may come after the deliverer is gone. All members are guarded
/// by `mutex`.
struct Inbox {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Finished> finished;
  std::optional<absl::Status> recorded;    // the unit on its way came to this end
  std::optional<absl::Status> fanned_out;  // likewise; `fan_out` says what it did
  FannedOut fan_out;
  bool woken = true;
  bool events_waiting = true;
  bool endpoints_changed = true;
  bool stopping = false;

  void Put(Finished item) {
    const std::lock_guard lock(mutex);
    finished.push_back(std::move(item));
    woken = true;
    changed.notify_all();
  }
  void PutRecorded(absl::Status status) {
    const std::lock_guard lock(mutex);
    recorded = std::move(status);
    woken = true;
    changed.notify_all();
  }
  void PutFannedOut(absl::Status status, FannedOut result) {
    const std::lock_guard lock(mutex);
    fanned_out = std::move(status);
    fan_out = std::move(result);
    woken = true;
    changed.notify_all();
  }
  void Notice(const ports::CommitNotice& notice) {
    const auto& kinds = notice.object_kinds;
    const bool ours = std::find(kinds.begin(), kinds.end(), kEndpointKind) != kinds.end();
    if (!ours && notice.last_event_sequence == 0) return;
    const std::lock_guard lock(mutex);
    events_waiting = events_waiting || notice.last_event_sequence != 0;
    endpoints_changed = endpoints_changed || ours;
    woken = true;
    changed.notify_all();
  }
};

}  // namespace kontor::webhooks::internal
