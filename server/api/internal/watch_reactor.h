// SPDX-License-Identifier: Apache-2.0
// A server stream that follows the event feed: reads a page, writes it message by message, waits
// for the next commit, and sends a sign of life when nothing happens.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "absl/status/statusor.h"

namespace kontor::api::internal {

/// Streams that wait for something new; woken after each commit, ended at shutdown. Thread-safe.
class FeedWaiters {
 public:
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void Wake() = 0;
    virtual void End(const absl::Status& why) = 0;
  };
  /// RATE: false when `max` waiters are there already, or the feed has ended.
  bool Add(const std::shared_ptr<Waiter>& waiter, size_t max);
  void Remove(Waiter* waiter);
  void WakeAll();
  void EndAll(const absl::Status& why);

 private:
  std::vector<std::shared_ptr<Waiter>> Copy();
  std::mutex mutex_;
  std::set<std::shared_ptr<Waiter>> waiters_;
  bool ended_ = false;
};

/// What one look at the feed brings.
template <typename Response>
struct Batch {
  std::vector<Response> messages;
  bool more = false;  ///< Look again at once.
};

/// `look` reads what is new since its last call; it runs on the rpc pool, one call at a time.
template <typename Response>
class WatchReactor : public grpc::ServerWriteReactor<Response> {
 public:
  using Look = std::function<absl::StatusOr<Batch<Response>>()>;
  using Post = std::function<absl::Status(std::function<void()>)>;

  WatchReactor(FeedWaiters& waiters, size_t waiters_max, Post post,
               std::function<grpc::Status(const absl::Status&)> to_grpc)
      : waiters_(waiters), post_(std::move(post)), to_grpc_(std::move(to_grpc)) {
    handle_ = std::make_shared<Handle>(this);
    if (!waiters_.Add(handle_, waiters_max)) refused_ = true;
  }

  bool refused() const { return refused_; }
  void Begin(Look look) {
    look_ = std::move(look);
    handle_->Wake();
  }
  /// Ends the stream; later calls change nothing.
  void FinishOnce(const absl::Status& status) {
    {
      const std::lock_guard lock(mutex_);
      if (finished_) return;
      finished_ = true;
      if (writing_) {
        final_ = status;
        return;  // OnWriteDone finishes
      }
    }
    this->Finish(to_grpc_(status));
  }

  void OnWriteDone(bool ok) override {
    bool finish = false;
    bool look = false;
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      queue_.pop_front();
      if (finished_) {
        finish = true;
      } else if (!ok) {
        finished_ = true;
        finish = true;
        final_ = absl::CancelledError("the client is gone");
      } else if (queue_.empty()) {
        look = more_ || woken_;
      }
      if (!finish && !queue_.empty()) writing_ = true;
    }
    if (finish) {
      this->Finish(to_grpc_(final_));
    } else if (look) {
      LookSoon();
    } else if (writing_now()) {
      this->StartWrite(&queue_.front());
    }
  }
  void OnCancel() override { FinishOnce(absl::CancelledError("cancelled")); }
  void OnDone() override {
    handle_->Detach();
    waiters_.Remove(handle_.get());
    std::unique_lock lock(mutex_);
    if (looking_) {
      done_ = true;  // the look under way deletes
      return;
    }
    lock.unlock();
    delete this;
  }

 private:
  /// Outlives the reactor, so that a wake-up from another thread never meets a deleted one.
  class Handle : public FeedWaiters::Waiter {
   public:
    explicit Handle(WatchReactor* reactor) : reactor_(reactor) {}
    void Wake() override {
      const std::lock_guard lock(mutex_);
      if (reactor_ != nullptr) reactor_->Woken();
    }
    void End(const absl::Status& why) override {
      const std::lock_guard lock(mutex_);
      if (reactor_ != nullptr) reactor_->FinishOnce(why);
    }
    void Detach() {
      const std::lock_guard lock(mutex_);
      reactor_ = nullptr;
    }

   private:
    std::recursive_mutex mutex_;
    WatchReactor* reactor_;
  };

  bool writing_now() {
    const std::lock_guard lock(mutex_);
    return writing_;
  }

  void Woken() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
      if (finished_ || writing_ || looking_ || !look_) return;
    }
    LookSoon();
  }

  void LookSoon() {
    {
      const std::lock_guard lock(mutex_);
      if (looking_ || finished_) return;
      looking_ = true;
      woken_ = false;
      more_ = false;
    }
    const absl::Status posted = post_([this] { LookNow(); });
    if (posted.ok()) return;
    {
      const std::lock_guard lock(mutex_);
      looking_ = false;
    }
    FinishOnce(posted);
  }

  enum class Next { kRest, kWrite, kFail };

  /// Files what a look brought and says what to do with it.
  Next File(absl::StatusOr<Batch<Response>> batch, absl::Status* failed) {
    const std::lock_guard lock(mutex_);
    if (finished_) return Next::kRest;
    if (!batch.ok()) {
      *failed = batch.status();
      return Next::kFail;
    }
    for (auto& message : batch->messages) queue_.push_back(std::move(message));
    more_ = batch->more;
    if (!queue_.empty() && !writing_) {
      writing_ = true;
      return Next::kWrite;
    }
    return Next::kRest;
  }

  /// looking_ stays true until the very end, so that OnDone leaves deletion to this function.
  void LookNow() {
    for (;;) {
      absl::Status failed;
      const Next next = File(look_(), &failed);
      if (next == Next::kFail) FinishOnce(failed);
      if (next == Next::kWrite) this->StartWrite(&queue_.front());
      std::unique_lock lock(mutex_);
      const bool again = !done_ && !finished_ && !writing_ && (woken_ || more_);
      if (again) {
        woken_ = false;
        more_ = false;
        continue;
      }
      looking_ = false;
      if (done_) {
        lock.unlock();
        delete this;
      }
      return;
    }
  }

  FeedWaiters& waiters_;
  Post post_;
  std::function<grpc::Status(const absl::Status&)> to_grpc_;
  Look look_;
  std::shared_ptr<Handle> handle_;
  std::mutex mutex_;
  std::deque<Response> queue_;
  absl::Status final_;
  bool refused_ = false;
  bool writing_ = false;
  bool looking_ = false;
  bool woken_ = false;
  bool more_ = false;
  bool finished_ = false;
  bool done_ = false;
};

}  // namespace kontor::api::internal
