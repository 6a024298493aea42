// SPDX-License-Identifier: Apache-2.0
// The composition root: makes every part in the order of its dependencies, starts them, and stops
// them in reverse, each within a deadline.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/app/config.h"
#include "server/app/observability.h"

namespace kontor::app {

class Service {
 public:
  /// Opens the store and starts everything; both ports answer when it returns.
  static absl::StatusOr<std::unique_ptr<Service>> Start(const Config& config,
                                                        Observability& observability);
  virtual ~Service() = default;
  virtual int grpc_port() const = 0;
  virtual int http_port() const = 0;
  /// Stops accepting, lets what is under way end, flushes and closes.
  virtual void Stop() = 0;
};

}  // namespace kontor::app
