// SPDX-License-Identifier: Apache-2.0
// A client's stream of pieces and the one answer to it. Pieces are spooled as they come and worked
// on when the last is here, on the `files` threads: neither a slow client nor a large file keeps a
// network thread or the `rpc` pool busy.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/api/internal/grpc_call.h"
#include "server/api/internal/spool.h"
#include "server/api/pipeline.h"
#include "server/base/status.h"

namespace kontor::api::internal {

struct UploadLimits {
  std::string folder;         ///< For what does not fit into memory.
  int64_t bytes_max = 0;      ///< Of one file.
  int threads = 2;            ///< 1 to 16.
  int uploads_max = 16;       ///< Open at once; more are QUEUE_FULL.
};

inline constexpr size_t kChunkBytesMax = size_t{1} << 20U;

/// A few threads for files. Thread-safe; ends after all uploads have.
class FileThreads {
 public:
  explicit FileThreads(UploadLimits limits);
  ~FileThreads();
  const UploadLimits& limits() const { return limits_; }
  void Post(std::function<void()> work);
  /// False: too many are open.
  bool Enter();
  void Leave();

 private:
  void Loop();
  const UploadLimits limits_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  int open_ = 0;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

/// Deletes itself when gRPC is done with it. `Request` has the fields `chunk` and `last`; the first
/// message is given to `run` without its bytes. Only a message with `last` ends a file: that a
/// stream ended does not say whether the client had finished.
template <typename Request, typename Response>
class UploadReactor final : public grpc::ServerReadReactor<Request> {
 public:
  using Run = std::function<absl::Status(const Call&, const Request& head, const Spool&,
                                         Response* response)>;
  UploadReactor(Pipeline& pipeline, FileThreads& threads, const CallFacts& facts,
                Response* response, Run run)
      : threads_(threads),
        response_(response),
        run_(std::move(run)),
        spool_(threads.limits().folder, threads.limits().bytes_max),
        entered_(threads.Enter()) {
    if (!entered_) {
      End(base::Error(base::Reason::kQueueFull).Says("too many files are being sent"));
      return;
    }
    auto call = pipeline.Admit(facts);
    if (!call.ok()) {
      End(call.status());
      return;
    }
    call_ = *std::move(call);
    this->StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    // One read at a time: what is posted here is over before the next one begins.
    threads_.Post([this, ok] {
      if (!ok) {
        Work();
        return;
      }
      const absl::Status kept = Keep();
      if (kept.ok()) {
        this->StartRead(&message_);
      } else {
        End(kept);
      }
    });
  }

  void OnDone() override {
    if (entered_) threads_.Leave();
    delete this;
  }

 private:
  absl::Status Keep() {
    if (message_.chunk().size() > kChunkBytesMax) {
      return base::Error(base::Reason::kTooLarge).Field("chunk").Says("a piece has 1 MiB at most");
    }
    if (complete_) {
      return base::Error(base::Reason::kFieldInvalid)
          .Field("last")
          .Says("more came after the last");
    }
    KONTOR_RETURN_IF_ERROR(spool_.Append(message_.chunk()));
    complete_ = message_.last();
    if (!head_) {
      message_.clear_chunk();
      head_ = std::move(message_);
    }
    message_.Clear();
    return absl::OkStatus();
  }

  void Work() {
    if (!complete_) {
      End(base::Error(base::Reason::kFieldMissing).Field("last").Says("the file broke off"));
      return;
    }
    spool_.Close();
    End(run_(call_, *head_, spool_, response_));
  }

  void End(const absl::Status& status) { this->Finish(ToGrpc(status)); }

  FileThreads& threads_;
  Response* response_;
  Run run_;
  Spool spool_;
  const bool entered_;
  Call call_;
  Request message_;
  std::optional<Request> head_;
  bool complete_ = false;
};

}  // namespace kontor::api::internal
