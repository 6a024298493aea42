// SPDX-License-Identifier: Apache-2.0
// What several SDK tests share: time that only tests move, a connection that fails as told, and
// failures as a server would answer them.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "kontor/sdk/connection.h"
#include "kontor/sdk/errors.h"
#include "kontor/sdk_mocks/mock_connection.h"
#include "kontor/v1/event.pb.h"
#include "kontor/v1/invoice.pb.h"

namespace kontor::sdk_test {

/// A clock that only sleeping moves.
struct FakeTime {
  absl::Time now = absl::FromUnixSeconds(1767268800);
  std::vector<absl::Duration> sleeps;
};

/// Default policies on fake time, with a backoff of exactly `wait`.
class FixedBackoff final : public sdk::BackoffPolicy {
 public:
  explicit FixedBackoff(absl::Duration wait) : wait_(wait) {}
  std::unique_ptr<BackoffPolicy> Clone() const override {
    return std::make_unique<FixedBackoff>(wait_);
  }
  absl::Duration OnFailure() override { return wait_; }

 private:
  absl::Duration wait_;
};

inline sdk::Policies FakePolicies(const std::shared_ptr<FakeTime>& time, int failures_max = 3) {
  sdk::Policies policies;
  policies.retry = std::make_shared<sdk::LimitedErrorCountRetryPolicy>(failures_max);
  policies.backoff = std::make_shared<FixedBackoff>(absl::Seconds(1));
  policies.clock = [time] { return time->now; };
  policies.sleeper = [time](absl::Duration wait) {
    time->sleeps.push_back(wait);
    time->now += wait;
  };
  return sdk::WithDefaults(policies);
}

/// Answers a script of statuses, then OK; notes the time each attempt was given.
class ScriptedConnection final : public sdk::Connection {
 public:
  explicit ScriptedConnection(sdk::Policies policies, std::deque<absl::Status> script)
      : policies_(std::move(policies)), script_(std::move(script)) {}
  absl::Status Call(const std::string&, const google::protobuf::Message& request,
                    google::protobuf::Message&, const sdk::CallOptions& options) override {
    requests.push_back(request.SerializeAsString());
    timeouts.push_back(options.timeout);
    if (script_.empty()) return absl::OkStatus();
    absl::Status status = script_.front();
    script_.pop_front();
    return status;
  }
  absl::StatusOr<std::unique_ptr<sdk::MessageStream>> Open(const std::string&,
                                                           const google::protobuf::Message&,
                                                           const sdk::CallOptions&) override {
    return absl::UnavailableError("no streams here");
  }
  const sdk::Policies& policies() const override { return policies_; }

  std::vector<std::string> requests;
  std::vector<absl::Duration> timeouts;

 private:
  sdk::Policies policies_;
  std::deque<absl::Status> script_;
};


}  // namespace kontor::sdk_test

namespace absl {
// Boost.Test prints codes with it.
inline std::ostream& boost_test_print_type(std::ostream& out, const StatusCode& code) {
  return out << StatusCodeToString(code);
}
}  // namespace absl
