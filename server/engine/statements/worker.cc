// SPDX-License-Identifier: Apache-2.0
#include "server/engine/statements/internal/worker.h"

#include <algorithm>

namespace kontor::statements {
namespace {

constexpr int kStepsInARow = 100000;

engine::FlowSort FilesOf(Loop& loop) {
  engine::FlowSort files;
  files.kind = kFileKind;
  files.step = [&loop](const std::string& id) -> absl::StatusOr<bool> {
    KONTOR_RETURN_IF_ERROR(StepFile(loop, id));
    return false;
  };
  return files;
}

engine::FlowSort StatementsOf(Loop& loop) {
  engine::FlowSort statements;
  statements.kind = kStatementKind;
  // Its file brings it forward, or is about to.
  statements.left_out = std::string(NameOf(State::kImporting));
  statements.steps_in_a_row = kStepsInARow;
  statements.step = [&loop](const std::string& id) { return StepStatement(loop, id); };
  return statements;
}

}  // namespace

Worker::Worker(Loop& loop)
    : loop_(loop),
      files_(FilesOf(loop)),
      statements_(StatementsOf(loop)),
      worker_({loop.deps.store, loop.deps.clock, loop.lease, loop.deps.log, "statement",
               loop.settings.look_interval,
               [this](const ports::CommitNotice& notice) { return Concerns(notice); }}) {}

void Worker::Start() {
  worker_.Start("files", [this] {
    const bool polled = PollDue();
    return worker_.DoDue(files_) || polled;
  });
  worker_.Start("statements", [this] { return worker_.DoDue(statements_); });
}

bool Worker::Concerns(const ports::CommitNotice& notice) {
  const auto has = [](const std::vector<std::string>& kinds, std::string_view kind) {
    return std::ranges::find(kinds, kind) != kinds.end();
  };
  const bool channels = has(notice.object_kinds, model::kChannelKind);
  if (channels) {
    const std::lock_guard lock(mutex_);
    next_poll_.clear();
  }
  return channels || has(notice.flow_kinds, kFileKind) || has(notice.flow_kinds, kStatementKind) ||
         has(notice.object_kinds, model::kOwnAccountKind);
}

/// Whether it is the channel's turn; from then on it is not, for its interval.
bool Worker::MayPoll(const model::Channel& channel) {
  if (channel.state == model::ChannelState::kPaused) return false;
  const std::lock_guard lock(mutex_);
  absl::Time& next = next_poll_.try_emplace(channel.id, absl::InfinitePast()).first->second;
  if (loop_.Now() < next) return false;
  next = loop_.Now() + channel.poll_interval;
  return true;
}

bool Worker::PollDue() {
  const auto channels = loop_.Channels();
  if (!channels.ok()) return false;
  bool did = false;
  for (const model::Channel& channel : *channels) {
    if (worker_.IsStopping()) return did;
    if (!MayPoll(channel)) continue;
    int taken = 0;
    const absl::Status polled = worker_.Guarded([&]() -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(taken, PollChannel(loop_, channel));
      return absl::OkStatus();
    });
    if (!polled.ok()) {
      loop_.Log("bank_channel.poll_failed",
                {{"channel", channel.name}, {"reason", base::InfoOf(polled).reason}});
    }
    did = did || taken > 0;
  }
  return did;
}

bool Worker::RunUntilIdle() {
  constexpr int kRoundsMax = 1000;
  for (int round = 0; round < kRoundsMax; ++round) {
    if (!loop_.lease.Hold()) return false;
    bool did = PollDue();
    did = worker_.DoDue(files_) || did;
    did = worker_.DoDue(statements_) || did;
    if (!did) return true;
  }
  return false;
}

}  // namespace kontor::statements
