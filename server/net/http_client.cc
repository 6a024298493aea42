// SPDX-License-Identifier: Apache-2.0
// The client's thread: takes requests from a bounded queue, drives libcurl, hands answers out.
#include "server/net/http_client.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <curl/curl.h>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/net/internal/transfer.h"

namespace kontor::net {
namespace {

using internal::EasyPtr;
using internal::Transfer;

constexpr int kPollMilliseconds = 1000;
constexpr int kQueuePollMilliseconds = 100;  // while requests wait, their deadlines are looked at
constexpr int kInFlightLimit = 4096;
constexpr std::size_t kSpareHandlesMax = 64;

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

class CurlClient final : public ports::HttpClient {
 public:
  CurlClient(HttpClientOptions options, AddressGuard guard, CURLM* multi)
      : options_(std::move(options)), guard_(std::move(guard)), multi_(multi) {
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));  // NOLINT
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      static_cast<long>(options_.in_flight_max));  // NOLINT
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(options_.in_flight_per_host_max));  // NOLINT
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
                      static_cast<long>(options_.idle_connections_max));  // NOLINT
    thread_ = std::thread([this] { Run(); });
  }

  ~CurlClient() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  void Send(ports::HttpRequest request, std::function<void(ports::HttpResponse)> done) override {
    absl::Status fault = internal::CheckRequest(request, guard_);
    auto transfer = std::make_unique<Transfer>(std::move(request), std::move(done));
    transfer->Refuse(std::move(fault));
    {
      const std::lock_guard lock(mutex_);
      // A request that is refused goes the same way, so that `done` never runs on the caller's
      // thread, where it could meet locks that the caller holds.
      queue_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_.get());
  }

  ports::HttpResponse SendAndWait(ports::HttpRequest request) override {
    ports::HttpResponse answer;
    if (std::this_thread::get_id() == thread_.get_id()) {
      answer.status = base::Error(base::Reason::kInternal)
                          .Happened(base::Outcome::kNotApplied)
                          .Says("the client's own thread cannot wait for itself");
      return answer;
    }
    std::mutex mutex;
    std::condition_variable answered;
    bool done = false;
    Send(std::move(request), [&](ports::HttpResponse response) {
      const std::lock_guard lock(mutex);
      answer = std::move(response);
      done = true;
      answered.notify_one();
    });
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return done; });  // bounded by the request's own time-out
    return answer;
  }

 private:
  void Run() {
    pthread_setname_np(pthread_self(), "http-out");
    while (true) {
      const bool waiting = TakeQueued();
      if (stopped_) break;
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      if (CollectFinished() > 0) continue;  // there is room now, and callbacks may have sent more
      curl_multi_poll(multi_.get(), nullptr, 0,
                      waiting ? kQueuePollMilliseconds : kPollMilliseconds, nullptr);
    }
    EndAll();
  }

  // Moves requests from the queue onto the wire while there is room. True when some still wait.
  bool TakeQueued() {
    std::deque<std::unique_ptr<Transfer>> fresh;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = stopping_;
      fresh.swap(queue_);
    }
    for (std::unique_ptr<Transfer>& transfer : fresh) Admit(std::move(transfer));
    ExpireWaiting();
    while (!waiting_.empty() && HasRoom()) {
      std::unique_ptr<Transfer> transfer = std::move(waiting_.front());
      waiting_.pop_front();
      Begin(std::move(transfer));
    }
    return !waiting_.empty();
  }

  bool HasRoom() const {
    return in_flight_.size() < static_cast<std::size_t>(options_.in_flight_max);
  }

  void Admit(std::unique_ptr<Transfer> transfer) {
    if (transfer->AnswerIfRefused()) return;
    if (waiting_.size() >= static_cast<std::size_t>(options_.queue_max)) {
      transfer->Abandon(base::Reason::kQueueFull, "too many HTTP requests wait already");
      return;
    }
    waiting_.push_back(std::move(transfer));
  }

  void ExpireWaiting() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_expiry_check_) return;
    next_expiry_check_ = now + std::chrono::milliseconds(kQueuePollMilliseconds);
    std::deque<std::unique_ptr<Transfer>> kept;
    for (std::unique_ptr<Transfer>& transfer : waiting_) {
      if (transfer->deadline() > now) {
        kept.push_back(std::move(transfer));
      } else {
        transfer->Abandon(base::Reason::kDeadlineExceeded, "the request's turn came too late");
      }
    }
    waiting_ = std::move(kept);
  }

  void Begin(std::unique_ptr<Transfer> transfer) {
    EasyPtr easy = TakeHandle();
    if (!easy) {
      transfer->Abandon(base::Reason::kInternal, "libcurl has no memory for a request");
      return;
    }
    transfer->Prepare(std::move(easy), guard_, options_.user_agent);
    CURL* const handle = transfer->easy();
    if (curl_multi_add_handle(multi_.get(), handle) != CURLM_OK) {
      transfer->Abandon(base::Reason::kInternal, "libcurl did not take a request");
      return;
    }
    in_flight_.emplace(handle, std::move(transfer));
  }

  int CollectFinished() {
    int finished = 0;
    int left = 0;
    while (CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const handle = message->easy_handle;
      const CURLcode code = message->data.result;  // before removal: it frees the message
      curl_multi_remove_handle(multi_.get(), handle);
      const auto found = in_flight_.find(handle);
      const std::unique_ptr<Transfer> transfer = std::move(found->second);
      in_flight_.erase(found);
      transfer->Finish(code);
      KeepHandle(transfer->TakeEasy());
      ++finished;
    }
    return finished;
  }

  // Handles are used again: a new one costs more than the request's own work.
  EasyPtr TakeHandle() {
    if (spare_.empty()) return EasyPtr(curl_easy_init());
    EasyPtr easy = std::move(spare_.back());
    spare_.pop_back();
    return easy;
  }
  void KeepHandle(EasyPtr easy) {
    if (spare_.size() >= kSpareHandlesMax) return;
    curl_easy_reset(easy.get());
    spare_.push_back(std::move(easy));
  }

  void EndAll() {
    for (auto& [handle, transfer] : in_flight_) {
      curl_multi_remove_handle(multi_.get(), handle);
      transfer->Abandon(base::Reason::kShuttingDown, "the HTTP client was stopped");
    }
    in_flight_.clear();
    for (const std::unique_ptr<Transfer>& transfer : waiting_) {
      transfer->Abandon(base::Reason::kShuttingDown, "the HTTP client was stopped");
    }
    waiting_.clear();
    // What callbacks sent in the meantime is told too.
    std::deque<std::unique_ptr<Transfer>> late;
    do {
      late.clear();
      const std::lock_guard lock(mutex_);
      late.swap(queue_);
    } while (EndLate(late));
  }
  static bool EndLate(const std::deque<std::unique_ptr<Transfer>>& late) {
    for (const std::unique_ptr<Transfer>& transfer : late) {
      transfer->Abandon(base::Reason::kShuttingDown, "the HTTP client was stopped");
    }
    return !late.empty();
  }

  const HttpClientOptions options_;
  const AddressGuard guard_;
  const std::unique_ptr<CURLM, MultiDeleter> multi_;

  std::mutex mutex_;
  std::deque<std::unique_ptr<Transfer>> queue_;  // guarded by mutex_
  bool stopping_ = false;                        // guarded by mutex_

  // The thread's own.
  bool stopped_ = false;
  std::deque<std::unique_ptr<Transfer>> waiting_;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> in_flight_;
  std::vector<EasyPtr> spare_;
  std::chrono::steady_clock::time_point next_expiry_check_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ports::HttpClient>> MakeHttpClient(HttpClientOptions options) {
  const auto in_range = [](int value, int max) { return value >= 1 && value <= max; };
  if (!in_range(options.in_flight_max, kInFlightLimit) ||
      !in_range(options.in_flight_per_host_max, kInFlightLimit) ||
      !in_range(options.queue_max, 1'000'000) ||
      !in_range(options.idle_connections_max, kInFlightLimit)) {
    return base::Error(base::Reason::kConfigInvalid)
        .Says("HTTP client: in flight, per host and idle connections lie between 1 and 4096");
  }
  KONTOR_ASSIGN_OR_RETURN(AddressGuard guard, AddressGuard::Make(options.allowed_networks));
  // Once for the process; repeated calls only count.
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* const multi = global == CURLE_OK ? curl_multi_init() : nullptr;
  if (multi == nullptr) {
    return base::Error(base::Reason::kInternal).Says("libcurl cannot start");
  }
  return std::unique_ptr<ports::HttpClient>(
      std::make_unique<CurlClient>(std::move(options), std::move(guard), multi));
}

}  // namespace kontor::net
