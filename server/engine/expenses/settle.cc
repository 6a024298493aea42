// SPDX-License-Identifier: Apache-2.0
// The end of the loop: the platform hears how a report ended, exactly once. A call is marked on
// disk before it leaves, and made again only where the platform takes a repetition for the same.
#include <algorithm>

#include "server/engine/codec.h"
#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {
namespace {

using base::Reason;
using base::StrCat;

/// After a call that failed: a person, or the next attempt.
absl::StatusOr<Stepped> AfterFailure(Loop& loop, Flow& flow, CallState Body::* mark,
                                     const absl::Status& failed) {
  const base::Outcome known = base::OutcomeOf(failed);
  if (known == base::Outcome::kRefused) {
    return AskPerson(loop, flow, {model::FindingOf(failed)}, true);
  }
  // Certainly not sent: the mark goes, so that even a platform that counts twice may be asked
  // again.
  if (known == base::Outcome::kNotApplied) flow.body.*mark = CallState::kNone;
  if (flow.body.attempts + 1 >= loop.settings.attempts_max) {
    flow.body.attempts = 0;
    return AskPerson(loop, flow, {model::FindingOf(failed)}, true);
  }
  RetryLater(loop, flow, base::InfoOf(failed).retry_after);
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, flow.state()));
  return Stepped{};
}

/// After the posting receipt: the end, or the wait for the payment.
absl::StatusOr<Stepped> AfterPosting(Loop& loop, Flow& flow, const model::Source& source) {
  flow.row.due = loop.Now();
  const bool recalled = !flow.body.recall_reason.empty();
  const bool posted = flow.state() == State::kPosted;
  State next = posted && source.expense.watch_reimbursement ? State::kPosted : State::kConfirmed;
  if (recalled) next = posted ? State::kPosted : State::kRecalled;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    Flow copy = flow;
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, copy, "the platform was told"));
    return WriteFlow(loop, unit, copy, next, next == State::kRecalled ? "recalled" : "");
  }));
  return Stepped{next == State::kPosted, {}};
}

absl::StatusOr<ports::PostingReceipt> ReceiptOf(Loop& loop, const Flow& flow,
                                                const model::Source& source) {
  ports::PostingReceipt receipt;
  receipt.ref = flow.body.ref;
  receipt.external_id = flow.body.external_id;
  receipt.key = loop.RequestIdOf(flow.body, "posting-receipt");
  receipt.posted = flow.state() == State::kPosted;
  receipt.company = source.platform.company;
  if (receipt.posted) {
    KONTOR_ASSIGN_OR_RETURN(receipt.documents, DocumentsOf(loop, flow));
  }
  for (const model::Finding& finding : flow.body.findings) {
    receipt.messages.push_back(finding.message);
  }
  if (!receipt.posted && receipt.messages.empty()) {
    receipt.messages.push_back(flow.body.recall_reason.empty()
                                   ? "An accountant rejected the report."
                                   : StrCat("Taken back: ", flow.body.recall_reason));
  }
  return receipt;
}

}  // namespace

absl::StatusOr<std::vector<ports::ReceiptDocument>> DocumentsOf(Loop& loop, const Flow& flow) {
  std::vector<ports::ReceiptDocument> out;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    out.clear();
    for (const Part& part : flow.body.parts) {
      if (part.name == "employee" || part.document_id.empty()) continue;
      KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindDocument(part.document_id));
      if (!row.has_value()) continue;
      ports::ReceiptDocument document;
      document.number = row->record.name;
      document.document = row->id;
      if (row->date) document.date = *row->date;
      if (const auto booked = engine::SnapshotFromJson(row->booked); booked.ok()) {
        if (booked->date) document.date = *booked->date;
        if (!booked->record.name.empty()) document.number = booked->record.name;
      }
      out.push_back(std::move(document));
    }
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::optional<ports::ItemOutcome>> TellOnce(Loop& loop, Flow& flow,
                                                           const PlatformCall& call,
                                                           Stepped* stepped) {
  if (flow.body.*call.mark == CallState::kSending && call.repeat == ports::Repeat::kNever) {
    KONTOR_ASSIGN_OR_RETURN(
        *stepped, AskPerson(loop, flow,
                            {model::MakeFinding(
                                Reason::kReceiptUnknown, "report",
                                "Whether the platform took the last call about the report is "
                                "unknown, and it would count a second one")},
                            true));
    return std::optional<ports::ItemOutcome>();
  }
  flow.body.*call.mark = CallState::kSending;
  KONTOR_RETURN_IF_ERROR(SaveFlow(loop, flow, flow.state()));
  loop.Failpoint(call.marked);
  const auto outcome = call.make(loop.Now() + loop.settings.call_timeout);
  loop.Failpoint(call.made);
  if (!outcome.ok()) {
    KONTOR_ASSIGN_OR_RETURN(*stepped, AfterFailure(loop, flow, call.mark, outcome.status()));
    return std::optional<ports::ItemOutcome>();
  }
  flow.body.attempts = 0;
  if (*outcome == ports::ItemOutcome::kDone) flow.body.*call.mark = CallState::kDone;
  return std::optional<ports::ItemOutcome>(*outcome);
}

absl::StatusOr<Stepped> TellPosting(Loop& loop, Flow& flow, const model::Source& source) {
  KONTOR_ASSIGN_OR_RETURN(const auto adapter, loop.AdapterOf(source));
  const ports::ExpenseCapabilities& can = adapter->capabilities();
  if (!flow.body.told || !can.confirms_posting) flow.body.receipt = CallState::kDone;
  if (flow.body.receipt == CallState::kDone) return AfterPosting(loop, flow, source);
  // A person decides first: telling a platform that disowned the report again says nothing new.
  if (IsDisowned(flow.body.findings)) {
    return AskPerson(loop, flow, {Disowned()}, false);
  }
  KONTOR_ASSIGN_OR_RETURN(const ports::PostingReceipt receipt, ReceiptOf(loop, flow, source));
  const PlatformCall call{&Body::receipt, can.posting_repeat, "expense.after_receipt_marked",
                          "expense.after_receipt", [&](absl::Time deadline) {
                            return adapter->ConfirmPosting(receipt, deadline);
                          }};
  Stepped stepped;
  KONTOR_ASSIGN_OR_RETURN(const auto outcome, TellOnce(loop, flow, call, &stepped));
  if (!outcome) return stepped;
  if (*outcome == ports::ItemOutcome::kGone) {
    const bool stands = receipt.posted && flow.body.recall_reason.empty();
    if (stands) return AskPerson(loop, flow, {Disowned()}, false);
    flow.body.receipt = CallState::kDone;  // nothing is left that it would have to hear of
  } else {
    ++flow.body.receipts;
  }
  return AfterPosting(loop, flow, source);
}

}  // namespace kontor::expenses
