// SPDX-License-Identifier: Apache-2.0
// Look-ups in a company's master data. Lists are small (accounts: up to ten thousand) and read once
// a check, so they are searched in order: Odoo's order decides which of two equals is meant.
#include "server/model/catalogue.h"

#include <algorithm>
#include <array>

#include "server/base/strings.h"
#include "server/model/internal/names.h"

namespace kontor::model {
namespace {

constexpr std::array<std::string_view, 6> kJournalTypes = {"sale", "purchase", "bank",
                                                           "cash", "credit",   "general"};

template <typename T, typename Fits>
const T* FirstOf(const std::vector<T>& list, Fits fits) {
  const auto it = std::find_if(list.begin(), list.end(), fits);
  return it == list.end() ? nullptr : &*it;
}

struct Wanted {
  std::string code;
  JournalType type;
};

std::optional<Wanted> WantedJournal(const Document& document) {
  switch (document.type()) {
    case DocumentType::kPartner: return std::nullopt;
    case DocumentType::kInvoice: {
      const auto& invoice = std::get<Invoice>(document.content);
      return Wanted{invoice.journal_code,
                    IsPurchase(invoice.kind) ? JournalType::kPurchase : JournalType::kSale};
    }
    case DocumentType::kPayment:
      return Wanted{std::get<Payment>(document.content).journal_code, JournalType::kBank};
    case DocumentType::kJournalEntry:
      return Wanted{std::get<JournalEntry>(document.content).journal_code, JournalType::kGeneral};
    case DocumentType::kExpenseClaim:
      return Wanted{std::get<ExpenseClaim>(document.content).journal_code, JournalType::kPurchase};
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(JournalType type) { return internal::NameAt(kJournalTypes, type); }
std::optional<JournalType> ParseJournalType(std::string_view name) {
  return internal::ParseName<JournalType>(kJournalTypes, name);
}

std::optional<Date> LockDates::For(JournalType type, bool has_taxes) const {
  std::optional<Date> latest = fiscal_year;
  const auto include = [&latest](const std::optional<Date>& date) {
    if (date.has_value() && (!latest.has_value() || *date > *latest)) latest = date;
  };
  include(period);
  include(hard);
  if (has_taxes) include(tax);
  if (type == JournalType::kSale) include(sale);
  if (type == JournalType::kPurchase) include(purchase);
  return latest;
}

const Journal* Catalogue::FindJournal(std::string_view code) const {
  return FirstOf(journals, [code](const Journal& j) { return j.code == code; });
}

const Journal* Catalogue::FirstJournal(JournalType type) const {
  return FirstOf(journals, [type](const Journal& j) { return j.type == type; });
}

const Account* Catalogue::FindAccount(std::string_view code) const {
  return FirstOf(accounts, [code](const Account& a) { return a.code == code; });
}

const Tax* Catalogue::FindTax(std::string_view name, bool for_purchase) const {
  return FirstOf(taxes, [name, for_purchase](const Tax& t) {
    return t.for_purchase == for_purchase && t.name == name;
  });
}

const CurrencyInfo* Catalogue::FindCurrency(std::string_view code) const {
  return FirstOf(currencies, [code](const CurrencyInfo& c) { return c.code == code; });
}

const NamedId* Catalogue::FindPaymentTerm(std::string_view name) const {
  return FirstOf(payment_terms, [name](const NamedId& t) { return t.name == name; });
}

const AnalyticAccount* Catalogue::FindAnalytic(std::string_view code_or_name) const {
  if (code_or_name.empty()) return nullptr;
  const auto* const by_code =
      FirstOf(analytic_accounts,
              [code_or_name](const AnalyticAccount& a) { return a.code == code_or_name; });
  if (by_code != nullptr) return by_code;
  return FirstOf(analytic_accounts,
                 [code_or_name](const AnalyticAccount& a) { return a.name == code_or_name; });
}

std::string KeyOf(const PartnerRef& partner) {
  if (!partner.reference.empty()) return partner.reference;
  if (!partner.vat.empty()) return partner.vat;
  return partner.odoo_id == 0 ? std::string() : base::StrCat("#", partner.odoo_id);
}

const Journal* JournalOf(const Document& document, const Catalogue& catalogue) {
  const std::optional<Wanted> wanted = WantedJournal(document);
  if (!wanted.has_value()) return nullptr;
  return wanted->code.empty() ? catalogue.FirstJournal(wanted->type)
                              : catalogue.FindJournal(wanted->code);
}

const Tax* EntryTax(const Catalogue& catalogue, const JournalEntry& entry,
                    const JournalEntryLine& line, std::string_view name) {
  const bool debit = line.credit.IsZero();
  const bool reversal = !entry.reversed_entry_id.empty();
  const bool for_purchase = debit != reversal;
  const Tax* const tax = catalogue.FindTax(name, for_purchase);
  return tax != nullptr ? tax : catalogue.FindTax(name, !for_purchase);
}

}  // namespace kontor::model
