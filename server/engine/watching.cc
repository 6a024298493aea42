// SPDX-License-Identifier: Apache-2.0
#include "server/engine/watching.h"

#include <algorithm>

#include "server/base/status.h"

namespace kontor::engine {

bool IsResting(model::OperationState state) {
  return model::IsTerminal(state) || state == model::OperationState::kException ||
         state == model::OperationState::kHeld || state == model::OperationState::kParked;
}

void Watchers::Add(const std::string& operation_id, absl::Time deadline,
                   Done<model::Operation> done) {
  const std::lock_guard lock(mutex_);
  waiters_.push_back({operation_id, deadline, std::move(done), true});
}

bool Watchers::Note(const std::vector<std::string>& operation_ids) {
  const std::lock_guard lock(mutex_);
  ++notes_;
  bool any = false;
  for (Waiter& waiter : waiters_) {
    if (std::find(operation_ids.begin(), operation_ids.end(), waiter.operation_id) !=
        operation_ids.end()) {
      waiter.noted = true;
      any = true;
    }
  }
  return any;
}

bool Watchers::Serve() { return ServeSome(false); }

void Watchers::ServeAll() { ServeSome(true); }

bool Watchers::ServeSome(bool all) {
  const absl::Time now = core_.Now();
  std::vector<Waiter> due;
  uint64_t notes = 0;
  {
    const std::lock_guard lock(mutex_);
    notes = notes_;
    const auto is_due = [&](const Waiter& w) { return all || w.noted || w.deadline <= now; };
    const auto split = std::stable_partition(waiters_.begin(), waiters_.end(),
                                             [&](const Waiter& w) { return !is_due(w); });
    std::move(split, waiters_.end(), std::back_inserter(due));
    waiters_.erase(split, waiters_.end());
  }
  bool any = false;
  for (Waiter& waiter : due) {
    std::optional<model::Operation> operation;
    const absl::Status read = core_.store().Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(operation, view.FindOperation(waiter.operation_id));
      return absl::OkStatus();
    });
    if (!read.ok()) {
      waiter.done(read);
    } else if (!operation.has_value()) {
      waiter.done(
          base::Error(base::Reason::kNotFound).Field("id").Says("there is no such operation"));
    } else if (all || waiter.deadline <= now || IsResting(operation->state)) {
      waiter.done(*std::move(operation));
    } else {
      const std::lock_guard lock(mutex_);
      waiter.noted = notes != notes_;
      waiters_.push_back(std::move(waiter));
      continue;
    }
    any = true;
  }
  return any;
}

}  // namespace kontor::engine
