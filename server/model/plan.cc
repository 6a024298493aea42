// SPDX-License-Identifier: Apache-2.0
// Which calls an operation makes, in order (DESIGN 5.3). A held operation has the steps of a posted
// one: it is held before anything is sent.
#include "server/model/operation.h"

#include <algorithm>

namespace kontor::model {
namespace {

using enum StepKind;

std::vector<StepKind> KindsFor(const Partner& partner, bool /*post*/) {
  if (partner.bank_accounts.empty()) return {kUpsertPartner, kVerify};
  return {kUpsertPartner, kBankAccounts, kVerify};
}

std::vector<StepKind> KindsFor(const Invoice& invoice, bool post) {
  std::vector<StepKind> kinds = {kCreateDraft, kCompareDraft};
  if (post) {
    kinds.push_back(kPost);
    if (!invoice.reversed_invoice_id.empty()) kinds.push_back(kReconcile);
  }
  kinds.push_back(kVerify);
  if (!invoice.attachments.empty()) kinds.push_back(kAttach);
  return kinds;
}

std::vector<StepKind> KindsFor(const Payment& payment, bool post) {
  std::vector<StepKind> kinds = {kCreateDraft, kCompareDraft};
  if (post) {
    kinds.push_back(kPost);
    if (!payment.allocations.empty()) kinds.push_back(kReconcile);
  }
  kinds.push_back(kVerify);
  return kinds;
}

std::vector<StepKind> KindsFor(const JournalEntry& entry, bool post) {
  std::vector<StepKind> kinds = {kCreateDraft, kCompareDraft};
  if (post) kinds.push_back(kPost);
  kinds.push_back(kVerify);
  if (!entry.attachments.empty()) kinds.push_back(kAttach);
  return kinds;
}

std::vector<StepKind> KindsFor(const ExpenseClaim& claim, bool post) {
  std::vector<StepKind> kinds = {kCreateDraft, kCompareDraft};
  if (post) kinds.push_back(kPost);
  kinds.push_back(kVerify);
  if (!claim.attachments.empty()) kinds.push_back(kAttach);
  return kinds;
}

/// One kApply in place of creating, comparing and posting.
std::vector<Step> WithApply(std::vector<Step> steps) {
  const auto creates = [](const Step& step) { return step.kind == kCreateDraft; };
  const auto first = std::find_if(steps.begin(), steps.end(), creates);
  if (first == steps.end()) return steps;
  first->kind = kApply;
  const auto is_within = [](const Step& step) {
    return step.kind == kCompareDraft || step.kind == kPost;
  };
  steps.erase(std::remove_if(first + 1, steps.end(), is_within), steps.end());
  return steps;
}

}  // namespace

std::vector<Step> PlanSteps(const Document& document, Verb verb, Posting posting, Path path) {
  const bool post = posting != Posting::kDraft;
  const std::vector<StepKind> kinds =
      verb == Verb::kCancel
          ? std::vector<StepKind>{kUndo, kVerify}
          : std::visit([post](const auto& content) { return KindsFor(content, post); },
                       document.content);
  std::vector<Step> steps;
  steps.reserve(kinds.size());
  for (const StepKind kind : kinds) {
    Step step;
    step.kind = kind;
    steps.push_back(step);
  }
  if (path == Path::kAddon) steps = WithApply(std::move(steps));
  return steps;
}

void TakePath(Operation& operation, Path path) {
  if (operation.path != Path::kUndecided) return;
  // An update of a partner is no document of its own, and a claim goes through the hands of its
  // approver: neither has a place among the addon's operations, each of which is one transaction.
  const bool is_ours = operation.document_type == DocumentType::kPartner ||
                       operation.document_type == DocumentType::kExpenseClaim;
  operation.path = is_ours ? Path::kLoad : path;
  if (operation.path == Path::kAddon) operation.steps = WithApply(std::move(operation.steps));
}

}  // namespace kontor::model
