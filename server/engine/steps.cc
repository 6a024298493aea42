// SPDX-License-Identifier: Apache-2.0
// The steps that only read are in steps_read.cc.
#include "server/engine/steps.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/check.h"
#include "server/engine/lookup.h"
#include "server/engine/outcomes.h"
#include "server/engine/steps_apply.h"
#include "server/engine/steps_read.h"
#include "server/engine/transitions.h"
#include "server/model/canon.h"
#include "server/model/validate.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using model::StepKind;
using Kind = Verdict::Kind;

std::vector<model::ErpRecord> RecordsOf(std::span<Item* const> group) {
  std::vector<model::ErpRecord> records;
  for (const Item* item : group) records.push_back(item->operation.record);
  return records;
}

void AllDone(size_t count, std::vector<Verdict>& verdicts) {
  Verdict done;
  done.kind = Kind::kStepDone;
  verdicts.assign(count, done);
}

ports::DraftRequest RequestOf(const Item& item) {
  return {item.operation.external_id, &item.document, &item.references};
}

absl::Status CreateDrafts(const StepContext& context, std::span<Item* const> group,
                          std::vector<Verdict>& verdicts) {
  std::vector<ports::DraftRequest> requests;
  for (const Item* item : group) requests.push_back(RequestOf(*item));
  KONTOR_ASSIGN_OR_RETURN(const auto records,
                          context.erp.CreateDrafts(context.entity.company_id, *context.catalogue,
                                                   requests, context.deadline));
  if (records.size() != group.size()) {
    return Error(Reason::kOdooAnswerUnreadable).Says("another number of records was answered");
  }
  for (size_t i = 0; i < group.size(); ++i) group[i]->operation.record = records[i];
  AllDone(group.size(), verdicts);
  return absl::OkStatus();
}

/// Creates partners that are absent; those that kontor has made before get the differing fields.
absl::Status UpsertPartners(const StepContext& context, std::span<Item* const> group,
                            std::vector<Verdict>& verdicts) {
  std::vector<bool> update;
  for (const Item* item : group) {
    const model::Step& step = item->operation.steps[item->operation.step_index];
    update.push_back(item->operation.verb == model::Verb::kUpdate || item->operation.seen_in_erp ||
                     step.attempts > 1);
  }
  KONTOR_RETURN_IF_ERROR(CreateDrafts(context, group, verdicts));
  for (size_t i = 0; i < group.size(); ++i) {
    if (!update[i]) continue;
    const absl::Status status =
        context.erp.UpdatePartner(context.entity.company_id, *context.catalogue,
                                  RequestOf(*group[i]), group[i]->operation.record,
                                  context.deadline);
    if (!status.ok()) verdicts[i] = VerdictOn(status, StepKind::kUpsertPartner);
  }
  return absl::OkStatus();
}

/// Finds the records of drafts whose creation was never answered, then removes what there is.
absl::Status RemoveDrafts(const StepContext& context, std::span<Item* const> group,
                          std::vector<Verdict>& verdicts) {
  std::vector<Item*> unknown;
  for (Item* item : group) {
    if (item->operation.record.id == 0) unknown.push_back(item);
  }
  AllDone(group.size(), verdicts);
  if (!unknown.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const auto looked,
                            LookUp(context.core, context.erp, context.entity, unknown));
    for (size_t i = 0; i < unknown.size(); ++i) {
      const ports::ProbeResult& probed = looked[i].probe;
      if (probed.kind == ports::ProbeResult::Kind::kPresent) {
        unknown[i]->operation.record = probed.record;
      } else if (probed.kind == ports::ProbeResult::Kind::kNotVisible) {
        return Error(Reason::kNotVisibleInOdoo)
            .With("item", std::to_string(std::find(group.begin(), group.end(), unknown[i]) -
                                         group.begin()))
            .Happened(Outcome::kRefused)
            .Says("a draft exists in Odoo that kontor's user may not see");
      }
    }
  }
  std::vector<model::ErpRecord> records;
  for (const Item* item : group) {
    if (item->operation.record.id != 0) records.push_back(item->operation.record);
  }
  if (records.empty()) return absl::OkStatus();
  return context.erp.RemoveDrafts(context.entity.company_id, records, context.deadline);
}

absl::Status PayTargets(const StepContext& context, Item& item) {
  const model::ErpRecord records[] = {item.operation.record};
  KONTOR_ASSIGN_OR_RETURN(const auto read, context.erp.Read(context.entity.company_id, records,
                                                            context.deadline));
  const int64_t move_id = read.empty() ? 0 : read.front().move_id;
  if (move_id == 0) {
    return Error(Reason::kPaymentWithoutEntry)
        .Field("payment.journal_code")
        .Happened(Outcome::kRefused)
        .Says("Odoo made no journal entry for this payment, so there is nothing to reconcile");
  }
  KONTOR_ASSIGN_OR_RETURN(item.targets, ReadTargets(context.core, context.erp,
                                                    context.entity.company_id, item.document));
  const auto& payment = std::get<model::Payment>(item.document.content);
  // The order alone counts here: what is paid meanwhile, by us or by others, is done already.
  for (const size_t i : PlanAllocations(payment.amount, item.targets).order) {
    KONTOR_RETURN_IF_ERROR(context.erp.Reconcile(
        context.entity.company_id, {move_id, item.targets[i].move_id}, context.deadline));
  }
  return absl::OkStatus();
}

/// A credit note meets what is left of its original; nothing is left of a paid one.
absl::Status MeetOriginal(const StepContext& context, Item& item) {
  const auto& invoice = std::get<model::Invoice>(item.document.content);
  model::ErpRecord original;
  KONTOR_RETURN_IF_ERROR(context.core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindDocument(invoice.reversed_invoice_id));
    if (row.has_value()) original = row->record;
    return absl::OkStatus();
  }));
  if (original.id == 0) return absl::OkStatus();
  const model::ErpRecord records[] = {original};
  KONTOR_ASSIGN_OR_RETURN(const auto read, context.erp.Read(context.entity.company_id, records,
                                                            context.deadline));
  if (read.empty() || !read.front().exists || read.front().residual.IsZero()) {
    return absl::OkStatus();
  }
  AllocationTarget target;
  target.move_id = original.id;
  item.targets = {target};
  return context.erp.Reconcile(context.entity.company_id, {item.operation.record.id, original.id},
                               context.deadline);
}

absl::Status Post(const StepContext& context, std::span<Item* const> group,
                  std::vector<Verdict>& verdicts) {
  AllDone(group.size(), verdicts);
  const int64_t company_id = context.entity.company_id;
  if (group.front()->document.type() != model::DocumentType::kExpenseClaim) {
    return context.erp.Post(company_id, RecordsOf(group), context.deadline);
  }
  // Each goes through several hands of its own; those that are through already are left alone.
  for (size_t i = 0; i < group.size(); ++i) {
    const absl::Status posted =
        context.erp.PostClaim(company_id, *context.catalogue, RequestOf(*group[i]),
                              group[i]->operation.record, context.deadline);
    if (!posted.ok()) verdicts[i] = VerdictOn(posted, StepKind::kPost);
  }
  return absl::OkStatus();
}

absl::Status Attach(const StepContext& context, const Item& item) {
  const std::vector<model::Attachment>* const held = model::AttachmentsOf(item.document);
  if (held == nullptr) return absl::OkStatus();
  const std::vector<model::Attachment>& files = *held;
  const auto sha256 = [&](std::string_view bytes) {
    return context.core.deps.crypto.Sha256Hex(bytes);
  };
  std::vector<ports::AttachmentRequest> requests;
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string part = base::StrCat("att", i + 1);
    requests.push_back({model::ExternalIdOf(item.operation.connection, item.operation.source,
                                            item.operation.request_id, part, sha256),
                        item.operation.record, &files[i]});
  }
  if (requests.empty()) return absl::OkStatus();
  return context.erp.Attach(context.entity.company_id, requests, context.deadline);
}

absl::Status CallSingle(const StepContext& context, StepKind kind, Item& item) {
  const int64_t company_id = context.entity.company_id;
  switch (kind) {
    case StepKind::kBankAccounts:
      return context.erp.CreateBankAccounts(company_id, RequestOf(item), item.operation.record,
                                            context.deadline);
    case StepKind::kCorrectTax: {
      const auto& invoice = std::get<model::Invoice>(item.document.content);
      if (!invoice.expected_tax) return absl::OkStatus();
      return context.erp.CorrectTax(company_id, item.operation.record, *invoice.expected_tax,
                                    context.deadline);
    }
    case StepKind::kReconcile:
      return item.document.type() == model::DocumentType::kPayment ? PayTargets(context, item)
                                                                   : MeetOriginal(context, item);
    case StepKind::kAttach: return Attach(context, item);
    case StepKind::kUndo:
      return context.erp.Undo(company_id, item.operation.record, context.deadline);
    default: return Error(Reason::kInternal).Says("not a step for one operation");
  }
}

}  // namespace

bool GoesInBatches(StepKind kind) {
  switch (kind) {
    case StepKind::kUpsertPartner:
    case StepKind::kCreateDraft:
    case StepKind::kCompareDraft:
    case StepKind::kPost:
    case StepKind::kVerify:
    case StepKind::kApply:
    case StepKind::kRemoveDraft: return true;
    default: return false;
  }
}

absl::Status CallStep(const StepContext& context, StepKind kind, std::span<Item* const> group,
                      std::vector<Verdict>& verdicts) {
  switch (kind) {
    case StepKind::kCreateDraft: return CreateDrafts(context, group, verdicts);
    case StepKind::kUpsertPartner: return UpsertPartners(context, group, verdicts);
    case StepKind::kRemoveDraft: return RemoveDrafts(context, group, verdicts);
    case StepKind::kApply: return ApplyByAddon(context, group, verdicts);
    case StepKind::kPost: return Post(context, group, verdicts);
    case StepKind::kCompareDraft:
    case StepKind::kVerify: return ReadBack(context, kind, group, verdicts);
    default: break;
  }
  AllDone(group.size(), verdicts);
  return CallSingle(context, kind, *group.front());
}

std::vector<model::Finding> LockFindings(Core& core, const Item& item,
                                         const model::Catalogue& catalogue) {
  model::CheckOptions options;
  options.rate_age_days_max = core.settings.rate_age_days_max;
  options.today = model::Date::Of(core.Now());
  std::vector<model::Finding> findings =
      model::CheckAgainstCatalogue(item.document, catalogue, item.references, options);
  std::erase_if(findings, [](const model::Finding& finding) {
    return finding.reason != base::EntryOf(Reason::kPeriodLocked).name;
  });
  return findings;
}

model::Finding DeletedFinding(const Item& item) {
  const model::ErpRecord& record = item.operation.record;
  return model::MakeFinding(Reason::kDeletedInOdoo, "",
                            base::StrCat("The record ", record.model, " ", record.id, " ",
                                         record.name, " stood in Odoo and is gone"),
                            record.name, "");
}

}  // namespace kontor::engine
