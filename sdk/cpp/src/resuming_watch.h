// SPDX-License-Identifier: Apache-2.0
// The loop behind every watch: open, read, note the sequence, and after a break open again behind
// it. Not public.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "kontor/sdk/watch.h"

namespace kontor::sdk::internal {

/// One thread calls Next; Cancel and sequence may come from any.
class ResumingWatch {
 public:
  /// `request` has an int64 after_sequence, `response` an int64 sequence and one message field,
  /// which is absent in a sign of life; both are facts of the wire contract.
  ResumingWatch(std::shared_ptr<Connection> connection, std::string method,
                const google::protobuf::Message& request,
                const google::protobuf::Message& response, const WatchOptions& options);
  ~ResumingWatch();

  /// See Watch::Next.
  absl::Status Next(google::protobuf::Message& response, absl::Duration timeout);
  void Cancel();
  int64_t sequence() const;

 private:
  /// Opens a stream behind the sequence, once its time has come. DEADLINE_EXCEEDED at `end`.
  absl::Status OpenStream(absl::Time end);
  /// One read. OK with `*carries` false: look again.
  absl::Status ReadOnce(google::protobuf::Message& response, absl::Time end, bool* carries);
  /// Drops the stream; gives up, or says when to open the next one.
  void Break(const absl::Status& cause);
  void NoteSequence(const google::protobuf::Message& response);
  bool CarriesSomething(const google::protobuf::Message& response) const;
  bool IsCancelled() const;
  std::shared_ptr<MessageStream> stream() const;
  void set_stream(std::shared_ptr<MessageStream> stream);

  const std::shared_ptr<Connection> connection_;
  const std::string method_;
  const WatchOptions options_;
  std::unique_ptr<google::protobuf::Message> request_;
  std::unique_ptr<google::protobuf::Message> prototype_;
  std::unique_ptr<RetryPolicy> retry_;
  std::unique_ptr<BackoffPolicy> backoff_;
  absl::Time heard_;         ///< When the stream was opened or last said something.
  absl::Time resume_at_ = absl::InfinitePast();  ///< No new stream before this.
  absl::Status gave_up_;     ///< Not OK: final.
  mutable absl::Mutex mutex_;
  std::shared_ptr<MessageStream> stream_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
};

/// Makes the watch of a method.
template <typename Response>
Watch<Response> MakeWatch(std::shared_ptr<Connection> connection, const char* method,
                          const google::protobuf::Message& request, const WatchOptions& options) {
  return Watch<Response>(std::make_unique<ResumingWatch>(std::move(connection), method, request,
                                                         Response(), options));
}

}  // namespace kontor::sdk::internal
