// SPDX-License-Identifier: Apache-2.0
// Taking a report back: what is not posted is cancelled, what is posted is reversed, and only when
// nothing of it stands in Odoo the report ends.
#include "server/engine/expenses/internal/loop.h"
#include "server/engine/flow_documents.h"

namespace kontor::expenses {
namespace {

using base::Reason;
using model::OperationState;

/// Accepts the reversal of a posted document, or the removal of one that was to stay a draft;
/// repeatable by its request id.
absl::Status TakeBack(Loop& loop, const Flow& flow, const model::Source& source,
                      const model::Operation& creator, Part& part) {
  engine::AcceptRequest request;
  request.request_id = loop.RequestIdOf(flow.body, base::StrCat("undo-", part.name));
  request.verb = creator.posting == model::Posting::kDraft ? model::Verb::kCancel
                                                           : model::Verb::kReverse;
  request.document.id = part.document_id;
  request.document.entity = flow.row.entity;
  request.reason = flow.body.recall_reason.empty() ? "expense report given up"
                                                   : flow.body.recall_reason;
  request.correlation_id = flow.body.correlation_id;
  const auto accepted =
      engine::AcceptBlocking(loop.deps.engine, Loop::ActorOf(source), std::move(request));
  if (accepted.ok()) {
    part.undo_operation_id = accepted->operation.id;
    return absl::OkStatus();
  }
  // A person reversed it already: the engine knows by which operation.
  const base::ErrorInfo info = base::InfoOf(accepted.status());
  const auto known = info.metadata.find("operation");
  if (base::Is(accepted.status(), Reason::kStateConflict) && known != info.metadata.end()) {
    part.undo_operation_id = known->second;
    return absl::OkStatus();
  }
  return accepted.status();
}

/// One part nearer to nothing; true when it changed anything that must be written.
absl::StatusOr<bool> UndoPart(Loop& loop, const Flow& flow, const model::Source& source,
                              Part& part, std::vector<std::string>* wait_for) {
  if (part.name == "employee" || part.operation_id.empty()) {
    part.undone = true;  // a partner stays: others may name it
    return true;
  }
  const std::string& watched =
      part.undo_operation_id.empty() ? part.operation_id : part.undo_operation_id;
  KONTOR_ASSIGN_OR_RETURN(const auto operation, engine::FindOperation(loop.deps.store, watched));
  if (!operation.has_value()) {
    return base::Error(Reason::kInternal).Says(base::StrCat(watched, " is gone"));
  }
  if (!part.undo_operation_id.empty()) {
    if (operation->state == OperationState::kPosted) {
      part.undone = true;
      return true;
    }
    wait_for->push_back(watched);  // an exception of the reversal is decided in its own queue
    return false;
  }
  switch (operation->state) {
    case OperationState::kCancelled: part.undone = true; return true;
    case OperationState::kPosted:
      KONTOR_RETURN_IF_ERROR(TakeBack(loop, flow, source, *operation, part));
      return true;
    case OperationState::kSending:
    case OperationState::kUnknown: wait_for->push_back(watched); return false;
    default: break;
  }
  const auto cancelled = loop.deps.engine.CancelOperation(
      Loop::ActorOf(source), watched,
      flow.body.recall_reason.empty() ? "expense report given up" : flow.body.recall_reason);
  wait_for->push_back(watched);
  // It may have begun to send in between: looked at again.
  if (!cancelled.ok() && !base::Is(cancelled.status(), Reason::kStateConflict)) {
    return cancelled.status();
  }
  return false;
}

/// A call that was begun, if there is one, to its end: what the platform knows decides what it is
/// told of the recall.
absl::StatusOr<std::optional<Stepped>> EndCall(Loop& loop, Flow& flow,
                                               const model::Source& source) {
  const Body& body = flow.body;
  const State state = flow.state();
  const bool receipt = state == State::kPosted || state == State::kFailed;
  absl::StatusOr<Stepped> ended = Stepped{};
  if (state == State::kFetched && body.acknowledged == CallState::kSending) {
    ended = Acknowledge(loop, flow, source);
  } else if (receipt && body.receipt == CallState::kSending) {
    ended = TellPosting(loop, flow, source);
  } else if (state == State::kReimbursed && body.payment == CallState::kSending) {
    ended = TellPayment(loop, flow, source);
  } else {
    return std::optional<Stepped>();
  }
  KONTOR_RETURN_IF_ERROR(ended.status());
  return std::optional<Stepped>(*std::move(ended));
}

}  // namespace

absl::StatusOr<Stepped> TakeBack(Loop& loop, Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(auto ended, EndCall(loop, flow, source));
  if (ended) return *std::move(ended);
  const bool heard = flow.body.recall_told || !flow.body.told || flow.body.test ||
                     flow.body.receipt == CallState::kDone;
  if (heard) return Undo(loop, flow, source, State::kRecalled);
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  const ports::ExpenseCapabilities& can = adapter->capabilities();
  if (!can.confirms_posting) return Undo(loop, flow, source, State::kRecalled);
  // A person took it back, and the platform still waits for an end. It takes none of a report that
  // was not acknowledged.
  if (flow.state() == State::kFetched && can.acknowledges) return Acknowledge(loop, flow, source);
  if (flow.state() == State::kFailed && !HasBooks(flow)) return TellPosting(loop, flow, source);
  return Undo(loop, flow, source, State::kFailed);
}

absl::StatusOr<Stepped> Undo(Loop& loop, Flow& flow, const model::Source& source, State end) {
  Stepped stepped;
  bool changed = false;
  bool all = true;
  for (Part& part : flow.body.parts) {
    if (part.undone) continue;
    const auto moved = UndoPart(loop, flow, source, part, &stepped.wait_for);
    if (!moved.ok() && IsForPerson(moved.status())) return AskAbout(loop, flow, moved.status());
    KONTOR_RETURN_IF_ERROR(moved.status());
    changed = changed || *moved;
    all = all && part.undone;
  }
  if (!all) {
    LookAgain(loop, flow);
    KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, flow.state()));
    stepped.again = changed;
    return stepped;
  }
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "the report was taken back"));
    KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kLookSpace, copy.row.id));
    KONTOR_RETURN_IF_ERROR(unit.ReleaseFlowKeys(kReceiptSpace, copy.row.id));
    KONTOR_RETURN_IF_ERROR(engine::CloseFlowCase(loop.Desk(), unit, copy.body.correlation_id,
                                                 "the report was taken back",
                                                 &copy.body.contradiction_id));
    // Taken back by a person it is at its end only when the platform has heard of it.
    std::string_view event = end == State::kRecalled ? "recalled" : "failed";
    if (copy.body.test || (end == State::kFailed && !copy.body.recall_reason.empty())) event = "";
    copy.row.due = loop.Now();
    return WriteFlow(loop, unit, copy, end, event);
  }));
  stepped.again = true;
  return stepped;
}

}  // namespace kontor::expenses
