// SPDX-License-Identifier: Apache-2.0
// Files, statements and balances as others see them: in events and in answers.
#include "server/engine/flow_events.h"
#include "server/engine/statements/internal/json.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::StrCat;
using nlohmann::json;

json MoneyJson(const model::Money& money) {
  return {{"currency_code", money.currency().code()}, {"value", money.ValueText()}};
}

json RecordJson(const model::ErpRecord& record) {
  return {{"model", record.model}, {"id", record.id}, {"name", record.name}};
}

json Balances(const Body& body) {
  json out = json::array();
  for (const Balanced& balance : body.balances) {
    json item = {{"type", balance.type}, {"amount", MoneyJson(balance.amount)}};
    if (!balance.date.empty()) item["date"] = balance.date;
    out.push_back(std::move(item));
  }
  return out;
}

json ProofJson(const Body& body, std::string_view prefix) {
  json out = {{"verdict", StrCat(prefix, body.verdict)},
              {"basis", body.basis},
              {"line_count", body.line_count},
              {"booked_count", body.booked_count},
              {"booked_credits", body.credits},
              {"booked_debits", body.debits}};
  if (!body.difference.empty()) out["difference"] = body.difference;
  return out;
}

/// What events and answers say alike.
json Facts(const Flow& flow) {
  const Body& body = flow.body;
  json out = {{"id", flow.row.id},
              {"entity", flow.row.entity},
              {"format", body.format},
              {"account_number", body.account_number},
              {"currency_code", body.currency},
              {"bank_id", body.bank_id},
              {"date", body.date},
              {"balances", Balances(body)},
              {"stored_count", body.stored},
              {"repeated_count", body.repeated},
              {"matched_count", body.matched},
              {"posted_count", body.posted},
              {"file_id", body.file_id},
              {"decisions", body.decisions},
              {"correlation_id", body.correlation_id}};
  if (body.number != 0) out["sequence_number"] = body.number;
  if (body.odoo.id > 0) out["odoo"] = RecordJson(body.odoo);
  return out;
}

}  // namespace

absl::Status AppendEvent(Loop& loop, ports::Unit& unit, const Flow& flow,
                         const std::string& type) {
  json data = Facts(flow);
  data["type"] = "STATEMENT";
  data["state"] = flow.row.state;
  data["kind"] = flow.body.kind;
  data["standing"] = std::string(NameOf(flow.body.standing));
  data["proof"] = ProofJson(flow.body, "");
  if (!flow.body.findings.empty()) data["findings"] = engine::ShownFindings(flow.body.findings, "");
  if (!flow.body.exception_id.empty()) data["exception_id"] = flow.body.exception_id;
  return engine::AppendFlowEvent(
      loop.Desk(), unit, {type, flow.row.entity, flow.row.id, flow.body.correlation_id}, data);
}

absl::Status AppendBalance(Loop& loop, ports::Unit& unit, const model::OwnAccount& account,
                           const AccountState& state, const std::string& correlation_id) {
  json data = {{"id", account.id},
               {"type", "BALANCE"},
               {"entity", account.entity},
               {"account", account.name},
               {"account_number", account.iban},
               {"channel", account.channel},
               {"currency_code", account.currency.code()},
               {"pending", MoneyJson(state.pending)},
               {"gap_count", state.gaps.size()}};
  if (state.pending.currency().IsNone()) data.erase("pending");
  if (state.booked) {
    data["booked"] = MoneyJson(*state.booked);
    data["booked_date"] = state.booked_date;
    data["statement_id"] = state.booked_statement;
  }
  if (state.intraday && state.intraday_date >= state.booked_date) {
    data["intraday"] = MoneyJson(*state.intraday);
    data["intraday_date"] = state.intraday_date;
    if (!state.intraday_time.empty()) data["intraday_time"] = state.intraday_time;
  }
  return engine::AppendFlowEvent(
      loop.Desk(), unit, {"balance.updated", account.entity, account.id, correlation_id}, data);
}

std::string ViewOf(const Flow& flow) {
  json out = Facts(flow);
  out["state"] = StrCat("STATE_", flow.row.state);
  out["kind"] = StrCat("STATEMENT_KIND_", flow.body.kind);
  out["proof"] = ProofJson(flow.body, "VERDICT_");
  out["findings"] = engine::ShownFindings(flow.body.findings, "SEVERITY_");
  out["create_time"] = base::FormatInstant(flow.row.created);
  out["update_time"] = base::FormatInstant(flow.row.updated);
  if (!flow.body.exception_id.empty()) out["exception_id"] = flow.body.exception_id;
  return engine::DumpLine(out);
}

std::string ViewOf(const FileFlow& flow) {
  const FileBody& body = flow.body;
  json out = {{"id", flow.row.id},
              {"state", StrCat("STATE_", flow.row.state)},
              {"channel", body.channel},
              {"name", body.name},
              {"size_bytes", body.bytes},
              {"sha256", body.sha256},
              {"format", body.format},
              {"statement_ids", body.statement_ids},
              {"repeated_count", body.repeated_count},
              {"findings", engine::ShownFindings(body.findings, "SEVERITY_")},
              {"create_time", base::FormatInstant(flow.row.created)}};
  if (!body.exception_id.empty()) out["exception_id"] = body.exception_id;
  return engine::DumpLine(out);
}

std::string ViewOf(const ports::FlowLineRow& row, const Line& line) {
  json out = {{"number", row.number},
              {"status", line.status},
              {"state", row.state},
              {"amount", MoneyJson(line.amount)},
              {"booking_date", line.booking_date},
              {"value_date", line.value_date},
              {"partner_name", line.partner_name},
              {"account_number", line.account_number},
              {"text", line.text},
              {"end_to_end_id", line.end_to_end_id},
              {"bank_reference", line.bank_reference},
              {"explanation", line.explanation},
              {"payment_count", line.payment_count}};
  if (!line.payment_order_ids.empty()) out["payment_order_id"] = line.payment_order_ids.front();
  if (line.odoo.id > 0) out["odoo"] = RecordJson(line.odoo);
  return engine::DumpLine(out);
}

}  // namespace kontor::statements
