// SPDX-License-Identifier: Apache-2.0
// The retry loop: request ids first, so that every attempt is the same request; then attempts until
// one of policy, safety and time says no.
#include <algorithm>
#include <memory>
#include <utility>

#include <google/protobuf/message.h>

#include "kontor/sdk/connection.h"
#include "kontor/sdk/errors.h"
#include "sdk/cpp/src/request_ids.h"

namespace kontor::sdk {
namespace {

using google::protobuf::Message;

class RetryingConnection final : public Connection {
 public:
  RetryingConnection(std::shared_ptr<Connection> inner, Policies policies, absl::Duration timeout)
      : inner_(std::move(inner)), policies_(WithDefaults(std::move(policies))),
        timeout_(timeout) {}

  absl::Status Call(const std::string& method, const Message& request, Message& response,
                    const CallOptions& options) override {
    std::unique_ptr<Message> filled(request.New());
    filled->CopyFrom(request);
    FillRequestIds(*filled);
    const absl::Time end = policies_.clock() + TimeFor(*filled, options);
    const bool repeatable = policies_.idempotency->IsIdempotent(method, *filled);
    const auto retry = policies_.retry->Clone();
    const auto backoff = policies_.backoff->Clone();
    while (true) {
      CallOptions attempt = options;
      attempt.timeout = end - policies_.clock();
      if (attempt.timeout <= absl::ZeroDuration()) {
        return absl::DeadlineExceededError(method + " found no time left to be called");
      }
      response.Clear();
      absl::Status status = inner_->Call(method, *filled, response, attempt);
      if (status.ok() || !repeatable || !retry->OnFailure(status)) return status;
      const absl::Duration wait = std::max(backoff->OnFailure(), RetryAfterOf(status));
      // No time for the wait and another attempt: the true cause says more than a deadline would.
      if (policies_.clock() + wait >= end) return status;
      policies_.sleeper(wait);
    }
  }

  absl::StatusOr<std::unique_ptr<MessageStream>> Open(const std::string& method,
                                                      const Message& response,
                                                      const CallOptions& options) override {
    // Streams know best themselves where to go on: see resuming_watch.cc and bulk_run.cc.
    return inner_->Open(method, response, options);
  }

  const Policies& policies() const override { return policies_; }

 private:
  absl::Duration TimeFor(const Message& request, const CallOptions& options) const {
    if (options.timeout > absl::ZeroDuration()) return options.timeout;
    return timeout_ + internal::WaitOf(request);
  }

  const std::shared_ptr<Connection> inner_;
  const Policies policies_;
  const absl::Duration timeout_;
};

}  // namespace

std::shared_ptr<Connection> MakeRetryingConnection(std::shared_ptr<Connection> inner,
                                                   Policies policies, absl::Duration timeout) {
  return std::make_shared<RetryingConnection>(std::move(inner), std::move(policies), timeout);
}

}  // namespace kontor::sdk
