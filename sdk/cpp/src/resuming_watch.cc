// SPDX-License-Identifier: Apache-2.0
// A watch never ends by itself: every end of a stream is a break, to be gone on after as long as
// the retry policy agrees. Waits are cut into slices, so that Cancel is heard.
#include "sdk/cpp/src/resuming_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "absl/time/clock.h"
#include "kontor/sdk/errors.h"

namespace kontor::sdk::internal {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::Duration kSlice = absl::Seconds(1);

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

}  // namespace

ResumingWatch::ResumingWatch(std::shared_ptr<Connection> connection, std::string method,
                             const Message& request, const Message& response,
                             const WatchOptions& options)
    : connection_(std::move(connection)), method_(std::move(method)), options_(options),
      request_(request.New()), prototype_(response.New()),
      retry_(connection_->policies().retry->Clone()),
      backoff_(connection_->policies().backoff->Clone()) {
  request_->CopyFrom(request);
  sequence_ = request.GetReflection()->GetInt64(request, Field(request, "after_sequence"));
}

ResumingWatch::~ResumingWatch() { Cancel(); }

absl::Status ResumingWatch::Next(Message& response, absl::Duration timeout) {
  const absl::Time end = connection_->policies().clock() + timeout;
  while (true) {
    if (IsCancelled()) return absl::CancelledError("the watch was cancelled");
    if (!gave_up_.ok()) return gave_up_;
    bool carries = false;
    absl::Status status =
        stream() == nullptr ? OpenStream(end) : ReadOnce(response, end, &carries);
    if (!status.ok() || carries) return status;
  }
}

absl::Status ResumingWatch::OpenStream(absl::Time end) {
  const Policies& policies = connection_->policies();
  for (absl::Time now = policies.clock(); now < resume_at_; now = policies.clock()) {
    if (IsCancelled()) return absl::OkStatus();
    if (now >= end) return absl::DeadlineExceededError("the server is away; the watch goes on");
    policies.sleeper(std::min({kSlice, resume_at_ - now, end - now}));
  }
  request_->GetReflection()->SetInt64(request_.get(), Field(*request_, "after_sequence"),
                                      sequence());
  CallOptions call;
  call.traceparent = options_.traceparent;
  auto opened = connection_->Open(method_, *prototype_, call);
  if (!opened.ok()) {
    Break(opened.status());
    return absl::OkStatus();
  }
  std::shared_ptr<MessageStream> fresh = *std::move(opened);
  set_stream(fresh);
  heard_ = policies.clock();
  // A stream that breaks here says why at its first read.
  if (fresh->Write(*request_)) fresh->WritesDone();
  return absl::OkStatus();
}

absl::Status ResumingWatch::ReadOnce(Message& response, absl::Time end, bool* carries) {
  const auto& clock = connection_->policies().clock;
  const auto current = stream();
  const absl::Time now = clock();
  const absl::Duration left = std::min(end, heard_ + options_.silence_max) - now;
  response.Clear();
  switch (current->Read(response, absl::Now() + std::max(left, absl::ZeroDuration()))) {
    case MessageStream::ReadResult::kMessage:
      heard_ = clock();
      retry_ = connection_->policies().retry->Clone();
      backoff_ = connection_->policies().backoff->Clone();
      NoteSequence(response);
      *carries = CarriesSomething(response);
      return absl::OkStatus();
    case MessageStream::ReadResult::kEnd: {
      const absl::Status cause = current->Finish();
      // A server that closes in good order, as at a shutdown, is one to come back to.
      Break(cause.ok() ? absl::UnavailableError("the server ended the stream") : cause);
      return absl::OkStatus();
    }
    case MessageStream::ReadResult::kTimedOut: break;
  }
  if (clock() >= heard_ + options_.silence_max) {
    Break(absl::UnavailableError("the server was silent for " +
                                 absl::FormatDuration(options_.silence_max)));
  } else if (clock() >= end) {
    return absl::DeadlineExceededError("nothing happened in time; the watch goes on");
  }
  return absl::OkStatus();
}

void ResumingWatch::Break(const absl::Status& cause) {
  set_stream(nullptr);
  if (IsCancelled()) return;
  if (!retry_->OnFailure(cause)) {
    gave_up_ = cause;
    return;
  }
  resume_at_ =
      connection_->policies().clock() + std::max(backoff_->OnFailure(), RetryAfterOf(cause));
}

void ResumingWatch::NoteSequence(const Message& response) {
  const int64_t seen = response.GetReflection()->GetInt64(response, Field(response, "sequence"));
  const absl::MutexLock lock(&mutex_);
  sequence_ = std::max(sequence_, seen);
}

bool ResumingWatch::CarriesSomething(const Message& response) const {
  std::vector<const FieldDescriptor*> set;
  response.GetReflection()->ListFields(response, &set);
  return std::any_of(set.begin(), set.end(), [](const FieldDescriptor* field) {
    return field->message_type() != nullptr;
  });
}

void ResumingWatch::Cancel() {
  std::shared_ptr<MessageStream> current;
  {
    const absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    current = stream_;
  }
  if (current) current->Cancel();
}

int64_t ResumingWatch::sequence() const {
  const absl::MutexLock lock(&mutex_);
  return sequence_;
}

bool ResumingWatch::IsCancelled() const {
  const absl::MutexLock lock(&mutex_);
  return cancelled_;
}

std::shared_ptr<MessageStream> ResumingWatch::stream() const {
  const absl::MutexLock lock(&mutex_);
  return stream_;
}

void ResumingWatch::set_stream(std::shared_ptr<MessageStream> stream) {
  bool cancelled = false;
  {
    const absl::MutexLock lock(&mutex_);
    std::swap(stream_, stream);
    cancelled = cancelled_;
    if (cancelled) stream = stream_;
  }
  // Cancel may have come between the look at the flag and the opening.
  if (cancelled && stream) stream->Cancel();
}

}  // namespace kontor::sdk::internal
