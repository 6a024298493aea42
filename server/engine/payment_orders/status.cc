// SPDX-License-Identifier: Apache-2.0
// The bank's statuses. A status says what the bank means to do, never that money moved: it brings a
// payment forward or refuses it, and what a booking settled it does not touch.
#include <algorithm>
#include <map>

#include "server/engine/banks/onboarding.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

using model::StatusClass;

/// A whole status file; all of it is taken or nothing.
class Collected final : public ports::PaymentStatusSink {
 public:
  struct Instruction {
    model::InstructionStatus status;
    std::vector<model::TransferStatus> transfers;
  };
  struct Order {
    model::OrderStatus status;
    std::vector<Instruction> instructions;
  };
  absl::Status OnOrder(const model::OrderStatus& order) override {
    orders.push_back({order, {}});
    return absl::OkStatus();
  }
  absl::Status OnInstruction(const model::InstructionStatus& instruction) override {
    orders.back().instructions.push_back({instruction, {}});
    return absl::OkStatus();
  }
  absl::Status OnTransfer(const model::TransferStatus& transfer) override {
    auto& instructions = orders.back().instructions;
    if (instructions.empty()) instructions.emplace_back();
    instructions.back().transfers.push_back(transfer);
    return absl::OkStatus();
  }
  std::vector<Order> orders;
};

/// Codes by which a bank refuses what it has already. The first copy may well be executed, so such
/// a refusal says nothing about the payment.
bool IsAboutDuplicate(const std::vector<model::StatusReason>& reasons) {
  constexpr std::string_view kCodes[] = {"AM05", "DU01", "DU02", "DU03", "DU04", "DU05", "DUPL"};
  return std::ranges::any_of(reasons, [&](const model::StatusReason& reason) {
    return std::ranges::find(kCodes, reason.code) != std::end(kCodes);
  });
}

std::vector<std::string> InWords(const std::vector<model::StatusReason>& reasons) {
  std::vector<std::string> out;
  for (const model::StatusReason& reason : reasons) {
    std::string text(model::WordsOfReason(reason.code));
    if (text.empty()) text = reason.word;
    for (const std::string& more : reason.texts) {
      base::StrAppend(&text, text.empty() ? "" : ": ", more);
    }
    if (!reason.code.empty())
      base::StrAppend(&text, text.empty() ? "" : " ", "(", reason.code, ")");
    if (!text.empty()) out.push_back(text);
  }
  return out;
}

struct Said {
  std::string code;
  std::vector<model::StatusReason> reasons;
};

std::optional<LineState> StateOf(StatusClass meaning) {
  switch (meaning) {
    case StatusClass::kReceived:
    case StatusClass::kPending: return LineState::kAcknowledged;
    case StatusClass::kAccepted: return LineState::kAccepted;
    case StatusClass::kRejected:
    case StatusClass::kCancelled: return LineState::kRejected;
    case StatusClass::kPartial: break;  // the level below tells
  }
  return std::nullopt;
}

/// What one word changes at one payment, and what people must hear of it.
void Apply(Flow& flow, Line& line, const Said& word, std::vector<Finding>& findings) {
  const auto next = StateOf(model::ClassOf(word.code));
  if (!next || line.state == LineState::kCancelled) return;
  const bool rejects = *next == LineState::kRejected;
  if (rejects && IsAboutDuplicate(word.reasons)) {
    findings.push_back(MakeFinding(
        Reason::kBankOutcomeUnknown, FieldOf(line),
        "The bank says that it has this payment already; nothing was changed, so that it is not "
        "paid a second time"));
    return;
  }
  if (line.state == LineState::kSettled || line.state == LineState::kReturned) {
    if (rejects) {
      findings.push_back(MakeFinding(Reason::kBankRejected, FieldOf(line),
                                     "The bank refuses a payment that it has booked"));
    }
    return;
  }
  if (line.state == LineState::kRejected) {
    if (!rejects) {
      findings.push_back(MakeFinding(Reason::kBankRejected, FieldOf(line),
                                     StrCat("The bank refused this payment, and now says: ",
                                            model::WordsOfStatus(word.code))));
    }
    return;
  }
  // Words may overtake each other; only a refusal takes anything back.
  if (!rejects && static_cast<int>(*next) <= static_cast<int>(line.state)) return;
  flow.Touch(line).state = *next;
  line.status_code = word.code;
  line.reasons = InWords(word.reasons);
  if (!rejects) return;
  line.undo_wanted = true;
  Finding finding = MakeFinding(Reason::kBankRejected, FieldOf(line),
                                StrCat("The bank refused this payment: ",
                                       line.reasons.empty() ? std::string("it gives no reason")
                                                            : base::StrJoin(line.reasons, "; ")));
  finding.severity = model::Severity::kWarning;
  findings.push_back(std::move(finding));
}

/// The word that holds for each payment: its own, else its group's, else the order's.
void ApplyOrder(Flow& flow, const Collected::Order& order, std::vector<Finding>& findings) {
  std::map<std::string, Said> by_batch;
  std::map<std::string, Said> by_transfer;
  for (const auto& instruction : order.instructions) {
    const model::InstructionStatus& status = instruction.status;
    if (!status.status.empty()) {
      by_batch[status.original_payment_information_id] = {status.status, status.reasons};
    }
    for (const model::TransferStatus& transfer : instruction.transfers) {
      if (transfer.status.empty()) continue;
      by_transfer[transfer.original_end_to_end_id] = {transfer.status, transfer.reasons};
    }
  }
  for (Line& line : flow.lines) {
    if (const auto own = by_transfer.find(line.transfer.end_to_end_id); own != by_transfer.end()) {
      Apply(flow, line, own->second, findings);
    } else if (const auto group = by_batch.find(line.batch); group != by_batch.end()) {
      Apply(flow, line, group->second, findings);
    } else {
      Apply(flow, line, {order.status.status, order.status.reasons}, findings);
    }
  }
}

absl::Status NoOrder() {
  return Error(Reason::kNotFound)
      .Field("file")
      .Says("the status report is about no payment order that went out by this channel");
}

absl::StatusOr<Flow> FlowFor(ports::ReadView& view, const Collected::Order& order,
                             std::string_view channel) {
  if (order.status.original_message_id.empty()) return NoOrder();
  KONTOR_ASSIGN_OR_RETURN(const auto ids,
                          view.FlowsByKey(kMessageSpace, order.status.original_message_id, 1));
  if (ids.empty()) return NoOrder();
  KONTOR_ASSIGN_OR_RETURN(Flow flow, LoadFlow(view, ids.front()));
  // Another bank has no say in it.
  if (flow.body.channel != channel) return NoOrder();
  return flow;
}

/// Whether the bank can have the order at all.
bool MayHaveIt(const Flow& flow) {
  return flow.body.submission == Submission::kSent ||
         flow.body.submission == Submission::kUnknown ||
         flow.body.submission == Submission::kSending;
}

absl::Status TakeOne(Loop& loop, ports::Unit& unit, const Collected::Order& order,
                     const std::string& blob_id, std::string_view channel) {
  KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowFor(unit, order, channel));
  auto& taken = flow.body.status_files;
  if (std::ranges::find(taken, blob_id) != taken.end()) return absl::OkStatus();
  if (!MayHaveIt(flow)) return NoOrder();
  taken.push_back(blob_id);
  std::vector<std::string> events;
  if (flow.state() == State::kReleased) {
    KONTOR_RETURN_IF_ERROR(CloseCase(loop, unit, flow, "the bank answered"));
    KONTOR_RETURN_IF_ERROR(EnterSubmitted(loop, unit, flow, "the bank answered"));
    events.emplace_back("submitted");
  }
  const State before = flow.state();
  std::map<int64_t, LineState> states;
  for (const Line& line : flow.lines) states[line.number] = line.state;
  std::vector<Finding> findings;
  ApplyOrder(flow, order, findings);
  for (const Line& line : flow.lines) {
    if (states[line.number] == line.state || line.state != LineState::kRejected) continue;
    KONTOR_RETURN_IF_ERROR(AppendLineEvent(loop, unit, flow, line, "rejected"));
  }
  if (!findings.empty()) KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, flow, findings, false));
  const State after = FoldState(flow, before);
  for (std::string& event : EventsOf(before, after)) events.push_back(std::move(event));
  if (flow.body.test && after != State::kRejected) {
    KONTOR_RETURN_IF_ERROR(banks::ProveFor(unit, loop.deps.ids, flow.body.channel,
                                           banks::Point::kStatus,
                                           {flow.row.id, "kontord", loop.Now()}));
  }
  flow.row.due = loop.Now();
  KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, flow, after, events));
  return ReleaseKeys(unit, flow);
}

}  // namespace

absl::Status TakeStatusFile(Loop& loop, const std::string& blob_id, std::string_view channel,
                            ports::ByteSource& source) {
  constexpr int kTriesMax = 5;
  Collected collected;
  ports::ReadReport report;
  KONTOR_RETURN_IF_ERROR(loop.deps.codec.ReadStatuses(source, collected, report));
  absl::Status done;
  for (int i = 0; i < kTriesMax; ++i) {
    done = loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
      for (const Collected::Order& order : collected.orders) {
        KONTOR_RETURN_IF_ERROR(TakeOne(loop, unit, order, blob_id, channel));
      }
      return absl::OkStatus();
    });
    if (!base::Is(done, Reason::kVersionConflict)) break;
  }
  if (done.ok()) loop.Failpoint("payment_order.after_status");
  return done;
}

}  // namespace kontor::payment_orders
