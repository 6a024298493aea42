// SPDX-License-Identifier: Apache-2.0
// Who brings orders forward: one thread, under a lease.
#pragma once

#include "server/engine/flow_worker.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {

class Worker {
 public:
  explicit Worker(Loop& loop);
  void Start();
  /// Waits for the step under way.
  void Stop() { worker_.Stop(); }
  bool RunUntilIdle();

 private:
  Loop& loop_;
  const engine::FlowSort orders_;
  engine::FlowWorker worker_;
};

}  // namespace kontor::payment_orders
