// SPDX-License-Identifier: Apache-2.0
// A report as others see it: in events and in answers.
#include "server/engine/expenses/internal/loop.h"
#include "server/engine/flow_events.h"
#include "server/engine/flow_json.h"

namespace kontor::expenses {
namespace {

using nlohmann::json;

json Documents(const Body& body) {
  json out = json::array();
  for (const Part& part : body.parts) {
    if (part.document_id.empty() || part.name == "employee") continue;
    out.push_back({{"id", part.document_id},
                   {"operation_id", part.operation_id},
                   {"odoo_name", part.odoo_name}});
  }
  return out;
}

}  // namespace

absl::Status AppendEvent(Loop& loop, ports::Unit& unit, const Flow& flow,
                         const std::string& type) {
  json data = {{"id", flow.row.id},
               {"type", "EXPENSE_REPORT"},
               {"entity", flow.row.entity},
               {"source", flow.body.source},
               {"state", flow.row.state},
               {"external_id", flow.body.external_id},
               {"revision", flow.body.revision},
               {"correlation_id", flow.body.correlation_id},
               {"documents", Documents(flow.body)}};
  json report = json::parse(flow.body.report, nullptr, false);
  if (report.is_object()) data["report"] = std::move(report);
  if (!flow.body.exception_id.empty()) {
    data["exception"] = {{"id", flow.body.exception_id},
                         {"findings", engine::ShownFindings(flow.body.findings, "")}};
  } else if (!flow.body.findings.empty()) {
    data["findings"] = engine::ShownFindings(flow.body.findings, "");
  }
  if (!flow.body.recall_reason.empty()) data["reason"] = flow.body.recall_reason;
  return engine::AppendFlowEvent(
      loop.Desk(), unit, {type, flow.row.entity, flow.row.id, flow.body.correlation_id}, data);
}

std::string ViewOf(const Flow& flow) {
  json out = json::parse(flow.body.report, nullptr, false);
  if (!out.is_object()) out = json::object();
  out["id"] = flow.row.id;
  out["source"] = flow.body.source;
  out["entity"] = flow.row.entity;
  out["external_id"] = flow.body.external_id;
  out["revision"] = flow.body.revision;
  out["state"] = base::StrCat("STATE_", flow.row.state);
  out["correlation_id"] = flow.body.correlation_id;
  out["receipt_count"] = flow.body.receipts;
  out["create_time"] = base::FormatInstant(flow.row.created);
  out["update_time"] = base::FormatInstant(flow.row.updated);
  if (!flow.body.exception_id.empty()) out["exception_id"] = flow.body.exception_id;
  if (!flow.body.payment_order_id.empty()) out["payment_order_id"] = flow.body.payment_order_id;
  for (const Part& part : flow.body.parts) {
    if (!part.operation_id.empty()) out["operation_ids"].push_back(part.operation_id);
    if (part.name == "employee") continue;
    if (!part.document_id.empty()) out["document_ids"].push_back(part.document_id);
    if (!part.odoo_name.empty()) out["odoo_names"].push_back(part.odoo_name);
  }
  if (!flow.body.findings.empty()) {
    out["findings"] = engine::ShownFindings(flow.body.findings, "SEVERITY_");
  }
  return engine::DumpLine(out);
}

}  // namespace kontor::expenses
