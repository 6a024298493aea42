// SPDX-License-Identifier: Apache-2.0
// What the store knows of an item is gathered in gather.cc.
#include "server/engine/check.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/documents.h"
#include "server/engine/gather.h"
#include "server/engine/transitions.h"
#include "server/model/canon.h"
#include "server/model/validate.h"

namespace kontor::engine {
namespace {

using base::Reason;
using base::StrCat;
using model::DocumentType;
using Kind = Verdict::Kind;

/// Master data younger than this is not read again because of a finding.
constexpr absl::Duration kCatalogueFresh = absl::Seconds(2);

/// Items that go on, by index; grouped by source, since a partner's reference is the source's own.
std::map<std::string, std::vector<size_t>> OpenBySource(std::span<const Item> items,
                                                        const std::vector<Verdict>& verdicts) {
  std::map<std::string, std::vector<size_t>> groups;
  for (size_t i = 0; i < items.size(); ++i) {
    if (verdicts[i].kind == Kind::kProceed && NeedsCheck(items[i].operation)) {
      groups[items[i].operation.source].push_back(i);
    }
  }
  return groups;
}

absl::Status ResolveGroup(Core& core, const OpenConnection& open, const Entity& entity,
                          std::span<Item> items, const std::vector<size_t>& group,
                          const std::vector<Gathered>& gathered) {
  std::vector<const model::Document*> documents;
  std::map<std::string, int64_t> partners;
  for (const size_t i : group) {
    documents.push_back(&items[i].document);
    partners.insert(gathered[i].partners.begin(), gathered[i].partners.end());
  }
  KONTOR_ASSIGN_OR_RETURN(auto resolved,
                          open.erp->Resolve(entity.company_id, documents, partners,
                                            core.CallDeadline()));
  if (resolved.size() != group.size()) {
    return base::Error(Reason::kInternal).Says("the adapter answered another number of references");
  }
  for (size_t k = 0; k < group.size(); ++k) {
    items[group[k]].references = std::move(resolved[k]);
    if (gathered[group[k]].reversed_move_id != 0) {
      items[group[k]].references.reversed_move_id = gathered[group[k]].reversed_move_id;
    }
  }
  return absl::OkStatus();
}

/// Reads the invoices that payments of the batch are to pay, in one call.
absl::Status ReadInvoices(Core& core, const OpenConnection& open, const Entity& entity,
                          std::span<Item> items, const std::vector<Verdict>& verdicts) {
  std::vector<model::ErpRecord> records;
  std::vector<std::pair<size_t, size_t>> places;
  for (size_t i = 0; i < items.size(); ++i) {
    if (verdicts[i].kind != Kind::kProceed || !NeedsCheck(items[i].operation)) continue;
    for (size_t k = 0; k < items[i].targets.size(); ++k) {
      records.push_back({"account.move", items[i].targets[k].move_id, ""});
      places.emplace_back(i, k);
    }
  }
  if (records.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(auto read,
                          open.erp->Read(entity.company_id, records, core.CallDeadline()));
  if (read.size() != records.size()) {
    return base::Error(Reason::kInternal).Says("the adapter answered another number of readings");
  }
  for (size_t k = 0; k < places.size(); ++k) {
    items[places[k].first].targets[places[k].second].invoice = std::move(read[k]);
  }
  return absl::OkStatus();
}

/// All findings of one item at once.
std::vector<model::Finding> FindingsOf(Core& core, const Item& item,
                                       const model::Catalogue& catalogue) {
  model::CheckOptions options;
  options.rate_age_days_max = core.settings.rate_age_days_max;
  options.today = model::Date::Of(core.Now());
  std::vector<model::Finding> findings =
      model::CheckAgainstCatalogue(item.document, catalogue, item.references, options);
  if (item.document.type() == DocumentType::kPayment && !item.targets.empty()) {
    const auto& payment = std::get<model::Payment>(item.document.content);
    const AllocationPlan plan = PlanAllocations(payment.amount, item.targets);
    findings.insert(findings.end(), plan.findings.begin(), plan.findings.end());
  }
  DowngradeAccepted(item.operation.accepted_reasons, findings);
  return findings;
}

/// Takes the findings into the verdicts; answers whether any item has errors.
bool Judge(Core& core, const Entity& entity, const model::Catalogue& catalogue,
           std::span<Item> items, std::vector<Verdict>& verdicts) {
  bool errors = false;
  for (size_t i = 0; i < items.size(); ++i) {
    Verdict& verdict = verdicts[i];
    Item& item = items[i];
    if (!NeedsCheck(item.operation)) continue;
    if (verdict.kind != Kind::kProceed) continue;
    std::vector<model::Finding> findings = FindingsOf(core, item, catalogue);
    if (model::HasErrors(findings)) {
      verdict.kind = Kind::kException;
      verdict.findings = std::move(findings);
      errors = true;
      continue;
    }
    item.warnings = std::move(findings);
    const std::string lane = LaneOf(item.document, entity, &catalogue);
    if (lane != item.operation.lane) {
      verdict.kind = Kind::kLane;
      verdict.lane = lane;
    }
  }
  return errors;
}

/// Duplicates that people booked without kontor, as the look-up found them; our own record, found
/// under our external id, is none.
absl::Status FindForeignDuplicates(Core& core, const OpenConnection& open,
                                   const model::Catalogue& catalogue, std::span<Item> items,
                                   std::vector<Verdict>& verdicts) {
  // Where Odoo refuses a second one itself, accepting it leads nowhere.
  const std::string_view hint = catalogue.refuses_duplicate_reference
                                    ? "; this Odoo posts no second one, so correct the number"
                                    : "";
  for (size_t i = 0; i < items.size(); ++i) {
    const model::References& references = items[i].references;
    if (verdicts[i].kind != Kind::kProceed || references.same_reference_move_id == 0 ||
        !NeedsCheck(items[i].operation)) {
      continue;
    }
    const std::string ids[] = {items[i].operation.external_id};
    KONTOR_ASSIGN_OR_RETURN(const auto probed, open.erp->Probe(ids, core.CallDeadline()));
    if (probed.size() == 1 && probed[0].kind == ports::ProbeResult::Kind::kPresent &&
        probed[0].record.id == references.same_reference_move_id) {
      continue;
    }
    std::vector<model::Finding> findings = {model::MakeFinding(
        Reason::kDuplicateReference, StrCat(FieldRootOf(items[i].document), ".reference"),
        StrCat("Odoo has ", references.same_reference_name,
               " of this partner with the same reference", hint),
        std::get<model::Invoice>(items[i].document.content).reference,
        references.same_reference_name)};
    DowngradeAccepted(items[i].operation.accepted_reasons, findings);
    if (!model::HasErrors(findings)) continue;
    verdicts[i].kind = Kind::kException;
    verdicts[i].findings = std::move(findings);
  }
  return absl::OkStatus();
}

}  // namespace

model::ParkReason HoldReasonOf(const Connection& connection, const Entity& entity) {
  if (connection.suspended_reason == base::EntryOf(Reason::kRestoreHold).name) {
    return model::ParkReason::kRestoreHold;
  }
  if (!connection.suspended_reason.empty() || connection.mode == Mode::kPaused ||
      entity.mode == Mode::kPaused) {
    return model::ParkReason::kConnectionPaused;
  }
  return model::ParkReason::kNone;
}

bool NeedsCheck(const model::Operation& operation) {
  if (operation.verb == model::Verb::kCancel || operation.step_index >= operation.steps.size()) {
    return false;
  }
  const model::StepKind kind = operation.steps[operation.step_index].kind;
  return kind == model::StepKind::kCreateDraft || kind == model::StepKind::kUpsertPartner ||
         kind == model::StepKind::kApply;
}

absl::StatusOr<std::vector<Item>> LoadItems(Core& core, std::vector<model::Operation> operations) {
  std::vector<Item> items;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    items.clear();
    for (const model::Operation& operation : operations) {
      KONTOR_ASSIGN_OR_RETURN(auto row, view.FindDocument(operation.document_id));
      if (!row.has_value()) {
        core.Log("operation.without_document", {{"operation", operation.id}});
        continue;
      }
      Item item;
      item.operation = operation;
      KONTOR_ASSIGN_OR_RETURN(item.document, model::FromCanonicalJson(row->content));
      item.document.id = row->id;
      item.row = *std::move(row);
      items.push_back(std::move(item));
    }
    return absl::OkStatus();
  }));
  return items;
}

absl::Status CheckItems(Core& core, const OpenConnection& open, const Entity& entity,
                        std::span<Item> items, std::vector<Verdict>& verdicts) {
  verdicts.assign(items.size(), Verdict{});
  std::vector<Gathered> gathered;
  KONTOR_RETURN_IF_ERROR(Gather(core, items, gathered));
  for (size_t i = 0; i < items.size(); ++i) {
    items[i].targets = gathered[i].targets;
    Verdict& verdict = verdicts[i];
    if (!gathered[i].findings.empty()) {
      verdict.kind = Kind::kException;
      verdict.findings = gathered[i].findings;
    } else if (!gathered[i].waits_for.empty()) {
      verdict.kind = Kind::kPark;
      verdict.park = model::ParkReason::kDependsOn;
      verdict.depends_on = gathered[i].waits_for;
    }
  }
  const auto groups = OpenBySource(items, verdicts);
  if (groups.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(auto catalogue, core.connections.CatalogueOf(entity, false));
  for (const auto& [source, group] : groups) {
    KONTOR_RETURN_IF_ERROR(ResolveGroup(core, open, entity, items, group, gathered));
  }
  KONTOR_RETURN_IF_ERROR(ReadInvoices(core, open, entity, items, verdicts));
  const std::vector<Verdict> before = verdicts;
  if (Judge(core, entity, *catalogue, items, verdicts) &&
      core.Now() - catalogue->read_at > kCatalogueFresh) {
    // Master data may have been mended since it was read: a person who retries expects that.
    KONTOR_ASSIGN_OR_RETURN(catalogue, core.connections.CatalogueOf(entity, true));
    verdicts = before;
    Judge(core, entity, *catalogue, items, verdicts);
  }
  KONTOR_RETURN_IF_ERROR(FindForeignDuplicates(core, open, *catalogue, items, verdicts));
  for (size_t i = 0; i < items.size(); ++i) items[i].checked = verdicts[i].kind == Kind::kProceed;
  if (entity.mode == Mode::kShadow || open.connection.value.mode == Mode::kShadow) {
    for (size_t i = 0; i < items.size(); ++i) {
      if (verdicts[i].kind == Kind::kProceed && NeedsCheck(items[i].operation)) {
        verdicts[i].kind = Kind::kShadow;
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AllocationTarget>> ReadTargets(Core& core, ports::Erp& erp,
                                                          int64_t company_id,
                                                          const model::Document& document) {
  std::vector<AllocationTarget> targets;
  KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(targets, TargetsOf(view, document));
    return absl::OkStatus();
  }));
  std::vector<model::ErpRecord> records;
  for (const AllocationTarget& target : targets) {
    records.push_back({"account.move", target.move_id, ""});
  }
  if (records.empty()) return targets;
  KONTOR_ASSIGN_OR_RETURN(auto read, erp.Read(company_id, records, core.CallDeadline()));
  if (read.size() != targets.size()) {
    return base::Error(Reason::kInternal).Says("the adapter answered another number of readings");
  }
  for (size_t i = 0; i < targets.size(); ++i) targets[i].invoice = std::move(read[i]);
  return targets;
}

std::string DuplicateKeyFor(const Item& item) {
  if (!NeedsCheck(item.operation)) return {};
  const auto accepted = [&](Reason reason) {
    const auto& list = item.operation.accepted_reasons;
    return std::find(list.begin(), list.end(), base::EntryOf(reason).name) != list.end();
  };
  if (accepted(Reason::kDuplicateReference) || accepted(Reason::kDuplicateSuspected)) return {};
  return model::DuplicateKey(item.document);
}

absl::StatusOr<model::Finding> DuplicateFinding(ports::Unit& unit, const Item& item,
                                                const std::string& holder) {
  KONTOR_ASSIGN_OR_RETURN(const auto other, unit.FindOperation(holder));
  const std::string named = other.has_value() ? other->document_id : holder;
  const bool bill = item.document.type() == DocumentType::kInvoice &&
                    model::IsPurchase(std::get<model::Invoice>(item.document.content).kind);
  std::string message = StrCat("The document ", named, " looks like the same one");
  if (other.has_value() && !other->record.name.empty()) {
    base::StrAppend(&message, " and stands in Odoo as ", other->record.name);
  }
  return model::MakeFinding(bill ? Reason::kDuplicateReference : Reason::kDuplicateSuspected,
                            StrCat(FieldRootOf(item.document), bill ? ".reference" : ""),
                            std::move(message), item.row.lookup, named);
}

}  // namespace kontor::engine
