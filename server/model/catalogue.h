// SPDX-License-Identifier: Apache-2.0
// Odoo's master data of one company as the checks need it: read by an adapter, cached by the
// engine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/time/time.h"
#include "server/model/document.h"

namespace kontor::model {

enum class JournalType { kSale, kPurchase, kBank, kCash, kCredit, kGeneral };
/// Odoo's own word: sale, purchase, bank, cash, credit, general.
std::string_view NameOf(JournalType type);
std::optional<JournalType> ParseJournalType(std::string_view name);

struct Journal {
  int64_t id = 0;
  std::string code;
  std::string name;
  JournalType type = JournalType::kGeneral;
  std::string currency_code;  ///< Empty: the company's.
};

struct Account {
  int64_t id = 0;
  std::string code;
  std::string name;
  std::string type;  ///< Odoo's account_type, such as asset_receivable.
  bool deprecated = false;
};

struct Tax {
  int64_t id = 0;
  std::string name;
  bool for_purchase = false;  ///< Else for sales (type_tax_use).
  std::string amount_type;    ///< percent, fixed, division, group.
  Decimal amount;
  bool price_include = false;
};

struct CurrencyRate {
  Date date;
  Decimal rate;  ///< Units of the currency per unit of company currency.
};

struct CurrencyInfo {
  int64_t id = 0;
  std::string code;
  bool active = false;
  int decimal_places = 2;
  std::vector<CurrencyRate> rates;  ///< Newest first.
};

struct AnalyticAccount {
  int64_t id = 0;
  std::string code;
  std::string name;
  int64_t plan_id = 0;
};

struct AnalyticPlan {
  int64_t id = 0;
  std::string name;
  /// Business domains in which an account of the plan is mandatory: invoice, bill, general.
  std::vector<std::string> mandatory_in;
};

struct NamedId {
  int64_t id = 0;
  std::string name;
  std::string code;
};

/// A lock that holds up to and including its date.
struct LockDates {
  std::optional<Date> fiscal_year;
  std::optional<Date> period;   ///< 17 only: for everyone but advisers.
  std::optional<Date> tax;
  std::optional<Date> sale;     ///< 18, 19.
  std::optional<Date> purchase; ///< 18, 19.
  std::optional<Date> hard;     ///< 18, 19.
  /// The latest date that is locked for such a journal and for kontor's user.
  std::optional<Date> For(JournalType type, bool has_taxes) const;
  bool operator==(const LockDates&) const = default;
};

struct Catalogue {
  int64_t company_id = 0;
  std::string company_name;
  std::string company_currency_code;
  std::string series;  ///< "17.0", "18.0", "19.0".
  bool takes_own_rate = false;            ///< invoice_currency_rate exists.
  bool refuses_duplicate_reference = false;
  LockDates lock_dates;
  int price_digits = 2;     ///< decimal.precision "Product Price".
  int quantity_digits = 2;  ///< "Product Unit of Measure" / "Product Unit".
  int discount_digits = 2;  ///< "Discount".
  std::vector<Journal> journals;
  std::vector<Account> accounts;
  std::vector<Tax> taxes;
  std::vector<CurrencyInfo> currencies;
  std::vector<NamedId> payment_terms;
  std::vector<AnalyticAccount> analytic_accounts;
  std::vector<AnalyticPlan> analytic_plans;
  /// What keeps kontor from posting Odoo's own expenses, in words; empty: nothing.
  std::vector<std::string> expense_obstacles;
  std::vector<std::string> missing_rights;   ///< Technical group or model names.
  std::vector<std::string> excess_rights;
  absl::Time read_at;

  const Journal* FindJournal(std::string_view code) const;
  /// The first of the type in Odoo's order; nullptr when there is none.
  const Journal* FirstJournal(JournalType type) const;
  const Account* FindAccount(std::string_view code) const;
  const Tax* FindTax(std::string_view name, bool for_purchase) const;
  const CurrencyInfo* FindCurrency(std::string_view code) const;
  const NamedId* FindPaymentTerm(std::string_view name) const;
  const AnalyticAccount* FindAnalytic(std::string_view code_or_name) const;
};

/// What a document needs beyond the catalogue, resolved by the adapter's look-ups.
struct References {
  int64_t partner_id = 0;                              ///< 0: none or not found.
  std::unordered_map<std::string, int64_t> partners;   ///< Reference/vat/"#id" → id (entry lines).
  std::unordered_map<std::string, int64_t> products;   ///< Code → id.
  int64_t partner_bank_id = 0;
  bool partner_bank_trusted = false;
  int64_t payment_method_line_id = 0;                  ///< With the wanted outstanding account.
  int64_t reversed_move_id = 0;
  /// For bills and vendor credit notes: another move of that partner, not cancelled, with the same
  /// reference; 0: none. Its number or id as text.
  int64_t same_reference_move_id = 0;
  std::string same_reference_name;
  int64_t employee_id = 0;                             ///< Of a claim; 0: not found, or several.
  bool employee_has_contact = false;                   ///< Has a work contact, who is owed.
  std::unordered_set<std::string> unfit_products;      ///< Codes that no expense may have.
};

/// How References::partners names a partner: its reference, its vat, or "#<id>"; empty when none.
std::string KeyOf(const PartnerRef& partner);

/// The journal a document goes to: the named one, or the first of the fitting type; nullptr when
/// there is none.
const Journal* JournalOf(const Document& document, const Catalogue& catalogue);

/// The tax that a line of an entry means: on the debit side a purchase's, on the credit side a
/// sale's, in a reversal the other way round; and where there is none of that name, the other
/// side's, which Odoo then takes for a refund. nullptr when neither has it.
const Tax* EntryTax(const Catalogue& catalogue, const JournalEntry& entry,
                    const JournalEntryLine& line, std::string_view name);

}  // namespace kontor::model
