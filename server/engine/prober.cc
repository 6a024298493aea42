// SPDX-License-Identifier: Apache-2.0
#include "server/engine/prober.h"

#include <algorithm>
#include <set>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/apply.h"
#include "server/engine/check.h"
#include "server/engine/compare.h"
#include "server/engine/lookup.h"
#include "server/engine/outcomes.h"
#include "server/engine/steps.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using base::Reason;
using model::Operation;
using model::OperationState;
using model::StepKind;
using ports::ProbeResult;
using Kind = Verdict::Kind;

constexpr int kSendingMax = 1000;

Verdict Of(Kind kind) {
  Verdict verdict;
  verdict.kind = kind;
  return verdict;
}

Verdict ExceptionOf(model::Finding finding) {
  Verdict verdict;
  verdict.kind = Kind::kException;
  verdict.findings = {std::move(finding)};
  return verdict;
}

StepKind StepOf(const Item& item) {
  const Operation& operation = item.operation;
  return operation.step_index < operation.steps.size() ? operation.steps[operation.step_index].kind
                                                       : StepKind::kVerify;
}

/// The addon creates and posts in one transaction, so what is there is whole; a draft that another
/// life of this operation left is posted by the same call again.
Verdict JudgeApplied(const Item& item, const Looked& looked) {
  const bool draft = item.operation.posting == model::Posting::kDraft;
  const bool whole = !looked.snapshot || draft || IsPostedState(*looked.snapshot);
  return Of(whole ? Kind::kStepDone : Kind::kResend);
}

/// Present, absent or hidden: what that means for the step whose answer was lost.
Verdict Judge(Item& item, const Looked& looked) {
  const ProbeResult& probe = looked.probe;
  const StepKind kind = StepOf(item);
  if (probe.kind == ProbeResult::Kind::kNotVisible) {
    return ExceptionOf(
        model::MakeFinding(Reason::kNotVisibleInOdoo, "",
                           base::StrCat("The record kontor.", item.operation.external_id,
                                        " exists in Odoo, but kontor's user may not see it")));
  }
  if (probe.kind == ProbeResult::Kind::kAbsent) {
    if (kind == StepKind::kRemoveDraft) return Of(Kind::kStepDone);
    // An older revision may have been removed by kontor itself: the addon knows, and is asked.
    if (kind == StepKind::kApply && looked.gone) return Of(Kind::kResend);
    if (item.operation.seen_in_erp) return ExceptionOf(DeletedFinding(item));
    const bool creates = kind == StepKind::kCreateDraft || kind == StepKind::kUpsertPartner ||
                         kind == StepKind::kApply;
    // A later step without a record that was ever seen cannot be: it is looked at by a person.
    return creates ? Of(Kind::kResend) : ExceptionOf(DeletedFinding(item));
  }
  const std::string name = item.operation.record.name;
  item.operation.record = probe.record;
  if (item.operation.record.name.empty()) item.operation.record.name = name;
  if (kind == StepKind::kCreateDraft) return Of(Kind::kStepDone);
  if (kind == StepKind::kApply) return JudgeApplied(item, looked);
  // A partner's fields are written by the same step, which is repeatable: it runs again.
  return Of(Kind::kResend);
}

/// Posting shows in the record's state; the other steps are repeatable and simply run again.
absl::Status ReadPosted(Core& core, ports::Erp& erp, const Entity& entity,
                        std::span<Item* const> items, std::vector<Verdict>& verdicts) {
  std::vector<size_t> posting;
  std::vector<model::ErpRecord> records;
  for (size_t i = 0; i < items.size(); ++i) {
    if (verdicts[i].kind != Kind::kResend || StepOf(*items[i]) != StepKind::kPost) continue;
    posting.push_back(i);
    records.push_back(items[i]->operation.record);
  }
  if (records.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto read,
                          erp.Read(entity.company_id, records, core.CallDeadline()));
  for (size_t k = 0; k < posting.size() && k < read.size(); ++k) {
    if (!read[k].exists) {
      verdicts[posting[k]] = ExceptionOf(DeletedFinding(*items[posting[k]]));
    } else if (IsPostedState(read[k])) {
      verdicts[posting[k]] = Of(Kind::kStepDone);
    }
  }
  return absl::OkStatus();
}

/// Next look: as long after this one as the operation has been UNKNOWN, within bounds.
absl::Time NextProbe(const Core& core, const Operation& operation) {
  const absl::Time now = core.Now();
  const absl::Duration since = now - operation.unknown_since.value_or(now);
  return now + std::clamp(since, core.settings.probe_first, core.settings.probe_max);
}

/// Carries verdicts out, without a lease: an operation in UNKNOWN belongs to no lane's run, and the
/// version keeps two probers apart.
absl::Status Carry(Core& core, std::span<Item* const> items, const std::vector<Verdict>& verdicts) {
  return core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    for (size_t i = 0; i < items.size(); ++i) {
      KONTOR_ASSIGN_OR_RETURN(auto operation, unit.FindOperation(items[i]->operation.id));
      if (!operation.has_value() || operation->state != OperationState::kUnknown ||
          operation->version != items[i]->operation.version) {
        continue;
      }
      if (verdicts[i].kind == Kind::kStay) {
        operation->next_attempt = NextProbe(core, *operation);
        KONTOR_RETURN_IF_ERROR(unit.PutOperation(*operation));
        continue;
      }
      if (operation->record.id == 0) operation->record = items[i]->operation.record;
      if (items[i]->operation.record.id != 0) operation->seen_in_erp = true;
      KONTOR_RETURN_IF_ERROR(ApplyVerdict(core, unit, *items[i], *operation, verdicts[i]));
    }
    return absl::OkStatus();
  });
}

void NoteProbe(Core& core, bool answered) {
  constexpr int kGrowth = 2;
  constexpr int kShrinking = 4;
  const int now = core.probes_together.load();
  core.probes_together.store(answered ? std::min(now * kGrowth, Core::kProbesMax)
                                      : std::max(now / kShrinking, 1));
}

bool ProbeGroup(Core& core, const std::string& entity_name, std::span<Item* const> items) {
  const auto entity = core.config.FindEntity(entity_name);
  if (!entity.ok()) return false;
  std::vector<Verdict> verdicts;
  absl::Status status;
  const auto open = core.connections.Admit(entity->value.connection);
  if (!open.ok()) {
    status = open.status();
  } else if (!open->connection.value.suspended_reason.empty() &&
             open->connection.value.suspended_reason !=
                 base::EntryOf(Reason::kRestoreHold).name) {
    status = base::Error(Reason::kDatabaseReplaced).Says("the connection is suspended");
  } else {
    core.Failpoint(failpoints::kProbeBefore);
    status = DecideByProbe(core, *open->erp, entity->value, items, verdicts);
    core.Failpoint(failpoints::kProbeAfterCall);
  }
  NoteProbe(core, status.ok());
  if (!status.ok()) {
    core.connections.NoteFailure(entity->value.connection, status);
    core.Log("probe.failed", {{"entity", entity_name},
                              {"operations", std::to_string(items.size())},
                              {"reason", base::InfoOf(status).reason}});
    verdicts.assign(items.size(), Of(Kind::kStay));
  } else {
    core.connections.NoteSuccess(entity->value.connection);
  }
  const absl::Status carried = Carry(core, items, verdicts);
  if (!carried.ok()) {
    core.Log("probe.record_failed", {{"reason", base::InfoOf(carried).reason}});
    return false;
  }
  return status.ok();
}

}  // namespace

absl::Status DecideByProbe(Core& core, ports::Erp& erp, const Entity& entity,
                           std::span<Item* const> items, std::vector<Verdict>& verdicts) {
  KONTOR_ASSIGN_OR_RETURN(const auto looked, LookUp(core, erp, entity, items));
  verdicts.clear();
  for (size_t i = 0; i < items.size(); ++i) verdicts.push_back(Judge(*items[i], looked[i]));
  return ReadPosted(core, erp, entity, items, verdicts);
}

bool ProbeDue(Core& core) {
  std::vector<Operation> due;
  const absl::Status read = core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(
        due, view.OperationsInState(OperationState::kUnknown, core.Now(),
                                    core.probes_together.load()));
    return absl::OkStatus();
  });
  if (!read.ok() || due.empty()) return false;
  auto items = LoadItems(core, std::move(due));
  if (!items.ok()) return false;
  std::map<std::string, std::vector<Item*>> groups;
  for (Item& item : *items) groups[item.operation.entity].push_back(&item);
  bool any = false;
  for (const auto& [entity, group] : groups) {
    if (core.connections.IsResting(group.front()->operation.connection)) continue;
    any = ProbeGroup(core, entity, group) || any;
  }
  return any;
}

absl::StatusOr<std::vector<std::string>> LanesWithSending(Core& core) {
  std::set<std::string> lanes;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(
        const auto sending,
        view.OperationsInState(OperationState::kSending, core.Now(), kSendingMax));
    for (const Operation& operation : sending) lanes.insert(operation.lane);
    return absl::OkStatus();
  }));
  return std::vector<std::string>(lanes.begin(), lanes.end());
}

bool RecoverLane(Core& core, const std::string& lane, bool take_over) {
  core.Failpoint(failpoints::kRecoverBeforeCommit);
  bool changed = false;
  const absl::Status status = core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    changed = false;
    const absl::Time now = core.Now();
    const std::string& node = core.settings.node;
    // LEASE_LOST here means that another node is alive and at work in this lane.
    KONTOR_ASSIGN_OR_RETURN(int64_t fence,
                            unit.AcquireLease(lane, node, now, core.settings.lease_ttl));
    if (take_over) {
      // A new fence shuts out what an earlier life of this node may still try to record.
      KONTOR_RETURN_IF_ERROR(unit.ReleaseLease(lane, fence));
      KONTOR_ASSIGN_OR_RETURN(fence,
                              unit.AcquireLease(lane, node, now, core.settings.lease_ttl));
    }
    KONTOR_ASSIGN_OR_RETURN(const auto sending,
                            unit.OperationsInState(OperationState::kSending, now, kSendingMax));
    for (Operation operation : sending) {
      if (operation.lane != lane) continue;
      Verdict lost;
      lost.kind = Kind::kUnknown;
      lost.status = base::Error(Reason::kOdooAnswerLost).Says("the work was interrupted");
      Item item;
      item.operation = operation;
      KONTOR_RETURN_IF_ERROR(ApplyVerdict(core, unit, item, operation, lost));
      changed = true;
    }
    return unit.ReleaseLease(lane, fence);
  });
  if (!status.ok()) {
    core.Log("lane.not_recovered", {{"lane", lane}, {"reason", base::InfoOf(status).reason}});
    return false;
  }
  return changed;
}

}  // namespace kontor::engine
