// SPDX-License-Identifier: Apache-2.0
// The way of a claim through submission, approval and posting. Odoo answers an approval with a
// question when an expense looks like another one, and then may or may not have done it: so what
// counts is the state that is read after each step, never the answer.
#include <algorithm>
#include <utility>

#include "adapters/odoo/claim_rows.h"
#include "adapters/odoo/claims.h"
#include "adapters/odoo/classify.h"
#include "adapters/odoo/mapping.h"
#include "adapters/odoo/posting.h"
#include "adapters/odoo/sheet.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using model::ErpRecord;
using ports::DraftRequest;

constexpr char kReceiptMark[] = "_m";  // the external id of a claim's entry on 19

absl::Status Gone(const ErpRecord& record) {
  return Error(Reason::kDeletedInOdoo)
      .Says(StrCat(record.model, " ", record.id, " is gone"))
      .Happened(Outcome::kRefused);
}

absl::Status RefusedByPerson() {
  return Error(Reason::kStateConflict)
      .Says("a person refused the expenses in Odoo")
      .Happened(Outcome::kRefused);
}

absl::Status AskedAboutTwins() {
  return Error(Reason::kDuplicateSuspected)
      .Field("expense_claim")
      .Says("Odoo has an expense of the same employee, day, category and amount and asks a person; "
            "approve or refuse the claim there, then retry")
      .Happened(Outcome::kRefused);
}

absl::Status CallOn(Work& work, std::string_view model, std::string_view method,
                    std::vector<int64_t> ids) {
  RpcCall call;
  call.model = std::string(model);
  call.method = std::string(method);
  call.ids = std::move(ids);
  return work.ChangeSilently(std::move(call));
}

absl::StatusOr<ClaimRows> RowsNow(Work& work, const ErpRecord& record) {
  KONTOR_ASSIGN_OR_RETURN(auto rows, RowsOf(work, record));
  if (!rows.has_value()) return Gone(record);
  if (rows->refused) return RefusedByPerson();
  return *std::move(rows);
}

/// Submitted and approved, or the reason why not.
absl::StatusOr<ClaimRows> Approve(Work& work, const ErpRecord& record) {
  const bool sheet = record.model == kSheet;
  KONTOR_ASSIGN_OR_RETURN(ClaimRows rows, RowsNow(work, record));
  if (rows.stage == ClaimStage::kDraft) {
    KONTOR_RETURN_IF_ERROR(
        sheet ? CallOn(work, kSheet, "action_submit_sheet", {record.id})
              : CallOn(work, kExpense, "action_submit", rows.IdsAt(ClaimStage::kDraft)));
    KONTOR_ASSIGN_OR_RETURN(rows, RowsNow(work, record));
  }
  if (rows.stage == ClaimStage::kSubmitted) {
    KONTOR_RETURN_IF_ERROR(
        sheet ? CallOn(work, kSheet, "action_approve_expense_sheets", {record.id})
              : CallOn(work, kExpense, "action_approve", rows.IdsAt(ClaimStage::kSubmitted)));
    KONTOR_ASSIGN_OR_RETURN(rows, RowsNow(work, record));
  }
  if (rows.stage != ClaimStage::kApproved) return AskedAboutTwins();
  return rows;
}

absl::StatusOr<int64_t> ContactOf(Work& work, int64_t employee_id) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("hr.employee", Json::array({Json::array({"id", "=", employee_id})}),
                      {"work_contact_id"}));
  const int64_t contact = rows.empty() ? 0 : LinkIdOf(rows.front(), "work_contact_id");
  if (contact > 0) return contact;
  return Error(Reason::kEmployeeUnknown)
      .Field("expense_claim.employee_email")
      .Says("the employee has no work contact in Odoo")
      .Happened(Outcome::kRefused);
}

/// As Odoo's own wizard writes it: the price is what was paid, in the company's currency, and the
/// taxes are taken to be within it since the line names its expense.
absl::StatusOr<Cells> ReceiptLine(const Json& expense, const model::ExpenseClaimLine& line,
                                  const model::Catalogue& catalogue) {
  const int scale = ScaleOf(LinkNameOf(expense, "company_currency_id"));
  KONTOR_ASSIGN_OR_RETURN(const base::Decimal price, AmountOf(expense, "total_amount", scale));
  KONTOR_ASSIGN_OR_RETURN(const std::string shares,
                          AnalyticText(catalogue, line.analytic, "expense_claim.lines"));
  return Cells{{"name", StrCat(LinkNameOf(expense, "employee_id"), ": ",
                               TextOf(expense, "name"))},
               {"expense_id/.id", std::to_string(IntOf(expense, "id"))},
               {"product_id/.id", std::to_string(LinkIdOf(expense, "product_id"))},
               {"account_id/.id", std::to_string(LinkIdOf(expense, "account_id"))},
               {"quantity", "1"},
               {"price_unit", price.ToString()},
               {"tax_ids/.id",
                base::StrJoin(IdsOf(expense.value("tax_ids", Json::array())), ",")},
               {"analytic_distribution", shares}};
}

/// 19: the receipt that Odoo's wizard would make, but create-if-absent: the wizard books a second
/// one when its call arrives late or twice.
absl::Status BookExpenses(Work& work, const model::Catalogue& catalogue,
                          const DraftRequest& request, const ClaimRows& rows) {
  const auto& claim = std::get<model::ExpenseClaim>(request.document->content);
  const model::Journal* const journal = model::JournalOf(*request.document, catalogue);
  if (journal == nullptr) {
    return Error(Reason::kJournalUnknown)
        .Field("expense_claim.journal_code")
        .Happened(Outcome::kRefused);
  }
  if (rows.expenses.size() != claim.lines.size()) {
    return Error(Reason::kDeletedInOdoo)
        .Says(StrCat("the claim has ", claim.lines.size(), " expenses, Odoo has ",
                     rows.expenses.size()))
        .Happened(Outcome::kRefused);
  }
  KONTOR_ASSIGN_OR_RETURN(const int64_t contact, ContactOf(work, rows.employee_id));
  KONTOR_ASSIGN_OR_RETURN(const int64_t currency_id,
                          CurrencyId(catalogue, catalogue.company_currency_code, ""));
  const std::string date = claim.date ? claim.date->ToString() : std::string();
  SheetRecord move;
  move.external_id = StrCat(request.external_id, kReceiptMark);
  move.header = {{"move_type", "in_receipt"},
                 {"partner_id/.id", std::to_string(contact)},
                 {"journal_id/.id", std::to_string(journal->id)},
                 {"currency_id/.id", std::to_string(currency_id)},
                 {"invoice_date", date},
                 {"date", date},
                 {"ref", claim.reference},
                 {"expense_ids/.id", base::StrJoin(rows.Ids(), ",")}};
  move.lines_field = "invoice_line_ids";
  for (size_t i = 0; i < rows.expenses.size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(Cells line, ReceiptLine(rows.expenses[i], claim.lines[i], catalogue));
    move.lines.push_back(std::move(line));
  }
  const std::vector<Table> tables = LayOut(std::span(&move, 1));
  KONTOR_ASSIGN_OR_RETURN(const auto ids, LoadIfAbsent(work, "account.move", tables.front()));
  const ErpRecord record{"account.move", ids.front(), ""};
  return PostRecords(work, std::span(&record, 1));
}

}  // namespace

absl::Status PostClaim(Work& work, const model::Catalogue& catalogue, const DraftRequest& request,
                       const ErpRecord& record) {
  if (!IsClaimModel(record.model)) return absl::OkStatus();  // known by its entry: posted before
  KONTOR_ASSIGN_OR_RETURN(const auto before, RowsNow(work, record));
  if (before.posted) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const ClaimRows rows, Approve(work, record));
  if (rows.posted) return absl::OkStatus();
  if (record.model != kSheet) return BookExpenses(work, catalogue, request, rows);
  const auto& claim = std::get<model::ExpenseClaim>(request.document->content);
  if (rows.move_id > 0 && claim.date) {
    // 18 makes the entry when it approves and dates it to the day of the approval.
    KONTOR_RETURN_IF_ERROR(
        LoadInto(work, "account.move", rows.move_id, {{"date", claim.date->ToString()}}));
  }
  KONTOR_RETURN_IF_ERROR(CallOn(work, kSheet, work.dialect().sheet_post_method, {record.id}));
  KONTOR_ASSIGN_OR_RETURN(const ClaimRows after, RowsNow(work, record));
  if (after.posted) return absl::OkStatus();
  return Error(Reason::kOdooRefused)
      .Says("Odoo asked a question instead of posting")
      .Happened(Outcome::kRefused);
}

absl::Status RemoveClaim(Work& work, const ErpRecord& record) {
  KONTOR_ASSIGN_OR_RETURN(const auto found, RowsOf(work, record));
  if (!found.has_value()) return absl::OkStatus();
  if (found->posted) {
    return Error(Reason::kStateConflict)
        .Says(StrCat(record.model, " ", record.id, " is posted"))
        .Happened(Outcome::kRefused);
  }
  const bool sheet = record.model == kSheet;
  if (found->stage != ClaimStage::kDraft || found->refused) {
    KONTOR_RETURN_IF_ERROR(
        sheet ? CallOn(work, kSheet, "action_reset_expense_sheets", {record.id})
              : CallOn(work, kExpense, "action_reset", found->Ids()));
  }
  // Without their sheet the expenses would stay, as drafts that nobody asked for.
  const std::vector<int64_t> expenses = found->Ids();
  if (!expenses.empty()) KONTOR_RETURN_IF_ERROR(CallOn(work, kExpense, "unlink", expenses));
  return sheet ? CallOn(work, kSheet, "unlink", {record.id}) : absl::OkStatus();
}

}  // namespace kontor::odoo
