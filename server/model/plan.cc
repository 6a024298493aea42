// SPDX-License-Identifier: Apache-2.0
// Which calls an operation makes, in order (DESIGN 5.3). A held operation has the steps of a posted
// one: it is held before anything is sent.
#include "server/model/operation.h"

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

std::vector<StepKind> KindsFor(const JournalEntry& /*entry*/, bool post) {
  if (!post) return {kCreateDraft, kCompareDraft, kVerify};
  return {kCreateDraft, kCompareDraft, kPost, kVerify};
}

}  // namespace

std::vector<Step> PlanSteps(const Document& document, Verb verb, Posting posting) {
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
  return steps;
}

}  // namespace kontor::model
