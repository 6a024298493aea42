// SPDX-License-Identifier: Apache-2.0
// Invoices, bills and credit notes against Odoo's master data.
#include <algorithm>

#include "server/base/strings.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;

void CheckJournal(const Invoice& invoice, const Journal* journal, const CheckContext& context) {
  constexpr const char* kField = "invoice.journal_code";
  const JournalType wanted =
      IsPurchase(invoice.kind) ? JournalType::kPurchase : JournalType::kSale;
  if (journal == nullptr) {
    const std::string what =
        invoice.journal_code.empty()
            ? base::StrCat("Odoo has no journal of type ", NameOf(wanted))
            : base::StrCat("The journal ", invoice.journal_code, " does not exist in Odoo for ",
                           context.catalogue.company_name);
    context.findings.Add(Reason::kJournalUnknown, kField, what, invoice.journal_code);
  } else if (journal->type != wanted) {
    context.findings.Add(Reason::kJournalUnknown, kField,
                         base::StrCat("The journal ", journal->code, " is of type ",
                                      NameOf(journal->type), ", this document needs one of type ",
                                      NameOf(wanted)),
                         journal->code, std::string(NameOf(journal->type)));
  }
}

/// The day whose rate Odoo takes: the invoice's, not the accounting date.
Date RateDate(const Invoice& invoice, const CheckOptions& options) {
  if (invoice.invoice_date.has_value()) return *invoice.invoice_date;
  return invoice.accounting_date.value_or(options.today);
}

void CheckDigitsOf(const std::optional<Money>& amount, const CurrencyInfo& currency,
                   const std::string& field, const CheckContext& context) {
  if (!amount.has_value() || amount->ToDecimal().ScaleNeeded() <= currency.decimal_places) return;
  context.findings.Add(Reason::kPrecisionExceeded, field,
                       base::StrCat("Odoo keeps ", currency.decimal_places, " decimals of ",
                                    currency.code, ", the amount has ",
                                    amount->ToDecimal().ScaleNeeded()),
                       amount->ValueText(), base::StrCat(currency.decimal_places));
}

void CheckMoney(const Invoice& invoice, const CheckContext& context) {
  constexpr const char* kRateField = "invoice.exchange_rate";
  const CurrencyInfo* const currency =
      CheckCurrency(invoice.currency, "invoice.currency_code", context);
  if (invoice.exchange_rate.has_value()) {
    if (invoice.currency.code() == context.catalogue.company_currency_code) {
      context.findings.Add(Reason::kFieldConflict, kRateField,
                           base::StrCat("The document is in the company's own currency ",
                                        invoice.currency.code(), " and has no exchange rate"));
    } else if (!context.catalogue.takes_own_rate) {
      context.findings.Add(Reason::kRateUnsupported, kRateField,
                           base::StrCat("Odoo ", context.catalogue.series,
                                        " takes no exchange rate with a document"),
                           invoice.exchange_rate->ToString());
    }
  } else if (currency != nullptr) {
    CheckRate(*currency, RateDate(invoice, context.options), "invoice.currency_code", context);
  }
  if (currency != nullptr) {
    CheckDigitsOf(invoice.expected_total, *currency, "invoice.expected_total", context);
    CheckDigitsOf(invoice.expected_tax, *currency, "invoice.expected_tax", context);
  }
}

void CheckPrecision(const Decimal& value, int digits, std::string_view what,
                    const std::string& field, const CheckContext& context) {
  if (value.ScaleNeeded() <= digits) return;
  context.findings.Add(Reason::kPrecisionExceeded, field,
                       base::StrCat("The ", what, " ", value.ToString(), " has ",
                                    value.ScaleNeeded(), " decimals, this Odoo keeps ", digits),
                       value.ToString(),
                       value.Round(digits, Decimal::Rounding::kHalfUp).ToString());
}

/// Odoo keeps receivable accounts for the due lines of sales, payable ones for those of purchases
/// (account.move.line, _check_payable_receivable).
void CheckLineAccount(const InvoiceLine& line, bool purchase, const std::string& at,
                      const CheckContext& context) {
  const std::string field = base::StrCat(at, ".account_code");
  const Account* const account = CheckAccount(line.account_code, field, context);
  if (account == nullptr) return;
  const std::string_view reserved = purchase ? "liability_payable" : "asset_receivable";
  if (account->type == reserved) {
    context.findings.Add(Reason::kFieldInvalid, field,
                         base::StrCat("The account ", account->code, " ", account->name,
                                      " is for what is owed and cannot stand on a line"),
                         account->code, account->type);
  }
}

void CheckLine(const InvoiceLine& line, bool purchase, const std::string& at,
               const CheckContext& context) {
  const Catalogue& catalogue = context.catalogue;
  CheckLineAccount(line, purchase, at, context);
  for (size_t i = 0; i < line.tax_names.size(); ++i) {
    if (catalogue.FindTax(line.tax_names[i], purchase) != nullptr) continue;
    context.findings.Add(Reason::kTaxUnknown, FieldAt(base::StrCat(at, ".tax_names"), i),
                         base::StrCat("Odoo has no tax \"", line.tax_names[i], "\" for ",
                                      purchase ? "purchases" : "sales"),
                         line.tax_names[i]);
  }
  if (!line.product_code.empty() && !context.references.products.contains(line.product_code)) {
    context.findings.Add(Reason::kProductUnknown, base::StrCat(at, ".product_code"),
                         base::StrCat("The product ", line.product_code,
                                      " does not exist in Odoo"),
                         line.product_code);
  }
  CheckPrecision(line.unit_price, catalogue.price_digits, "unit price",
                 base::StrCat(at, ".unit_price"), context);
  CheckPrecision(line.quantity, catalogue.quantity_digits, "quantity",
                 base::StrCat(at, ".quantity"), context);
  CheckPrecision(line.discount_percent, catalogue.discount_digits, "discount",
                 base::StrCat(at, ".discount_percent"), context);
  CheckAnalytic(line.analytic, purchase ? "bill" : "invoice", base::StrCat(at, ".analytic"),
                context);
}

bool HasTaxes(const Invoice& invoice) {
  return std::any_of(invoice.lines.begin(), invoice.lines.end(),
                     [](const InvoiceLine& line) { return !line.tax_names.empty(); });
}

}  // namespace

void CheckInvoice(const Invoice& invoice, const Journal* journal, const CheckContext& context) {
  CheckJournal(invoice, journal, context);
  if (context.references.partner_id == 0) {
    context.findings.Add(Reason::kPartnerUnknown, "invoice.partner",
                         base::StrCat("The partner ", KeyOf(invoice.partner),
                                      " does not exist in Odoo, or not just once"),
                         KeyOf(invoice.partner));
  }
  CheckMoney(invoice, context);
  CheckPaymentTerm(invoice.payment_term, "invoice.payment_term", context);
  const bool named = invoice.accounting_date.has_value();
  const Date accounting = named ? *invoice.accounting_date
                                : invoice.invoice_date.value_or(context.options.today);
  if (journal != nullptr) {
    CheckLock(*journal, HasTaxes(invoice), accounting,
              named ? "invoice.accounting_date" : "invoice.invoice_date", context);
  }
  if (!invoice.reversed_invoice_id.empty() && context.references.reversed_move_id == 0) {
    context.findings.Add(Reason::kInvoiceNotPosted, "invoice.reversed_invoice_id",
                         "The document that this credit note answers does not stand in Odoo",
                         invoice.reversed_invoice_id);
  }
  const bool purchase = IsPurchase(invoice.kind);
  for (size_t i = 0; i < invoice.lines.size(); ++i) {
    CheckLine(invoice.lines[i], purchase, FieldAt("invoice.lines", i), context);
  }
}

}  // namespace kontor::model::internal
