// SPDX-License-Identifier: Apache-2.0
#include "adapters/odoo/claim_rows.h"

#include <algorithm>
#include <utility>

#include "adapters/odoo/sheet.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::StrCat;

// The expenses of a claim were made in one transaction, so they come soon after the first.
constexpr size_t kSiblingsLookedAt = 1000;

const std::vector<std::string>& ExpenseFields() {
  static const auto* const kFields = new std::vector<std::string>{
      "name", "state", "employee_id", "product_id", "account_id", "currency_id", "company_id",
      "company_currency_id", "total_amount", "total_amount_currency", "tax_amount_currency",
      "tax_ids", "analytic_distribution", "description", "date", "write_date"};
  return *kFields;
}

absl::Status ReadMoveState(Work& work, ClaimRows& rows) {
  if (rows.move_id == 0) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto moves,
                          work.ReadRecords("account.move", {rows.move_id}, {"state"}));
  rows.posted = !moves.empty() && TextOf(moves.front(), "state") == "posted";
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ClaimRows>> RowsOfSheet(Work& work, int64_t id) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto sheets,
      work.ReadRecords(std::string(kSheet), {id},
                       {"name", "state", "employee_id", "accounting_date", "account_move_ids",
                        "expense_line_ids", "write_date"}));
  if (sheets.empty()) return std::optional<ClaimRows>();
  const Json& sheet = sheets.front();
  ClaimRows rows;
  const std::string state = TextOf(sheet, "state");
  rows.refused = state == "cancel";
  rows.stage = state == "draft"    ? ClaimStage::kDraft
               : state == "submit" ? ClaimStage::kSubmitted
                                   : ClaimStage::kApproved;
  rows.reference = TextOf(sheet, "name");
  rows.employee_name = LinkNameOf(sheet, "employee_id");
  rows.employee_id = LinkIdOf(sheet, "employee_id");
  rows.date = DateOf(sheet, "accounting_date");
  rows.write_date = TextOf(sheet, "write_date");
  const std::vector<int64_t> moves = IdsOf(sheet.value("account_move_ids", Json::array()));
  if (!moves.empty()) rows.move_id = *std::min_element(moves.begin(), moves.end());
  KONTOR_ASSIGN_OR_RETURN(
      rows.expenses,
      work.ReadRecords(std::string(kExpense),
                       IdsOf(sheet.value("expense_line_ids", Json::array())), ExpenseFields()));
  KONTOR_RETURN_IF_ERROR(ReadMoveState(work, rows));
  return std::optional<ClaimRows>(std::move(rows));
}

/// kontor's bare external ids of expenses, in order; empty where one has none.
absl::StatusOr<std::vector<std::string>> ExternalIdsOf(Work& work,
                                                       const std::vector<int64_t>& ids) {
  RpcCall call;
  call.model = std::string(kExpense);
  call.method = "get_metadata";
  call.ids = ids;
  KONTOR_ASSIGN_OR_RETURN(const Json metadata, work.Read(std::move(call)));
  std::vector<std::string> out(ids.size());
  const std::string module = StrCat(kModule, ".");
  for (const Json& one : metadata) {
    if (!one.is_object()) continue;
    const auto at = std::find(ids.begin(), ids.end(), IntOf(one, "id"));
    if (at == ids.end()) continue;
    for (const Json& xmlid : one.value("xmlids", Json::array())) {
      const std::string text = TextOf(xmlid, "xmlid");
      if (text.starts_with(module)) {
        out[static_cast<size_t>(at - ids.begin())] = text.substr(module.size());
      }
    }
  }
  return out;
}

absl::StatusOr<std::optional<ClaimRows>> RowsOfExpenses(Work& work, int64_t first) {
  std::vector<std::string> fields = ExpenseFields();
  fields.emplace_back("account_move_id");
  KONTOR_ASSIGN_OR_RETURN(const auto own,
                          work.ReadRecords(std::string(kExpense), {first}, fields));
  if (own.empty()) return std::optional<ClaimRows>();
  KONTOR_ASSIGN_OR_RETURN(
      const auto candidates,
      work.SearchRead(std::string(kExpense),
                      Json::array({Term("id", ">=", first),
                                   Term("employee_id", "=", LinkIdOf(own.front(), "employee_id"))}),
                      fields, "id", kSiblingsLookedAt));
  std::vector<int64_t> ids;
  for (const Json& row : candidates) ids.push_back(IntOf(row, "id"));
  KONTOR_ASSIGN_OR_RETURN(const auto external_ids, ExternalIdsOf(work, ids));
  const auto at = std::find(ids.begin(), ids.end(), first);
  if (at == ids.end()) return std::optional<ClaimRows>();
  const std::string& claim = external_ids[static_cast<size_t>(at - ids.begin())];
  ClaimRows rows;
  rows.stage = ClaimStage::kApproved;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const bool ours = ids[i] == first || (!claim.empty() &&
                                          external_ids[i].starts_with(StrCat(claim, kLineMark)));
    if (!ours) continue;
    const Json& row = candidates[i];
    const std::string state = TextOf(row, "state");
    rows.refused = rows.refused || state == "refused";
    rows.stage = std::min(rows.stage, StageOf(state));
    if (rows.move_id == 0) rows.move_id = LinkIdOf(row, "account_move_id");
    rows.write_date = std::max(rows.write_date, TextOf(row, "write_date"));
    rows.expenses.push_back(row);
  }
  rows.reference = TextOf(own.front(), "description");
  rows.employee_name = LinkNameOf(own.front(), "employee_id");
  rows.employee_id = LinkIdOf(own.front(), "employee_id");
  KONTOR_RETURN_IF_ERROR(ReadMoveState(work, rows));
  return std::optional<ClaimRows>(std::move(rows));
}

}  // namespace

ClaimStage StageOf(std::string_view state) {
  if (state == "draft" || state == "reported") return ClaimStage::kDraft;
  return state == "submitted" ? ClaimStage::kSubmitted : ClaimStage::kApproved;
}

std::vector<int64_t> ClaimRows::Ids() const {
  std::vector<int64_t> ids;
  for (const Json& row : expenses) ids.push_back(IntOf(row, "id"));
  return ids;
}

std::vector<int64_t> ClaimRows::IdsAt(ClaimStage at) const {
  std::vector<int64_t> ids;
  for (const Json& row : expenses) {
    if (StageOf(TextOf(row, "state")) == at) ids.push_back(IntOf(row, "id"));
  }
  return ids;
}

absl::StatusOr<std::optional<ClaimRows>> RowsOf(Work& work, const model::ErpRecord& record) {
  return record.model == kSheet ? RowsOfSheet(work, record.id) : RowsOfExpenses(work, record.id);
}

}  // namespace kontor::odoo
