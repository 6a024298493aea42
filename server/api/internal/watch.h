// SPDX-License-Identifier: Apache-2.0
// What the streams over the event feed share: how they begin, and their signs of life.
#pragma once

#include <functional>
#include <utility>

#include "server/api/feed.h"
#include "server/api/internal/grpc_call.h"
#include "server/api/internal/watch_reactor.h"
#include "server/api/methods.h"
#include "server/api/pipeline.h"
#include "server/base/status.h"

namespace kontor::api::internal {

inline constexpr absl::Duration kSignOfLife = absl::Seconds(15);

/// A stream over the feed: admitted on the rpc pool, then looking until it ends.
template <typename Response>
WatchReactor<Response>* NewWatch(Pipeline& pipeline, FeedWaiters& waiters, size_t streams_max) {
  return new WatchReactor<Response>(
      waiters, streams_max,
      [&pipeline](std::function<void()> work) { return pipeline.Post(std::move(work)); }, ToGrpc);
}

template <typename Response, typename MakeLook>
grpc::ServerWriteReactor<Response>* Watch(Pipeline& pipeline, FeedWaiters& waiters,
                                          size_t streams_max, CallFacts facts,
                                          MakeLook make_look) {
  auto* reactor = NewWatch<Response>(pipeline, waiters, streams_max);
  if (reactor->refused()) {
    reactor->FinishOnce(
        base::Error(base::Reason::kQueueFull).Says("too many streams are open"));
    return reactor;
  }
  auto call = pipeline.Admit(facts);
  if (!call.ok()) {
    reactor->FinishOnce(call.status());
    return reactor;
  }
  auto look = make_look(*std::move(call));
  if (!look.ok()) {
    reactor->FinishOnce(look.status());
    return reactor;
  }
  reactor->Begin(*std::move(look));
  return reactor;
}

/// Says when a stream was silent for so long that the client wants a sign of life; at once first.
class Silence {
 public:
  explicit Silence(const base::Clock& clock) : clock_(clock) {}
  /// Adds an empty message with the sequence when nothing else goes out and it is time.
  template <typename Response>
  void Break(int64_t sequence, Batch<Response>* batch) {
    const absl::Time now = clock_.Now();
    if (batch->messages.empty() && now - last_ >= kSignOfLife) {
      batch->messages.emplace_back().set_sequence(sequence);
    }
    if (!batch->messages.empty()) last_ = now;
  }

 private:
  const base::Clock& clock_;
  absl::Time last_ = absl::InfinitePast();
};

/// The last sequence of the feed.
inline absl::StatusOr<int64_t> EndOf(const Parts& parts) {
  int64_t end = 0;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(end, view.LastEventSequence());
    return absl::OkStatus();
  }));
  return end;
}

}  // namespace kontor::api::internal
