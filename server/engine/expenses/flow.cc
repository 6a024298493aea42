// SPDX-License-Identifier: Apache-2.0
#include "server/engine/expenses/internal/flow.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/flow_json.h"

namespace kontor::expenses {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 10> kStates = {
    "RECEIVED", "FETCHED",    "ACKNOWLEDGED", "VALIDATED", "POSTED",
    "FAILED",   "REIMBURSED", "CONFIRMED",    "RECALLED",  "TESTED"};
constexpr std::array<std::string_view, 3> kCalls = {"NONE", "SENDING", "DONE"};

std::string NameOf(CallState state) { return std::string(kCalls[static_cast<size_t>(state)]); }

CallState ReadCall(const json& value) {
  for (size_t i = 0; i < kCalls.size(); ++i) {
    if (value.get<std::string>() == kCalls[i]) return static_cast<CallState>(i);
  }
  throw std::runtime_error("not a state of a call");
}

json Write(const Part& part) {
  return {{"name", part.name},         {"request", part.request_id},
          {"operation", part.operation_id}, {"document", part.document_id},
          {"undo", part.undo_operation_id}, {"odoo", part.odoo_name},
          {"undone", part.undone}};
}

void ReadBody(const json& in, Body& out) {
  in.at("source").get_to(out.source);
  in.at("source_id").get_to(out.source_id);
  in.at("ref").get_to(out.ref);
  in.at("external_id").get_to(out.external_id);
  in.at("revision").get_to(out.revision);
  in.at("report").get_to(out.report);
  in.at("digest").get_to(out.digest);
  in.at("correlation").get_to(out.correlation_id);
  in.at("test").get_to(out.test);
  in.at("told").get_to(out.told);
  for (const json& item : in.at("parts")) {
    Part& part = out.parts.emplace_back();
    item.at("name").get_to(part.name);
    item.at("request").get_to(part.request_id);
    item.at("operation").get_to(part.operation_id);
    item.at("document").get_to(part.document_id);
    item.at("undo").get_to(part.undo_operation_id);
    item.at("odoo").get_to(part.odoo_name);
    item.at("undone").get_to(part.undone);
  }
  out.acknowledged = ReadCall(in.at("acknowledged"));
  out.receipt = ReadCall(in.at("receipt"));
  out.payment = ReadCall(in.at("payment"));
  in.at("receipts").get_to(out.receipts);
  in.at("attempts").get_to(out.attempts);
  out.problems = engine::FindingsFromStored(in.at("problems"));
  out.findings = engine::FindingsFromStored(in.at("findings"));
  in.at("exception").get_to(out.exception_id);
  in.at("accepted").get_to(out.accepted_reasons);
  in.at("recall").get_to(out.recall_reason);
  in.at("payment_state").get_to(out.payment_state);
  in.at("paid_date").get_to(out.paid_date);
  // Younger than the first reports on disk.
  out.round = in.value("round", 0);
  out.recall_told = in.value("recall_told", true);
  out.contradiction = in.value("contradiction", "");
  out.contradiction_id = in.value("contradiction_exception", "");
  out.payment_sequence = in.value("payment_sequence", int64_t{0});
  out.paid_watched_until = in.value("paid_watched_until", "");
  out.reimbursements = in.value("reimbursements", 0);
  out.payment_order_id = in.value("payment_order", "");
  out.payment_orders = in.value("payment_orders", 0);
  out.order_declined = in.value("order_declined", false);
}

}  // namespace

std::string_view NameOf(State state) { return kStates[static_cast<size_t>(state)]; }

std::optional<State> ParseState(std::string_view name) {
  for (size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

bool IsTerminal(State state) {
  return state == State::kConfirmed || state == State::kRecalled || state == State::kTested;
}

bool HasBooks(const Flow& flow) {
  return std::any_of(flow.body.parts.begin(), flow.body.parts.end(), [](const Part& part) {
    return !part.operation_id.empty() && !part.undone;
  });
}

bool EndedWithoutBooks(const Flow& flow) {
  const bool ended = flow.state() == State::kRecalled || flow.state() == State::kConfirmed;
  return ended && !flow.row.open && !HasBooks(flow);
}

std::string ToJson(const Body& body) {
  json parts = json::array();
  for (const Part& part : body.parts) parts.push_back(Write(part));
  const json out = {{"source", body.source},
                    {"source_id", body.source_id},
                    {"ref", body.ref},
                    {"external_id", body.external_id},
                    {"revision", body.revision},
                    {"report", body.report},
                    {"digest", body.digest},
                    {"correlation", body.correlation_id},
                    {"test", body.test},
                    {"told", body.told},
                    {"parts", std::move(parts)},
                    {"acknowledged", NameOf(body.acknowledged)},
                    {"receipt", NameOf(body.receipt)},
                    {"payment", NameOf(body.payment)},
                    {"receipts", body.receipts},
                    {"attempts", body.attempts},
                    {"problems", engine::StoredFindings(body.problems)},
                    {"findings", engine::StoredFindings(body.findings)},
                    {"exception", body.exception_id},
                    {"accepted", body.accepted_reasons},
                    {"recall", body.recall_reason},
                    {"payment_state", body.payment_state},
                    {"paid_date", body.paid_date},
                    {"round", body.round},
                    {"recall_told", body.recall_told},
                    {"contradiction", body.contradiction},
                    {"contradiction_exception", body.contradiction_id},
                    {"payment_sequence", body.payment_sequence},
                    {"paid_watched_until", body.paid_watched_until},
                    {"reimbursements", body.reimbursements},
                    {"payment_order", body.payment_order_id},
                    {"payment_orders", body.payment_orders},
                    {"order_declined", body.order_declined}};
  return engine::DumpLine(out);
}

absl::StatusOr<Flow> FlowOf(ports::FlowRow row) {
  Flow flow;
  try {
    ReadBody(json::parse(row.body), flow.body);
  } catch (const std::exception&) {
    return base::Error(base::Reason::kInternal)
        .Says(base::StrCat("the expense report ", row.id, " is unreadable"));
  }
  if (!ParseState(row.state).has_value()) {
    return base::Error(base::Reason::kInternal).Says("an expense report has an unknown state");
  }
  flow.row = std::move(row);
  return flow;
}

std::string KeyOf(const std::string& source, const std::string& external_id, int revision) {
  return base::StrCat(source, "\x1f", external_id, "\x1f", revision);
}

}  // namespace kontor::expenses
