// SPDX-License-Identifier: Apache-2.0
// Streams that never lose their place: after a break they go on behind the last sequence seen.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kontor/sdk/connection.h"
#include "kontor/v1/event.pb.h"
#include "kontor/v1/operation.pb.h"

namespace kontor::sdk {

/// How a watch behaves.
struct WatchOptions {
  /// A stream that is silent for this long counts as broken; the server gives a sign of life every
  /// 15 s. [20 s, 1 h].
  absl::Duration silence_max = absl::Seconds(60);
  /// W3C traceparent to pass on; empty means none.
  std::string traceparent;
};

namespace internal {
class ResumingWatch;
}

/// Reads events, or changes of operations, in order, over as many streams as it takes. It gives up
/// when the retry policy does; each message received starts the policy afresh.
///
/// Equality: none. Performance: one stream; up to 256 messages are read ahead. Thread Safety: one
/// thread calls Next; Cancel may come from any. Movable, not copyable; destroying it cancels.
template <typename Response>
class Watch {
 public:
  explicit Watch(std::unique_ptr<internal::ResumingWatch> watch);
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) noexcept;
  ~Watch();

  /// Waits for the next message that carries something, at most `timeout` long. Errors:
  /// DEADLINE_EXCEEDED when none came (the watch goes on: call again); CANCELLED after Cancel;
  /// otherwise why the watch gave up, and it stays so.
  absl::StatusOr<Response> Next(absl::Duration timeout = absl::InfiniteDuration());
  /// Ends the watch from any thread. Repeatable.
  void Cancel();
  /// The sequence to pass as after_sequence to go on here, also in a later process.
  int64_t sequence() const;

 private:
  std::unique_ptr<internal::ResumingWatch> watch_;
};

using EventWatch = Watch<v1::WatchEventsResponse>;
using OperationWatch = Watch<v1::WatchOperationsResponse>;

extern template class Watch<v1::WatchEventsResponse>;
extern template class Watch<v1::WatchOperationsResponse>;

}  // namespace kontor::sdk
