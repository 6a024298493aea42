// SPDX-License-Identifier: Apache-2.0
// One report forward by one step. Each state is on disk before the call that it allows.
#include <algorithm>

#include "server/engine/expenses/internal/loop.h"
#include "server/engine/flow_documents.h"

namespace kontor::expenses {
namespace {

using base::Reason;
using base::StrCat;
using model::OperationState;
using model::Resolution;

constexpr int kJitterless = 2;  // factor between two attempts

absl::StatusOr<Flow> Load(Loop& loop, const std::string& id) {
  std::optional<ports::FlowRow> row;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
    return absl::OkStatus();
  }));
  if (!row.has_value() || row->kind != kReportKind) {
    return base::Error(Reason::kNotFound).Says("there is no such report");
  }
  return FlowOf(*std::move(row));
}

void SetParts(Loop& loop, const model::ExpensePlan& plan, Flow& flow) {
  flow.body.parts.clear();
  for (const model::ExpensePart& planned : plan.parts) {
    Part part;
    part.name = planned.name;
    part.request_id = loop.RequestIdOf(flow.body, planned.name);
    flow.body.parts.push_back(std::move(part));
  }
}

/// Takes the keys and the next state in one unit; findings when another report holds a key.
absl::StatusOr<std::vector<model::Finding>> EnterValidated(Loop& loop, Flow& flow,
                                                           const model::ExpenseReport& report,
                                                           const model::ExpensePlan& plan) {
  std::vector<model::Finding> findings;
  Flow written;
  const absl::Status done = loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_ASSIGN_OR_RETURN(findings, TakeKeys(loop, unit, copy, report));
    // Undone as a whole: no key may stay with a report that does not go on.
    if (model::HasErrors(findings)) return model::StatusOf(findings);
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "what was wrong is mended"));
    SetParts(loop, plan, copy);
    copy.body.attempts = 0;
    copy.row.due = loop.Now();
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, copy, State::kValidated, "validated"));
    written = std::move(copy);
    return absl::OkStatus();
  });
  if (model::HasErrors(findings)) return findings;
  KONTOR_RETURN_IF_ERROR(done);
  flow = std::move(written);
  return std::vector<model::Finding>();
}

/// ACKNOWLEDGED: everything that can be wrong, at once.
absl::StatusOr<Stepped> Validate(Loop& loop, Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const bool older, OlderStands(loop, flow));
  if (older) {
    LookAgain(loop, flow);
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kAcknowledged));
    return Stepped{};
  }
  KONTOR_ASSIGN_OR_RETURN(const model::ExpenseReport report, LoadReport(loop, flow));
  auto judged = Judge(loop, flow, source, report);
  if (!judged.ok()) {
    // Odoo cannot be asked: waits, and says so, but is nobody's case.
    RetryLater(loop, flow, base::InfoOf(judged.status()).retry_after);
    flow.body.attempts = std::min(flow.body.attempts, loop.settings.attempts_max - 1);
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kAcknowledged));
    return Stepped{};
  }
  if (flow.body.test) {
    flow.body.findings = std::move(judged->findings);
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kTested));
    return Stepped{};
  }
  if (model::HasErrors(judged->findings)) {
    return AskPerson(loop, flow, std::move(judged->findings), false);
  }
  KONTOR_ASSIGN_OR_RETURN(auto held, EnterValidated(loop, flow, report, judged->plan));
  if (!held.empty()) return AskPerson(loop, flow, std::move(held), false);
  loop.Failpoint("expense.after_validated");
  return Stepped{true, {}};
}

/// With its documents as keys: what Odoo says of one is said of the report.
absl::Status SaveHandedOver(Loop& loop, Flow& flow) {
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    for (const Part& part : written.body.parts) {
      if (part.document_id.empty()) continue;
      KONTOR_RETURN_IF_ERROR(
          unit.ShareFlowKey({kDocumentSpace, part.document_id, written.row.id}));
    }
    return WriteFlow(loop, unit, written, State::kValidated, "");
  }));
  flow = std::move(written);
  return absl::OkStatus();
}

/// VALIDATED: hands over what the engine does not have yet. The request ids make it repeatable.
absl::Status HandOver(Loop& loop, Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const model::ExpenseReport report, LoadReport(loop, flow));
  KONTOR_ASSIGN_OR_RETURN(const model::Catalogue catalogue,
                          loop.deps.engine.GetCatalogue(source.entity, false));
  const model::ExpensePlan plan = PlanOf(loop, flow, source, report, catalogue);
  std::string employee;
  for (Part& part : flow.body.parts) {
    if (!part.operation_id.empty()) {
      if (part.name == "employee") employee = part.operation_id;
      continue;
    }
    const auto planned = std::find_if(plan.parts.begin(), plan.parts.end(),
                                      [&](const auto& p) { return p.name == part.name; });
    if (planned == plan.parts.end()) {
      // The source's rules changed between the check and now, and this part is none any more.
      part.undone = true;
      continue;
    }
    engine::AcceptRequest request;
    request.request_id = part.request_id;
    request.document = planned->document;
    request.correlation_id = flow.body.correlation_id;
    if (!employee.empty()) request.depends_on = {employee};
    auto accepted =
        engine::AcceptBlocking(loop.deps.engine, Loop::ActorOf(source), std::move(request));
    loop.Failpoint("expense.after_accept");
    if (base::Is(accepted.status(), Reason::kRequestIdReused)) {
      // Accepted before a crash, under rules that were changed since: that one counts.
      const base::ErrorInfo info = base::InfoOf(accepted.status());
      part.operation_id = info.metadata.at("operation");
      part.document_id = info.metadata.at("document");
    } else {
      KONTOR_RETURN_IF_ERROR(accepted.status());
      part.operation_id = accepted->operation.id;
      part.document_id = accepted->document.id;
    }
    if (part.name == "employee") employee = part.operation_id;
  }
  LookAgain(loop, flow);
  return SaveHandedOver(loop, flow);
}

absl::StatusOr<Stepped> Watch(Loop& loop, Flow& flow, const model::Source& source) {
  const bool missing = std::any_of(flow.body.parts.begin(), flow.body.parts.end(),
                                   [](const Part& part) {
                                     return part.operation_id.empty() && !part.undone;
                                   });
  if (missing) {
    const absl::Status handed = HandOver(loop, flow, source);
    if (base::Is(handed, Reason::kVersionConflict)) return handed;
    if (!handed.ok()) {
      if (IsForPerson(handed)) return AskAbout(loop, flow, handed);
      RetryLater(loop, flow, base::InfoOf(handed).retry_after);
      KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kValidated));
      return Stepped{};
    }
  }
  Stepped stepped;
  bool posted = true;
  bool given_up = false;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    stepped.wait_for.clear();
    posted = true;
    for (Part& part : flow.body.parts) {
      if (part.operation_id.empty()) continue;
      KONTOR_ASSIGN_OR_RETURN(const auto operation, view.FindOperation(part.operation_id));
      if (!operation.has_value()) continue;
      part.odoo_name = operation->record.name;
      given_up = given_up || operation->state == OperationState::kCancelled;
      if (operation->state == OperationState::kPosted) continue;
      posted = false;
      stepped.wait_for.push_back(part.operation_id);
    }
    return absl::OkStatus();
  }));
  if (given_up) {
    flow.row.due = loop.Now();
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kFailed, ""));
    return Stepped{true, {}};
  }
  if (posted) {
    flow.row.due = loop.Now();
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kPosted, "posted"));
    loop.Failpoint("expense.after_posted");
    return Stepped{true, {}};
  }
  LookAgain(loop, flow);
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, State::kValidated));
  return stepped;
}

/// FAILED: first nothing of it stands in Odoo, then the platform is told.
absl::StatusOr<Stepped> Fail(Loop& loop, Flow& flow, const model::Source& source) {
  if (HasBooks(flow)) return Undo(loop, flow, source, State::kFailed);
  return TellPosting(loop, flow, source);
}

/// Every call at hand that may have been made.
void SettleCalls(Body& body, CallState as) {
  for (CallState* const mark : {&body.acknowledged, &body.receipt, &body.payment}) {
    if (*mark == CallState::kSending) *mark = as;
  }
}

/// What a person decided about findings of an open case. Answers the event to tell.
std::string_view TakeResolution(Flow& flow, Resolution decision,
                                const std::vector<model::Finding>& findings, State* next) {
  const bool disowned = IsDisowned(findings);
  if (IsAboutOrder(findings)) {
    flow.body.order_declined = decision == Resolution::kReject;
    return "";
  }
  // The payment that failed may have been an order of ours: another one is another payment.
  if (decision == Resolution::kRetry && Concerns(findings, {Reason::kReimbursementFailed})) {
    flow.body.payment_order_id.clear();
    return "";
  }
  const bool about_call =
      disowned || Concerns(findings, {Reason::kReceiptUnknown, Reason::kPlatformRefused});
  if (decision == Resolution::kAccept && disowned) {
    SettleCalls(flow.body, CallState::kDone);
  } else if (decision == Resolution::kAccept) {
    for (const model::Finding& finding : findings) {
      flow.body.accepted_reasons.push_back(finding.reason);
    }
  } else if (decision == Resolution::kReject && about_call) {
    // "It knows the outcome": the call at hand counts as done.
    SettleCalls(flow.body, CallState::kDone);
    if (disowned) flow.body.recall_reason = "the platform has the report no more";
  } else if (decision == Resolution::kReject) {
    flow.body.findings = findings;
    *next = State::kFailed;
    if (!HasBooks(flow)) return "failed";
  } else if (about_call) {
    SettleCalls(flow.body, CallState::kNone);
  }
  return "";
}

/// What a person decided about the open case, or nothing.
absl::StatusOr<std::optional<Stepped>> TakeDecision(Loop& loop, Flow& flow) {
  KONTOR_ASSIGN_OR_RETURN(const auto decision,
                          engine::DecisionOf(loop.deps.store, flow.body.exception_id));
  if (!decision) return std::optional<Stepped>();
  const std::vector<model::Finding> findings = std::move(flow.body.findings);
  flow.body.exception_id.clear();
  flow.body.findings.clear();
  flow.body.attempts = 0;
  flow.row.due = loop.Now();
  State next = flow.state();
  const std::string_view event = TakeResolution(flow, *decision, findings, &next);
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, next, event));
  return std::optional<Stepped>(Stepped{true, {}});
}

absl::StatusOr<Stepped> Step(Loop& loop, Flow& flow, const model::Source& source) {
  if (!flow.body.recall_reason.empty() && flow.state() != State::kRecalled) {
    return TakeBack(loop, flow, source);
  }
  switch (flow.state()) {
    case State::kReceived: return Stepped{};
    case State::kFetched: return Acknowledge(loop, flow, source);
    case State::kAcknowledged: return Validate(loop, flow, source);
    case State::kValidated: return Watch(loop, flow, source);
    case State::kPosted:
      if (flow.body.receipt == CallState::kDone && source.expense.watch_reimbursement) {
        return LookAtPayment(loop, flow, source);
      }
      return TellPosting(loop, flow, source);
    case State::kFailed: return Fail(loop, flow, source);
    case State::kReimbursed: return TellPayment(loop, flow, source);
    case State::kConfirmed: return LookAfterPayment(loop, flow);
    case State::kRecalled:
    case State::kTested: break;
  }
  return Stepped{};
}

}  // namespace

absl::StatusOr<Stepped> Acknowledge(Loop& loop, Flow& flow, const model::Source& source) {
  if (flow.body.told && !flow.body.test && flow.body.acknowledged != CallState::kDone) {
    KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
    const ports::ExpenseCapabilities& can = adapter->capabilities();
    if (can.acknowledges) {
      Stepped stepped;
      const PlatformCall call{
          &Body::acknowledged, can.acknowledge_repeat, "expense.after_ack_marked",
          "expense.after_ack",
          [&](absl::Time deadline) { return adapter->Acknowledge(flow.body.ref, deadline); }};
      KONTOR_ASSIGN_OR_RETURN(const auto outcome, TellOnce(loop, flow, call, &stepped));
      if (!outcome) return stepped;
      if (*outcome == ports::ItemOutcome::kGone) {
        if (flow.body.recall_reason.empty()) {
          flow.body.recall_reason = "taken back before it was acknowledged";
        }
        flow.body.recall_told = true;  // it is the platform that said so
        return Undo(loop, flow, source, State::kRecalled);
      }
    }
  }
  flow.body.acknowledged = CallState::kDone;
  flow.row.due = loop.Now();
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "the platform took the acknowledgement"));
    return WriteFlow(loop, unit, copy, State::kAcknowledged, "");
  }));
  return Stepped{true, {}};
}

absl::StatusOr<Stepped> StepReport(Loop& loop, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(Flow flow, Load(loop, id));
  if (!flow.row.open) return Stepped{};
  KONTOR_ASSIGN_OR_RETURN(const model::Source source, loop.SourceByName(flow.body.source));
  KONTOR_ASSIGN_OR_RETURN(auto decided, TakeDecision(loop, flow));
  if (decided) return *std::move(decided);
  auto stepped = Step(loop, flow, source);
  // A person was faster: the next look reads what they did.
  if (base::Is(stepped.status(), Reason::kVersionConflict)) return Stepped{true, {}};
  return stepped;
}

absl::Status WriteFlow(Loop& loop, ports::Unit& unit, Flow& flow, State state,
                       std::string_view event) {
  flow.row.state = std::string(NameOf(state));
  // What is taken back after its end is at work again until nothing of it stands.
  const bool undoing = !flow.body.recall_reason.empty() && state != State::kRecalled;
  const bool watched = state == State::kConfirmed && !flow.body.paid_watched_until.empty();
  flow.row.open = !IsTerminal(state) || undoing || watched;
  if (!flow.row.open) flow.row.due = absl::InfiniteFuture();
  flow.row.updated = loop.Now();
  flow.row.body = ToJson(flow.body);
  KONTOR_RETURN_IF_ERROR(unit.PutFlow(flow.row));
  if (event.empty()) return absl::OkStatus();
  return AppendEvent(loop, unit, flow, StrCat("expense_report.", event));
}

absl::Status SaveFlow(Loop& loop, Flow& flow, State state, std::string_view event) {
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    return WriteFlow(loop, unit, written, state, event);
  }));
  flow = std::move(written);
  return absl::OkStatus();
}

void LookAgain(Loop& loop, Flow& flow) { flow.row.due = loop.Now() + loop.settings.look_interval; }

void RetryLater(Loop& loop, Flow& flow, absl::Duration at_least) {
  absl::Duration wait = loop.settings.retry_first;
  for (int i = 0; i < flow.body.attempts && wait < loop.settings.retry_max; ++i) {
    wait *= kJitterless;
  }
  ++flow.body.attempts;
  flow.row.due = loop.Now() + std::max(at_least, std::min(wait, loop.settings.retry_max));
}

}  // namespace kontor::expenses
