// SPDX-License-Identifier: Apache-2.0
#include "server/engine/flow_lease.h"

#include <utility>

#include "server/base/status.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;

constexpr int kRenewalsInTime = 3;  // two renewals may fail before the lease ends

}  // namespace

FlowLease::FlowLease(ports::Store& store, const base::Clock& clock, std::string name,
                     std::string node, absl::Duration ttl)
    : store_(store), clock_(clock), name_(std::move(name)), node_(std::move(node)), ttl_(ttl) {}

bool FlowLease::Hold() {
  const std::lock_guard taking(taking_);
  const absl::Time now = clock_.Now();
  {
    const std::lock_guard lock(mutex_);
    if (fence_ && now < renew_at_) return true;
  }
  int64_t taken = 0;
  const absl::Status got = store_.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(taken, unit.AcquireLease(name_, node_, now, ttl_));
    return absl::OkStatus();
  });
  const std::lock_guard lock(mutex_);
  if (!got.ok()) {
    fence_.reset();
    return false;
  }
  fence_ = taken;
  renew_at_ = now + ttl_ / kRenewalsInTime;
  return true;
}

absl::Status FlowLease::Release() {
  const std::lock_guard taking(taking_);
  std::optional<int64_t> held;
  {
    const std::lock_guard lock(mutex_);
    held = std::exchange(fence_, std::nullopt);
  }
  if (!held) return absl::OkStatus();
  return store_.Commit([&](ports::Unit& unit) { return unit.ReleaseLease(name_, *held); });
}

absl::Status FlowLease::Commit(const ports::Work& work) {
  std::optional<int64_t> held;
  {
    const std::lock_guard lock(mutex_);
    held = fence_;
  }
  if (!held) {
    return Error(Reason::kLeaseLost).With("lease", name_).Says("this node does not hold the lease");
  }
  bool lost = false;
  const absl::Status done = store_.Commit([&](ports::Unit& unit) -> absl::Status {
    const absl::Status ours = unit.CheckLease(name_, *held);
    lost = base::Is(ours, Reason::kLeaseLost);
    KONTOR_RETURN_IF_ERROR(ours);
    return work(unit);
  });
  if (lost) Forget(*held);
  return done;
}

absl::Status FlowLease::Postpone(const std::string& flow_id, absl::Duration wait) {
  return Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(flow_id));
    if (!row || !row->open) return absl::OkStatus();
    row->due = clock_.Now() + wait;
    return unit.PutFlow(*row);
  });
}

/// Another thread may have taken the lease anew meanwhile: that one stays.
void FlowLease::Forget(int64_t fence) {
  const std::lock_guard lock(mutex_);
  if (fence_ == fence) fence_.reset();
}

CommitLine::CommitLine(ports::Store& store, std::function<void(const ports::CommitNotice&)> note)
    : shared_(std::make_shared<Shared>()) {
  shared_->note = std::move(note);
  store.OnCommit([shared = shared_](const ports::CommitNotice& notice) {
    const std::lock_guard lock(shared->mutex);
    if (shared->note) shared->note(notice);
  });
}

CommitLine::~CommitLine() { Cut(); }

void CommitLine::Cut() {
  const std::lock_guard lock(shared_->mutex);
  shared_->note = nullptr;
}

}  // namespace kontor::engine
