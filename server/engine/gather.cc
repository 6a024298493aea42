// SPDX-License-Identifier: Apache-2.0
// An operation waits for what it refers to instead of failing because of it: a partner sent a
// moment before, an invoice that is being posted.
#include "server/engine/gather.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/check.h"
#include "server/engine/documents.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using base::Reason;
using base::StrCat;
using model::DocumentType;
using model::OperationState;

/// Waits for the operation, or says that it will never be done.
void WaitFor(const model::Operation& other, std::string_view field, Gathered& out) {
  if (other.state == OperationState::kPosted) return;
  if (other.state == OperationState::kCancelled) {
    out.findings.push_back(model::MakeFinding(Reason::kDependencyFailed, std::string(field),
                                              StrCat("The operation ", other.id, " was cancelled"),
                                              "POSTED", "CANCELLED"));
    return;
  }
  out.waits_for.push_back(other.id);
}

absl::Status GatherPartners(ports::ReadView& view, const Item& item, Gathered& out) {
  for (const std::string& reference : PartnerReferencesOf(item.document)) {
    KONTOR_ASSIGN_OR_RETURN(
        const auto row,
        view.FindDocumentByLookup(DocumentType::kPartner, item.operation.connection,
                                  item.operation.source, reference));
    if (!row.has_value()) continue;
    if (row->record.id != 0) {
      out.partners[reference] = row->record.id;
      continue;
    }
    KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(row->operation_id));
    // A partner that was given up may still be in Odoo by another way: the look-up there decides.
    if (operation.has_value() && !model::IsTerminal(operation->state)) {
      out.waits_for.push_back(operation->id);
    }
  }
  return absl::OkStatus();
}

/// An invoice or entry of kontor's own that must stand posted in Odoo before this document.
absl::Status GatherInvoice(ports::ReadView& view, const std::string& id, const std::string& field,
                           Gathered& out, int64_t* move_id) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindDocument(id));
  if (!row.has_value()) {
    out.findings.push_back(
        model::MakeFinding(Reason::kInvoiceNotPosted, field, StrCat("There is no document ", id)));
    return absl::OkStatus();
  }
  KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(row->operation_id));
  if (!operation.has_value()) return absl::OkStatus();
  const bool is_draft = operation->posting == model::Posting::kDraft;
  if (is_draft && operation->state == OperationState::kPosted) {
    // A person may have posted the draft: what Odoo says decides, in the check of the allocations.
    *move_id = row->record.id;
    return absl::OkStatus();
  }
  WaitFor(*operation, field, out);
  *move_id = row->record.id;
  return absl::OkStatus();
}

absl::Status GatherOne(ports::ReadView& view, const Item& item, Gathered& out) {
  for (const std::string& id : item.operation.depends_on) {
    KONTOR_ASSIGN_OR_RETURN(const auto other, view.FindOperation(id));
    if (other.has_value()) WaitFor(*other, "depends_on", out);
  }
  if (!NeedsCheck(item.operation)) return absl::OkStatus();
  KONTOR_RETURN_IF_ERROR(GatherPartners(view, item, out));
  if (item.document.type() == DocumentType::kInvoice) {
    const auto& invoice = std::get<model::Invoice>(item.document.content);
    if (invoice.reversed_invoice_id.empty()) return absl::OkStatus();
    return GatherInvoice(view, invoice.reversed_invoice_id, "invoice.reversed_invoice_id", out,
                         &out.reversed_move_id);
  }
  if (item.document.type() == DocumentType::kJournalEntry) {
    const auto& entry = std::get<model::JournalEntry>(item.document.content);
    if (entry.reversed_entry_id.empty()) return absl::OkStatus();
    return GatherInvoice(view, entry.reversed_entry_id, "id", out, &out.reversed_move_id);
  }
  if (item.document.type() != DocumentType::kPayment) return absl::OkStatus();
  const auto& payment = std::get<model::Payment>(item.document.content);
  for (size_t i = 0; i < payment.allocations.size(); ++i) {
    const model::Allocation& allocation = payment.allocations[i];
    AllocationTarget target;
    target.field = StrCat("payment.allocations[", i, "]");
    target.amount = allocation.amount;
    target.move_id = allocation.odoo_move_id;
    if (!allocation.invoice_id.empty()) {
      KONTOR_RETURN_IF_ERROR(GatherInvoice(view, allocation.invoice_id,
                                           target.field + ".invoice_id", out, &target.move_id));
    }
    out.targets.push_back(std::move(target));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Gather(Core& core, std::span<const Item> items, std::vector<Gathered>& gathered) {
  return core.store().Read([&](ports::ReadView& view) -> absl::Status {
    gathered.assign(items.size(), Gathered{});
    for (size_t i = 0; i < items.size(); ++i) {
      KONTOR_RETURN_IF_ERROR(GatherOne(view, items[i], gathered[i]));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<AllocationTarget>> TargetsOf(ports::ReadView& view,
                                                        const model::Document& document) {
  std::vector<AllocationTarget> targets;
  if (document.type() != DocumentType::kPayment) return targets;
  const auto& payment = std::get<model::Payment>(document.content);
  for (size_t i = 0; i < payment.allocations.size(); ++i) {
    const model::Allocation& allocation = payment.allocations[i];
    AllocationTarget target;
    target.field = StrCat("payment.allocations[", i, "]");
    target.amount = allocation.amount;
    target.move_id = allocation.odoo_move_id;
    if (!allocation.invoice_id.empty()) {
      KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindDocument(allocation.invoice_id));
      if (row.has_value()) target.move_id = row->record.id;
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace kontor::engine
