// SPDX-License-Identifier: Apache-2.0
// Cases of orders are like those of operations, but that no operation waits for them: the loop
// looks what was decided.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "server/base/ids.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using model::ExceptionCase;
using model::ExceptionState;
using model::Resolution;

/// What two people may let pass. An unconfirmed account is not among it: it gets confirmed.
constexpr std::array kAcceptable = {Reason::kPaymentDuplicate, Reason::kScreeningHit,
                                    Reason::kFraudRule, Reason::kListStale};

std::string OwnerOf(const std::vector<Finding>& findings, bool technical) {
  if (technical) return "operator";
  for (const Finding& finding : findings) {
    if (finding.severity != model::Severity::kError) continue;
    const base::ReasonEntry* const entry = base::FindReason(finding.reason);
    if (entry == nullptr || entry->who == "nobody") return "operator";
    return entry->who == "caller" ? "accountant" : std::string(entry->who);
  }
  return "accountant";
}

absl::Status Audit(Loop& loop, ports::Unit& unit, const Flow& flow, const ExceptionCase& exception,
                   std::string_view action, const std::string& reason) {
  ports::AuditEntry audit;
  audit.time = loop.Now();
  audit.actor = "kontord";
  audit.action = std::string(action);
  audit.subject = exception.id;
  audit.entity = exception.entity;
  audit.after = nlohmann::json{
      {"state", std::string(NameOf(exception.state))},
      {"payment_order",
       flow.row.id}}.dump();
  audit.reason = reason;
  audit.correlation_id = flow.body.correlation_id;
  return unit.AppendAudit(std::move(audit));
}

std::string ReasonsOf(const std::vector<Finding>& findings) {
  std::vector<std::string> reasons;
  for (const Finding& finding : findings) {
    if (std::find(reasons.begin(), reasons.end(), finding.reason) == reasons.end()) {
      reasons.push_back(finding.reason);
    }
  }
  return base::StrJoin(reasons, ", ");
}

std::vector<model::SuggestedAction> ActionsFor(const Flow& flow,
                                               const std::vector<Finding>& findings) {
  if (flow.state() == State::kReleased) {
    return {{Resolution::kRetry, "Looks at the channel again, after something was mended.", false}};
  }
  if (!IsBeforeRelease(flow.state())) {
    return {{Resolution::kRetry, "Takes note of it; the payments stay as they are.", false}};
  }
  std::vector<model::SuggestedAction> actions = {
      {Resolution::kRetry, "Looks at the order again, after something was mended.", false},
      {Resolution::kReject, "Cancels the order; nothing of it is paid.", false}};
  const bool acceptable =
      model::HasErrors(findings) && std::all_of(findings.begin(), findings.end(), IsAcceptable);
  if (acceptable) {
    actions.push_back({Resolution::kAccept, "Goes on in spite of the findings.", true});
  }
  return actions;
}

}  // namespace

Finding MakeFinding(Reason reason, std::string field, std::string message) {
  const base::ReasonEntry& entry = base::EntryOf(reason);
  Finding finding;
  finding.reason = std::string(entry.name);
  finding.field = std::move(field);
  finding.message = std::move(message);
  finding.suggestion = std::string(entry.todo);
  return finding;
}

bool IsAcceptable(const Finding& finding) {
  if (finding.severity != model::Severity::kError) return true;
  return std::any_of(kAcceptable.begin(), kAcceptable.end(),
                     [&](Reason reason) { return base::EntryOf(reason).name == finding.reason; });
}

std::string AcceptKey(const Finding& finding) {
  // The message is part of it: another hit on the same payment is another decision.
  return StrCat(finding.reason, "@", finding.field, "@", finding.message);
}

absl::Status PutCase(Loop& loop, ports::Unit& unit, Flow& flow, std::vector<Finding> findings,
                     bool technical) {
  ExceptionCase exception;
  bool fresh = true;
  if (!flow.body.exception_id.empty()) {
    KONTOR_ASSIGN_OR_RETURN(auto known, unit.FindException(flow.body.exception_id));
    if (known.has_value() && known->state != ExceptionState::kResolved) {
      if (known->findings == findings) {
        flow.body.findings = std::move(findings);
        return absl::OkStatus();
      }
      exception = *std::move(known);
      // What was proposed was about other findings.
      exception.state = ExceptionState::kOpen;
      exception.proposed.reset();
      exception.proposer.clear();
      fresh = false;
    }
  }
  if (fresh) {
    exception.id = loop.deps.ids.Next(base::kExceptionPrefix);
    exception.opened = loop.Now();
    exception.deadline = exception.opened + loop.settings.exception_deadline;
  }
  exception.technical = technical;
  exception.entity = flow.row.entity;
  exception.subject = flow.row.id;
  exception.barred = flow.body.preparer_id;
  exception.owner_role = OwnerOf(findings, technical);
  exception.findings = findings;
  exception.actions = ActionsFor(flow, findings);
  flow.body.exception_id = exception.id;
  flow.body.findings = std::move(findings);
  KONTOR_RETURN_IF_ERROR(unit.PutException(exception));
  return Audit(loop, unit, flow, exception, fresh ? "exception.opened" : "exception.changed",
               ReasonsOf(exception.findings));
}

absl::Status CloseCase(Loop& loop, ports::Unit& unit, Flow& flow, const std::string& why) {
  if (flow.body.exception_id.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(auto exception, unit.FindException(flow.body.exception_id));
  flow.body.exception_id.clear();
  flow.body.findings.clear();
  if (!exception.has_value() || exception->state == ExceptionState::kResolved) {
    return absl::OkStatus();
  }
  exception->state = ExceptionState::kResolved;
  exception->resolver = "kontord";
  exception->reason = why;
  exception->resolved = loop.Now();
  KONTOR_RETURN_IF_ERROR(unit.PutException(*exception));
  return Audit(loop, unit, flow, *exception, "exception.resolved", why);
}

absl::StatusOr<std::optional<model::Resolution>> DecisionOf(Loop& loop, const Flow& flow) {
  std::optional<Resolution> decision;
  if (flow.body.exception_id.empty()) return decision;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    decision.reset();
    KONTOR_ASSIGN_OR_RETURN(const auto exception, view.FindException(flow.body.exception_id));
    if (!exception.has_value()) {
      decision = Resolution::kRetry;
    } else if (exception->state == ExceptionState::kResolved) {
      decision = exception->proposed.value_or(Resolution::kRetry);
    }
    return absl::OkStatus();
  }));
  return decision;
}

}  // namespace kontor::payment_orders
