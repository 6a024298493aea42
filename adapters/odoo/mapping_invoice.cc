// SPDX-License-Identifier: Apache-2.0
// Customer invoices, vendor bills and both credit notes as account.move records.
#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/odoo/mapping.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Invoice;
using model::InvoiceKind;
using model::InvoiceLine;

std::string_view MoveTypeOf(InvoiceKind kind) {
  switch (kind) {
    case InvoiceKind::kCustomerInvoice: return "out_invoice";
    case InvoiceKind::kVendorBill: return "in_invoice";
    case InvoiceKind::kCustomerCreditNote: return "out_refund";
    case InvoiceKind::kVendorCreditNote: break;
  }
  return "in_refund";
}

/// Due date and term: a due date of its own needs the term column, empty, or the partner's term
/// wins at posting; a term needs no due date; with neither, the partner's term applies, and where
/// the partner has none it is due at its date (left to itself Odoo would say: today).
absl::Status AddTerms(const Invoice& invoice, int64_t partner_id, const model::Catalogue& catalogue,
                      const Lookups& lookups, Cells& header) {
  if (!invoice.payment_term.empty()) {
    const model::NamedId* const term = catalogue.FindPaymentTerm(invoice.payment_term);
    if (term == nullptr) return Error(Reason::kPaymentTermUnknown).Field("invoice.payment_term");
    header.emplace_back("invoice_payment_term_id/.id", std::to_string(term->id));
    return absl::OkStatus();
  }
  std::optional<model::Date> due = invoice.due_date;
  if (LeavesTermToPartner(invoice) && !lookups.partners_with_term.contains(partner_id)) {
    due = invoice.invoice_date;
  }
  if (due.has_value()) {
    header.emplace_back("invoice_payment_term_id/.id", "");
    header.emplace_back("invoice_date_due", due->ToString());
  }
  return absl::OkStatus();
}

absl::StatusOr<Cells> HeaderOf(const model::Document& document, const Invoice& invoice,
                               const model::References& references,
                               const model::Catalogue& catalogue, const Dialect& dialect,
                               const Lookups& lookups) {
  const model::Journal* const journal = model::JournalOf(document, catalogue);
  if (journal == nullptr) return Error(Reason::kJournalUnknown).Field("invoice.journal_code");
  if (references.partner_id <= 0) return Error(Reason::kPartnerUnknown).Field("invoice.partner");
  KONTOR_ASSIGN_OR_RETURN(const int64_t currency_id,
                          CurrencyId(catalogue, invoice.currency.code(), "invoice.currency"));
  Cells header{{"move_type", std::string(MoveTypeOf(invoice.kind))},
               {"journal_id/.id", std::to_string(journal->id)},
               {"partner_id/.id", std::to_string(references.partner_id)},
               {"currency_id/.id", std::to_string(currency_id)}};
  if (invoice.invoice_date.has_value()) {
    header.emplace_back("invoice_date", invoice.invoice_date->ToString());
  }
  // Without a date column a bill is dated today or at the end of its month.
  const auto& date = invoice.accounting_date.has_value() ? invoice.accounting_date
                                                         : invoice.invoice_date;
  if (date.has_value()) header.emplace_back("date", date->ToString());
  KONTOR_RETURN_IF_ERROR(AddTerms(invoice, references.partner_id, catalogue, lookups, header));
  const auto add = [&header](std::string_view column, const std::string& text) {
    if (!text.empty()) header.emplace_back(column, text);
  };
  add("ref", invoice.reference);
  add("payment_reference", invoice.payment_reference);
  add("narration", HtmlOf(invoice.narration));
  if (references.reversed_move_id > 0) {
    header.emplace_back("reversed_entry_id/.id", std::to_string(references.reversed_move_id));
  }
  if (invoice.exchange_rate.has_value()) {
    if (!dialect.takes_own_rate) {
      return Error(Reason::kRateUnsupported).Field("invoice.exchange_rate");
    }
    header.emplace_back("invoice_currency_rate", invoice.exchange_rate->ToString());
  }
  return header;
}

/// Which optional columns the lines need; a column stands in all of them.
struct LineColumns {
  explicit LineColumns(const Invoice& invoice) {
    for (const InvoiceLine& line : invoice.lines) {
      account |= !line.account_code.empty();
      discount |= !line.discount_percent.IsZero();
      product |= !line.product_code.empty();
      analytic |= !line.analytic.empty();
    }
  }
  bool account = false;
  bool discount = false;
  bool product = false;
  bool analytic = false;
};

/// The account that Odoo would take for a line that names none: the product's, else the journal's.
absl::StatusOr<int64_t> DefaultAccount(int64_t product_id, int64_t journal_id,
                                       const Lookups& lookups, const std::string& field) {
  if (const auto it = lookups.product_accounts.find(product_id);
      product_id > 0 && it != lookups.product_accounts.end()) {
    return it->second;
  }
  if (const auto it = lookups.journal_accounts.find(journal_id);
      it != lookups.journal_accounts.end() && it->second > 0) {
    return it->second;
  }
  return Error(Reason::kAccountUnknown).Field(field);
}

absl::StatusOr<Cells> LineOf(const InvoiceLine& line, const std::string& field, bool for_purchase,
                             int64_t journal_id, const LineColumns& columns,
                             const model::References& references,
                             const model::Catalogue& catalogue, const Lookups& lookups) {
  Cells cells{{"name", line.description},
              {"quantity", line.quantity.ToString()},
              {"price_unit", line.unit_price.ToString()}};
  if (columns.discount) cells.emplace_back("discount", line.discount_percent.ToString());
  int64_t product_id = 0;
  if (!line.product_code.empty()) {
    const auto it = references.products.find(line.product_code);
    if (it == references.products.end() || it->second <= 0) {
      return Error(Reason::kProductUnknown).Field(StrCat(field, ".product_code"));
    }
    product_id = it->second;
  }
  if (columns.product) {
    cells.emplace_back("product_id/.id", product_id > 0 ? std::to_string(product_id) : "");
  }
  if (columns.account) {
    const std::string account_field = StrCat(field, ".account_code");
    KONTOR_ASSIGN_OR_RETURN(
        const int64_t account_id,
        line.account_code.empty()
            ? DefaultAccount(product_id, journal_id, lookups, account_field)
            : AccountId(catalogue, line.account_code, account_field));
    cells.emplace_back("account_id/.id", std::to_string(account_id));
  }
  KONTOR_ASSIGN_OR_RETURN(
      std::string taxes,
      TaxIds(catalogue, line.tax_names, for_purchase, StrCat(field, ".tax_names")));
  // Always there: an empty cell means no taxes, a missing column means Odoo's defaults.
  cells.emplace_back("tax_ids/.id", std::move(taxes));
  if (columns.analytic) {
    KONTOR_ASSIGN_OR_RETURN(std::string shares,
                            AnalyticText(catalogue, line.analytic, StrCat(field, ".analytic")));
    cells.emplace_back("analytic_distribution", std::move(shares));
  }
  return cells;
}

}  // namespace

bool MixesAccounts(const Invoice& invoice) {
  const auto names_account = [](const InvoiceLine& line) { return !line.account_code.empty(); };
  return std::ranges::any_of(invoice.lines, names_account) &&
         !std::ranges::all_of(invoice.lines, names_account);
}

bool LeavesTermToPartner(const Invoice& invoice) {
  return !invoice.due_date.has_value() && invoice.payment_term.empty();
}

absl::StatusOr<SheetRecord> MapInvoice(const model::Document& document,
                                       const model::References& references,
                                       const model::Catalogue& catalogue, const Dialect& dialect,
                                       const Lookups& lookups) {
  const auto& invoice = std::get<Invoice>(document.content);
  SheetRecord record;
  record.lines_field = "invoice_line_ids";
  KONTOR_ASSIGN_OR_RETURN(record.header,
                          HeaderOf(document, invoice, references, catalogue, dialect, lookups));
  const int64_t journal_id = model::JournalOf(document, catalogue)->id;
  const LineColumns columns(invoice);
  for (size_t i = 0; i < invoice.lines.size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(
        Cells line,
        LineOf(invoice.lines[i], StrCat("invoice.lines[", i, "]"), model::IsPurchase(invoice.kind),
               journal_id, columns, references, catalogue, lookups));
    record.lines.push_back(std::move(line));
  }
  return record;
}

}  // namespace kontor::odoo
