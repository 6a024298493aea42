// SPDX-License-Identifier: Apache-2.0
// The named failpoints: one at every boundary where a crash must be survivable. The tests make each
// of them throw or exit once; in service they do nothing.
#pragma once

namespace kontor::engine::failpoints {

inline constexpr char kAcceptBeforeCommit[] = "accept.before_commit";
inline constexpr char kAcceptAfterCommit[] = "accept.after_commit";
inline constexpr char kLaneAfterLease[] = "lane.after_lease";
inline constexpr char kCheckAfterRead[] = "check.after_read";
inline constexpr char kCheckAfterCommit[] = "check.after_commit";
inline constexpr char kStepBeforeSending[] = "step.before_sending";
inline constexpr char kStepAfterSendingMarked[] = "step.after_sending_marked";
inline constexpr char kStepAfterCall[] = "step.after_call";
inline constexpr char kStepAfterRecorded[] = "step.after_recorded";
inline constexpr char kProbeBefore[] = "probe.before";
inline constexpr char kProbeAfterCall[] = "probe.after_call";
inline constexpr char kRecoverBeforeCommit[] = "recover.before_commit";
inline constexpr char kParkBeforeWake[] = "park.before_wake";
inline constexpr char kResolveBeforeCommit[] = "resolve.before_commit";
inline constexpr char kObserveBeforeCommit[] = "observe.before_commit";
inline constexpr char kPollBeforeCursor[] = "poll.before_cursor";
inline constexpr char kChangesBeforeAcknowledge[] = "changes.before_acknowledge";

/// All of them, for tests that hit each once.
inline constexpr const char* kAll[] = {
    kAcceptBeforeCommit, kAcceptAfterCommit,      kLaneAfterLease,      kCheckAfterRead,
    kCheckAfterCommit,   kStepBeforeSending,      kStepAfterSendingMarked, kStepAfterCall,
    kStepAfterRecorded,  kProbeBefore,            kProbeAfterCall,      kRecoverBeforeCommit,
    kParkBeforeWake,     kResolveBeforeCommit,    kObserveBeforeCommit, kPollBeforeCursor,
    kChangesBeforeAcknowledge,
};

}  // namespace kontor::engine::failpoints
