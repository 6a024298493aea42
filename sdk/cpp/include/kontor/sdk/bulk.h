// SPDX-License-Identifier: Apache-2.0
// Many documents over one stream, with a result for each, in order, whatever breaks on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kontor/v1/invoice.pb.h"

namespace kontor::sdk {

/// How far a bulk call is.
struct BulkProgress {
  int64_t sent = 0;      ///< Items handed to the server, repeats after a break not counted.
  int64_t accepted = 0;  ///< Items answered as durable, also those that had been before.
  int64_t refused = 0;   ///< Items answered with an error.
  int64_t total = 0;     ///< As the caller said; 0 means not known.
  absl::Duration elapsed = absl::ZeroDuration();
  int64_t answered() const { return accepted + refused; }
};

/// How a bulk call behaves.
struct BulkOptions {
  /// Most items sent and not yet answered, [1, 1024]: bounds what is sent twice after a break.
  int in_flight_max = 256;
  /// Number of items, for the progress; 0 means not known.
  int64_t total = 0;
  /// Called on the calling thread, at most every `progress_interval`, and once at the end.
  std::function<void(const BulkProgress&)> on_progress;
  absl::Duration progress_interval = absl::Milliseconds(200);
  /// Longest silence of the server while it owes answers, before the stream counts as broken.
  absl::Duration silence_max = absl::Seconds(60);
  /// Stop sending after the first refused item; what is under way is still answered.
  bool stop_at_refusal = false;
  /// W3C traceparent to pass on; empty means none.
  std::string traceparent;
};

/// How a bulk call ended.
struct BulkOutcome {
  /// OK when every item was answered, also with a refusal. Otherwise why the call gave up; the
  /// items after `progress.answered()` are then not known to be accepted: send them again with the
  /// same request ids.
  absl::Status status;
  BulkProgress progress;
};

/// Gives the next item; nothing means that there are no more. Called on the calling thread.
using InvoiceSource = std::function<std::optional<v1::CreateInvoiceRequest>()>;
/// Takes the result of the item at `index`, from 0, in order, once each. On the calling thread.
using InvoiceSink = std::function<void(int64_t index, const v1::CreateInvoiceResult& result)>;

}  // namespace kontor::sdk
