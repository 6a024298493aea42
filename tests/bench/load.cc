// SPDX-License-Identifier: Apache-2.0
// One object a call in flight, used again and again by gRPC's callback API: the client costs as
// little as it can, and the same for both sides of a comparison.
#include "tests/bench/load.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/time/clock.h"
#include "echo.grpc.pb.h"
#include "kontor/v1/invoice.grpc.pb.h"
#include "tests/bench/invoices.h"
#include "tests/bench/world.h"

namespace kontor::bench {
namespace {

namespace v1 = ::kontor::v1;

/// How to make one call; told apart from the loop so that both loops are one.
struct EchoCall {
  using Stub = EchoService::Stub;
  using Request = EchoRequest;
  using Response = EchoResponse;
  static void Fill(const std::string&, int64_t, int, Request*) {}
  template <typename Done>
  static void Start(Stub& stub, grpc::ClientContext* context, const Request* request,
                    Response* response, Done done) {
    stub.async()->Echo(context, request, response, std::move(done));
  }
};

struct AcceptCall {
  using Stub = v1::InvoiceService::Stub;
  using Request = v1::CreateInvoiceRequest;
  using Response = v1::CreateInvoiceResponse;
  static void Fill(const std::string& run, int64_t number, int lines, Request* request) {
    *request = CreateRequest(run, number, lines);
  }
  template <typename Done>
  static void Start(Stub& stub, grpc::ClientContext* context, const Request* request,
                    Response* response, Done done) {
    stub.async()->CreateInvoice(context, request, response, std::move(done));
  }
};

template <typename Kind>
class Loop {
 public:
  Loop(const std::shared_ptr<grpc::Channel>& channel, const LoadOptions& options)
      : options_(options), stub_(channel), run_(NewRunName()), slots_(options.in_flight) {}

  /// Runs until `most` calls were begun (0: no such bound) or Stop().
  void Start(int64_t most) {
    most_ = most;
    open_ = options_.in_flight;
    for (Slot& slot : slots_) Next(slot);
  }
  int64_t done() const { return done_; }
  void Stop() { stopping_ = true; }
  absl::Status Join() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return open_ == 0; });  // bounded by each call's deadline
    return failure_;
  }

 private:
  struct Slot {
    std::optional<grpc::ClientContext> context;
    typename Kind::Request request;
    typename Kind::Response response;
  };

  void Next(Slot& slot) {
    const int64_t number = begun_.fetch_add(1);
    if (stopping_ || (most_ > 0 && number >= most_)) {
      const std::lock_guard lock(mutex_);
      if (--open_ == 0) ended_.notify_all();
      return;
    }
    slot.context.emplace();
    Authorize(&*slot.context, options_.token);
    Kind::Fill(run_, number, options_.lines, &slot.request);
    Kind::Start(stub_, &*slot.context, &slot.request, &slot.response,
                [this, &slot](const grpc::Status& status) {
                  if (!status.ok()) {
                    Fail(status);
                  } else {
                    done_.fetch_add(1, std::memory_order_relaxed);
                  }
                  Next(slot);
                });
  }

  void Fail(const grpc::Status& status) {
    stopping_ = true;
    const std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = StatusOf(status);
  }

  const LoadOptions options_;
  typename Kind::Stub stub_;
  const std::string run_;
  int64_t most_ = 0;
  std::atomic<int64_t> begun_{0};
  std::atomic<int64_t> done_{0};
  std::atomic<bool> stopping_{false};
  std::vector<Slot> slots_;
  std::mutex mutex_;
  std::condition_variable ended_;
  int open_ = 0;
  absl::Status failure_;
};

template <typename Kind>
absl::StatusOr<double> Rate(const std::shared_ptr<grpc::Channel>& channel,
                            const LoadOptions& options) {
  Loop<Kind> loop(channel, options);
  loop.Start(0);
  absl::SleepFor(options.warm_up);
  const absl::Time begun = absl::Now();
  const int64_t before = loop.done();
  absl::SleepFor(options.length);
  const int64_t after = loop.done();
  const absl::Duration took = absl::Now() - begun;
  loop.Stop();
  if (absl::Status status = loop.Join(); !status.ok()) return status;
  return static_cast<double>(after - before) / absl::ToDoubleSeconds(took);
}

}  // namespace

absl::StatusOr<double> EchoRate(const std::shared_ptr<grpc::Channel>& channel,
                                const LoadOptions& options) {
  return Rate<EchoCall>(channel, options);
}

absl::StatusOr<double> AcceptRate(const std::shared_ptr<grpc::Channel>& channel,
                                  const LoadOptions& options) {
  return Rate<AcceptCall>(channel, options);
}

absl::Status AcceptSome(const std::shared_ptr<grpc::Channel>& channel, const LoadOptions& options,
                        int64_t count) {
  Loop<AcceptCall> loop(channel, options);
  loop.Start(count);
  return loop.Join();
}

}  // namespace kontor::bench
