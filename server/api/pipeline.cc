// SPDX-License-Identifier: Apache-2.0
#include "server/api/pipeline.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "server/base/status.h"

namespace kontor::api {

using base::Error;
using base::Reason;

std::vector<std::string> Registry::Names() const {
  std::vector<std::string> names;
  names.reserve(methods_.size());
  for (const auto& [name, method] : methods_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

/// Named threads and a bounded queue.
class Pipeline::Pool {
 public:
  explicit Pool(const PipelineSettings& settings) : queue_max_(settings.queue_max) {
    for (int i = 0; i < settings.threads; ++i) {
      threads_.emplace_back([this] { Loop(); });
      pthread_setname_np(threads_.back().native_handle(), "rpc");
    }
  }
  ~Pool() { Stop(absl::InfinitePast()); }

  absl::Status Post(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return Error(Reason::kShuttingDown).Says("the service is stopping");
      if (queue_.size() >= static_cast<size_t>(queue_max_)) {
        return Error(Reason::kQueueFull).Says("too many calls are waiting");
      }
      queue_.push_back(std::move(work));
    }
    wake_.notify_one();
    return absl::OkStatus();
  }

  void Stop(absl::Time deadline) {
    {
      std::unique_lock lock(mutex_);
      stopping_ = true;
      const auto until = absl::ToChronoTime(std::min(deadline, absl::Now() + absl::Minutes(10)));
      idle_.wait_until(lock, until, [this] { return queue_.empty() && busy_ == 0; });
      queue_.clear();
      ended_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  void Loop() {
    for (;;) {
      std::function<void()> work;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return ended_ || !queue_.empty(); });
        if (ended_) return;
        work = std::move(queue_.front());
        queue_.pop_front();
        ++busy_;
      }
      work();
      const std::lock_guard lock(mutex_);
      --busy_;
      if (stopping_ && queue_.empty() && busy_ == 0) idle_.notify_all();
    }
  }

  const int queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<std::function<void()>> queue_;
  int busy_ = 0;
  bool stopping_ = false;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

Pipeline::Pipeline(Registry registry, Gate& gate, const base::Clock& clock,
                   PipelineSettings settings, std::function<void(const CallRecord&)> observer)
    : registry_(std::move(registry)),
      gate_(gate),
      clock_(clock),
      observer_(std::move(observer)),
      pool_(std::make_unique<Pool>(settings)) {}

Pipeline::~Pipeline() = default;

void Pipeline::Stop(absl::Time deadline) { pool_->Stop(deadline); }

absl::Status Pipeline::Post(std::function<void()> work) { return pool_->Post(std::move(work)); }

void Pipeline::Serve(CallFacts facts, const Message& request, Message* response, Finish finish) {
  auto shared = std::make_shared<Finish>(std::move(finish));
  const absl::Status posted =
      pool_->Post([this, facts = std::move(facts), &request, response, shared] {
        Run(facts, request, response, *shared);
      });
  if (!posted.ok()) (*shared)(posted);
}

void Pipeline::Run(const CallFacts& facts, const Message& request, Message* response,
                   const Finish& finish) {
  const absl::Time begun = clock_.Now();
  auto principal = std::make_shared<std::string>();
  const Finish observed = [this, finish, begun, principal, method = facts.method,
                           peer = facts.peer](absl::Status status) {
    if (observer_) {
      observer_({method, status.code(), base::InfoOf(status).reason, *principal, peer,
                 clock_.Now() - begun});
    }
    finish(std::move(status));
  };
  // A handler's exception would leave the caller without an answer, so this is the last catch.
  try {
    const Registry::Method* method = registry_.Find(facts.method);
    if (method == nullptr) {
      observed(Error(Reason::kMethodUnknown).Says("there is no such method"));
      return;
    }
    if (facts.deadline < begun) {
      observed(Error(Reason::kDeadlineExceeded).Says("the deadline has passed already"));
      return;
    }
    auto call = gate_.Admit(facts);
    if (!call.ok()) {
      observed(call.status());
      return;
    }
    *principal = call->actor.principal_id;
    method->run(*call, request, response, observed);
  } catch (const std::exception& problem) {
    observed(absl::InternalError(problem.what()));
  } catch (...) {
    observed(absl::InternalError("an unknown exception"));
  }
}

}  // namespace kontor::api
