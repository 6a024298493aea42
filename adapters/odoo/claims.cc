// SPDX-License-Identifier: Apache-2.0
// Claims as load() records, and reading them back; see claims.h. Posting is in claims_post.cc.
#include "adapters/odoo/claims.h"

#include <algorithm>
#include <utility>

#include "adapters/odoo/claim_rows.h"
#include "adapters/odoo/classify.h"
#include "adapters/odoo/mapping.h"
#include "adapters/odoo/sheet.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/expense.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using model::ErpRecord;
using model::ExpenseClaim;
using model::ExpenseClaimLine;
using ports::DraftRequest;

constexpr char kOwnAccount[] = "own_account";

/// What the company's currency makes of a line by the claim's own rate.
absl::StatusOr<std::string> CompanyAmount(const ExpenseClaim& claim, const ExpenseClaimLine& line,
                                          const model::Catalogue& catalogue) {
  KONTOR_ASSIGN_OR_RETURN(const model::Currency company,
                          model::Currency::Parse(catalogue.company_currency_code));
  KONTOR_ASSIGN_OR_RETURN(const model::Decimal amount,
                          model::DivideByRate(line.amount, *claim.exchange_rate, company.scale()));
  return amount.ToString();
}

/// Every line of a claim has the same columns, so that one call makes all or none.
absl::StatusOr<Cells> LineOf(const ExpenseClaim& claim, const ExpenseClaimLine& line,
                             const std::string& at, const model::References& references,
                             const model::Catalogue& catalogue) {
  const auto product = references.products.find(line.product_code);
  if (product == references.products.end()) {
    return Error(Reason::kProductUnknown).Field(StrCat(at, ".product_code"));
  }
  KONTOR_ASSIGN_OR_RETURN(const int64_t currency_id,
                          CurrencyId(catalogue, claim.currency.code(),
                                     "expense_claim.currency_code"));
  KONTOR_ASSIGN_OR_RETURN(const std::string taxes, TaxIds(catalogue, line.tax_names, true,
                                                          StrCat(at, ".tax_names")));
  Cells cells{{"name", line.description},
              {"date", line.date ? line.date->ToString() : std::string()},
              {"employee_id/.id", std::to_string(references.employee_id)},
              {"product_id/.id", std::to_string(product->second)},
              {"payment_mode", kOwnAccount},
              {"currency_id/.id", std::to_string(currency_id)},
              {"total_amount_currency", line.amount.ValueText()},
              {"tax_ids/.id", taxes},
              {"description", claim.reference}};
  const bool own_accounts = std::any_of(claim.lines.begin(), claim.lines.end(),
                                        [](const auto& l) { return !l.account_code.empty(); });
  if (own_accounts) {
    std::string account;
    if (!line.account_code.empty()) {
      KONTOR_ASSIGN_OR_RETURN(const int64_t id, AccountId(catalogue, line.account_code,
                                                          StrCat(at, ".account_code")));
      account = std::to_string(id);
    }
    cells.emplace_back("account_id/.id", std::move(account));
  }
  const bool analytic = std::any_of(claim.lines.begin(), claim.lines.end(),
                                    [](const auto& l) { return !l.analytic.empty(); });
  if (analytic) {
    KONTOR_ASSIGN_OR_RETURN(std::string shares, AnalyticText(catalogue, line.analytic,
                                                             StrCat(at, ".analytic")));
    cells.emplace_back("analytic_distribution", std::move(shares));
  }
  if (claim.exchange_rate && claim.currency.code() != catalogue.company_currency_code) {
    KONTOR_ASSIGN_OR_RETURN(std::string amount, CompanyAmount(claim, line, catalogue));
    cells.emplace_back("total_amount", std::move(amount));
  }
  return cells;
}

absl::StatusOr<std::vector<Cells>> LinesOf(const ExpenseClaim& claim,
                                           const model::References& references,
                                           const model::Catalogue& catalogue) {
  if (references.employee_id <= 0) {
    return Error(Reason::kEmployeeUnknown).Field("expense_claim.employee_email");
  }
  std::vector<Cells> lines;
  for (size_t i = 0; i < claim.lines.size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(Cells line,
                            LineOf(claim, claim.lines[i], StrCat("expense_claim.lines[", i, "]"),
                                   references, catalogue));
    lines.push_back(std::move(line));
  }
  return lines;
}

absl::StatusOr<SheetRecord> SheetOf(const DraftRequest& request, std::vector<Cells> lines,
                                    const model::Catalogue& catalogue) {
  const auto& claim = std::get<ExpenseClaim>(request.document->content);
  const model::Journal* const journal = model::JournalOf(*request.document, catalogue);
  if (journal == nullptr) {
    return Error(Reason::kJournalUnknown).Field("expense_claim.journal_code");
  }
  SheetRecord sheet;
  sheet.external_id = request.external_id;
  sheet.header = {
      {"name", claim.title.empty() ? claim.reference : StrCat(claim.reference, " ", claim.title)},
      {"employee_id/.id", std::to_string(request.references->employee_id)},
      {"employee_journal_id/.id", std::to_string(journal->id)},
      {"accounting_date", claim.date ? claim.date->ToString() : std::string()}};
  sheet.lines_field = "expense_line_ids";
  sheet.lines = std::move(lines);
  return sheet;
}

/// The expenses of a claim as records of their own; the first bears the claim's external id.
std::vector<SheetRecord> ExpensesOf(const DraftRequest& request, std::vector<Cells> lines) {
  std::vector<SheetRecord> records;
  for (size_t i = 0; i < lines.size(); ++i) {
    SheetRecord record;
    record.external_id =
        i == 0 ? request.external_id : StrCat(request.external_id, kLineMark, i + 1);
    record.header = std::move(lines[i]);
    record.item = i;
    records.push_back(std::move(record));
  }
  return records;
}

/// One sheet, or the expenses by themselves.
absl::StatusOr<std::vector<SheetRecord>> RecordsOf(const Dialect& dialect,
                                                   const model::Catalogue& catalogue,
                                                   const DraftRequest& request) {
  if (request.references == nullptr) return Error(Reason::kInternal).Says("nothing was resolved");
  KONTOR_ASSIGN_OR_RETURN(std::vector<Cells> lines,
                          LinesOf(std::get<ExpenseClaim>(request.document->content),
                                  *request.references, catalogue));
  if (!dialect.has_expense_sheets) return ExpensesOf(request, std::move(lines));
  KONTOR_ASSIGN_OR_RETURN(SheetRecord sheet, SheetOf(request, std::move(lines), catalogue));
  return std::vector<SheetRecord>{std::move(sheet)};
}

/// A refusal by Odoo's field becomes one by the claim's.
absl::Status AtClaimField(const absl::Status& status) {
  const base::ErrorInfo info = base::InfoOf(status);
  const auto field = info.metadata.find("odoo_field");
  if (field == info.metadata.end() || !info.field.empty()) return status;
  const std::string ours = DocumentField(model::DocumentType::kExpenseClaim, field->second);
  return ours.empty() ? status : base::AtField(status, ours);
}

absl::StatusOr<ErpRecord> CreateClaim(Work& work, const model::Catalogue& catalogue,
                                      const DraftRequest& request) {
  const auto records = RecordsOf(work.dialect(), catalogue, request);
  if (!records.ok()) return WithOutcome(records.status(), Outcome::kRefused);
  const std::string model(work.dialect().has_expense_sheets ? kSheet : kExpense);
  const std::vector<Table> tables = LayOut(*records);
  const auto ids = LoadIfAbsent(work, model, tables.front());
  if (!ids.ok()) return AtClaimField(ids.status());
  return ErpRecord{model, ids->front(), ""};
}

absl::StatusOr<ports::ErpSnapshot> DraftSnapshot(const ClaimRows& rows, const ErpRecord& record) {
  ports::ErpSnapshot out;
  out.record = record;
  out.exists = true;
  out.state = rows.refused ? "cancel" : "draft";
  out.move_type = "expense";
  out.reference = rows.reference;
  out.date = rows.date;
  out.partner_name = rows.employee_name;
  out.write_date = rows.write_date;
  bool one_currency = true;
  for (const Json& row : rows.expenses) {
    const std::string code = LinkNameOf(row, "currency_id");
    if (out.currency_code.empty()) out.currency_code = code;
    one_currency = one_currency && code == out.currency_code;
    const int scale = ScaleOf(code);
    KONTOR_ASSIGN_OR_RETURN(const base::Decimal total, AmountOf(row, "total_amount_currency",
                                                                scale));
    KONTOR_ASSIGN_OR_RETURN(const base::Decimal tax, AmountOf(row, "tax_amount_currency", scale));
    KONTOR_ASSIGN_OR_RETURN(const base::Decimal company,
                            AmountOf(row, "total_amount",
                                     ScaleOf(LinkNameOf(row, "company_currency_id"))));
    KONTOR_ASSIGN_OR_RETURN(out.total, out.total.Add(total));
    KONTOR_ASSIGN_OR_RETURN(out.tax, out.tax.Add(tax));
    KONTOR_ASSIGN_OR_RETURN(out.company_total, out.company_total.Add(company));
    out.company_currency_code = LinkNameOf(row, "company_currency_id");
    out.company_name = LinkNameOf(row, "company_id");
  }
  if (!one_currency) {
    out.currency_code = out.company_currency_code;
    out.total = out.company_total;
  }
  return out;
}

}  // namespace

bool IsClaimModel(std::string_view model) { return model == kSheet || model == kExpense; }

absl::StatusOr<bool> HasExpenses(Work& work) {
  RpcCall call;
  call.model = "account.move.line";
  call.method = "fields_get";
  call.params = {{"allfields", Json::array({"expense_id"})},
                 {"attributes", Json::array({"type"})}};
  KONTOR_ASSIGN_OR_RETURN(const Json fields, work.Read(std::move(call)));
  return fields.is_object() && fields.contains("expense_id");
}

absl::StatusOr<std::vector<ErpRecord>> CreateClaims(Work& work, const model::Catalogue& catalogue,
                                                    std::span<const DraftRequest> requests) {
  std::vector<ErpRecord> out;
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto record = CreateClaim(work, catalogue, requests[i]);
    if (!record.ok()) return WithDetail(record.status(), "item", std::to_string(i));
    out.push_back(*record);
  }
  return out;
}

absl::StatusOr<ErpRecord> BookedAs(Work& work, const ErpRecord& record) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows, RowsOf(work, record));
  if (!rows.has_value() || !rows->posted) return record;
  return ErpRecord{"account.move", rows->move_id, ""};
}

absl::StatusOr<ports::ErpSnapshot> ReadClaim(Work& work, JournalCodes& journals,
                                             const ErpRecord& record) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows, RowsOf(work, record));
  if (!rows.has_value()) {
    ports::ErpSnapshot gone;
    gone.record = record;
    return gone;
  }
  if (!rows->posted) return DraftSnapshot(*rows, record);
  KONTOR_ASSIGN_OR_RETURN(const auto moves,
                          work.ReadRecords("account.move", {rows->move_id}, MoveFields()));
  KONTOR_ASSIGN_OR_RETURN(auto snapshots, MoveSnapshots(work, journals, moves));
  if (snapshots.empty()) {
    return Error(Reason::kNotVisibleInOdoo)
        .Says(StrCat("the entry of ", record.model, " ", record.id, " cannot be read"))
        .Happened(Outcome::kNotApplied);
  }
  return std::move(snapshots.front());
}

}  // namespace kontor::odoo
