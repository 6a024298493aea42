// SPDX-License-Identifier: Apache-2.0
// A closed loop of calls: so many in flight at any time, each answer starts the next call.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace kontor::bench {

struct LoadOptions {
  int in_flight = 64;                          ///< 1 to 10,000.
  absl::Duration length = absl::Seconds(3);    ///< Counted; calls that ended within it.
  absl::Duration warm_up = absl::Seconds(1);   ///< Not counted, before.
  int lines = 3;                               ///< Of each invoice.
  std::string token;                           ///< Of the submitter.
};

/// Empty calls a second. An error of the first call that fails ends it.
absl::StatusOr<double> EchoRate(const std::shared_ptr<grpc::Channel>& channel,
                                const LoadOptions& options);
/// Accepted invoices a second, each with a request id of its own; likewise.
absl::StatusOr<double> AcceptRate(const std::shared_ptr<grpc::Channel>& channel,
                                  const LoadOptions& options);
/// Accepts `count` invoices.
absl::Status AcceptSome(const std::shared_ptr<grpc::Channel>& channel, const LoadOptions& options,
                        int64_t count);

}  // namespace kontor::bench
