// SPDX-License-Identifier: Apache-2.0
#include "server/engine/steps_read.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/compare.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using base::Reason;
using model::StepKind;
using Kind = Verdict::Kind;

Verdict ExceptionWith(std::vector<model::Finding> findings) {
  Verdict verdict;
  verdict.kind = Kind::kException;
  verdict.findings = std::move(findings);
  return verdict;
}

Verdict Done() {
  Verdict verdict;
  verdict.kind = Kind::kStepDone;
  return verdict;
}

/// What the entity's policy and people have accepted.
void Downgrade(const StepContext& context, const Item& item,
               std::vector<model::Finding>& findings) {
  std::vector<std::string> accepted = item.operation.accepted_reasons;
  if (context.entity.accept_total_mismatch) {
    accepted.emplace_back(base::EntryOf(Reason::kTotalMismatch).name);
  }
  DowngradeAccepted(accepted, findings);
}

/// Nothing is missed by an accepted total: kCorrectTax is only tried for what is an error.
Verdict CompareOne(const StepContext& context, Item& item, const ports::ErpSnapshot& got) {
  if (!got.exists) return ExceptionWith({DeletedFinding(item)});
  if (IsPostedState(got)) return Done();  // an earlier life of this operation came further
  const auto& steps = item.operation.steps;
  const bool tried = std::any_of(steps.begin(), steps.end(), [](const model::Step& step) {
    return step.kind == StepKind::kCorrectTax;
  });
  DraftComparison comparison = CompareDraft(item.document, got, !tried);
  const std::vector<model::Finding> locked = LockFindings(context.core, item, *context.catalogue);
  comparison.findings.insert(comparison.findings.end(), locked.begin(), locked.end());
  Downgrade(context, item, comparison.findings);
  if (model::HasErrors(comparison.findings)) return ExceptionWith(std::move(comparison.findings));
  if (comparison.corrected_tax) {
    Verdict verdict;
    verdict.kind = Kind::kCorrectTax;
    return verdict;
  }
  return Done();
}

Verdict VerifyOne(const StepContext& context, Item& item, const ports::ErpSnapshot& got) {
  if (item.operation.verb == model::Verb::kCancel) {
    if (got.exists && !IsCancelledState(got)) {
      return ExceptionWith(
          {model::MakeFinding(Reason::kBookedDifferently, "state",
                              "The document should be cancelled in Odoo", "cancel", got.state)});
    }
    Verdict verdict = Done();
    if (got.exists) verdict.verified = got;
    return verdict;
  }
  if (!got.exists) return ExceptionWith({DeletedFinding(item)});
  std::vector<model::Finding> findings =
      CompareBooked(item.document, got, item.operation.posting);
  Downgrade(context, item, findings);
  if (model::HasErrors(findings)) return ExceptionWith(std::move(findings));
  Verdict verdict = Done();
  verdict.verified = got;
  return verdict;
}

/// Whether the addon's answer is the reading: nothing was changed since, in this run.
bool IsReadAlready(StepKind kind, const Item& item) {
  const model::Operation& operation = item.operation;
  return kind == StepKind::kVerify && item.applied.has_value() && operation.step_index > 0 &&
         operation.steps[operation.step_index - 1].kind == StepKind::kApply;
}

absl::StatusOr<std::vector<ports::ErpSnapshot>> ReadingsOf(const StepContext& context,
                                                           StepKind kind,
                                                           std::span<Item* const> group) {
  std::vector<ports::ErpSnapshot> readings(group.size());
  std::vector<model::ErpRecord> records;
  std::vector<size_t> places;
  for (size_t i = 0; i < group.size(); ++i) {
    if (IsReadAlready(kind, *group[i])) {
      readings[i] = *group[i]->applied;
      continue;
    }
    records.push_back(group[i]->operation.record);
    places.push_back(i);
  }
  if (records.empty()) return readings;
  KONTOR_ASSIGN_OR_RETURN(auto read, context.erp.Read(context.entity.company_id, records,
                                                      context.deadline));
  if (read.size() != places.size()) {
    return base::Error(Reason::kOdooAnswerUnreadable)
        .Says("another number of readings was answered");
  }
  for (size_t k = 0; k < places.size(); ++k) readings[places[k]] = std::move(read[k]);
  return readings;
}

}  // namespace

absl::Status ReadBack(const StepContext& context, StepKind kind, std::span<Item* const> group,
                      std::vector<Verdict>& verdicts) {
  KONTOR_ASSIGN_OR_RETURN(const auto read, ReadingsOf(context, kind, group));
  verdicts.clear();
  for (size_t i = 0; i < group.size(); ++i) {
    verdicts.push_back(kind == StepKind::kCompareDraft
                           ? CompareOne(context, *group[i], read[i])
                           : VerifyOne(context, *group[i], read[i]));
  }
  return absl::OkStatus();
}

}  // namespace kontor::engine
