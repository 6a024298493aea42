// SPDX-License-Identifier: Apache-2.0
// Keeps what is sent and not yet answered, so that a break costs nothing but sending it again under
// the same request ids.
#include "sdk/cpp/src/bulk_run.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kontor/sdk/errors.h"

namespace kontor::sdk::internal {
namespace {

constexpr int kInFlightMost = 1024;

class BulkRun {
 public:
  BulkRun(Connection& connection, std::string method, const InvoiceSource& source,
          const InvoiceSink& sink, const BulkOptions& options)
      : connection_(connection), method_(std::move(method)), source_(source), sink_(sink),
        options_(options), policies_(connection.policies()),
        window_(static_cast<size_t>(std::clamp(options.in_flight_max, 1, kInFlightMost))),
        retry_(policies_.retry->Clone()), backoff_(policies_.backoff->Clone()),
        start_(policies_.clock()) {
    progress_.total = options.total;
  }

  BulkOutcome Run() {
    absl::Status status;
    while (!Finished()) {
      status = OneStream();
      if (status.ok()) continue;
      if (Finished()) return Outcome(absl::OkStatus());
      if (!retry_->OnFailure(status)) break;
      policies_.sleeper(std::max(backoff_->OnFailure(), RetryAfterOf(status)));
      status = absl::OkStatus();
    }
    return Outcome(std::move(status));
  }

 private:
  using ReadResult = MessageStream::ReadResult;

  BulkOutcome Outcome(absl::Status status) {
    ReportProgress(true);
    return {std::move(status), progress_};
  }

  bool Finished() {
    Refill();
    return unanswered_.empty() && exhausted_;
  }

  /// Takes items from the source until the window is full.
  void Refill() {
    while (!exhausted_ && unanswered_.size() < window_) {
      auto item = source_();
      if (!item) {
        exhausted_ = true;
        return;
      }
      FillRequestIds(*item);
      unanswered_.push_back(*std::move(item));
    }
  }

  /// Sends and reads until all is answered, or the stream breaks.
  absl::Status OneStream() {
    CallOptions call;
    call.traceparent = options_.traceparent;
    auto opened =
        connection_.Open(method_, v1::StreamInvoicesResponse::default_instance(), call);
    if (!opened.ok()) return std::move(opened).status();
    const auto stream = *std::move(opened);
    size_t written = 0;  // of unanswered_, from its front
    int64_t next_index = 0;
    bool closed = false;
    while (true) {
      Refill();
      const bool may_write = written < unanswered_.size();
      if (may_write && !WriteOne(*stream, written)) return Ended(*stream, next_index, written);
      if (!may_write && exhausted_ && !closed) {
        closed = true;
        stream->WritesDone();
      }
      if (closed && unanswered_.empty()) return Close(*stream);
      // While there is something to write, only look; otherwise wait for an answer.
      const bool wait = written == unanswered_.size() && (exhausted_ || written == window_);
      const absl::Time deadline =
          wait ? absl::Now() + options_.silence_max : absl::InfinitePast();
      v1::StreamInvoicesResponse response;
      const ReadResult result = stream->Read(response, deadline);
      if (result == ReadResult::kEnd) return Ended(*stream, next_index, written);
      if (result == ReadResult::kTimedOut) {
        if (!wait) continue;
        return absl::UnavailableError(absl::StrCat(
            "the server owed answers and was silent for ",
            absl::FormatDuration(options_.silence_max)));
      }
      absl::Status status = Take(response, next_index, written);
      if (!status.ok()) return status;
    }
  }

  bool WriteOne(MessageStream& stream, size_t& written) {
    v1::StreamInvoicesRequest request;
    // Lent to the message for the time of the call, since copying attachments costs.
    request.set_allocated_item(&unanswered_[written]);
    const bool sent = stream.Write(request);
    static_cast<void>(request.release_item());
    if (!sent) return false;
    ++written;
    progress_.sent = std::max(progress_.sent, progress_.answered() + static_cast<int64_t>(written));
    return true;
  }

  /// Hands one answer on. Errors: INTERNAL when it is not for the item that is due.
  absl::Status Take(const v1::StreamInvoicesResponse& response, int64_t& next_index,
                    size_t& written) {
    const bool fits = written > 0 && response.index() == next_index &&
                      response.result().request_id() == unanswered_.front().request_id();
    if (!fits) {
      return absl::InternalError(absl::StrCat("the server answered item ", response.index(),
                                              " when ", next_index, " was due"));
    }
    ++next_index;
    --written;
    unanswered_.pop_front();
    const int64_t index = progress_.answered();
    if (response.result().has_error()) {
      ++progress_.refused;
      if (options_.stop_at_refusal) StopSource(written);
    } else {
      ++progress_.accepted;
    }
    retry_ = policies_.retry->Clone();
    backoff_ = policies_.backoff->Clone();
    if (sink_) sink_(index, response.result());
    ReportProgress(false);
    return absl::OkStatus();
  }

  void StopSource(size_t written) {
    exhausted_ = true;
    // Taken from the source and never sent: they stay the caller's.
    unanswered_.resize(written);
  }

  /// The stream is over while answers are owed: those already here still count.
  absl::Status Ended(MessageStream& stream, int64_t& next_index, size_t& written) {
    v1::StreamInvoicesResponse response;
    while (stream.Read(response, absl::Now() + options_.silence_max) == ReadResult::kMessage) {
      absl::Status status = Take(response, next_index, written);
      if (!status.ok()) return status;
    }
    absl::Status status = stream.Finish();
    if (!status.ok()) return status;
    return absl::UnavailableError("the server ended the stream before all was answered");
  }

  /// All is answered; how the stream then ends changes nothing.
  static absl::Status Close(MessageStream& stream) {
    static_cast<void>(stream.Finish());
    return absl::OkStatus();
  }

  void ReportProgress(bool last) {
    const absl::Time now = policies_.clock();
    progress_.elapsed = now - start_;
    if (!options_.on_progress) return;
    if (!last && now - reported_ < options_.progress_interval) return;
    reported_ = now;
    options_.on_progress(progress_);
  }

  Connection& connection_;
  const std::string method_;
  const InvoiceSource& source_;
  const InvoiceSink& sink_;
  const BulkOptions& options_;
  const Policies& policies_;
  const size_t window_;
  std::unique_ptr<RetryPolicy> retry_;
  std::unique_ptr<BackoffPolicy> backoff_;
  const absl::Time start_;
  absl::Time reported_ = absl::InfinitePast();
  std::deque<v1::CreateInvoiceRequest> unanswered_;
  bool exhausted_ = false;
  BulkProgress progress_;
};

}  // namespace

BulkOutcome RunBulk(Connection& connection, const char* method, const InvoiceSource& source,
                    const InvoiceSink& sink, const BulkOptions& options) {
  return BulkRun(connection, method, source, sink, options).Run();
}

}  // namespace kontor::sdk::internal
