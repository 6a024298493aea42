// SPDX-License-Identifier: Apache-2.0
#include "server/engine/steps_apply.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/compare.h"
#include "server/engine/documents.h"
#include "server/engine/transitions.h"
#include "server/model/canon.h"

namespace kontor::engine {
namespace {

using base::Reason;
using base::StrCat;
using model::DocumentType;
using ports::ApplyRequest;
using ports::ApplyResult;
using Kind = Verdict::Kind;

bool Accepts(const Item& item, Reason reason) {
  const auto& accepted = item.operation.accepted_reasons;
  return std::find(accepted.begin(), accepted.end(), base::EntryOf(reason).name) != accepted.end();
}

/// What is asked of totals and tax; a bill's tax may be corrected by a rounding cent.
void ExpectAmounts(const Item& item, const model::Catalogue& catalogue, ApplyRequest& request) {
  switch (item.document.type()) {
    case DocumentType::kPartner:
    case DocumentType::kExpenseClaim: return;  // neither goes through the addon
    case DocumentType::kInvoice: {
      const auto& invoice = std::get<model::Invoice>(item.document.content);
      request.total = invoice.expected_total;
      request.tax = invoice.expected_tax;
      if (model::IsPurchase(invoice.kind) && invoice.expected_tax) {
        request.tax_correction_max = model::Money(invoice.currency, kTaxCorrectionMinorMax);
      }
      return;
    }
    case DocumentType::kPayment:
      request.total = std::get<model::Payment>(item.document.content).amount;
      return;
    case DocumentType::kJournalEntry: {
      const auto currency = model::Currency::Parse(catalogue.company_currency_code);
      if (!currency.ok()) return;
      const auto total = model::Money::FromDecimal(*currency, AskedTotal(item.document));
      if (total.ok()) request.total = *total;
      return;
    }
  }
}

void ExpectDates(const Item& item, ApplyRequest& request) {
  request.date = AskedDate(item.document);
  if (const auto* const invoice = std::get_if<model::Invoice>(&item.document.content)) {
    request.currency_code = invoice->currency.code();
    request.due_date = invoice->due_date;
  } else if (const auto* const payment = std::get_if<model::Payment>(&item.document.content)) {
    request.currency_code = payment->amount.currency().code();
  }
}

/// What people or the policy accepted is not asked for again.
ApplyRequest RequestOf(const StepContext& context, const Item& item) {
  ApplyRequest request;
  request.draft = {item.operation.external_id, &item.document, &item.references};
  request.digest =
      context.core.deps.crypto.Sha256Hex(model::ToCanonicalJson(item.document, false));
  request.revision = item.operation.revision;
  request.correlation_id = item.operation.correlation_id;
  if (!context.entity.accept_total_mismatch && !Accepts(item, Reason::kTotalMismatch)) {
    ExpectAmounts(item, *context.catalogue, request);
  }
  if (!Accepts(item, Reason::kBookedDifferently)) ExpectDates(item, request);
  return request;
}

Verdict ExceptionWith(std::vector<model::Finding> findings) {
  Verdict verdict;
  verdict.kind = Kind::kException;
  verdict.findings = std::move(findings);
  return verdict;
}

/// `fresh`: the snapshot was read in the transaction that has just applied it.
Verdict Taken(Item& item, const ports::ErpSnapshot& snapshot, bool fresh) {
  if (!snapshot.exists) return ExceptionWith({DeletedFinding(item)});
  item.operation.record = snapshot.record;
  if (fresh) item.applied = snapshot;
  Verdict verdict;
  verdict.kind = Kind::kStepDone;
  return verdict;
}

/// Other content stands there under our external id. Two people may accept that it does.
Verdict OnConflict(const StepContext& context, Item& item) {
  if (Accepts(item, Reason::kBookedDifferently)) {
    const std::string keys[] = {item.operation.external_id};
    const auto found = context.erp.Find(context.entity.company_id, keys, context.deadline);
    if (found.ok() && found->size() == 1 &&
        found->front().kind == ports::FoundResult::Kind::kApplied) {
      return Taken(item, found->front().snapshot, false);
    }
  }
  return ExceptionWith({model::MakeFinding(
      Reason::kBookedDifferently, std::string(FieldRootOf(item.document)),
      "Odoo has taken another version of this document before, and that one stands there")});
}

Verdict OnStale(Item& item, int revision) {
  const int asked = item.operation.revision;
  item.operation.revision = std::max(asked, revision);
  return ExceptionWith({model::MakeFinding(
      Reason::kStateConflict, std::string(FieldRootOf(item.document)),
      StrCat("Odoo knows revision ", revision, " of this document, which is newer than this one"),
      std::to_string(asked), std::to_string(revision))});
}

/// People post in this journal too: the addon lets go of it after a while.
Verdict SendAgain() {
  Verdict verdict;
  verdict.kind = Kind::kResend;
  return verdict;
}

Verdict VerdictOf(const StepContext& context, Item& item, const ApplyResult& result) {
  switch (result.status) {
    case ApplyResult::Status::kApplied:
      return Taken(item, result.snapshot, !result.repeated);
    case ApplyResult::Status::kRefused: return ExceptionWith(result.findings);
    case ApplyResult::Status::kConflict: return OnConflict(context, item);
    case ApplyResult::Status::kDeferred: return SendAgain();
    case ApplyResult::Status::kStale: break;
  }
  return OnStale(item, result.revision);
}

}  // namespace

absl::Status ApplyByAddon(const StepContext& context, std::span<Item* const> group,
                          std::vector<Verdict>& verdicts) {
  std::vector<ApplyRequest> requests;
  for (const Item* item : group) requests.push_back(RequestOf(context, *item));
  const bool post = group.front()->operation.posting != model::Posting::kDraft;
  KONTOR_ASSIGN_OR_RETURN(const auto results,
                          context.erp.Apply(context.entity.company_id, *context.catalogue,
                                            requests, post, context.deadline));
  if (results.size() != group.size()) {
    return base::Error(Reason::kOdooAnswerUnreadable)
        .Says("another number of results was answered");
  }
  verdicts.clear();
  for (size_t i = 0; i < group.size(); ++i) {
    verdicts.push_back(VerdictOf(context, *group[i], results[i]));
  }
  return absl::OkStatus();
}

}  // namespace kontor::engine
