// SPDX-License-Identifier: Apache-2.0
// The steps of a batch. Whatever goes wrong with the store or the lease between a mark and its
// record leaves SENDING on disk, and SENDING without a live lease is UNKNOWN.
#include <pthread.h>

#include <algorithm>
#include <future>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/apply.h"
#include "server/engine/check.h"
#include "server/engine/observe.h"
#include "server/engine/outcomes.h"
#include "server/engine/runner.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using model::Operation;
using model::OperationState;
using model::StepKind;
using Kind = Verdict::Kind;

bool IsRunning(const Item& item) {
  const Operation& operation = item.operation;
  return (operation.state == OperationState::kReady ||
          operation.state == OperationState::kSending) &&
         operation.step_index < operation.steps.size();
}

/// The addon takes drafts and what is to be posted in calls of their own.
bool FitsWith(StepKind kind, const Item& item, const Item& first) {
  return kind != StepKind::kApply || (item.operation.posting == model::Posting::kDraft) ==
                                         (first.operation.posting == model::Posting::kDraft);
}

/// Steps that need no number and no lock of the journal: Odoo may do them beside its posting.
bool IsBeforePosting(StepKind kind) {
  switch (kind) {
    case StepKind::kUpsertPartner:
    case StepKind::kBankAccounts:
    case StepKind::kCreateDraft:
    case StepKind::kCompareDraft:
    case StepKind::kCorrectTax: return true;
    default: return false;
  }
}

/// The first running item decides; its like go with it as far as one call may take them.
std::vector<Item*> NextGroup(std::span<Item> items, bool before_posting, StepKind* kind) {
  std::vector<Item*> group;
  for (Item& item : items) {
    if (!IsRunning(item)) continue;
    // What follows the removal of an old draft is a new document: the next run checks it first.
    if (NeedsCheck(item.operation) && !item.checked) continue;
    const StepKind own = item.operation.steps[item.operation.step_index].kind;
    if (before_posting && !IsBeforePosting(own)) continue;
    if (group.empty()) {
      *kind = own;
    } else if (own != *kind || item.document.type() != group.front()->document.type() ||
               !GoesInBatches(own) || !FitsWith(own, item, *group.front())) {
      continue;
    }
    group.push_back(&item);
  }
  return group;
}

}  // namespace

void LaneRun::RunInBatches(const OpenConnection& open, const Entity& entity,
                           std::span<Item> items) {
  const size_t size = static_cast<size_t>(std::max(sizes_.For(lane_), 1));
  std::vector<std::span<Item>> batches;
  for (size_t at = 0; at < items.size(); at += size) {
    batches.push_back(items.subspan(at, std::min(size, items.size() - at)));
  }
  for (size_t i = 0; i < batches.size() && !lost_; ++i) {
    // Ends with this round, whatever is thrown in it: its destructor waits.
    std::future<void> ahead;
    if (i + 1 < batches.size()) {
      ahead = std::async(std::launch::async, [this, &open, &entity, next = batches[i + 1]] {
        pthread_setname_np(pthread_self(), "engine-drafts");
        RunSteps(open, entity, next, Until::kPosting);
      });
    }
    RunSteps(open, entity, batches[i], Until::kEnd);
    if (ahead.valid()) ahead.get();
  }
}

void LaneRun::RunSteps(const OpenConnection& open, const Entity& entity, std::span<Item> items,
                       Until until) {
  // Every round ends a step or takes an item out; the bound is a net under a defect.
  constexpr size_t kStepsMax = 16;
  for (size_t round = 0; round < kStepsMax * items.size() && !lost_; ++round) {
    StepKind kind = StepKind::kVerify;
    std::vector<Item*> group = NextGroup(items, until == Until::kPosting, &kind);
    if (group.empty()) return;
    const auto catalogue = core_.connections.CatalogueOf(entity, false);
    if (!catalogue.ok()) {
      core_.connections.NoteFailure(entity.connection, catalogue.status());
      const Verdict verdict = VerdictOn(catalogue.status(), StepKind::kVerify);
      if (!Record(group, std::vector<Verdict>(group.size(), verdict)).ok()) lost_ = true;
      continue;
    }
    StepContext context{core_, *open.erp, entity, *catalogue, core_.CallDeadline()};
    RunStep(context, kind, std::move(group), false);
  }
}

std::shared_ptr<const model::Catalogue> LaneRun::WithLocksOfNow(const StepContext& context,
                                                               const std::vector<Item*>& group) {
  const auto locks =
      context.erp.ReadLockDates(context.entity.company_id, core_.CallDeadline());
  if (!locks.ok()) {
    core_.connections.NoteFailure(context.entity.connection, locks.status());
    const Verdict verdict = VerdictOn(locks.status(), StepKind::kVerify);
    if (!Record(group, std::vector<Verdict>(group.size(), verdict)).ok()) lost_ = true;
    return nullptr;
  }
  if (*locks == context.catalogue->lock_dates) return context.catalogue;
  auto changed = std::make_shared<model::Catalogue>(*context.catalogue);
  changed->lock_dates = *locks;
  return changed;
}

std::vector<Item*> LaneRun::PlanLocks(const StepContext& context,
                                      const std::vector<Item*>& group) {
  const auto catalogue = WithLocksOfNow(context, group);
  if (catalogue == nullptr) return {};
  std::vector<Item*> free;
  std::vector<Item*> locked;
  std::vector<Verdict> verdicts;
  for (Item* item : group) {
    std::vector<model::Finding> findings = LockFindings(core_, *item, *catalogue);
    DowngradeAccepted(item->operation.accepted_reasons, findings);
    if (!model::HasErrors(findings)) {
      free.push_back(item);
      continue;
    }
    Verdict verdict;
    verdict.kind = Kind::kException;
    verdict.findings = std::move(findings);
    verdicts.push_back(std::move(verdict));
    locked.push_back(item);
  }
  if (!locked.empty() && !Record(locked, verdicts).ok()) lost_ = true;
  return free;
}

void LaneRun::RunStep(const StepContext& context, StepKind kind, std::vector<Item*> group,
                      bool again) {
  const bool posts = kind == StepKind::kPost || kind == StepKind::kApply;
  if (posts && !again) group = PlanLocks(context, group);
  if (group.empty() || lost_) return;
  core_.Failpoint(failpoints::kStepBeforeSending);
  if (const absl::Status marked = MarkSending(group, again); !marked.ok()) {
    core_.Log("lane.mark_failed", {{"lane", lane_}, {"reason", base::InfoOf(marked).reason}});
    lost_ = true;
    return;
  }
  if (group.empty()) return;
  core_.Failpoint(failpoints::kStepAfterSendingMarked);
  StepContext fresh = context;
  fresh.deadline = std::min(core_.CallDeadline(), LeaseUntil());
  const absl::Time began = core_.Now();
  std::vector<Verdict> verdicts;
  const absl::Status status = CallStep(fresh, kind, group, verdicts);
  core_.Failpoint(failpoints::kStepAfterCall);
  if (status.ok()) {
    core_.connections.NoteSuccess(context.entity.connection);
    if (ChangesErp(kind)) {
      const bool creates = kind == StepKind::kCreateDraft || kind == StepKind::kUpsertPartner ||
                           kind == StepKind::kApply;
      sizes_.Note(lane_, group.size(), core_.Now() - began, creates);
    }
  } else {
    core_.Log("step.failed", {{"lane", lane_},
                              {"step", std::string(NameOf(kind))},
                              {"documents", std::to_string(group.size())},
                              {"reason", base::InfoOf(status).reason}});
    if (base::Is(status, base::Reason::kAddonMissing)) {
      core_.connections.Recheck(context.entity.connection);
    }
    if (IsAboutConnection(status)) {
      core_.connections.NoteFailure(context.entity.connection, status);
    }
    const Verdict verdict = VerdictOn(status, kind);
    if (verdict.kind == Kind::kException && group.size() > 1) {
      return Split(context, kind, group, status);
    }
    verdicts.assign(group.size(), verdict);
  }
  if (const absl::Status recorded = Record(group, verdicts); !recorded.ok()) {
    core_.Log("lane.record_failed", {{"lane", lane_}, {"reason", base::InfoOf(recorded).reason}});
    lost_ = true;
    return;
  }
  core_.Failpoint(failpoints::kStepAfterRecorded);
  if (kind == StepKind::kReconcile && status.ok()) ObserveInvoices(context, *group.front());
}

void LaneRun::Split(const StepContext& context, StepKind kind, const std::vector<Item*>& group,
                    const absl::Status& refusal) {
  const auto metadata = base::InfoOf(refusal).metadata;
  const auto named = metadata.find("item");
  if (named != metadata.end()) {
    const auto index = base::ParseInt64(named->second);
    if (index.ok() && *index >= 0 && static_cast<size_t>(*index) < group.size()) {
      std::vector<Item*> rest = group;
      Item* const guilty = rest[static_cast<size_t>(*index)];
      rest.erase(rest.begin() + static_cast<ptrdiff_t>(*index));
      RunStep(context, kind, std::move(rest), true);
      if (!lost_) RunStep(context, kind, {guilty}, true);
      return;
    }
  }
  const auto middle = group.begin() + static_cast<ptrdiff_t>(group.size() / 2);
  RunStep(context, kind, {group.begin(), middle}, true);
  if (!lost_) RunStep(context, kind, {middle, group.end()}, true);
}

absl::Status LaneRun::MarkSending(std::vector<Item*>& group, bool again) {
  const absl::Time now = core_.Now();
  std::vector<std::optional<Operation>> marked;
  KONTOR_RETURN_IF_ERROR(core_.store().Commit([&](ports::Unit& unit) -> absl::Status {
    marked.assign(group.size(), std::nullopt);
    KONTOR_ASSIGN_OR_RETURN(const int64_t fence,
                            unit.AcquireLease(lane_, core_.settings.node, now,
                                              core_.settings.lease_ttl));
    if (fence != fence_) {
      return base::Error(base::Reason::kLeaseLost).With("lane", lane_)
          .Says("the lane was taken over");
    }
    for (size_t i = 0; i < group.size(); ++i) {
      KONTOR_ASSIGN_OR_RETURN(auto operation, unit.FindOperation(group[i]->operation.id));
      if (!operation.has_value() || operation->version != group[i]->operation.version) continue;
      model::TakePath(*operation, path_);
      model::Step* const step = CurrentStep(*operation);
      if (step == nullptr) continue;
      step->state = model::StepState::kSending;
      step->attempts += 1;
      if (!step->started) step->started = now;
      if (!again) ++operation->attempt_count;
      operation->fence = fence_;
      operation->next_attempt.reset();
      KONTOR_RETURN_IF_ERROR(MoveTo(core_, unit, *operation, OperationState::kSending, {}));
      marked[i] = *std::move(operation);
    }
    return absl::OkStatus();
  }));
  std::vector<Item*> kept;
  for (size_t i = 0; i < group.size(); ++i) {
    if (!marked[i].has_value()) {
      // Someone cancelled or changed it: it leaves this batch and is looked at anew.
      group[i]->operation.step_index = group[i]->operation.steps.size();
      continue;
    }
    group[i]->operation = *std::move(marked[i]);
    kept.push_back(group[i]);
  }
  group = std::move(kept);
  HoldLeaseUntil(now + core_.settings.lease_ttl);
  if (core_.Now() + core_.settings.call_timeout > LeaseUntil()) {
    return base::Error(base::Reason::kLeaseLost)
        .With("lane", lane_)
        .Says("the lease would not outlive the call");
  }
  return absl::OkStatus();
}

absl::Status LaneRun::Record(std::span<Item* const> group, const std::vector<Verdict>& verdicts) {
  std::vector<std::optional<Operation>> recorded;
  KONTOR_RETURN_IF_ERROR(core_.store().Commit([&](ports::Unit& unit) -> absl::Status {
    recorded.assign(group.size(), std::nullopt);
    KONTOR_RETURN_IF_ERROR(unit.CheckLease(lane_, fence_));
    for (size_t i = 0; i < group.size(); ++i) {
      const Item& item = *group[i];
      if (verdicts[i].kind == Kind::kStay) continue;
      KONTOR_ASSIGN_OR_RETURN(auto operation, unit.FindOperation(item.operation.id));
      if (!operation.has_value() || operation->version != item.operation.version) continue;
      KONTOR_RETURN_IF_ERROR(ApplyVerdict(core_, unit, item, *operation, verdicts[i]));
      recorded[i] = *std::move(operation);
    }
    return absl::OkStatus();
  }));
  for (size_t i = 0; i < group.size(); ++i) {
    if (recorded[i].has_value()) {
      group[i]->operation = *std::move(recorded[i]);
    } else {
      group[i]->operation.step_index = group[i]->operation.steps.size();
    }
  }
  return absl::OkStatus();
}

void LaneRun::ObserveInvoices(const StepContext& context, const Item& item) {
  std::vector<model::ErpRecord> records;
  for (const AllocationTarget& target : item.targets) {
    records.push_back({"account.move", target.move_id, ""});
  }
  if (records.empty()) return;
  const absl::Status status = ReadAndObserve(core_, context.erp, context.entity, records);
  // Polling sees the same later, so this is only the quick way.
  if (!status.ok()) {
    core_.Log("observe.failed", {{"lane", lane_}, {"reason", base::InfoOf(status).reason}});
  }
}

}  // namespace kontor::engine
