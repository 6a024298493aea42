// SPDX-License-Identifier: Apache-2.0
// Opening the cases that people decide: owner, deadline, and what may be done about them. How they
// are decided is in resolve.cc.
#include <algorithm>
#include <array>

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/codec.h"
#include "server/engine/resolve.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using base::Reason;
using model::ExceptionCase;
using model::Finding;
using model::Operation;
using model::Resolution;

/// Findings that two people may accept: what was asked is then taken as it is.
constexpr std::array kAcceptable = {
    Reason::kDuplicateReference, Reason::kDuplicateSuspected, Reason::kTotalMismatch,
    Reason::kBookedDifferently,  Reason::kRateStale,          Reason::kDeletedInOdoo,
    Reason::kPaymentWithoutEntry};

/// The role that the catalogue names; callers' mistakes that came this far are accounting's.
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

bool AllAcceptable(const std::vector<Finding>& findings) {
  return model::HasErrors(findings) &&
         std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
           return finding.severity != model::Severity::kError || IsAcceptable(finding.reason);
         });
}

std::vector<model::SuggestedAction> ActionsFor(const Operation& operation,
                                               const std::vector<Finding>& findings) {
  const bool deleted = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.reason == base::EntryOf(Reason::kDeletedInOdoo).name;
  });
  const bool posted = IsPostedInErp(operation);
  std::vector<model::SuggestedAction> actions;
  if (!deleted) {
    actions.push_back({Resolution::kRetry,
                       "Tries again as it is, after something was mended in Odoo.", false});
  }
  if (!posted && operation.verb != model::Verb::kCancel) {
    actions.push_back({Resolution::kCorrectAndRetry,
                       "Takes the corrected document, removes a draft of the old one, and tries "
                       "again. Amounts, accounts, partners and bank accounts need a second person.",
                       false});
  }
  if (AllAcceptable(findings)) {
    actions.push_back({Resolution::kAccept,
                       deleted ? "Sends the document to Odoo anew."
                               : "Goes on in spite of the findings.",
                       true});
  }
  if (!posted) {
    actions.push_back({Resolution::kReject,
                       "Gives the document up; a draft of it in Odoo is removed.", false});
  }
  return actions;
}

ExceptionCase NewCase(Core& core, const std::string& entity, const std::string& subject,
                      std::vector<Finding> findings, bool technical) {
  ExceptionCase exception;
  exception.id = core.NewId(base::kExceptionPrefix);
  exception.technical = technical;
  exception.entity = entity;
  exception.subject = subject;
  exception.owner_role = OwnerOf(findings, technical);
  exception.findings = std::move(findings);
  exception.opened = core.Now();
  exception.deadline = exception.opened + core.settings.exception_deadline;
  return exception;
}

absl::Status AuditCase(Core& core, ports::Unit& unit, const ExceptionCase& exception,
                       std::string_view action, const std::string& reason,
                       const std::string& correlation_id) {
  ports::AuditEntry audit;
  audit.time = core.Now();
  audit.actor = kSelf;
  audit.action = std::string(action);
  audit.subject = exception.id;
  audit.entity = exception.entity;
  audit.after = StateJson(NameOf(exception.state));
  audit.reason = reason;
  audit.correlation_id = correlation_id;
  return unit.AppendAudit(std::move(audit));
}

std::string ReasonsOf(const std::vector<Finding>& findings) {
  std::vector<std::string> reasons;
  for (const Finding& finding : findings) reasons.push_back(finding.reason);
  return base::StrJoin(reasons, ", ");
}

}  // namespace

bool IsAcceptable(std::string_view reason) {
  return std::any_of(kAcceptable.begin(), kAcceptable.end(),
                     [&](Reason r) { return base::EntryOf(r).name == reason; });
}

absl::Status OpenException(Core& core, ports::Unit& unit, Operation& operation,
                           std::vector<Finding> findings, bool technical) {
  ExceptionCase exception = NewCase(core, operation.entity, operation.document_id,
                                    std::move(findings), technical);
  exception.operation_id = operation.id;
  exception.actions = ActionsFor(operation, exception.findings);
  KONTOR_RETURN_IF_ERROR(unit.PutException(exception));
  operation.exception_id = exception.id;
  operation.next_attempt.reset();
  KONTOR_RETURN_IF_ERROR(AuditCase(core, unit, exception, "exception.opened",
                                   ReasonsOf(exception.findings), operation.correlation_id));
  return MoveTo(core, unit, operation, model::OperationState::kException,
                Because(ReasonsOf(exception.findings)), &exception);
}

absl::StatusOr<std::string> OpenCase(Core& core, ports::Unit& unit, const std::string& entity,
                                     const std::string& subject, Finding finding) {
  constexpr int kCasesMax = 1000;
  ports::ExceptionFilter filter;
  filter.entity = entity;
  filter.state = model::ExceptionState::kOpen;
  ports::Page page{.limit = kCasesMax, .after = {}};
  do {
    KONTOR_ASSIGN_OR_RETURN(const auto listed, unit.ListExceptions(filter, page));
    for (const ExceptionCase& open : listed.rows) {
      if (open.subject == subject && open.operation_id.empty() && open.findings.size() == 1 &&
          open.findings.front().reason == finding.reason &&
          open.findings.front().got == finding.got) {
        return open.id;
      }
    }
    page.after = listed.next;
  } while (!page.after.empty());
  ExceptionCase exception = NewCase(core, entity, subject, {std::move(finding)}, false);
  exception.actions = {
      {Resolution::kAccept, "Takes note of the difference; nothing is changed.", true},
      {Resolution::kRetry, "Closes the case; the next comparison opens it again if it is still so.",
       false}};
  KONTOR_RETURN_IF_ERROR(unit.PutException(exception));
  KONTOR_RETURN_IF_ERROR(AuditCase(core, unit, exception, "exception.opened",
                                   ReasonsOf(exception.findings), {}));
  return exception.id;
}

absl::Status CloseExceptionBySelf(Core& core, ports::Unit& unit, const Operation& operation,
                                  const std::string& reason) {
  if (operation.exception_id.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(auto exception, unit.FindException(operation.exception_id));
  if (!exception.has_value() || exception->state == model::ExceptionState::kResolved) {
    return absl::OkStatus();
  }
  exception->state = model::ExceptionState::kResolved;
  exception->resolver = kSelf;
  exception->reason = reason;
  exception->resolved = core.Now();
  KONTOR_RETURN_IF_ERROR(unit.PutException(*exception));
  return AuditCase(core, unit, *exception, "exception.resolved", reason,
                   operation.correlation_id);
}

}  // namespace kontor::engine
