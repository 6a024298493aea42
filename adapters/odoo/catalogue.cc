// SPDX-License-Identifier: Apache-2.0
// Reading master data; see catalogue.h. Every list has a bound; every value is copied as text.
#include "adapters/odoo/catalogue.h"

#include <algorithm>
#include <map>
#include <utility>

#include "adapters/odoo/claims.h"
#include "adapters/odoo/classify.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Reason;
using model::Catalogue;

constexpr size_t kAccountsMax = 20000;
constexpr size_t kListMax = 5000;
constexpr size_t kRatesMax = 40000;

/// Of the company, or of all.
Json CompanyOrShared(const Work& work) {
  return Term("company_id", "in", Json::array({work.company_id(), false}));
}

absl::Status CompanyHidden() {
  return base::Error(Reason::kEntityUnknown)
      .Says("kontor's user does not see the company")
      .Happened(base::Outcome::kNotApplied);
}

model::LockDates LockDatesOf(const Work& work, const Json& row) {
  model::LockDates out;
  for (const LockField& field : work.dialect().lock_fields) {
    out.*field.target = DateOf(row, field.name);
  }
  return out;
}

std::vector<std::string> CompanyFields(const Work& work) {
  std::vector<std::string> fields{"name", "currency_id"};
  for (const LockField& field : work.dialect().lock_fields) fields.emplace_back(field.name);
  return fields;
}

absl::Status ReadCompany(Work& work, Catalogue& out) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.ReadRecords("res.company", {work.company_id()}, CompanyFields(work)));
  if (rows.empty()) return CompanyHidden();
  out.company_name = TextOf(rows.front(), "name");
  out.company_currency_code = LinkNameOf(rows.front(), "currency_id");
  out.lock_dates = LockDatesOf(work, rows.front());
  return absl::OkStatus();
}

absl::Status ReadJournals(Work& work, JournalCodes& codes, Catalogue& out) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("account.journal", Json::array({Term("company_id", "=", work.company_id())}),
                      {"code", "name", "type", "currency_id"}, "sequence, type, code", kListMax));
  for (const Json& row : rows) {
    const auto type = model::ParseJournalType(TextOf(row, "type"));
    if (!type.has_value()) continue;
    out.journals.push_back({.id = IntOf(row, "id"),
                            .code = TextOf(row, "code"),
                            .name = TextOf(row, "name"),
                            .type = *type,
                            .currency_code = LinkNameOf(row, "currency_id")});
    codes.Put(out.journals.back().id, out.journals.back().code);
  }
  return absl::OkStatus();
}

absl::Status ReadAccounts(Work& work, Catalogue& out) {
  const Dialect& dialect = work.dialect();
  const std::string archived(dialect.account_archived_field);
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("account.account",
                      Json::array({Term(dialect.account_company_field, "in",
                                        Json::array({work.company_id()}))}),
                      {"code", "name", "account_type", archived}, "id", kAccountsMax,
                      {{"active_test", false}}));
  for (const Json& row : rows) {
    out.accounts.push_back({.id = IntOf(row, "id"),
                            .code = TextOf(row, "code"),
                            .name = TextOf(row, "name"),
                            .type = TextOf(row, "account_type"),
                            .deprecated = BoolOf(row, archived) == dialect.account_archived_when});
  }
  return absl::OkStatus();
}

absl::Status ReadTaxes(Work& work, Catalogue& out) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("account.tax", Json::array({Term("company_id", "=", work.company_id())}),
                      {"name", "type_tax_use", "amount_type", "amount", "price_include"},
                      "sequence, id", kListMax));
  for (const Json& row : rows) {
    const std::string use = TextOf(row, "type_tax_use");
    if (use != "sale" && use != "purchase") continue;
    KONTOR_ASSIGN_OR_RETURN(const base::Decimal amount, DecimalOf(row, "amount"));
    out.taxes.push_back({.id = IntOf(row, "id"),
                         .name = TextOf(row, "name"),
                         .for_purchase = use == "purchase",
                         .amount_type = TextOf(row, "amount_type"),
                         .amount = amount,
                         .price_include = BoolOf(row, "price_include")});
  }
  return absl::OkStatus();
}

absl::Status ReadCurrencies(Work& work, Catalogue& out) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("res.currency", Json::array(), {"name", "active", "decimal_places"}, "id",
                      kListMax, {{"active_test", false}}));
  std::map<int64_t, size_t> index;
  for (const Json& row : rows) {
    index[IntOf(row, "id")] = out.currencies.size();
    out.currencies.push_back({.id = IntOf(row, "id"),
                              .code = TextOf(row, "name"),
                              .active = BoolOf(row, "active"),
                              .decimal_places = static_cast<int>(IntOf(row, "decimal_places")),
                              .rates = {}});
  }
  KONTOR_ASSIGN_OR_RETURN(
      const auto rates,
      work.SearchRead("res.currency.rate",
                      Json::array({CompanyOrShared(work), Term("currency_id.active", "=", true)}),
                      {"name", "company_rate", "currency_id"}, "name desc, id desc", kRatesMax));
  for (const Json& row : rates) {
    const auto it = index.find(LinkIdOf(row, "currency_id"));
    const auto date = DateOf(row, "name");
    if (it == index.end() || !date.has_value()) continue;
    KONTOR_ASSIGN_OR_RETURN(const base::Decimal rate, DecimalOf(row, "company_rate"));
    out.currencies[it->second].rates.push_back({.date = *date, .rate = rate});
  }
  return absl::OkStatus();
}

absl::Status ReadTerms(Work& work, Catalogue& out) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("account.payment.term", Json::array({CompanyOrShared(work)}), {"name"},
                      "sequence, id", kListMax));
  for (const Json& row : rows) {
    out.payment_terms.push_back({.id = IntOf(row, "id"), .name = TextOf(row, "name"), .code = ""});
  }
  return absl::OkStatus();
}

absl::Status ReadAnalyticAccounts(Work& work, Catalogue& out) {
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("account.analytic.account", Json::array({CompanyOrShared(work)}),
                      {"code", "name", "plan_id"}, "id", kAccountsMax));
  for (const Json& row : rows) {
    out.analytic_accounts.push_back({.id = IntOf(row, "id"),
                                     .code = TextOf(row, "code"),
                                     .name = TextOf(row, "name"),
                                     .plan_id = LinkIdOf(row, "plan_id")});
  }
  return absl::OkStatus();
}

/// Plans and where they are mandatory: the plan's default, then its rules for a business domain.
/// Rules for some accounts or products only say nothing about a whole domain and are left out.
absl::Status ReadAnalyticPlans(Work& work, Catalogue& out) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows,
                          work.SearchRead("account.analytic.plan", Json::array(),
                                          {"name", "default_applicability"}, "id", kListMax));
  auto rules = work.SearchRead("account.analytic.applicability", Json::array(),
                               {"analytic_plan_id", "business_domain", "applicability",
                                "account_prefix", "product_categ_id"},
                               "id", kListMax);
  // Where there is no such model, the plans' defaults are all there is.
  if (base::Is(rules.status(), Reason::kOdooRefused)) rules = std::vector<Json>();
  KONTOR_RETURN_IF_ERROR(rules.status());
  for (const Json& row : rows) {
    model::AnalyticPlan plan;
    plan.id = IntOf(row, "id");
    plan.name = TextOf(row, "name");
    for (const std::string domain : {"invoice", "bill", "general", "expense"}) {
      std::string applicability = TextOf(row, "default_applicability");
      for (const Json& rule : *rules) {
        const bool ours = LinkIdOf(rule, "analytic_plan_id") == plan.id &&
                          TextOf(rule, "business_domain") == domain;
        const bool conditional = !TextOf(rule, "account_prefix").empty() ||
                                 LinkIdOf(rule, "product_categ_id") > 0;
        if (ours && !conditional) applicability = TextOf(rule, "applicability");
      }
      if (applicability == "mandatory") plan.mandatory_in.push_back(domain);
    }
    out.analytic_plans.push_back(std::move(plan));
  }
  return absl::OkStatus();
}

absl::Status ReadPrecisionInto(Work& work, Catalogue& out) {
  KONTOR_ASSIGN_OR_RETURN(const ports::ErpPrecision precision, ReadPrecision(work));
  out.price_digits = precision.price;
  out.quantity_digits = precision.quantity;
  out.discount_digits = precision.discount;
  return absl::OkStatus();
}

/// Whether kontor's user may do this with the model.
absl::StatusOr<bool> HasAccess(Work& work, const char* model, const char* operation) {
  const bool by_record = work.dialect().rights_by_record;
  RpcCall call;
  call.model = model;
  call.params = {{"operation", operation}};
  call.method = by_record ? "has_access" : "check_access_rights";
  if (by_record) {
    call.ids.emplace();
  } else {
    call.params["raise_exception"] = false;
  }
  KONTOR_ASSIGN_OR_RETURN(const Json may, work.Read(std::move(call)));
  return may.is_boolean() && may.get<bool>();
}

absl::StatusOr<bool> IsInGroup(Work& work, std::string_view group) {
  RpcCall call;
  call.model = "res.users";
  call.method = "has_group";
  call.params = {{"group_ext_id", group}};
  if (work.dialect().rights_by_record) {
    RpcCall who;
    who.model = "res.users";
    who.method = "context_get";
    KONTOR_ASSIGN_OR_RETURN(const Json context, work.Read(std::move(who)));
    call.ids = {IntOf(context, "uid")};
  }
  KONTOR_ASSIGN_OR_RETURN(const Json has, work.Read(std::move(call)));
  return has.is_boolean() && has.get<bool>();
}

}  // namespace

absl::StatusOr<std::vector<ports::ErpCompany>> ReadCompanies(Work& work) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows,
                          work.SearchRead("res.company", Json::array(), CompanyFields(work)));
  std::vector<ports::ErpCompany> out;
  for (const Json& row : rows) {
    out.push_back({.id = IntOf(row, "id"),
                   .name = TextOf(row, "name"),
                   .currency_code = LinkNameOf(row, "currency_id"),
                   .lock_dates = LockDatesOf(work, row)});
  }
  return out;
}

/// Of the fields of invoice lines; decimal.precision itself needs an administrator.
absl::StatusOr<ports::ErpPrecision> ReadPrecision(Work& work) {
  RpcCall call;
  call.model = "account.move.line";
  call.method = "fields_get";
  call.params = {{"allfields", Json::array({"price_unit", "quantity", "discount"})},
                 {"attributes", Json::array({"digits"})}};
  KONTOR_ASSIGN_OR_RETURN(const Json answer, work.Read(std::move(call)));
  const auto digits_of = [&answer](const char* field) {
    if (!answer.is_object() || !answer.contains(field)) return base::Decimal::kScaleMax;
    const Json& digits = answer[field].value("digits", Json());
    if (!digits.is_array() || digits.size() != 2 || !digits[1].is_number_integer()) {
      return base::Decimal::kScaleMax;  // False: the column holds whatever comes
    }
    return static_cast<int>(std::min<int64_t>(digits[1].get<int64_t>(), base::Decimal::kScaleMax));
  };
  return ports::ErpPrecision{.price = digits_of("price_unit"),
                             .quantity = digits_of("quantity"),
                             .discount = digits_of("discount")};
}

absl::StatusOr<model::LockDates> ReadLockDates(Work& work) {
  std::vector<std::string> fields;
  for (const LockField& field : work.dialect().lock_fields) fields.emplace_back(field.name);
  KONTOR_ASSIGN_OR_RETURN(const auto rows,
                          work.ReadRecords("res.company", {work.company_id()}, fields));
  if (rows.empty()) return CompanyHidden();
  return LockDatesOf(work, rows.front());
}

absl::StatusOr<Catalogue> ReadCatalogue(Work& work, JournalCodes& journals,
                                        const base::Clock& clock) {
  Catalogue out;
  out.company_id = work.company_id();
  out.series = std::string(work.dialect().series);
  out.takes_own_rate = work.dialect().takes_own_rate;
  out.refuses_duplicate_reference = work.dialect().refuses_duplicate_reference;
  out.read_at = clock.Now();
  KONTOR_RETURN_IF_ERROR(ReadCompany(work, out));
  KONTOR_RETURN_IF_ERROR(ReadJournals(work, journals, out));
  // What is out of reach is named, and the checks say so where a document needs it.
  const auto optional = [&](absl::Status status, std::string_view model) -> absl::Status {
    if (!base::Is(status, Reason::kOdooRightMissing)) return status;
    out.missing_rights.push_back(base::StrCat(model, ":read"));
    return absl::OkStatus();
  };
  KONTOR_RETURN_IF_ERROR(optional(ReadAccounts(work, out), "account.account"));
  KONTOR_RETURN_IF_ERROR(optional(ReadTaxes(work, out), "account.tax"));
  KONTOR_RETURN_IF_ERROR(ReadCurrencies(work, out));
  KONTOR_RETURN_IF_ERROR(optional(ReadTerms(work, out), "account.payment.term"));
  KONTOR_RETURN_IF_ERROR(optional(ReadAnalyticAccounts(work, out), "account.analytic.account"));
  KONTOR_RETURN_IF_ERROR(optional(ReadAnalyticPlans(work, out), "account.analytic.plan"));
  KONTOR_RETURN_IF_ERROR(optional(ReadPrecisionInto(work, out), "account.move.line"));
  KONTOR_ASSIGN_OR_RETURN(out.expense_obstacles, ReadExpenseObstacles(work));
  KONTOR_ASSIGN_OR_RETURN(Rights rights, ReadRights(work));
  for (std::string& right : rights.missing) {
    if (std::ranges::find(out.missing_rights, right) == out.missing_rights.end()) {
      out.missing_rights.push_back(std::move(right));
    }
  }
  out.excess_rights = std::move(rights.excess);
  return out;
}

absl::StatusOr<std::vector<std::string>> ReadExpenseObstacles(Work& work) {
  constexpr std::string_view kApprover = "hr_expense.group_hr_expense_user";
  std::vector<std::string> obstacles;
  KONTOR_ASSIGN_OR_RETURN(const bool installed, HasExpenses(work));
  if (!installed) {
    obstacles.emplace_back("Odoo's module hr_expense is not installed");
    return obstacles;
  }
  KONTOR_ASSIGN_OR_RETURN(const bool may, HasAccess(work, "hr.expense", "create"));
  if (!may) obstacles.emplace_back("kontor's user lacks the right hr.expense:create");
  KONTOR_ASSIGN_OR_RETURN(const bool approves, IsInGroup(work, kApprover));
  if (!approves) {
    obstacles.push_back(base::StrCat("kontor's user is not in the group ", kApprover,
                                     ", which approves the expenses of all employees"));
  }
  return obstacles;
}

absl::StatusOr<Rights> ReadRights(Work& work) {
  struct Need {
    const char* model;
    const char* operation;
  };
  static constexpr Need kNeeds[] = {
      {"account.move", "create"},     {"account.move", "write"},
      {"account.move", "unlink"},     {"account.payment", "create"},
      {"account.payment", "write"},   {"account.move.line", "write"},
      {"res.partner", "create"},      {"res.partner.bank", "create"},
      {"ir.attachment", "create"},    {"account.analytic.plan", "read"},
  };
  // Confirming bank accounts is another person's duty; the others reach beyond accounting.
  static constexpr const char* kTooMuch[] = {"base.group_system", "base.group_erp_manager",
                                             "account.group_validate_bank_account"};
  Rights out;
  for (const Need& need : kNeeds) {
    KONTOR_ASSIGN_OR_RETURN(const bool may, HasAccess(work, need.model, need.operation));
    if (!may) out.missing.push_back(base::StrCat(need.model, ":", need.operation));
  }
  for (const char* const group : kTooMuch) {
    KONTOR_ASSIGN_OR_RETURN(const bool has, IsInGroup(work, group));
    if (has) out.excess.emplace_back(group);
  }
  return out;
}

}  // namespace kontor::odoo
