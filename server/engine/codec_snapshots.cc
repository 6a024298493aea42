// SPDX-License-Identifier: Apache-2.0
// Readings of Odoo and the snapshots that events carry, as JSON. Amounts stay text.
#include <nlohmann/json.hpp>

#include "server/base/clock.h"
#include "server/base/json_text.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/codec.h"
#include "server/engine/flow_json.h"
#include "server/engine/json_members.h"
#include "server/model/canon.h"

namespace kontor::engine {
namespace {

using nlohmann::json;

void PutDate(json& out, const char* key, const std::optional<model::Date>& date) {
  if (date) out[key] = date->ToString();
}

json Fields(const ports::ErpSnapshot& s) {
  json out{{"exists", s.exists},
           {"model", s.record.model},
           {"id", s.record.id},
           {"name", s.record.name},
           {"state", s.state},
           {"move_type", s.move_type},
           {"move_id", s.move_id},
           {"currency_code", s.currency_code},
           {"total", model::AmountText(s.currency_code, s.total)},
           {"tax", model::AmountText(s.currency_code, s.tax)},
           {"residual", model::AmountText(s.currency_code, s.residual)},
           {"company_total", model::AmountText(s.company_currency_code, s.company_total)},
           {"company_currency_code", s.company_currency_code},
           {"payment_state", s.payment_state},
           {"reference", s.reference},
           {"payment_reference", s.payment_reference},
           {"journal_code", s.journal_code},
           {"partner_id", s.partner_id},
           {"partner_name", s.partner_name},
           {"hashed", s.hashed}};
  PutDate(out, "date", s.date);
  PutDate(out, "invoice_date", s.invoice_date);
  PutDate(out, "due_date", s.due_date);
  return out;
}

absl::Status ReadDate(const json& value, const char* key, std::optional<model::Date>& out) {
  const std::string text = Text(value, key);
  if (text.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(out, model::Date::Parse(text));
  return absl::OkStatus();
}

absl::Status ReadAmount(const json& value, const char* key, model::Decimal& out) {
  const std::string text = Text(value, key);
  if (text.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(out, model::Decimal::Parse(text));
  return absl::OkStatus();
}

/// The normal form leaves trailing zeros out; the lines of an entry are amounts of the entity's
/// currency and are shown with all its decimals.
void ShowLineAmounts(const std::string& currency_code, json& content) {
  const auto lines = content.find("lines");
  if (lines == content.end() || !lines->is_array()) return;
  for (json& line : *lines) {
    for (const char* const side : {"debit", "credit"}) {
      const auto amount = model::Decimal::Parse(Text(line, side));
      if (amount.ok()) line[side] = model::AmountText(currency_code, *amount);
    }
  }
}

/// The normal form is JSON of our own making, with sorted keys, and goes in as it is.
std::string DocumentText(const ports::DocumentRow& row, const model::Document& document) {
  std::string text = model::ToCanonicalJson(document, false);
  if (row.type != model::DocumentType::kJournalEntry) return text;
  json content = json::parse(text, nullptr, false);
  if (!content.is_object()) return text;
  ShowLineAmounts(row.currency_code, content);
  return DumpLine(content);
}

std::string FindingText(const model::Finding& finding) {
  base::JsonObject out;
  const auto put = [&out](std::string_view key, const std::string& text) {
    if (!text.empty()) out.Text(key, text);
  };
  out.Text("reason", finding.reason);
  out.Text("message", finding.message);
  put("field", finding.field);
  put("suggestion", finding.suggestion);
  put("asked", finding.asked);
  put("got", finding.got);
  out.Text("severity", finding.severity == model::Severity::kError ? "ERROR" : "WARNING");
  return out.ToText();
}

std::string ExceptionText(const model::ExceptionCase& exception) {
  std::vector<std::string> findings;
  for (const model::Finding& finding : exception.findings) {
    findings.push_back(FindingText(finding));
  }
  base::JsonObject out;
  out.Text("id", exception.id);
  out.Flag("technical", exception.technical);
  out.Text("owner_role", exception.owner_role);
  out.Raw("findings", base::JsonArray(findings));
  return out.ToText();
}

std::string RecordText(const model::ErpRecord& record) {
  base::JsonObject out;
  out.Text("model", record.model);
  out.Number("id", record.id);
  out.Text("name", record.name);
  return out.ToText();
}

}  // namespace

std::string ToJson(const ports::ErpSnapshot& snapshot, absl::Time read) {
  json out = Fields(snapshot);
  out["company_name"] = snapshot.company_name;
  out["external_id"] = snapshot.external_id;
  out["write_date"] = snapshot.write_date;
  out["read_time"] = base::FormatInstant(read);
  return DumpLine(out);
}

std::string ComparableOf(const ports::ErpSnapshot& snapshot) { return DumpLine(Fields(snapshot)); }

absl::StatusOr<ports::ErpSnapshot> SnapshotFromJson(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object()) {
    return base::Error(base::Reason::kFieldInvalid).Says("the stored reading is not readable");
  }
  ports::ErpSnapshot s;
  s.exists = value.contains("exists") && value["exists"] == true;
  s.record = {Text(value, "model"), Number(value, "id"), Text(value, "name")};
  s.state = Text(value, "state");
  s.move_type = Text(value, "move_type");
  s.move_id = Number(value, "move_id");
  s.currency_code = Text(value, "currency_code");
  s.company_currency_code = Text(value, "company_currency_code");
  KONTOR_RETURN_IF_ERROR(ReadAmount(value, "total", s.total));
  KONTOR_RETURN_IF_ERROR(ReadAmount(value, "tax", s.tax));
  KONTOR_RETURN_IF_ERROR(ReadAmount(value, "residual", s.residual));
  KONTOR_RETURN_IF_ERROR(ReadAmount(value, "company_total", s.company_total));
  KONTOR_RETURN_IF_ERROR(ReadDate(value, "date", s.date));
  KONTOR_RETURN_IF_ERROR(ReadDate(value, "invoice_date", s.invoice_date));
  KONTOR_RETURN_IF_ERROR(ReadDate(value, "due_date", s.due_date));
  s.payment_state = Text(value, "payment_state");
  s.reference = Text(value, "reference");
  s.payment_reference = Text(value, "payment_reference");
  s.journal_code = Text(value, "journal_code");
  s.company_name = Text(value, "company_name");
  s.partner_id = Number(value, "partner_id");
  s.partner_name = Text(value, "partner_name");
  s.external_id = Text(value, "external_id");
  s.hashed = value.contains("hashed") && value["hashed"] == true;
  s.write_date = Text(value, "write_date");
  return s;
}

std::string EventData(const ports::DocumentRow& row, const model::Document& document,
                      const model::Operation* operation, std::string_view booked,
                      const model::ExceptionCase* exception) {
  base::JsonObject out;
  out.Text("id", row.id);
  out.Text("type", model::NameOf(row.type));
  out.Text("entity", row.entity);
  out.Text("connection", row.connection);
  out.Text("source", row.source);
  out.Text("state", row.state);
  if (!row.subtype.empty()) out.Text("kind", row.subtype);
  out.Raw("document", DocumentText(row, document));
  if (operation != nullptr) {
    out.Text("operation_id", operation->id);
    out.Text("request_id", operation->request_id);
    out.Text("correlation_id", operation->correlation_id);
    out.Text("verb", model::NameOf(operation->verb));
    out.Text("external_id", base::StrCat("kontor.", operation->external_id));
  }
  if (row.record.id != 0) out.Raw("odoo", RecordText(row.record));
  if (!booked.empty()) out.Raw("booked", std::string(booked));
  if (exception != nullptr) out.Raw("exception", ExceptionText(*exception));
  return out.ToText();
}

std::string ForeignEventData(const Entity& entity, const ports::ErpSnapshot& snapshot,
                             absl::Time read) {
  json out{{"entity", entity.name},
           {"connection", entity.connection},
           {"odoo",
            {{"model", snapshot.record.model},
             {"id", snapshot.record.id},
             {"name", snapshot.record.name}}}};
  json reading = json::parse(ToJson(snapshot, read), nullptr, false);
  if (reading.is_object()) out["booked"] = std::move(reading);
  return DumpLine(out);
}

std::string ChangeEventData(const Entity& entity, const ports::ErpChange& change) {
  json out{{"entity", entity.name},
           {"connection", entity.connection},
           {"odoo",
            {{"model", change.record.model},
             {"id", change.record.id},
             {"name", change.record.name}}},
           {"user", change.user},
           {"by_bot", change.by_bot},
           {"change_time", change.time}};
  json details = json::parse(change.details, nullptr, false);
  if (details.is_object()) out["snapshot"] = std::move(details);
  return DumpLine(out);
}

}  // namespace kontor::engine
