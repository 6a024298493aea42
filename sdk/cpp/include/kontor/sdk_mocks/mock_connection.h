// SPDX-License-Identifier: Apache-2.0
// A connection for tests of code that uses the SDK: answers from functions, records what was asked,
// sleeps in no time and opens no socket. Header only; target kontor::sdk_mocks.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "kontor/sdk/connection.h"

namespace kontor::sdk_mocks {

/// A stream that answers a script, then ends with a status. What is written is recorded.
class FakeStream : public sdk::MessageStream {
 public:
  /// Gives what the server answers next; nothing ends the stream. Called with all requests so far.
  using Script = std::function<std::unique_ptr<google::protobuf::Message>(
      const std::vector<std::string>& written)>;

  FakeStream(Script script, absl::Status end) : script_(std::move(script)), end_(std::move(end)) {}

  bool Write(const google::protobuf::Message& message) override {
    if (cancelled_ || ended_) return false;
    written_.push_back(message.SerializeAsString());
    return true;
  }
  void WritesDone() override {}
  ReadResult Read(google::protobuf::Message& message, absl::Time) override {
    if (cancelled_ || ended_) return ReadResult::kEnd;
    auto next = script_(written_);
    if (next == nullptr) {
      ended_ = true;
      return ReadResult::kEnd;
    }
    message.CopyFrom(*next);
    return ReadResult::kMessage;
  }
  absl::Status Finish() override {
    return cancelled_ ? absl::CancelledError("cancelled") : end_;
  }
  void Cancel() override { cancelled_ = true; }

 private:
  Script script_;
  absl::Status end_;
  std::vector<std::string> written_;
  bool cancelled_ = false;
  bool ended_ = false;
};

/// Thread-safe, except that answers are set up before the first call.
///
///   auto mock = std::make_shared<MockConnection>();
///   mock->On([](const v1::GetInvoiceRequest& request)
///                -> absl::StatusOr<v1::GetInvoiceResponse> { … });
///   Subject subject(sdk::InvoiceClient(mock));
class MockConnection : public sdk::Connection {
 public:
  /// With the default policies and a clock of its own, which sleeping moves on at once.
  MockConnection() {
    // Noon of some day: what matters is that it does not depend on the day of the test.
    auto now = std::make_shared<std::atomic<int64_t>>(1767268800000);
    sdk::Policies policies;
    policies.clock = [now] { return absl::FromUnixMillis(now->load()); };
    policies.sleeper = [now](absl::Duration wait) {
      *now += std::max<int64_t>(absl::ToInt64Milliseconds(wait), 1);
    };
    policies_ = sdk::WithDefaults(std::move(policies));
  }
  /// With policies of one's own, for tests of retries.
  explicit MockConnection(sdk::Policies policies)
      : policies_(sdk::WithDefaults(std::move(policies))) {}

  /// Answers calls whose request is of the function's parameter type. The last one set wins.
  template <typename Function>
  void On(Function function) {
    OnTyped(std::function(std::move(function)));
  }

  /// Opens these streams, one after the other, for the method; then UNAVAILABLE.
  void OnOpen(const std::string& method, std::unique_ptr<sdk::MessageStream> stream) {
    const std::lock_guard lock(mutex_);
    streams_[method].push_back(std::move(stream));
  }

  /// The methods called and opened so far, by wire path, in order.
  std::vector<std::string> Methods() const {
    const std::lock_guard lock(mutex_);
    return methods_;
  }
  /// All requests of a type so far, in order.
  template <typename Request>
  std::vector<Request> Requests() const {
    const std::lock_guard lock(mutex_);
    std::vector<Request> out;
    const auto found = requests_.find(Request::descriptor()->full_name());
    if (found == requests_.end()) return out;
    for (const auto& bytes : found->second) out.emplace_back().ParseFromString(bytes);
    return out;
  }

  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message& response, const sdk::CallOptions&) override {
    const std::string& type = request.GetDescriptor()->full_name();
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      methods_.push_back(method);
      requests_[type].push_back(request.SerializeAsString());
      const auto found = handlers_.find(type);
      if (found != handlers_.end()) handler = found->second;
    }
    if (!handler) return absl::UnimplementedError("the mock has no answer for " + method);
    return handler(request, response);
  }

  absl::StatusOr<std::unique_ptr<sdk::MessageStream>> Open(const std::string& method,
                                                           const google::protobuf::Message&,
                                                           const sdk::CallOptions&) override {
    const std::lock_guard lock(mutex_);
    methods_.push_back(method);
    auto& waiting = streams_[method];
    if (waiting.empty()) return absl::UnavailableError("the mock has no more streams");
    auto stream = std::move(waiting.front());
    waiting.pop_front();
    return stream;
  }

  const sdk::Policies& policies() const override { return policies_; }

 private:
  using Handler = std::function<absl::Status(const google::protobuf::Message& request,
                                             google::protobuf::Message& response)>;

  template <typename Request, typename Response>
  void OnTyped(std::function<absl::StatusOr<Response>(Request)> function) {
    using Plain = std::remove_cv_t<std::remove_reference_t<Request>>;
    const std::lock_guard lock(mutex_);
    handlers_[Plain::descriptor()->full_name()] =
        [function = std::move(function)](const google::protobuf::Message& request,
                                         google::protobuf::Message& response) -> absl::Status {
      absl::StatusOr<Response> answer = function(static_cast<const Plain&>(request));
      if (!answer.ok()) return answer.status();
      response.CopyFrom(*answer);
      return absl::OkStatus();
    };
  }

  sdk::Policies policies_;
  mutable std::mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::map<std::string, std::deque<std::unique_ptr<sdk::MessageStream>>> streams_;
  std::map<std::string, std::vector<std::string>> requests_;
  std::vector<std::string> methods_;
};

}  // namespace kontor::sdk_mocks
