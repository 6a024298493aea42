// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/internal/worker.h"

#include <algorithm>

namespace kontor::payment_orders {
namespace {

constexpr int kStepsInARow = 1000;

bool Concerns(const ports::CommitNotice& notice) {
  const auto& kinds = notice.flow_kinds;
  const auto& objects = notice.object_kinds;
  return std::ranges::find(kinds, kOrderKind) != kinds.end() ||
         std::ranges::find(objects, model::kChannelKind) != objects.end();
}

engine::FlowSort OrdersOf(Loop& loop) {
  engine::FlowSort orders;
  orders.kind = kOrderKind;
  orders.steps_in_a_row = kStepsInARow;
  orders.step = [&loop](const std::string& id) -> absl::StatusOr<bool> {
    KONTOR_ASSIGN_OR_RETURN(const Stepped stepped, StepOrder(loop, id));
    return stepped.again;
  };
  return orders;
}

}  // namespace

Worker::Worker(Loop& loop)
    : loop_(loop),
      orders_(OrdersOf(loop)),
      worker_({loop.deps.store, loop.deps.clock, loop.lease, loop.deps.log, "payment_order",
               loop.settings.look_interval, Concerns}) {}

void Worker::Start() {
  worker_.Start("orders", [this] { return worker_.DoDue(orders_); });
}

bool Worker::RunUntilIdle() {
  constexpr int kRoundsMax = 1000;
  for (int round = 0; round < kRoundsMax; ++round) {
    if (!loop_.lease.Hold()) return false;
    if (!worker_.DoDue(orders_)) return true;
  }
  return false;
}

}  // namespace kontor::payment_orders
