// SPDX-License-Identifier: Apache-2.0
// An order as others see it: in answers, and in events.
#include "server/engine/flow_events.h"
#include "server/engine/flow_json.h"
#include "server/engine/payment_orders/internal/loop.h"
#include "server/model/payment_json.h"

namespace kontor::payment_orders {
namespace {

using nlohmann::json;

/// Whom it is written for: enum values of the contract have prefixes, those of events do not.
enum class For { kAnswers, kEvents };

std::string_view SeverityPrefix(For whom) { return whom == For::kAnswers ? "SEVERITY_" : ""; }

json MoneyJson(const std::string& currency, const std::string& value) {
  return {{"currency_code", currency}, {"value", value}};
}

void PutText(json& out, const char* key, const std::string& text) {
  if (!text.empty()) out[key] = text;
}

json Bills(const Line& line) {
  json out = json::array();
  for (const Bill& bill : line.bills) {
    json item = {{"odoo_move_id", bill.move_id},
                 {"amount", MoneyJson(bill.amount.currency().code(), bill.amount.ValueText())}};
    PutText(item, "name", bill.name);
    PutText(item, "reference", bill.reference);
    out.push_back(std::move(item));
  }
  return out;
}

json LineJson(const Line& line, For whom) {
  json out = json::parse(model::WriteCreditTransfer(line.transfer));
  out["number"] = line.number;
  out["state"] = StrCat(whom == For::kAnswers ? "STATE_" : "", NameOf(line.state));
  if (line.partner_id > 0) out["odoo_partner_id"] = line.partner_id;
  if (!line.bills.empty()) out["bills"] = Bills(line);
  PutText(out, "route", line.route);
  if (!line.holds.empty()) out["holds"] = engine::ShownFindings(line.holds, SeverityPrefix(whom));
  PutText(out, "beneficiary_id", line.beneficiary_id);
  PutText(out, "status_code", line.status_code);
  if (!line.reasons.empty()) out["status_reasons"] = line.reasons;
  PutText(out, "payment_id", line.document_id);
  PutText(out, "operation_id", line.operation_id);
  PutText(out, "undo_operation_id", line.undo_operation_id);
  if (!line.bookings.empty()) out["booking_keys"] = line.bookings;
  if (line.odoo_payment_id > 0) out["odoo_payment_id"] = line.odoo_payment_id;
  return out;
}

json Approvals(const Body& body) {
  json out = json::array();
  for (const Approval& approval : body.approvals) {
    json item = {{"principal_id", approval.principal_id},
                 {"name", approval.name},
                 {"digest", approval.digest},
                 {"policy_version", approval.policy_version},
                 {"time", approval.time}};
    PutText(item, "void_reason", approval.void_reason);
    PutText(item, "delegator", approval.delegator);
    PutText(item, "delegation_id", approval.delegation);
    out.push_back(std::move(item));
  }
  return out;
}

json OrderJson(const Flow& flow, For whom) {
  const Body& body = flow.body;
  const bool answers = whom == For::kAnswers;
  json out = {{"id", flow.row.id},
              {"entity", flow.row.entity},
              {"state", StrCat(answers ? "STATE_" : "", flow.row.state)},
              {"submission", StrCat(answers ? "SUBMISSION_" : "", NameOf(body.submission))},
              {"payment_count", body.count},
              {"urgency", body.urgency},
              {"message_id", body.message_id},
              {"preparer", body.preparer},
              {"correlation_id", body.correlation_id}};
  PutText(out, "description", body.description);
  PutText(out, "account", body.account.empty() ? body.asked_account : body.account);
  PutText(out, "channel", body.channel);
  PutText(out, "fallback_channel", body.fallback_channel);
  PutText(out, "first_channel", body.first_channel);
  if (body.test) out["test"] = true;
  if (!body.total.empty()) out["total"] = MoneyJson(body.currency, body.total);
  PutText(out, "execution_date", body.day);
  PutText(out, "execution_note", body.day_note);
  PutText(out, "digest", body.digest);
  if (!body.approvals.empty()) out["approvals"] = Approvals(body);
  if (body.approvals_needed > 0) out["approvals_needed"] = body.approvals_needed;
  if (!body.approvers.empty()) out["approvers"] = body.approvers;
  PutText(out, "releaser", body.releaser);
  PutText(out, "release_time", body.released_at);
  PutText(out, "release_delegator", body.release_delegator);
  PutText(out, "release_delegation_id", body.release_delegation);
  PutText(out, "cut_off_time", body.cut_off);
  for (const std::string* version :
       {&body.approval_version, &body.routing_version, &body.checks_version, &body.lists_version}) {
    if (!version->empty()) out["policy_versions"].push_back(*version);
  }
  PutText(out, "file_name", body.file_name);
  PutText(out, "file_sha256", body.file_sha256);
  if (!body.hold_reasons.empty()) out["hold_reasons"] = body.hold_reasons;
  std::vector<Finding> findings = body.findings;
  findings.insert(findings.end(), body.late.begin(), body.late.end());
  if (!findings.empty()) {
    out["findings"] = engine::ShownFindings(findings, SeverityPrefix(whom));
  }
  PutText(out, "exception_id", body.exception_id);
  PutText(out, "deadline_exception_id", body.late_case);
  PutText(out, "cancel_reason", body.cancel_reason);
  return out;
}

absl::Status Append(Loop& loop, ports::Unit& unit, const Flow& flow, const std::string& type,
                    const json& data) {
  return engine::AppendFlowEvent(
      loop.Desk(), unit, {type, flow.row.entity, flow.row.id, flow.body.correlation_id}, data);
}

}  // namespace

std::string ViewOf(const Flow& flow, bool with_payments) {
  json out = OrderJson(flow, For::kAnswers);
  out["create_time"] = base::FormatInstant(flow.row.created);
  out["update_time"] = base::FormatInstant(flow.row.updated);
  if (with_payments) {
    for (const Line& line : flow.lines) out["payments"].push_back(LineJson(line, For::kAnswers));
  }
  return engine::DumpLine(out);
}

View ViewFor(const Flow& flow, bool with_payments) {
  return {flow.row.id, flow.row.entity, ViewOf(flow, with_payments)};
}

absl::Status AppendEvent(Loop& loop, ports::Unit& unit, const Flow& flow, const std::string& type) {
  json data = OrderJson(flow, For::kEvents);
  data["type"] = "PAYMENT_ORDER";
  return Append(loop, unit, flow, type, data);
}

absl::Status AppendLineEvent(Loop& loop, ports::Unit& unit, const Flow& flow, const Line& line,
                             std::string_view participle) {
  json data = {{"id", flow.row.id},
               {"type", "PAYMENT_ORDER_LINE"},
               {"entity", flow.row.entity},
               {"payment", LineJson(line, For::kEvents)}};
  return Append(loop, unit, flow, StrCat("payment.", participle), data);
}

}  // namespace kontor::payment_orders
