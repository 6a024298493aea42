// SPDX-License-Identifier: Apache-2.0
// Odoo's payments: registered when the bank has the order, taken back when the bank refused or
// returned a payment. Both through the engine, under request ids that are a function of the
// payment: once, with exceptions, locks and reading back.
#include <algorithm>

#include "server/engine/flow_documents.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using model::OperationState;

std::string RequestIdOf(const Flow& flow, const Line& line, std::string_view what) {
  return StrCat(flow.row.id, "/", line.number, "/", what);
}

std::string MemoOf(const Line& line) {
  constexpr size_t kMemoMax = 140;
  std::string memo = line.transfer.end_to_end_id;
  for (const Bill& bill : line.bills) {
    if (memo.size() + bill.name.size() + 1 > kMemoMax) break;
    base::StrAppend(&memo, " ", bill.name);
  }
  return memo;
}

absl::StatusOr<model::Payment> PaymentOf(const Flow& flow, const Line& line,
                                         const model::OwnAccount& account) {
  model::Payment payment;
  payment.direction = model::PaymentDirection::kOutbound;
  payment.partner_role = model::PartnerRole::kSupplier;
  payment.partner.odoo_id = line.partner_id;
  payment.amount = line.transfer.amount;
  KONTOR_ASSIGN_OR_RETURN(payment.date, model::Date::Parse(flow.body.day));
  payment.journal_code = account.journal_code;
  payment.memo = MemoOf(line);
  payment.outstanding_account_code = account.outstanding_account;
  if (line.account_id > 0) payment.partner_bank_account = line.transfer.creditor.account.number;
  for (const Bill& bill : line.bills) {
    model::Allocation& allocation = payment.allocations.emplace_back();
    allocation.odoo_move_id = bill.move_id;
    allocation.amount = bill.amount;
  }
  return payment;
}

absl::Status Register(Loop& loop, Flow& flow, Line& line, const model::OwnAccount& account) {
  engine::AcceptRequest request;
  request.request_id = RequestIdOf(flow, line, "pay");
  request.document.entity = flow.row.entity;
  KONTOR_ASSIGN_OR_RETURN(request.document.content, PaymentOf(flow, line, account));
  request.correlation_id = flow.body.correlation_id;
  KONTOR_ASSIGN_OR_RETURN(
      const auto accepted,
      engine::AcceptBlocking(loop.deps.engine, Loop::SelfFor(flow.row.entity), std::move(request)));
  line.operation_id = accepted.operation.id;
  line.document_id = accepted.document.id;
  flow.Touch(line);
  loop.Failpoint("payment_order.after_payment_accepted");
  return absl::OkStatus();
}

bool IsAtWork(OperationState state) {
  return state == OperationState::kAccepted || state == OperationState::kReady ||
         state == OperationState::kSending || state == OperationState::kRetrying ||
         state == OperationState::kUnknown;
}

/// What became of one payment's books, and how soon to look again.
enum class Pace { kDone, kSoon, kSometime };

Pace PaceOf(OperationState state) { return IsAtWork(state) ? Pace::kSoon : Pace::kSometime; }

/// Whether Odoo's payment was asked for. A crash, or the bank's word in between, may have kept the
/// order from noting it: the request id still tells.
absl::StatusOr<bool> IsRegistered(Loop& loop, Flow& flow, Line& line) {
  if (!line.operation_id.empty()) return true;
  std::optional<ports::RequestRow> known;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(known, view.FindRequest(Loop::SelfFor(flow.row.entity).source,
                                                    RequestIdOf(flow, line, "pay")));
    return absl::OkStatus();
  }));
  if (!known) return false;
  line.operation_id = known->operation_id;
  line.document_id = known->document_id;
  flow.Touch(line);
  return true;
}

/// Whether nothing is to be written to the entity's Odoo now.
absl::StatusOr<bool> IsOdooStopped(Loop& loop, const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const std::string suspended, loop.SuspensionOf(name));
  if (!suspended.empty()) return true;
  KONTOR_ASSIGN_OR_RETURN(const engine::Entity entity, loop.deps.engine.GetEntity(name));
  KONTOR_ASSIGN_OR_RETURN(const engine::Connection connection,
                          loop.deps.engine.GetConnection(entity.connection));
  return entity.mode == engine::Mode::kShadow || connection.mode == engine::Mode::kShadow;
}

/// What a person has to mend in Odoo; what ends by itself is only tried again.
bool IsRefusedByOdoo(const absl::Status& status) {
  for (const Reason reason : {Reason::kConnectionPaused, Reason::kDatabaseReplaced,
                              Reason::kRestoreHold, Reason::kOdooLoginFailed}) {
    if (base::Is(status, reason)) return false;
  }
  return status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kPermissionDenied;
}

/// Odoo's own payment goes straight back: it is none of our documents. What Odoo refuses is told in
/// the case of what is late, until somebody has cancelled it there.
absl::StatusOr<Pace> CancelInOdoo(Loop& loop, Flow& flow, Line& line) {
  // After a restore, say: what this store wants may be older than what people have done since.
  KONTOR_ASSIGN_OR_RETURN(const bool stopped, IsOdooStopped(loop, flow.row.entity));
  if (stopped) return Pace::kSometime;
  const absl::Status undone = loop.deps.engine.UndoPayment(flow.row.entity, line.odoo_payment_id);
  if (undone.ok() || base::Is(undone, Reason::kDeletedInOdoo)) {
    Line& changed = flow.Touch(line);
    changed.undone = true;
    changed.undo_trouble.clear();
    return Pace::kDone;
  }
  if (!IsRefusedByOdoo(undone)) return undone;
  flow.Touch(line).undo_trouble = std::string(base::Std(undone.message()));
  return Pace::kSometime;
}

absl::StatusOr<Pace> TakeBack(Loop& loop, Flow& flow, Line& line) {
  if (line.odoo_payment_id > 0) return CancelInOdoo(loop, flow, line);
  KONTOR_ASSIGN_OR_RETURN(const bool registered, IsRegistered(loop, flow, line));
  if (!registered) {
    flow.Touch(line).undone = true;
    return Pace::kDone;
  }
  if (!line.undo_operation_id.empty()) {
    KONTOR_ASSIGN_OR_RETURN(const auto undo,
                            engine::FindOperation(loop.deps.store, line.undo_operation_id));
    if (undo &&
        (undo->state == OperationState::kCancelled || undo->state == OperationState::kPosted)) {
      flow.Touch(line).undone = true;
      return Pace::kDone;
    }
    return undo ? PaceOf(undo->state) : Pace::kSometime;
  }
  KONTOR_ASSIGN_OR_RETURN(const auto payment,
                          engine::FindOperation(loop.deps.store, line.operation_id));
  if (!payment || payment->state == OperationState::kCancelled) {
    flow.Touch(line).undone = true;
    return Pace::kDone;
  }
  const std::string why =
      line.reasons.empty() ? std::string("the bank did not pay") : line.reasons.front();
  if (payment->state == OperationState::kPosted) {
    engine::AcceptRequest request;
    request.request_id = RequestIdOf(flow, line, "undo");
    request.verb = model::Verb::kCancel;
    request.document.id = line.document_id;
    request.document.entity = flow.row.entity;
    request.reason = why;
    request.correlation_id = flow.body.correlation_id;
    KONTOR_ASSIGN_OR_RETURN(const auto accepted,
                            engine::AcceptBlocking(loop.deps.engine, Loop::SelfFor(flow.row.entity),
                                                   std::move(request)));
    flow.Touch(line).undo_operation_id = accepted.operation.id;
    return Pace::kSoon;
  }
  if (payment->state == OperationState::kSending || payment->state == OperationState::kUnknown) {
    return Pace::kSoon;
  }
  const auto cancelled =
      loop.deps.engine.CancelOperation(Loop::SelfFor(flow.row.entity), line.operation_id, why);
  // It may have begun to send in between: looked at again.
  if (!cancelled.ok() && !base::Is(cancelled.status(), Reason::kStateConflict)) {
    return cancelled.status();
  }
  return Pace::kSoon;
}

absl::StatusOr<Pace> KeepLine(Loop& loop, Flow& flow, Line& line,
                              const model::OwnAccount& account) {
  if (line.state == LineState::kCancelled || line.partner_id <= 0) return Pace::kDone;
  if (line.undo_wanted) return line.undone ? Pace::kDone : TakeBack(loop, flow, line);
  if (line.books_done) return Pace::kDone;
  if (line.odoo_payment_id > 0) {
    flow.Touch(line).books_done = true;  // it stands there
    return Pace::kDone;
  }
  if (line.operation_id.empty()) {
    KONTOR_RETURN_IF_ERROR(Register(loop, flow, line, account));
    return Pace::kSoon;
  }
  KONTOR_ASSIGN_OR_RETURN(const auto operation,
                          engine::FindOperation(loop.deps.store, line.operation_id));
  if (!operation || operation->state == OperationState::kPosted ||
      operation->state == OperationState::kCancelled) {
    flow.Touch(line).books_done = true;
    return Pace::kDone;
  }
  return PaceOf(operation->state);
}

absl::Status AuditUndone(Loop& loop, ports::Unit& unit, const Flow& flow, const Line& line) {
  ports::AuditEntry audit = OwnAudit(loop, flow, "payment_cancelled_in_odoo");
  audit.after = StrCat("{\"odoo_payment_id\":", line.odoo_payment_id, "}");
  audit.reason = line.reasons.empty() ? "the bank did not pay" : line.reasons.front();
  return unit.AppendAudit(std::move(audit));
}

}  // namespace

absl::StatusOr<Stepped> KeepBooks(Loop& loop, Flow& flow, const Late& late) {
  constexpr size_t kLinesAStep = 100;
  KONTOR_ASSIGN_OR_RETURN(const auto account, loop.AccountByName(flow.body.account));
  Pace pace = Pace::kDone;
  absl::Status trouble;
  bool more = false;
  for (Line& line : flow.lines) {
    if (flow.changed.size() >= kLinesAStep) {
      more = true;
      break;
    }
    const auto kept = KeepLine(loop, flow, line, account);
    if (!kept.ok()) {
      trouble = kept.status();
      continue;
    }
    if (*kept == Pace::kSoon) pace = Pace::kSoon;
    if (*kept == Pace::kSometime && pace == Pace::kDone) pace = Pace::kSometime;
  }
  if (!trouble.ok()) {
    // The other payments' books are kept all the same; this one is asked for again.
    loop.Log("payment_order.books_postponed",
             {{"subject", flow.row.id}, {"reason", base::InfoOf(trouble).reason}});
    RetryLater(loop, flow);
  } else if (pace == Pace::kSoon) {
    flow.row.due = loop.Now() + loop.settings.books_interval;
  } else if (pace == Pace::kSometime || !flow.body.exception_id.empty()) {
    LookAgain(loop, flow);
  } else {
    flow.row.due = absl::InfiniteFuture();
  }
  flow.row.due = std::min(flow.row.due, late.next);
  if (more) flow.row.due = loop.Now();
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    for (const int64_t number : flow.changed) {
      const Line* const line = written.FindLine(number);
      for (const std::string* id :
           {&line->operation_id, &line->document_id, &line->undo_operation_id}) {
        KONTOR_RETURN_IF_ERROR(ShareTrace(unit, written, *id));
      }
      if (line->odoo_payment_id > 0 && line->undone) {
        KONTOR_RETURN_IF_ERROR(AuditUndone(loop, unit, written, *line));
      }
    }
    bool opened = false;
    KONTOR_RETURN_IF_ERROR(PutLate(loop, unit, written, late, &opened));
    if (!written.body.late_case.empty()) {
      written.row.due = std::min(written.row.due, loop.Now() + loop.settings.look_interval);
    }
    KONTOR_RETURN_IF_ERROR(
        WriteFlow(loop, unit, written, written.state(),
                  opened ? std::vector<std::string>{"exception"} : std::vector<std::string>()));
    return IsOver(written) ? ReleaseKeys(unit, written) : absl::OkStatus();
  }));
  flow = std::move(written);
  return Stepped{more};
}

}  // namespace kontor::payment_orders
