// SPDX-License-Identifier: Apache-2.0
// The rules that need Odoo's master data: entry point, and what several document types share. Each
// guards against something that Odoo refuses late, or worse, does in silence.
#include <algorithm>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/internal/rules.h"

namespace kontor::model {
namespace internal {

using base::Reason;

const CurrencyInfo* CheckCurrency(const Currency& currency, const std::string& field,
                                  const CheckContext& context) {
  if (currency.IsNone()) return nullptr;
  const CurrencyInfo* const info = context.catalogue.FindCurrency(currency.code());
  if (info == nullptr || !info->active) {
    context.findings.Add(Reason::kCurrencyInactive, field,
                         base::StrCat("The currency ", currency.code(), " is not active in Odoo"),
                         currency.code());
    return nullptr;
  }
  return info;
}

void CheckRate(const CurrencyInfo& currency, const Date& date, const std::string& field,
               const CheckContext& context) {
  if (currency.code == context.catalogue.company_currency_code) return;
  const auto on_or_before = std::find_if(currency.rates.begin(), currency.rates.end(),
                                         [&date](const CurrencyRate& r) { return r.date <= date; });
  if (on_or_before == currency.rates.end()) {
    context.findings.Add(Reason::kRateMissing, field,
                         base::StrCat("Odoo has no exchange rate of ", currency.code,
                                      " on or before ", date.ToString(), " and would book 1:1"),
                         date.ToString());
    return;
  }
  const int age = date.DaysSince(on_or_before->date);
  if (age > context.options.rate_age_days_max) {
    context.findings.Add(Reason::kRateStale, field,
                         base::StrCat("Odoo's latest exchange rate of ", currency.code, " is of ",
                                      on_or_before->date.ToString(), ", ", age, " days before the "
                                      "document"),
                         date.ToString(), on_or_before->date.ToString());
  }
}

void CheckLock(const Journal& journal, bool has_taxes, const Date& date, const std::string& field,
               const CheckContext& context) {
  const std::optional<Date> lock = context.catalogue.lock_dates.For(journal.type, has_taxes);
  if (!lock.has_value() || date > *lock) return;
  context.findings.Add(Reason::kPeriodLocked, field,
                       base::StrCat("The books are closed up to and including ", lock->ToString(),
                                    ", the document is dated ", date.ToString()),
                       date.ToString(), lock->ToString());
}

const Account* CheckAccount(const std::string& code, const std::string& field,
                            const CheckContext& context) {
  if (code.empty()) return nullptr;
  const Account* const account = context.catalogue.FindAccount(code);
  if (account == nullptr) {
    context.findings.Add(Reason::kAccountUnknown, field,
                         base::StrCat("The account ", code, " does not exist in Odoo for ",
                                      context.catalogue.company_name),
                         code);
  } else if (account->deprecated) {
    context.findings.Add(Reason::kAccountUnknown, field,
                         base::StrCat("The account ", code, " ", account->name,
                                      " is deprecated in Odoo"),
                         code);
    return nullptr;
  }
  return account;
}

void CheckPaymentTerm(const std::string& name, const std::string& field,
                      const CheckContext& context) {
  if (name.empty() || context.catalogue.FindPaymentTerm(name) != nullptr) return;
  context.findings.Add(Reason::kPaymentTermUnknown, field,
                       base::StrCat("The payment term \"", name, "\" does not exist in Odoo"),
                       name);
}

namespace {

bool IsMandatory(const AnalyticPlan& plan, std::string_view domain) {
  return std::find(plan.mandatory_in.begin(), plan.mandatory_in.end(), domain) !=
         plan.mandatory_in.end();
}

/// The shares of one plan together; nothing when the sum does not fit.
absl::StatusOr<Decimal> ShareOf(const AnalyticPlan& plan, const std::vector<AnalyticShare>& shares,
                                const Catalogue& catalogue) {
  Decimal sum;
  for (const AnalyticShare& share : shares) {
    const AnalyticAccount* const account = catalogue.FindAnalytic(share.account_code);
    if (account == nullptr || account->plan_id != plan.id) continue;
    KONTOR_ASSIGN_OR_RETURN(sum, sum.Add(share.percentage));
  }
  return sum;
}

void CheckPlan(const AnalyticPlan& plan, const std::vector<AnalyticShare>& shares, bool mandatory,
               const std::string& field, const CheckContext& context) {
  const Decimal hundred = Decimal::FromInt(100);
  const absl::StatusOr<Decimal> sum = ShareOf(plan, shares, context.catalogue);
  if (!sum.ok() || *sum > hundred) {
    context.findings.Add(Reason::kFieldInvalid, field,
                         base::StrCat("The shares of the analytic plan ", plan.name,
                                      " exceed 100 percent"),
                         "100", sum.ok() ? sum->ToString() : "");
  } else if (mandatory && *sum != hundred) {
    // Odoo demands exactly 100 % of a mandatory plan (analytic.plan applicability "mandatory").
    context.findings.Add(Reason::kAnalyticRequired, field,
                         base::StrCat("Odoo demands 100 percent of the analytic plan ", plan.name,
                                      " on this line, which has ", sum->ToString()),
                         sum->ToString(), "100");
  }
}

}  // namespace

void CheckAnalytic(const std::vector<AnalyticShare>& shares, std::string_view domain,
                   const std::string& field, const CheckContext& context) {
  for (size_t i = 0; i < shares.size(); ++i) {
    if (context.catalogue.FindAnalytic(shares[i].account_code) == nullptr) {
      context.findings.Add(Reason::kAnalyticUnknown, FieldAt(field, i, "account_code"),
                           base::StrCat("The analytic account \"", shares[i].account_code,
                                        "\" does not exist in Odoo"),
                           shares[i].account_code);
    }
  }
  for (const AnalyticPlan& plan : context.catalogue.analytic_plans) {
    const bool mandatory = IsMandatory(plan, domain);
    if (mandatory || !shares.empty()) CheckPlan(plan, shares, mandatory, field, context);
  }
}

namespace {

void CheckPartnerDocument(const Partner& partner, const CheckContext& context) {
  CheckPaymentTerm(partner.customer_payment_term, "partner.customer_payment_term", context);
  CheckPaymentTerm(partner.supplier_payment_term, "partner.vendor_payment_term", context);
  for (size_t i = 0; i < partner.bank_accounts.size(); ++i) {
    CheckCurrency(partner.bank_accounts[i].currency,
                  FieldAt("partner.bank_accounts", i, "currency_code"), context);
  }
}

}  // namespace
}  // namespace internal

std::vector<Finding> CheckAgainstCatalogue(const Document& document, const Catalogue& catalogue,
                                           const References& references,
                                           const CheckOptions& options) {
  internal::Findings findings;
  const internal::CheckContext context{catalogue, references, options, findings};
  const Journal* const journal = JournalOf(document, catalogue);
  switch (document.type()) {
    case DocumentType::kPartner:
      internal::CheckPartnerDocument(std::get<Partner>(document.content), context);
      break;
    case DocumentType::kInvoice:
      internal::CheckInvoice(std::get<Invoice>(document.content), journal, context);
      break;
    case DocumentType::kPayment:
      internal::CheckPayment(std::get<Payment>(document.content), journal, context);
      break;
    case DocumentType::kJournalEntry:
      internal::CheckEntry(std::get<JournalEntry>(document.content), journal, context);
      break;
    case DocumentType::kExpenseClaim:
      internal::CheckClaim(std::get<ExpenseClaim>(document.content), journal, context);
      break;
  }
  return findings.Take();
}

}  // namespace kontor::model
