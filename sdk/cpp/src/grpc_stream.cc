// SPDX-License-Identifier: Apache-2.0
// Reads run ahead into a bounded queue: a writer that waits for the server never keeps it from
// answering, and a reader that is slow holds the server back once the queue is full.
#include "sdk/cpp/src/grpc_stream.h"

#include <deque>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "kontor/sdk/errors.h"

namespace kontor::sdk::internal {
namespace {

using google::protobuf::Message;

// Not below BulkOptions::in_flight_max: all answers owed must fit, or both sides could wait.
constexpr size_t kReadAheadMax = 1024;

/// What gRPC calls back. Must be destroyed after Wait and never on a thread of gRPC's: the context
/// holds the channel, whose last reference joins those very threads.
class Reactor final : public grpc::ClientBidiReactor<Message, Message> {
 public:
  Reactor(std::unique_ptr<grpc::ClientContext> context, const Message& response)
      : context_(std::move(context)), prototype_(response.New()) {}

  void Start(Caller& caller, const std::string& method) {
    caller.PrepareBidiStreamingCall(context_.get(), method, grpc::StubOptions(), this);
    AddHold();  // operations start outside of reactions, until Release
    StartCall();
    const absl::MutexLock lock(&mutex_);
    ReadOn();
  }

  bool Write(const Message& message) {
    const absl::MutexLock lock(&mutex_);
    if (broken_ || released_) return false;
    writing_ = true;
    StartWrite(&message);
    while (writing_) changed_.Wait(&mutex_);
    return !broken_;
  }

  void EndWrites() {
    const absl::MutexLock lock(&mutex_);
    if (broken_ || released_) return;
    writing_ = true;
    StartWritesDone();
    while (writing_) changed_.Wait(&mutex_);
  }

  MessageStream::ReadResult Read(Message& message, absl::Time deadline) {
    const absl::MutexLock lock(&mutex_);
    while (queue_.empty() && !read_ended_) {
      if (changed_.WaitWithDeadline(&mutex_, deadline) && queue_.empty() && !read_ended_) {
        return MessageStream::ReadResult::kTimedOut;
      }
    }
    if (queue_.empty()) return MessageStream::ReadResult::kEnd;
    message.GetReflection()->Swap(&message, queue_.front().get());
    queue_.pop_front();
    ReadOn();
    return MessageStream::ReadResult::kMessage;
  }

  void Cancel() { context_->TryCancel(); }

  /// No more operations will be started.
  void Release() {
    {
      const absl::MutexLock lock(&mutex_);
      if (released_) return;
      released_ = true;
    }
    RemoveHold();
  }

  absl::Status Wait() {
    const absl::MutexLock lock(&mutex_);
    while (!done_) changed_.Wait(&mutex_);
    return FromGrpc(status_);
  }

  bool ReadEnded() {
    const absl::MutexLock lock(&mutex_);
    return read_ended_;
  }

  void OnReadDone(bool ok) override {
    const absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (ok) {
      queue_.push_back(std::move(slot_));
      ReadOn();
    } else {
      read_ended_ = true;
    }
    changed_.SignalAll();
  }

  void OnWriteDone(bool ok) override { EndWrite(ok); }
  void OnWritesDoneDone(bool ok) override { EndWrite(ok); }

  void OnDone(const grpc::Status& status) override {
    const absl::MutexLock lock(&mutex_);
    status_ = status;
    done_ = true;
    read_ended_ = true;
    broken_ = true;
    changed_.SignalAll();
  }

 private:
  void ReadOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (reading_ || read_ended_ || released_ || queue_.size() >= kReadAheadMax) return;
    reading_ = true;
    slot_.reset(prototype_->New());
    StartRead(slot_.get());
  }

  void EndWrite(bool ok) {
    const absl::MutexLock lock(&mutex_);
    writing_ = false;
    broken_ = broken_ || !ok;
    changed_.SignalAll();
  }

  const std::unique_ptr<grpc::ClientContext> context_;
  const std::unique_ptr<Message> prototype_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<std::unique_ptr<Message>> queue_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Message> slot_ ABSL_GUARDED_BY(mutex_);
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool released_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

class GrpcStream final : public MessageStream {
 public:
  GrpcStream(std::shared_ptr<Caller> caller, const std::string& method,
             std::unique_ptr<grpc::ClientContext> context, const Message& response)
      : caller_(std::move(caller)), reactor_(std::move(context), response) {
    reactor_.Start(*caller_, method);
  }
  /// Waits for gRPC to let go, which it does at once after a cancellation.
  ~GrpcStream() override {
    reactor_.Cancel();
    reactor_.Release();
    static_cast<void>(reactor_.Wait());
  }
  bool Write(const Message& message) override { return reactor_.Write(message); }
  void WritesDone() override { reactor_.EndWrites(); }
  ReadResult Read(Message& message, absl::Time deadline) override {
    return reactor_.Read(message, deadline);
  }
  absl::Status Finish() override {
    if (!reactor_.ReadEnded()) reactor_.Cancel();
    reactor_.Release();
    return reactor_.Wait();
  }
  void Cancel() override { reactor_.Cancel(); }

 private:
  const std::shared_ptr<Caller> caller_;
  Reactor reactor_;
};

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  v1::StatusDetail detail;
  if (!detail.ParseFromString(status.error_details())) detail.Clear();
  if (detail.details().empty()) {
    // Not from a kontor server, or from its gRPC layer: there is no reason to be had.
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                        status.error_message());
  }
  detail.set_code(status.error_code());
  detail.set_message(status.error_message());
  return StatusFrom(detail);
}

std::unique_ptr<MessageStream> OpenGrpcStream(std::shared_ptr<Caller> caller,
                                              const std::string& method,
                                              std::unique_ptr<grpc::ClientContext> context,
                                              const google::protobuf::Message& response) {
  return std::make_unique<GrpcStream>(std::move(caller), method, std::move(context), response);
}

}  // namespace kontor::sdk::internal
