// SPDX-License-Identifier: Apache-2.0
// What the mappings share; see mapping.h.
#include "adapters/odoo/mapping.h"

#include <algorithm>
#include <array>
#include <variant>

#include "adapters/odoo/classify.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {

using base::Error;
using base::Outcome;
using base::Reason;
using model::DocumentType;

std::string_view ModelOf(DocumentType type) {
  switch (type) {
    case DocumentType::kPartner: return "res.partner";
    case DocumentType::kPayment: return "account.payment";
    case DocumentType::kExpenseClaim: return "hr.expense";
    case DocumentType::kInvoice:
    case DocumentType::kJournalEntry: break;
  }
  return "account.move";
}

absl::StatusOr<SheetRecord> MapDocument(const ports::DraftRequest& request, size_t item,
                                        const model::Catalogue& catalogue, const Dialect& dialect,
                                        const Lookups& lookups) {
  const model::Document& document = *request.document;
  const model::References none;
  const model::References& references =
      request.references != nullptr ? *request.references : none;
  absl::StatusOr<SheetRecord> record = Error(Reason::kInternal);
  switch (document.type()) {
    case DocumentType::kInvoice:
      record = MapInvoice(document, references, catalogue, dialect, lookups);
      break;
    case DocumentType::kPayment:
      record = MapPayment(document, references, catalogue, dialect);
      break;
    case DocumentType::kJournalEntry:
      record = MapJournalEntry(document, references, catalogue);
      break;
    case DocumentType::kExpenseClaim:
      record = Error(Reason::kInternal).Says("a claim is more than one record");
      break;
    case DocumentType::kPartner:
      record = MapPartner(std::get<model::Partner>(document.content), catalogue, lookups);
      break;
  }
  if (!record.ok()) {
    return WithDetail(WithOutcome(record.status(), Outcome::kRefused), "item",
                      std::to_string(item));
  }
  record->external_id = request.external_id;
  record->item = item;
  return record;
}

std::string DocumentField(DocumentType type, std::string_view odoo_field) {
  struct Pair {
    std::string_view odoo;
    std::string_view ours;
  };
  static constexpr std::array kInvoice{
      Pair{"partner_id", "partner"}, Pair{"journal_id", "journal_code"},
      Pair{"currency_id", "currency"}, Pair{"invoice_date", "invoice_date"},
      Pair{"date", "accounting_date"}, Pair{"invoice_date_due", "due_date"},
      Pair{"invoice_payment_term_id", "payment_term"}, Pair{"invoice_line_ids", "lines"},
      Pair{"invoice_currency_rate", "exchange_rate"}, Pair{"ref", "reference"},
      Pair{"payment_reference", "payment_reference"}, Pair{"narration", "narration"},
      Pair{"reversed_entry_id", "reversed_invoice_id"}};
  static constexpr std::array kPayment{
      Pair{"partner_id", "partner"}, Pair{"journal_id", "journal_code"},
      Pair{"amount", "amount"}, Pair{"currency_id", "amount"}, Pair{"date", "date"},
      Pair{"memo", "memo"}, Pair{"ref", "memo"}, Pair{"partner_bank_id", "partner_bank_account"},
      Pair{"payment_method_line_id", "outstanding_account_code"}};
  static constexpr std::array kEntry{
      Pair{"journal_id", "journal_code"}, Pair{"date", "date"}, Pair{"ref", "reference"},
      Pair{"narration", "narration"}, Pair{"line_ids", "lines"}};
  static constexpr std::array kClaim{
      Pair{"employee_id", "employee_email"}, Pair{"employee_journal_id", "journal_code"},
      Pair{"accounting_date", "date"}, Pair{"currency_id", "currency_code"},
      Pair{"expense_line_ids", "lines"}, Pair{"product_id", "lines"}, Pair{"tax_ids", "lines"},
      Pair{"account_id", "lines"}, Pair{"total_amount_currency", "lines"}};
  static constexpr std::array kPartner{
      Pair{"name", "name"}, Pair{"vat", "vat"}, Pair{"email", "email"}, Pair{"phone", "phone"},
      Pair{"lang", "language"}, Pair{"country_id", "country_code"}, Pair{"street", "street"},
      Pair{"property_payment_term_id", "customer_payment_term"},
      Pair{"property_supplier_payment_term_id", "supplier_payment_term"}};
  const auto find = [odoo_field](const auto& pairs, std::string_view prefix) -> std::string {
    for (const Pair& pair : pairs) {
      if (pair.odoo == odoo_field) return base::StrCat(prefix, ".", pair.ours);
    }
    return "";
  };
  switch (type) {
    case DocumentType::kInvoice: return find(kInvoice, "invoice");
    case DocumentType::kPayment: return find(kPayment, "payment");
    case DocumentType::kJournalEntry: return find(kEntry, "journal_entry");
    case DocumentType::kExpenseClaim: return find(kClaim, "expense_claim");
    case DocumentType::kPartner: break;
  }
  return find(kPartner, "partner");
}

absl::StatusOr<int64_t> AccountId(const model::Catalogue& catalogue, std::string_view code,
                                  std::string_view field) {
  const model::Account* const account = catalogue.FindAccount(code);
  if (account == nullptr) return Error(Reason::kAccountUnknown).Field(field);
  return account->id;
}

absl::StatusOr<std::string> TaxIds(const model::Catalogue& catalogue,
                                   const std::vector<std::string>& names, bool for_purchase,
                                   std::string_view field) {
  std::vector<int64_t> ids;
  for (size_t i = 0; i < names.size(); ++i) {
    const model::Tax* const tax = catalogue.FindTax(names[i], for_purchase);
    if (tax == nullptr) return Error(Reason::kTaxUnknown).Field(base::StrCat(field, "[", i, "]"));
    ids.push_back(tax->id);
  }
  return base::StrJoin(ids, ",");
}

absl::StatusOr<std::string> AnalyticText(const model::Catalogue& catalogue,
                                         const std::vector<model::AnalyticShare>& shares,
                                         std::string_view field) {
  if (shares.empty()) return std::string();
  std::string text = "{";
  for (size_t i = 0; i < shares.size(); ++i) {
    const model::AnalyticAccount* const account = catalogue.FindAnalytic(shares[i].account_code);
    if (account == nullptr) {
      return Error(Reason::kAnalyticUnknown).Field(base::StrCat(field, "[", i, "].account_code"));
    }
    base::StrAppend(&text, i == 0 ? "" : ", ", "\"", account->id, "\": ",
                    shares[i].percentage.ToString());
  }
  return text + "}";
}

absl::StatusOr<int64_t> CurrencyId(const model::Catalogue& catalogue, std::string_view code,
                                   std::string_view field) {
  const model::CurrencyInfo* const currency = catalogue.FindCurrency(code);
  if (currency == nullptr || !currency->active) {
    return Error(Reason::kCurrencyInactive).Field(field);
  }
  return currency->id;
}

std::string HtmlOf(std::string_view text) {
  if (text.empty()) return "";
  std::string html = "<p>";
  for (const char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\n': html += "<br>"; break;
      default: html.push_back(c);
    }
  }
  return html + "</p>";
}

}  // namespace kontor::odoo
