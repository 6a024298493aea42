// SPDX-License-Identifier: Apache-2.0
// The default policies. No call, no sleep: they only answer.
#include "kontor/sdk/policies.h"

#include <algorithm>
#include <random>
#include <string_view>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/time/clock.h"
#include "kontor/sdk/errors.h"
#include "sdk/cpp/src/request_ids.h"

namespace kontor::sdk {
namespace {

constexpr int kDefaultFailuresMax = 5;
constexpr absl::Duration kDefaultBackoffFirst = absl::Milliseconds(100);
constexpr absl::Duration kDefaultBackoffMost = absl::Seconds(10);
// Methods that only read, by the first word of their name.
constexpr std::string_view kReaders[] = {"Get",    "List",   "Watch",      "Check",
                                         "WhoAmI", "Export", "VerifyAudit"};

// splitmix64 (Steele, Lea, Flood 2014): enough to keep clients from stepping in time.
uint64_t NextRandom(uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

}  // namespace

bool IsTransient(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return true;
  if (!absl::IsResourceExhausted(status)) return false;
  const std::string reason = ReasonOf(status);
  return reason == "RATE_LIMITED" || reason == "QUEUE_FULL";
}

std::unique_ptr<RetryPolicy> LimitedErrorCountRetryPolicy::Clone() const {
  return std::make_unique<LimitedErrorCountRetryPolicy>(failures_max_);
}

bool LimitedErrorCountRetryPolicy::OnFailure(const absl::Status& status) {
  return IsTransient(status) && ++failures_ <= failures_max_;
}

LimitedTimeRetryPolicy::LimitedTimeRetryPolicy(absl::Duration duration, Clock clock)
    : duration_(duration), clock_(std::move(clock)), end_(clock_() + duration_) {}

std::unique_ptr<RetryPolicy> LimitedTimeRetryPolicy::Clone() const {
  return std::make_unique<LimitedTimeRetryPolicy>(duration_, clock_);
}

bool LimitedTimeRetryPolicy::OnFailure(const absl::Status& status) {
  return IsTransient(status) && clock_() < end_;
}

ExponentialBackoffPolicy::ExponentialBackoffPolicy(absl::Duration first, absl::Duration most,
                                                   int factor, uint64_t seed)
    : first_(first), most_(std::max(first, most)), factor_(std::max(factor, 1)), seed_(seed),
      bound_(first), state_(seed) {
  if (seed_ == 0) {
    std::random_device device;
    state_ = (uint64_t{device()} << 32) | device();
  }
}

std::unique_ptr<BackoffPolicy> ExponentialBackoffPolicy::Clone() const {
  return std::make_unique<ExponentialBackoffPolicy>(first_, most_, factor_, seed_);
}

absl::Duration ExponentialBackoffPolicy::OnFailure() {
  constexpr int kParts = 1024;
  const auto part = static_cast<int64_t>(NextRandom(state_) % kParts) + 1;
  const absl::Duration half = bound_ / 2;
  const absl::Duration wait = half + half * part / kParts;
  bound_ = std::min(bound_ * factor_, most_);
  return wait;
}

bool ContractIdempotencyPolicy::IsIdempotent(const std::string& method,
                                             const google::protobuf::Message& request) const {
  const std::string_view name = std::string_view(method).substr(method.rfind('/') + 1);
  for (const std::string_view reader : kReaders) {
    if (name.starts_with(reader)) return true;
  }
  return internal::HasRequestIds(request);
}

Policies WithDefaults(Policies given) {
  if (!given.retry) {
    given.retry = std::make_shared<LimitedErrorCountRetryPolicy>(kDefaultFailuresMax);
  }
  if (!given.backoff) {
    given.backoff =
        std::make_shared<ExponentialBackoffPolicy>(kDefaultBackoffFirst, kDefaultBackoffMost);
  }
  if (!given.idempotency) given.idempotency = std::make_shared<ContractIdempotencyPolicy>();
  if (!given.sleeper) given.sleeper = absl::SleepFor;
  if (!given.clock) given.clock = absl::Now;
  return given;
}

}  // namespace kontor::sdk
