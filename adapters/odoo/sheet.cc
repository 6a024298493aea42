// SPDX-License-Identifier: Apache-2.0
// Laying out, sending, and reading what load() answers; see sheet.h.
#include "adapters/odoo/sheet.h"

#include <map>
#include <utility>

#include "adapters/odoo/classify.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;

std::vector<std::string> ColumnsOf(const SheetRecord& record) {
  std::vector<std::string> columns{"id"};
  for (const auto& [column, cell] : record.header) columns.push_back(column);
  if (!record.lines.empty()) {
    columns.push_back(base::StrCat(record.lines_field, "/id"));
    for (const auto& [column, cell] : record.lines.front()) {
      columns.push_back(base::StrCat(record.lines_field, "/", column));
    }
  }
  return columns;
}

void AppendRows(const SheetRecord& record, Table& table) {
  const size_t rows = std::max<size_t>(record.lines.size(), 1);
  for (size_t i = 0; i < rows; ++i) {
    std::vector<std::string> row;
    row.push_back(i == 0 ? base::StrCat(kModule, ".", record.external_id) : "");
    for (const auto& [column, cell] : record.header) row.push_back(i == 0 ? cell : "");
    if (!record.lines.empty()) {
      row.push_back(base::StrCat(kModule, ".", record.external_id, "_l", i + 1));
      for (const auto& [column, cell] : record.lines[i]) row.push_back(cell);
    }
    KONTOR_CHECK(row.size() == table.columns.size());
    table.rows.push_back(std::move(row));
  }
}

std::string FieldOf(const Json& message) {
  const auto field = message.find("field");
  if (field == message.end()) return "";
  if (field->is_string()) return field->get<std::string>();
  const bool path = field->is_array() && !field->empty() && field->front().is_string();
  return path ? field->front().get<std::string>() : "";
}

/// Takes the last error. The first may be the whole call's, which 18 and 19 put down to its first
/// record whoever was guilty; those that follow come from trying record by record.
void TakeError(const Json& messages, LoadAnswer& out) {
  for (const Json& message : messages) {
    if (!message.is_object()) continue;
    const bool error = TextOf(message, "type") == "error";
    if (!error && !out.message.empty()) continue;
    out.message = TextOf(message, "message");
    out.record = message.contains("record") ? IntOf(message, "record") : -1;
    out.field = FieldOf(message);
    out.try_again |= error && SaysTryAgain(out.message);
  }
}

/// load() reports a missing right as a message like any other.
absl::StatusOr<bool> May(Work& work, const std::string& model, std::string_view operation) {
  RpcCall call;
  call.model = model;
  if (work.dialect().rights_by_record) {
    call.method = "has_access";
    call.ids.emplace();
    call.params = {{"operation", operation}};
  } else {
    call.method = "check_access_rights";
    call.params = {{"operation", operation}, {"raise_exception", false}};
  }
  KONTOR_ASSIGN_OR_RETURN(const Json answer, work.Read(std::move(call)));
  return answer.is_boolean() && answer.get<bool>();
}

absl::StatusOr<Json> CallLoad(Work& work, const std::string& model, const Table& table,
                              bool if_absent) {
  RpcCall call;
  call.model = model;
  call.method = "load";
  call.params = {{"fields", table.columns}, {"data", table.rows}};
  if (if_absent) call.context = {{"mode", "update"}, {"noupdate", true}};
  return work.Change(std::move(call));
}

absl::Status RefusalOf(Work& work, const std::string& model, const Table& table,
                       const LoadAnswer& error, std::string_view operation) {
  if (error.field.empty()) {
    const auto may = May(work, model, operation);
    if (may.ok() && !*may) {
      return Error(Reason::kOdooRightMissing)
          .With("right", base::StrCat(model, ":", operation))
          .Says(base::StrCat("kontor's user may not ", operation, " ", model))
          .Happened(Outcome::kRefused);
    }
  }
  const std::string shown = Presentable(error.message);
  Error refusal(Reason::kOdooRefused);
  if (error.record >= 0 && static_cast<size_t>(error.record) < table.items.size()) {
    static_cast<void>(std::move(refusal).With(
        "item", std::to_string(table.items[static_cast<size_t>(error.record)])));
  }
  if (!error.field.empty()) static_cast<void>(std::move(refusal).With("odoo_field", error.field));
  return std::move(refusal)
      .Says(shown.empty() ? "Odoo gave no words for it" : shown)
      .Happened(Outcome::kRefused);
}

}  // namespace

LoadAnswer ReadLoadAnswer(const Json& answer) {
  LoadAnswer out;
  out.refused = !answer.is_object() || !answer.contains("ids") || !answer["ids"].is_array();
  if (!out.refused) {
    out.ids = IdsOf(answer["ids"]);
  } else if (answer.is_object() && answer.contains("messages")) {
    TakeError(answer["messages"], out);
  }
  return out;
}

std::vector<Table> LayOut(std::span<const SheetRecord> records) {
  std::vector<Table> tables;
  std::map<std::vector<std::string>, size_t> by_columns;
  for (const SheetRecord& record : records) {
    std::vector<std::string> columns = ColumnsOf(record);
    const auto [it, fresh] = by_columns.try_emplace(columns, tables.size());
    if (fresh) tables.push_back({.columns = std::move(columns), .rows = {}, .items = {}});
    Table& table = tables[it->second];
    AppendRows(record, table);
    table.items.push_back(record.item);
  }
  return tables;
}

absl::StatusOr<std::vector<int64_t>> LoadIfAbsent(Work& work, const std::string& model,
                                                  const Table& table) {
  constexpr int kAsksMax = 2;
  LoadAnswer answer;
  for (int ask = 0; ask < kAsksMax; ++ask) {
    KONTOR_ASSIGN_OR_RETURN(const Json raw, CallLoad(work, model, table, true));
    answer = ReadLoadAnswer(raw);
    if (!answer.refused) {
      if (answer.ids.size() != table.items.size()) {
        return Error(Reason::kOdooAnswerUnreadable)
            .Says("load() answered another number of records than were sent")
            .Happened(Outcome::kUnknown);
      }
      return answer.ids;
    }
    if (answer.try_again) {
      return Error(Reason::kOdooBusy)
          .Says("another transaction was first")
          .Happened(Outcome::kNotApplied);
    }
    if (!answer.field.empty()) break;
  }
  return RefusalOf(work, model, table, answer, "create");
}

absl::Status LoadInto(Work& work, const std::string& model, int64_t id, const Cells& cells) {
  Table table;
  table.columns = {".id"};
  table.rows = {{std::to_string(id)}};
  table.items = {0};
  for (const auto& [column, cell] : cells) {
    table.columns.push_back(column);
    table.rows.front().push_back(cell);
  }
  KONTOR_ASSIGN_OR_RETURN(const Json raw, CallLoad(work, model, table, false));
  const LoadAnswer answer = ReadLoadAnswer(raw);
  if (!answer.refused) return absl::OkStatus();
  if (answer.try_again) {
    return Error(Reason::kOdooBusy)
        .Says("another transaction was first")
        .Happened(Outcome::kNotApplied);
  }
  return RefusalOf(work, model, table, answer, "write");
}

}  // namespace kontor::odoo
