// SPDX-License-Identifier: Apache-2.0
// All findings at once: the report's own, the source's rules, Odoo's master data, duplicates.
#include <algorithm>

#include "server/engine/expenses/internal/loop.h"
#include "server/engine/flow_documents.h"

namespace kontor::expenses {
namespace {

using base::Reason;
using base::StrCat;
using model::Finding;

constexpr size_t kReferenceMax = 64;

/// Findings that a person has accepted are warnings from then on.
void DowngradeAccepted(const std::vector<std::string>& accepted, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (std::find(accepted.begin(), accepted.end(), finding.reason) != accepted.end()) {
      finding.severity = model::Severity::kWarning;
    }
  }
}

/// What Odoo would say of a document: everything up to the send. The employee who is yet to be made
/// is no finding.
absl::StatusOr<std::vector<Finding>> AskOdoo(Loop& loop, const Flow& flow,
                                             const model::Source& source,
                                             const model::ExpensePart& part, bool makes_employee,
                                             bool whole) {
  engine::AcceptRequest request;
  request.request_id = loop.RequestIdOf(flow.body, part.name);
  request.document = part.document;
  request.validate_only = true;
  if (!whole) {
    // Lines with findings of their own are missing, so the totals say nothing.
    if (auto* const bill = std::get_if<model::Invoice>(&request.document.content)) {
      bill->expected_total.reset();
      bill->expected_tax.reset();
    }
    if (auto* const claim = std::get_if<model::ExpenseClaim>(&request.document.content)) {
      claim->expected_total.reset();
      claim->expected_tax.reset();
    }
  }
  const auto answer =
      engine::AcceptBlocking(loop.deps.engine, Loop::ActorOf(source), std::move(request));
  std::vector<Finding> findings;
  if (answer.ok()) {
    findings = answer->findings;
  } else {
    findings = model::FindingsOf(answer.status());
    if (findings.empty()) {
      if (!IsForPerson(answer.status())) return answer.status();
      findings = {model::FindingOf(answer.status())};
    }
  }
  if (makes_employee) {
    std::erase_if(findings, [](const Finding& finding) {
      return finding.reason == base::EntryOf(Reason::kPartnerUnknown).name;
    });
  }
  return findings;
}

/// A key that one report alone may have, and what it stands for.
struct OnlyOne {
  const char* space;
  std::string key;
  std::string field;
  std::string_view what;
};

std::vector<OnlyOne> KeysOf(Loop& loop, const Flow& flow, const model::ExpenseReport& report) {
  std::vector<OnlyOne> keys;
  keys.push_back({kLookSpace,
                  loop.deps.crypto.Sha256Hex(
                      StrCat(flow.row.entity, "\x1f", model::ExpenseLookOf(report))),
                  "report", "The same employee, days, categories and amounts"});
  for (size_t i = 0; i < report.lines.size(); ++i) {
    for (size_t k = 0; k < report.lines[i].receipts.size(); ++k) {
      const std::string& digest = report.lines[i].receipts[k].sha256;
      if (digest.empty()) continue;
      keys.push_back({kReceiptSpace, StrCat(flow.row.entity, "\x1f", digest),
                      StrCat("report.lines[", i, "].receipts[", k, "]"), "The same file"});
    }
  }
  return keys;
}

Finding HeldBy(const OnlyOne& key, const std::string& holder) {
  Finding finding = model::MakeFinding(Reason::kDuplicateSuspected, key.field,
                                       StrCat(key.what, " stands in the report ", holder));
  finding.got = holder;
  return finding;
}

/// Those that another report holds now. An older revision gives its keys back before this one goes
/// on. The keys are taken later, with the state that they allow.
absl::StatusOr<std::vector<Finding>> FindDuplicates(Loop& loop, const Flow& flow,
                                                    const model::ExpenseReport& report) {
  std::vector<Finding> findings;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    findings.clear();
    for (const OnlyOne& key : KeysOf(loop, flow, report)) {
      KONTOR_ASSIGN_OR_RETURN(const auto holders, view.FlowsByKey(key.space, key.key, 1));
      if (holders.empty() || holders.front() == flow.row.id) continue;
      KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(holders.front()));
      if (!row.has_value()) continue;
      KONTOR_ASSIGN_OR_RETURN(const Flow holder, FlowOf(*std::move(row)));
      const bool same_report = holder.body.source == flow.body.source &&
                               holder.body.external_id == flow.body.external_id;
      if (!same_report) findings.push_back(HeldBy(key, holders.front()));
    }
    return absl::OkStatus();
  }));
  return findings;
}

}  // namespace

model::ExpensePlan PlanOf(Loop& loop, const Flow& flow, const model::Source& source,
                          const model::ExpenseReport& report, const model::Catalogue& catalogue) {
  return model::PlanExpense(
      report, source, ReferenceOf(flow.body, flow.row.id), catalogue,
      [&loop](std::string_view text) { return loop.deps.crypto.Sha256Hex(text); });
}

std::string ReferenceOf(const Body& body, const std::string& flow_id) {
  std::string reference = body.external_id;
  if (body.revision > 1) base::StrAppend(&reference, "/", body.revision);
  // Odoo knows what was reversed under the same reference as a document of its own.
  if (body.round > 0) base::StrAppend(&reference, "+", body.round);
  return reference.size() <= kReferenceMax ? reference : flow_id;
}

absl::StatusOr<Judged> Judge(Loop& loop, const Flow& flow, const model::Source& source,
                             const model::ExpenseReport& report) {
  Judged judged;
  judged.findings = flow.body.problems;
  const std::vector<Finding> own = model::ValidateExpenseReport(report);
  judged.findings.insert(judged.findings.end(), own.begin(), own.end());
  KONTOR_ASSIGN_OR_RETURN(const model::Catalogue catalogue,
                          loop.deps.engine.GetCatalogue(source.entity, false));
  judged.plan = PlanOf(loop, flow, source, report, catalogue);
  judged.findings.insert(judged.findings.end(), judged.plan.findings.begin(),
                         judged.plan.findings.end());
  const bool whole = !model::HasErrors(judged.findings);
  const bool makes_employee =
      !judged.plan.parts.empty() && judged.plan.parts.front().name == "employee";
  for (const model::ExpensePart& part : judged.plan.parts) {
    if (part.name == "employee") continue;
    KONTOR_ASSIGN_OR_RETURN(const auto said,
                            AskOdoo(loop, flow, source, part, makes_employee, whole));
    judged.findings.insert(judged.findings.end(), said.begin(), said.end());
  }
  KONTOR_ASSIGN_OR_RETURN(const auto duplicates, FindDuplicates(loop, flow, report));
  judged.findings.insert(judged.findings.end(), duplicates.begin(), duplicates.end());
  DowngradeAccepted(flow.body.accepted_reasons, judged.findings);
  return judged;
}

absl::StatusOr<std::vector<Finding>> TakeKeys(Loop& loop, ports::Unit& unit, const Flow& flow,
                                              const model::ExpenseReport& report) {
  std::vector<Finding> findings;
  for (const OnlyOne& key : KeysOf(loop, flow, report)) {
    KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                            unit.ReserveFlowKey({key.space, key.key, flow.row.id}));
    if (holder != flow.row.id) findings.push_back(HeldBy(key, holder));
  }
  DowngradeAccepted(flow.body.accepted_reasons, findings);
  return findings;
}

}  // namespace kontor::expenses
