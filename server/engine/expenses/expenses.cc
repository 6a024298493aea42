// SPDX-License-Identifier: Apache-2.0
// The face of the loop.
#include "server/engine/expenses/expenses.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "server/base/text.h"
#include "server/engine/banks/rows.h"
#include "server/engine/expenses/internal/loop.h"
#include "server/engine/expenses/internal/worker.h"

namespace kontor::expenses {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr int kReasonMax = 500;
constexpr int kKeysMax = 100;

absl::Status NoSuchReport() {
  return Error(Reason::kNotFound).Field("id").Says("there is no such report");
}

ReportView ViewFor(const Flow& flow) {
  return {flow.row.id, flow.row.entity, flow.body.source, ViewOf(flow)};
}

bool Fits(const ports::FlowFilter& filter, const ports::FlowRow& row) {
  const bool state = filter.states.empty() ||
                     std::find(filter.states.begin(), filter.states.end(), row.state) !=
                         filter.states.end();
  return state && (filter.entity.empty() || filter.entity == row.entity);
}

/// The revisions of one report, newest first; a page goes on behind the id of its token.
absl::StatusOr<ports::Listed<ports::FlowRow>> RevisionsIn(ports::ReadView& view,
                                                          const ports::FlowFilter& filter,
                                                          const std::string& external_id,
                                                          const ports::Page& page) {
  KONTOR_ASSIGN_OR_RETURN(
      auto ids,
      view.FlowsByKey(kRevisionsSpace, StrCat(filter.group, "\x1f", external_id), kKeysMax));
  std::reverse(ids.begin(), ids.end());
  auto from = ids.begin();
  if (!page.after.empty()) {
    from = std::find(ids.begin(), ids.end(), page.after);
    if (from != ids.end()) ++from;
  }
  ports::Listed<ports::FlowRow> rows;
  for (; from != ids.end(); ++from) {
    KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(*from));
    if (!row.has_value() || !Fits(filter, *row)) continue;
    if (rows.rows.size() == static_cast<size_t>(page.limit)) {
      rows.next = rows.rows.back().id;
      break;
    }
    rows.rows.push_back(*std::move(row));
  }
  return rows;
}

class ExpensesImpl final : public Expenses {
 public:
  ExpensesImpl(Dependencies dependencies, Settings settings, bool threads)
      : loop_(std::move(dependencies), std::move(settings)), worker_(loop_), threads_(threads) {}

  absl::Status Start() override {
    if (loop_.settings.lease_ttl <= loop_.settings.call_timeout) {
      return Error(Reason::kConfigInvalid)
          .Field("expenses.lease_ttl")
          .Says("a lease must outlive a call");
    }
    if (threads_) worker_.Start();
    return absl::OkStatus();
  }
  void Stop(absl::Time /*deadline*/) override { worker_.Stop(); }

  absl::StatusOr<SubmitResult> Submit(const ports::Actor& actor, const std::string& request_id,
                                      const std::string& source_name,
                                      model::ExpenseReport report, bool validate_only) override {
    if (request_id.empty()) {
      return Error(Reason::kFieldMissing).Field("request_id").Says("no request_id is given");
    }
    KONTOR_ASSIGN_OR_RETURN(const model::Source source, loop_.SourceByName(source_name));
    if (!actor.MaySee(source.entity)) {
      return Error(Reason::kEntityDenied).Field("source").Says("the source's entity is not yours");
    }
    if (report.external_id.empty()) {
      return Error(Reason::kFieldMissing).Field("report.external_id").Says("no id is given");
    }
    if (validate_only) return ValidateOnly(source, std::move(report));
    ports::PlatformReport incoming;
    incoming.report = std::move(report);
    SubmitResult result;
    KONTOR_RETURN_IF_ERROR(
        loop_.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
          KONTOR_ASSIGN_OR_RETURN(const auto known, unit.FindRequest(actor.source, request_id));
          std::string id = known.has_value() ? known->document_id : "";
          const std::string digest = loop_.deps.crypto.Sha256Hex(StrCat(
              source.name, "\x1f", model::WriteExpenseReport(incoming.report, true)));
          if (known.has_value() && known->digest != digest) {
            return Error(Reason::kRequestIdReused)
                .Field("request_id")
                .Says("this request_id was used with other content");
          }
          if (!known.has_value()) {
            KONTOR_ASSIGN_OR_RETURN(const Ingested in,
                                    Ingest(loop_, unit, source, incoming, std::nullopt));
            id = in.id;
            KONTOR_RETURN_IF_ERROR(
                unit.InsertRequest({actor.source, request_id, digest, 1, "", id}));
            if (!in.repeated) KONTOR_RETURN_IF_ERROR(Audit(unit, actor, id, "submit", ""));
          }
          KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
          if (!row.has_value()) return NoSuchReport();
          KONTOR_ASSIGN_OR_RETURN(const Flow flow, FlowOf(*std::move(row)));
          result.view = ViewFor(flow);
          return absl::OkStatus();
        }));
    return result;
  }

  absl::StatusOr<ReportView> Get(const ports::Actor& actor, const std::string& id) override {
    KONTOR_ASSIGN_OR_RETURN(const Flow flow, FindFor(actor, id));
    return ViewFor(flow);
  }

  absl::StatusOr<ports::Listed<ReportView>> List(const ports::Actor& actor,
                                                 const ports::FlowFilter& filter,
                                                 const std::string& external_id,
                                                 const ports::Page& page) override {
    ports::Listed<ports::FlowRow> rows;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      rows = {};
      if (external_id.empty()) {
        KONTOR_ASSIGN_OR_RETURN(rows, view.ListFlows(filter, page));
        return absl::OkStatus();
      }
      KONTOR_ASSIGN_OR_RETURN(rows, RevisionsIn(view, filter, external_id, page));
      return absl::OkStatus();
    }));
    ports::Listed<ReportView> listed;
    listed.next = rows.next;
    for (ports::FlowRow& row : rows.rows) {
      if (!actor.MaySee(row.entity)) continue;
      KONTOR_ASSIGN_OR_RETURN(const Flow flow, FlowOf(std::move(row)));
      listed.rows.push_back(ViewFor(flow));
    }
    return listed;
  }

  absl::StatusOr<ReportView> Recall(const ports::Actor& actor, const std::string& id,
                                    const std::string& reason) override {
    KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kReasonMax));
    ReportView view;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindFlow(id));
      if (!row.has_value() || row->kind != kReportKind || !actor.MaySee(row->entity)) {
        return NoSuchReport();
      }
      KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowOf(*std::move(row)));
      const bool fresh = flow.body.recall_reason.empty();
      KONTOR_RETURN_IF_ERROR(RecallFlow(loop_, unit, flow, reason, true));
      if (flow.body.recall_reason.empty() && flow.state() != State::kRecalled) {
        return Error(Reason::kStateConflict)
            .Field("id")
            .With("state", flow.row.state)
            .Says("the report has ended, and nothing of it stands in the books");
      }
      view = ViewFor(flow);
      return fresh ? Audit(unit, actor, id, "recall", reason) : absl::OkStatus();
    }));
    return view;
  }

  absl::StatusOr<ports::HookReading> Try(const model::Source& source,
                                         const std::string& sample) override {
    KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop_.deps.adapters(source));
    return adapter->ReadHook(sample);
  }

  absl::StatusOr<std::vector<CheckResult>> CheckSource(const model::Source& source) override;
  bool RunUntilIdle() override { return worker_.RunUntilIdle(); }

 private:
  absl::StatusOr<Flow> FindFor(const ports::Actor& actor, const std::string& id) {
    std::optional<ports::FlowRow> row;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
      return absl::OkStatus();
    }));
    if (!row.has_value() || row->kind != kReportKind || !actor.MaySee(row->entity)) {
      return NoSuchReport();
    }
    return FlowOf(*std::move(row));
  }

  absl::StatusOr<SubmitResult> ValidateOnly(const model::Source& source,
                                            model::ExpenseReport report) {
    Flow flow;
    flow.row.entity = source.entity;
    flow.row.state = std::string(NameOf(State::kTested));
    flow.body.source = source.name;
    flow.body.external_id = report.external_id;
    flow.body.revision = report.revision;
    report = WithDigests(loop_, std::move(report));
    flow.body.report = model::WriteExpenseReport(report, false);
    KONTOR_ASSIGN_OR_RETURN(Judged judged, Judge(loop_, flow, source, report));
    return SubmitResult{ViewFor(flow), std::move(judged.findings)};
  }

  absl::Status Audit(ports::Unit& unit, const ports::Actor& actor, const std::string& id,
                     std::string_view what, const std::string& reason) {
    ports::AuditEntry audit;
    audit.time = loop_.Now();
    audit.actor = actor.principal_id;
    audit.role = std::string(ports::NameOf(ports::Role::kSubmitter));
    audit.action = StrCat("expense_report.", what);
    audit.subject = id;
    audit.reason = reason;
    return unit.AppendAudit(std::move(audit));
  }

  Loop loop_;
  Worker worker_;
  const bool threads_;
};

/// Whether the account that reimburses is one of the source's entity.
absl::Status CheckPayer(Loop& loop, const model::Source& source) {
  return loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    const std::string& name = source.expense.reimburse_from;
    KONTOR_ASSIGN_OR_RETURN(const auto account, banks::FindAccount(view, name, kPayerField));
    if (account.entity == source.entity) return absl::OkStatus();
    return base::Error(Reason::kOwnAccountUnknown)
        .Field(kPayerField)
        .Says(StrCat("the entity has no account '", name, "'"));
  });
}

/// Names of the source's rules that Odoo does not have.
std::vector<std::string> Missing(const model::Source& source, const model::Catalogue& catalogue) {
  std::vector<std::string> out;
  const model::ExpenseSettings& rules = source.expense;
  const auto account = [&](const std::string& code) {
    if (!code.empty() && catalogue.FindAccount(code) == nullptr) {
      out.push_back(StrCat("account ", code));
    }
  };
  for (const model::CategoryRule& rule : rules.categories) account(rule.account_code);
  for (const model::CardRule& rule : rules.cards) account(rule.account_code);
  account(rules.payable_account_code);
  for (const model::TaxRule& rule : rules.taxes) {
    account(rule.account_code);
    if (!rule.tax_name.empty() && catalogue.FindTax(rule.tax_name, true) == nullptr) {
      out.push_back(StrCat("purchase tax ", rule.tax_name));
    }
  }
  for (const model::CostCentreRule& rule : rules.cost_centres) {
    for (const model::AnalyticShare& share : rule.analytic) {
      if (catalogue.FindAnalytic(share.account_code) == nullptr) {
        out.push_back(StrCat("analytic account ", share.account_code));
      }
    }
  }
  for (const std::string& code : {rules.journal_code, rules.card_journal_code}) {
    if (!code.empty() && catalogue.FindJournal(code) == nullptr) {
      out.push_back(StrCat("journal ", code));
    }
  }
  return out;
}

absl::StatusOr<std::vector<CheckResult>> ExpensesImpl::CheckSource(const model::Source& source) {
  std::vector<CheckResult> results;
  const auto add = [&](std::string name, const absl::Status& status, std::string good) {
    results.push_back({std::move(name), status.ok(),
                       status.ok() ? std::move(good) : std::string(base::Std(status.message()))});
  };
  const auto catalogue = loop_.deps.engine.GetCatalogue(source.entity, true);
  add("odoo.reached", catalogue.status(), "The entity's master data was read.");
  if (catalogue.ok()) {
    const std::vector<std::string> missing = Missing(source, *catalogue);
    results.push_back({"odoo.master_data", missing.empty(),
                       missing.empty() ? "All accounts, taxes, journals and cost centres exist."
                                       : StrCat("Odoo lacks ", base::StrJoin(missing, ", "), ".")});
  }
  if (catalogue.ok() && source.expense.style == model::ExpenseStyle::kOdooExpense) {
    const std::vector<std::string>& obstacles = catalogue->expense_obstacles;
    results.push_back({"odoo.expenses", obstacles.empty(),
                       obstacles.empty() ? "Odoo takes expenses from kontor."
                                         : StrCat(base::StrJoin(obstacles, "; "), ".")});
  }
  results.push_back({"source.categories",
                     !source.expense.categories.empty(),
                     source.expense.categories.empty() ? "The source maps no category."
                                                       : "The source maps categories."});
  if (!source.expense.reimburse_from.empty()) {
    add("bank.account", CheckPayer(loop_, source), "The account that reimburses is known.");
  }
  const auto adapter = loop_.deps.adapters(source);
  add("adapter.made", adapter.status(), "The adapter takes the source's settings.");
  if (adapter.ok()) {
    if ((*adapter)->capabilities().has_login) {
      add("platform.reached", (*adapter)->Check(loop_.Now() + loop_.settings.call_timeout),
          "The platform lets kontor in.");
    }
  }
  return results;
}

}  // namespace

std::unique_ptr<Expenses> MakeExpenses(Dependencies dependencies, Settings settings, bool threads) {
  return std::make_unique<ExpensesImpl>(std::move(dependencies), std::move(settings), threads);
}

}  // namespace kontor::expenses
