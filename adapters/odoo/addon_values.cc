// SPDX-License-Identifier: Apache-2.0
// See addon_values.h.
#include "adapters/odoo/addon_values.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/odoo/mapping.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::StrCat;
using model::DocumentType;

constexpr std::string_view kById = "/.id";
constexpr std::array<std::string_view, 1> kLists = {"tax_ids"};
constexpr std::array<std::string_view, 2> kFlags = {"is_company", "active"};
constexpr std::array<std::string_view, 1> kShares = {"analytic_distribution"};

template <size_t kCount>
bool IsAmong(const std::array<std::string_view, kCount>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

absl::StatusOr<int64_t> IdOf(const std::string& column, std::string_view cell) {
  auto id = base::ParseInt64(cell);
  if (id.ok() && *id > 0) return id;
  return base::Error(base::Reason::kInternal)
      .With("column", column)
      .Says("a cell of ids holds something else")
      .Happened(base::Outcome::kRefused);
}

absl::StatusOr<Json> IdsOfCell(const std::string& column, const std::string& cell) {
  Json ids = Json::array();
  if (cell.empty()) return ids;
  for (const std::string& part : base::StrSplit(cell, ',')) {
    KONTOR_ASSIGN_OR_RETURN(const int64_t id, IdOf(column, part));
    ids.push_back(id);
  }
  return ids;
}

/// {"12": 50.5} → {"12": "50.5"}: shares are decimals like all others.
absl::StatusOr<Json> SharesOfCell(const std::string& cell) {
  if (cell.empty()) return Json(false);
  KONTOR_ASSIGN_OR_RETURN(const Json shares, ParseJson(cell));
  Json out = Json::object();
  for (const auto& [account, share] : shares.items()) {
    out[account] = share.is_string() ? share : Json(share.dump());
  }
  return out;
}

absl::Status Put(const std::string& column, const std::string& cell, Json& values) {
  if (column.ends_with(kById)) {
    const std::string field = column.substr(0, column.size() - kById.size());
    if (IsAmong(kLists, field)) {
      KONTOR_ASSIGN_OR_RETURN(values[field], IdsOfCell(column, cell));
    } else if (cell.empty()) {
      values[field] = false;
    } else {
      KONTOR_ASSIGN_OR_RETURN(values[field], IdOf(column, cell));
    }
  } else if (IsAmong(kFlags, column)) {
    values[column] = cell == "1";
  } else if (IsAmong(kShares, column)) {
    KONTOR_ASSIGN_OR_RETURN(values[column], SharesOfCell(cell));
  } else {
    values[column] = cell;
  }
  return absl::OkStatus();
}

absl::StatusOr<Json> Dictionary(const Cells& cells) {
  Json values = Json::object();
  for (const auto& [column, cell] : cells) KONTOR_RETURN_IF_ERROR(Put(column, cell, values));
  return values;
}

struct Pair {
  std::string_view odoo;
  std::string_view ours;
};
constexpr std::array kInvoiceLine{
    Pair{"name", "description"},         Pair{"quantity", "quantity"},
    Pair{"price_unit", "unit_price"},    Pair{"discount", "discount_percent"},
    Pair{"account_id", "account_code"},  Pair{"product_id", "product_code"},
    Pair{"tax_ids", "tax_names"},        Pair{"analytic_distribution", "analytic"}};
constexpr std::array kEntryLine{
    Pair{"name", "description"},         Pair{"account_id", "account_code"},
    Pair{"partner_id", "partner"},       Pair{"debit", "debit"},
    Pair{"credit", "credit"},            Pair{"currency_id", "amount_currency"},
    Pair{"amount_currency", "amount_currency"}, Pair{"tax_ids", "tax_names"},
    Pair{"analytic_distribution", "analytic"}};
constexpr std::array kInvoiceExpected{
    Pair{"total", "expected_total"}, Pair{"tax", "expected_tax"}, Pair{"currency", "currency_code"},
    Pair{"date", "accounting_date"}, Pair{"due_date", "due_date"}};
constexpr std::array kPaymentExpected{
    Pair{"total", "amount"}, Pair{"currency", "currency_code"}, Pair{"date", "date"}};
constexpr std::array kEntryExpected{
    Pair{"total", "lines"}, Pair{"date", "date"}};

template <size_t kCount>
std::string_view In(const std::array<Pair, kCount>& pairs, std::string_view name) {
  const auto it = std::ranges::find(pairs, name, &Pair::odoo);
  return it == pairs.end() ? std::string_view() : it->ours;
}

std::string ExpectedField(DocumentType type, std::string_view name) {
  std::string_view ours;
  std::string_view root;
  switch (type) {
    case DocumentType::kInvoice:
      ours = In(kInvoiceExpected, name);
      root = "invoice.";
      break;
    case DocumentType::kPayment:
      ours = In(kPaymentExpected, name);
      root = "payment.";
      break;
    case DocumentType::kJournalEntry:
      ours = In(kEntryExpected, name);
      root = "journal_entry.";
      break;
    case DocumentType::kExpenseClaim:
    case DocumentType::kPartner: break;
  }
  return ours.empty() ? std::string() : StrCat(root, ours);
}

/// "invoice_line_ids[0].account_id" → its list, "[0]" and "account_id".
struct LinePath {
  std::string_view list;
  std::string_view index;
  std::string_view field;
};

LinePath SplitLine(std::string_view path) {
  const size_t open = path.find('[');
  if (open == std::string_view::npos) return {path, {}, {}};
  const size_t close = path.find(']', open);
  if (close == std::string_view::npos) return {path.substr(0, open), {}, {}};
  std::string_view field = path.substr(close + 1);
  if (field.starts_with('.')) field.remove_prefix(1);
  return {path.substr(0, open), path.substr(open, close - open + 1),
          field.substr(0, field.find('['))};
}

}  // namespace

absl::StatusOr<Json> ValuesOf(const SheetRecord& record) {
  KONTOR_ASSIGN_OR_RETURN(Json values, Dictionary(record.header));
  if (record.lines.empty()) return values;
  Json lines = Json::array();
  for (const Cells& line : record.lines) {
    KONTOR_ASSIGN_OR_RETURN(Json one, Dictionary(line));
    lines.push_back(std::move(one));
  }
  values[record.lines_field] = std::move(lines);
  return values;
}

std::string FieldOfPath(DocumentType type, std::string_view path) {
  constexpr std::string_view kValues = "values.";
  constexpr std::string_view kExpect = "expect.";
  if (path.starts_with(kExpect)) return ExpectedField(type, path.substr(kExpect.size()));
  if (path.starts_with(kValues)) path.remove_prefix(kValues.size());
  const LinePath line = SplitLine(path);
  std::string field = DocumentField(type, line.list);
  if (field.empty() || line.index.empty()) return field;
  base::StrAppend(&field, line.index);
  const std::string_view of_line = type == DocumentType::kJournalEntry
                                       ? In(kEntryLine, line.field)
                                       : In(kInvoiceLine, line.field);
  if (!of_line.empty()) base::StrAppend(&field, ".", of_line);
  return field;
}

}  // namespace kontor::odoo
