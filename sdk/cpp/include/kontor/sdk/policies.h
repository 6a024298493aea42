// SPDX-License-Identifier: Apache-2.0
// The three decisions about repeating a call, each a small class: how long, how spaced, and whether
// it is safe at all. They never call the server; time and sleep are injected.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace google::protobuf {
class Message;
}

namespace kontor::sdk {

/// Whether a failure may pass by itself, so that the same call can succeed a moment later:
/// UNAVAILABLE, and RESOURCE_EXHAUSTED with reason RATE_LIMITED or QUEUE_FULL. Nothing else: a
/// DEADLINE_EXCEEDED has used up the caller's time, and ABORTED needs the caller to read again.
bool IsTransient(const absl::Status& status);

/// How long to go on. A fresh clone serves each call. Not thread-safe; cloning is.
class RetryPolicy {
 public:
  virtual ~RetryPolicy() = default;
  /// A policy with nothing used up.
  virtual std::unique_ptr<RetryPolicy> Clone() const = 0;
  /// Takes note of a failure; true: try again.
  virtual bool OnFailure(const absl::Status& status) = 0;
};

/// Gives up after more than `failures_max` transient failures; 0 never retries.
class LimitedErrorCountRetryPolicy final : public RetryPolicy {
 public:
  explicit LimitedErrorCountRetryPolicy(int failures_max) : failures_max_(failures_max) {}
  std::unique_ptr<RetryPolicy> Clone() const override;
  bool OnFailure(const absl::Status& status) override;

 private:
  int failures_max_;
  int failures_ = 0;
};

/// Gives up `duration` after the call began.
class LimitedTimeRetryPolicy final : public RetryPolicy {
 public:
  using Clock = std::function<absl::Time()>;
  explicit LimitedTimeRetryPolicy(absl::Duration duration, Clock clock = absl::Now);
  std::unique_ptr<RetryPolicy> Clone() const override;
  bool OnFailure(const absl::Status& status) override;

 private:
  absl::Duration duration_;
  Clock clock_;
  absl::Time end_;
};

/// How long to wait before the next attempt. A fresh clone serves each call. Not thread-safe.
class BackoffPolicy {
 public:
  virtual ~BackoffPolicy() = default;
  virtual std::unique_ptr<BackoffPolicy> Clone() const = 0;
  /// The wait after one more failure.
  virtual absl::Duration OnFailure() = 0;
};

/// Waits a random time in (half, whole] of a bound that grows by `factor` from `first` to `most`.
class ExponentialBackoffPolicy final : public BackoffPolicy {
 public:
  /// first > 0, most >= first, factor >= 1. `seed` 0 takes one from the system.
  ExponentialBackoffPolicy(absl::Duration first, absl::Duration most, int factor = 2,
                           uint64_t seed = 0);
  std::unique_ptr<BackoffPolicy> Clone() const override;
  absl::Duration OnFailure() override;

 private:
  absl::Duration first_;
  absl::Duration most_;
  int factor_;
  uint64_t seed_;
  absl::Duration bound_;
  uint64_t state_;
};

/// Whether sending a request twice is as good as sending it once. Thread-safe.
class IdempotencyPolicy {
 public:
  virtual ~IdempotencyPolicy() = default;
  /// `method` is the wire path, "/kontor.v1.InvoiceService/CreateInvoice".
  virtual bool IsIdempotent(const std::string& method,
                            const google::protobuf::Message& request) const = 0;
};

/// The rule of kontor's wire contract: what only reads is idempotent, and what changes something is
/// when the request, or each of its items, carries a request_id.
class ContractIdempotencyPolicy final : public IdempotencyPolicy {
 public:
  bool IsIdempotent(const std::string& method,
                    const google::protobuf::Message& request) const override;
};

/// All of them, with time and sleep. Null members mean the defaults that DefaultPolicies gives.
struct Policies {
  std::shared_ptr<const RetryPolicy> retry;              ///< Default: 5 transient failures.
  std::shared_ptr<const BackoffPolicy> backoff;          ///< Default: 100 ms to 10 s, doubling.
  std::shared_ptr<const IdempotencyPolicy> idempotency;  ///< Default: the contract's rule.
  std::function<void(absl::Duration)> sleeper;           ///< Default: absl::SleepFor.
  std::function<absl::Time()> clock;                     ///< Default: absl::Now.
};

/// `given` with every null member filled in.
Policies WithDefaults(Policies given);

}  // namespace kontor::sdk
