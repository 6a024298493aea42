// SPDX-License-Identifier: Apache-2.0
#include "server/engine/reconcile.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/admin.h"
#include "server/engine/compare.h"
#include "server/engine/observe.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using ports::DocumentRow;
using ports::ErpSnapshot;

constexpr int kPageSize = 200;
constexpr std::string_view kExternalIdPrefix = "k1_";

using RowKey = std::tuple<std::string, std::string, model::Date>;

struct Comparison {
  std::map<RowKey, ReconcileRow> rows;
  std::vector<Difference> differences;
  std::set<std::string> seen_external_ids;

  ReconcileRow& RowOf(const std::string& journal, const std::string& currency,
                      const model::Date& date) {
    ReconcileRow& row = rows[{journal, currency, date}];
    row.journal_code = journal;
    row.currency_code = currency;
    row.date = date;
    return row;
  }
};

int64_t MinorOf(const ErpSnapshot& snapshot) {
  const auto currency = model::Currency::Parse(snapshot.currency_code);
  if (!currency.ok()) return 0;
  return snapshot.total.ToMinor(currency->scale()).value_or(0);
}

std::string AmountText(int64_t minor, const std::string& currency_code) {
  const auto currency = model::Currency::Parse(currency_code);
  if (!currency.ok()) return StrCat(minor, " ", currency_code);
  return model::Money(*currency, minor).ToString();
}

void AddDifference(Comparison& out, std::string kind, const std::string& document_id,
                   const model::ErpRecord& record, std::string asked, std::string got,
                   std::string external_id = {}) {
  Difference difference;
  difference.kind = std::move(kind);
  difference.document_id = document_id;
  difference.external_id = std::move(external_id);
  difference.record = record;
  difference.asked = std::move(asked);
  difference.got = std::move(got);
  out.differences.push_back(std::move(difference));
}

/// A document of kontor's against what stands in Odoo under its record.
void CompareDocument(const DocumentRow& row, bool is_draft, const ErpSnapshot& got,
                     Comparison& out) {
  if (!got.exists) {
    AddDifference(out, "MISSING_IN_ODOO", row.id, row.record, row.record.name, "");
    return;
  }
  if (row.date) {
    ReconcileRow& total = out.RowOf(got.journal_code.empty() ? row.journal_code : got.journal_code,
                                    got.currency_code, got.date.value_or(*row.date));
    ++total.erp_count;
    total.erp_total_minor += MinorOf(got);
  }
  if (row.type == model::DocumentType::kPartner) return;
  if (IsCancelledState(got) || (!is_draft && !IsPostedState(got))) {
    AddDifference(out, "STATE", row.id, row.record, "posted", got.state);
    return;
  }
  if (MinorOf(got) != row.total_minor || got.currency_code != row.currency_code) {
    AddDifference(out, "AMOUNT", row.id, row.record,
                  AmountText(row.total_minor, row.currency_code),
                  AmountText(MinorOf(got), got.currency_code));
  }
  if (row.date && got.date && *row.date != *got.date) {
    AddDifference(out, "DATE", row.id, row.record, row.date->ToString(), got.date->ToString());
  }
}

/// kontor's posted documents of the period, page by page, against Odoo.
absl::Status CompareOwn(Core& core, const Entity& entity, ports::Erp& erp, const model::Date& from,
                        const model::Date& to, Comparison& out) {
  ports::Page page{.limit = kPageSize, .after = {}};
  do {
    ports::Listed<DocumentRow> listed;
    std::set<std::string> drafts;  // documents that were asked for as drafts
    KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
      ports::DocumentFilter filter;
      filter.entity = entity.name;
      filter.state = std::string(NameOf(model::OperationState::kPosted));
      filter.from = from;
      filter.to = to;
      KONTOR_ASSIGN_OR_RETURN(listed, view.ListDocuments(filter, page));
      drafts.clear();
      for (const DocumentRow& row : listed.rows) {
        KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(row.operation_id));
        const bool is_draft =
            operation.has_value() && operation->posting == model::Posting::kDraft;
        if (is_draft) drafts.insert(row.id);
      }
      return absl::OkStatus();
    }));
    std::vector<model::ErpRecord> records;
    std::vector<const DocumentRow*> rows;
    for (const DocumentRow& row : listed.rows) {
      if (row.record.id == 0) continue;
      records.push_back(row.record);
      rows.push_back(&row);
    }
    if (!records.empty()) {
      KONTOR_ASSIGN_OR_RETURN(const auto read,
                              erp.Read(entity.company_id, records, core.CallDeadline()));
      if (read.size() != rows.size()) {
        return Error(Reason::kOdooAnswerUnreadable).Says("another number of readings was answered");
      }
      for (size_t i = 0; i < rows.size(); ++i) {
        CompareDocument(*rows[i], drafts.contains(rows[i]->id), read[i], out);
      }
    }
    page.after = listed.next;
  } while (!page.after.empty());
  return absl::OkStatus();
}

/// Moves in Odoo under kontor's name that this store does not know: made after its backup.
absl::Status FindUnknown(Core& core, const Entity& entity, ports::Erp& erp, const model::Date& from,
                         const model::Date& to, Comparison& out) {
  int64_t after_id = 0;
  bool more = true;
  while (more) {
    KONTOR_ASSIGN_OR_RETURN(const auto page,
                            erp.ReadMoves(entity.company_id, from, to, after_id, kPageSize,
                                          core.CallDeadline()));
    more = page.more && page.next.id > after_id;
    after_id = page.next.id;
    KONTOR_RETURN_IF_ERROR(core.store().Read([&](ports::ReadView& view) -> absl::Status {
      for (const ErpSnapshot& snapshot : page.snapshots) {
        if (!snapshot.external_id.starts_with(kExternalIdPrefix)) continue;
        KONTOR_ASSIGN_OR_RETURN(const auto row,
                                view.FindDocumentByExternalId(snapshot.external_id));
        if (row.has_value() || !out.seen_external_ids.insert(snapshot.external_id).second) continue;
        AddDifference(out, "MISSING_IN_KONTOR", {}, snapshot.record, "", snapshot.record.name,
                      snapshot.external_id);
      }
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::Status CountOwn(Core& core, const std::string& entity, const model::Date& from,
                      const model::Date& to, Comparison& out) {
  return core.store().Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto totals, view.ControlTotals(entity, from, to));
    for (const ports::DayTotal& total : totals) {
      ReconcileRow& row = out.RowOf(total.journal_code, total.currency_code, total.date);
      row.kontor_count += total.count;
      row.kontor_total_minor += total.total_minor;
    }
    return absl::OkStatus();
  });
}

model::Finding FindingFor(const Difference& difference) {
  // A line that never came to Odoo was not deleted there.
  const bool missing = difference.kind == "MISSING_IN_ODOO" && difference.record.id > 0;
  if (!difference.message.empty()) {
    return model::MakeFinding(missing ? Reason::kDeletedInOdoo : Reason::kBookedDifferently,
                              base::ToLower(difference.kind), difference.message,
                              difference.asked, difference.got);
  }
  std::string message = difference.kind == "MISSING_IN_KONTOR"
                            ? StrCat("Odoo has ", difference.got, " from kontor, which this store "
                                     "does not know: it was restored from before")
                        : missing ? StrCat("The record ", difference.record.model, " ",
                                           difference.record.id, " ", difference.record.name,
                                           " stood in Odoo and is gone")
                                  : StrCat("kontor has ", difference.asked, ", Odoo has ",
                                           difference.got, " (", difference.kind, ")");
  return model::MakeFinding(missing ? Reason::kDeletedInOdoo : Reason::kBookedDifferently,
                            base::ToLower(difference.kind), std::move(message), difference.asked,
                            difference.got);
}

std::string SubjectOf(const Entity& entity, const Difference& difference) {
  if (!difference.subject.empty()) return difference.subject;
  return difference.document_id.empty() ? ForeignSubject(entity.connection, difference.record)
                                        : difference.document_id;
}

/// Notes that the comparison was made; with `raise_exceptions` each difference becomes a case.
absl::Status Keep(Core& core, const ports::Actor& actor, const Entity& entity,
                  bool raise_exceptions, Comparison& comparison) {
  return core.store().Commit([&](ports::Unit& unit) -> absl::Status {
    for (Difference& difference : comparison.differences) {
      const model::Finding finding = FindingFor(difference);
      difference.message = finding.message;
      if (!raise_exceptions) continue;
      KONTOR_ASSIGN_OR_RETURN(difference.exception_id,
                              OpenCase(core, unit, entity.name, SubjectOf(entity, difference),
                                       finding));
    }
    KONTOR_RETURN_IF_ERROR(
        unit.PutCursor(ReconciledCursor(entity.name), base::FormatInstant(core.Now())));
    ports::AuditEntry audit;
    audit.time = core.Now();
    audit.actor = actor.principal_id;
    audit.role = std::string(ports::NameOf(ports::Role::kOperator));
    audit.action = "entity.reconcile";
    audit.subject = StrCat("entity/", entity.name);
    audit.entity = entity.name;
    audit.reason = StrCat(comparison.differences.size(), " differences");
    return unit.AppendAudit(std::move(audit));
  });
}

}  // namespace

absl::StatusOr<ReconcileReport> Reconcile(Core& core, const ports::Actor& actor,
                                          const std::string& name, const model::Date& from,
                                          const model::Date& to, bool raise_exceptions,
                                          BankComparison bank) {
  if (!actor.MaySee(name)) {
    return Error(Reason::kEntityDenied).With("entity", name).Says("no access to the entity");
  }
  if (!actor.Has(ports::Role::kOperator) && !actor.Has(ports::Role::kAccountant)) {
    return Error(Reason::kPermissionDenied).With("role", "OPERATOR")
        .Says("role OPERATOR is missing");
  }
  if (to < from || to.DaysSince(from) > kReconcileDaysMax) {
    return Error(Reason::kFieldInvalid)
        .Field("to")
        .Says(StrCat("a period of 0 to ", kReconcileDaysMax, " days"));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto entity, core.config.FindEntity(name));
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open,
                          core.connections.Admit(entity.value.connection));
  Comparison comparison;
  KONTOR_RETURN_IF_ERROR(CountOwn(core, name, from, to, comparison));
  KONTOR_RETURN_IF_ERROR(CompareOwn(core, entity.value, *open.erp, from, to, comparison));
  KONTOR_RETURN_IF_ERROR(FindUnknown(core, entity.value, *open.erp, from, to, comparison));
  for (Difference& difference : bank.differences) {
    comparison.differences.push_back(std::move(difference));
  }
  KONTOR_RETURN_IF_ERROR(Keep(core, actor, entity.value, raise_exceptions, comparison));
  ReconcileReport report;
  report.entity = name;
  report.from = from;
  report.to = to;
  for (auto& [key, row] : comparison.rows) report.rows.push_back(std::move(row));
  report.bank_rows = std::move(bank.rows);
  report.bank_balances = std::move(bank.balances);
  report.differences = std::move(comparison.differences);
  return report;
}

}  // namespace kontor::engine
