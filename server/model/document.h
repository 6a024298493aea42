// SPDX-License-Identifier: Apache-2.0
// The canonical documents (DESIGN 3): what callers hand over, before Odoo knows of it. Plain
// values; rules live in validate.h, the normal form and digest in canon.h. proto/kontor/v1 mirrors
// these.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/base/date.h"
#include "server/base/decimal.h"
#include "server/model/money.h"

namespace kontor::model {

using base::Date;
using base::Decimal;

enum class DocumentType { kPartner, kInvoice, kPayment, kJournalEntry, kExpenseClaim };
enum class InvoiceKind {
  kCustomerInvoice,
  kVendorBill,
  kCustomerCreditNote,
  kVendorCreditNote,
};
enum class PaymentDirection { kInbound, kOutbound };
enum class PartnerRole { kCustomer, kSupplier };

/// Names a partner by exactly one of three.
struct PartnerRef {
  std::string reference;  ///< The source's own, as given to UpsertPartner; <= 64.
  int64_t odoo_id = 0;    ///< > 0 when used.
  std::string vat;        ///< <= 32.
  bool IsEmpty() const { return reference.empty() && odoo_id == 0 && vat.empty(); }
  friend bool operator==(const PartnerRef&, const PartnerRef&) = default;
};

/// A share of a line for one analytic account; shares of one plan usually add up to 100.
struct AnalyticShare {
  std::string account_code;  ///< Code (or name where it has none) of the analytic account.
  Decimal percentage;        ///< (0, 100].
  friend bool operator==(const AnalyticShare&, const AnalyticShare&) = default;
};

struct Attachment {
  std::string name;        ///< File name; 1 to 255.
  std::string media_type;  ///< e.g. application/pdf.
  std::string content;     ///< Raw bytes.
  std::string sha256;      ///< Hex; set at acceptance, stands for the content in digests.
};

struct InvoiceLine {
  std::string description;     ///< 1 to 1000; multiline.
  Decimal quantity;            ///< Not zero.
  Decimal unit_price;          ///< In the invoice's currency; with or without tax, as the tax says.
  Decimal discount_percent;    ///< [0, 100].
  std::string account_code;    ///< Empty: the product's or journal's default.
  std::vector<std::string> tax_names;  ///< Names of Odoo taxes of the document's side; empty: none.
  std::string product_code;    ///< Odoo's internal reference; empty: none.
  std::vector<AnalyticShare> analytic;
};

struct Invoice {
  InvoiceKind kind = InvoiceKind::kCustomerInvoice;
  PartnerRef partner;
  std::optional<Date> invoice_date;     ///< Required for bills and vendor credit notes.
  std::optional<Date> accounting_date;  ///< Default: the invoice date.
  std::optional<Date> due_date;         ///< Not together with payment_term.
  std::string payment_term;             ///< Name of an Odoo payment term.
  Currency currency;
  std::optional<Decimal> exchange_rate; ///< Units of document currency per company currency; > 0.
  std::string journal_code;             ///< Empty: the company's first of the fitting type.
  std::string reference;                ///< Vendor's number, or the customer's reference.
  std::string payment_reference;
  std::string narration;
  std::vector<InvoiceLine> lines;
  std::optional<Money> expected_total;
  std::optional<Money> expected_tax;
  std::vector<Attachment> attachments;
  std::string reversed_invoice_id;      ///< kontor id of the invoice that a credit note reverses.
};

/// One invoice that a payment pays, by exactly one of the ids.
struct Allocation {
  std::string invoice_id;         ///< kontor id.
  int64_t odoo_move_id = 0;       ///< Database id of account.move.
  std::optional<Money> amount;    ///< In the payment's currency; none: as much as is left.
};

struct Payment {
  PaymentDirection direction = PaymentDirection::kInbound;
  PartnerRole partner_role = PartnerRole::kCustomer;
  PartnerRef partner;
  Money amount;                 ///< > 0.
  std::optional<Date> date;     ///< Required.
  std::string journal_code;     ///< A bank or cash journal; required.
  std::string memo;
  std::string partner_bank_account;  ///< Account number on the partner; sealed and masked.
  /// Ours to set: account on which it waits for the bank's booking; empty: that of the journal's
  /// first payment method.
  std::string outstanding_account_code;
  std::vector<Allocation> allocations;
};

struct JournalEntryLine {
  std::string account_code;
  PartnerRef partner;           ///< May be empty.
  std::string description;
  Decimal debit;                ///< Company currency; exactly one of debit and credit is not zero,
  Decimal credit;               ///< unless both are zero and amount_currency is not.
  std::optional<Money> amount_currency;  ///< Foreign amount, signed as debit minus credit.
  std::vector<AnalyticShare> analytic;
  std::vector<std::string> tax_names;
};

struct JournalEntry {
  std::optional<Date> date;     ///< Required.
  std::string journal_code;     ///< A general journal; empty: the company's first.
  std::string reference;
  std::string narration;
  std::vector<JournalEntryLine> lines;
  std::string reversed_entry_id;  ///< kontor id of the entry that this one reverses; ours to set.
  std::vector<Attachment> attachments;  ///< Ours to set: receipts of expense reports.
};

struct ExpenseClaimLine {
  std::string description;      ///< 1 to 500; one line.
  std::optional<Date> date;     ///< The day of the expense. Required.
  std::string product_code;     ///< Odoo's expense category; required.
  std::string account_code;     ///< Empty: the category's.
  Money amount;                 ///< With tax, in the claim's currency; > 0.
  Decimal unit_price;           ///< What a bill's line would say: with or without tax, as the tax
                                ///< says. A reversal is made of it.
  std::vector<std::string> tax_names;
  std::vector<AnalyticShare> analytic;
};

/// What an employee paid and claims, as Odoo's own expenses (hr.expense). Made of expense reports
/// only; there is no call that takes one.
struct ExpenseClaim {
  std::string employee_email;   ///< Work e-mail of the employee in Odoo; 1 to 200.
  std::string title;            ///< <= 200.
  std::optional<Date> date;     ///< Accounting date; required.
  Currency currency;
  std::optional<Decimal> exchange_rate;  ///< Units of claim currency per company currency; > 0.
  std::string journal_code;     ///< A purchase journal; empty: the company's first.
  std::string reference;
  std::vector<ExpenseClaimLine> lines;
  std::optional<Money> expected_total;
  std::optional<Money> expected_tax;
  std::vector<Attachment> attachments;
};

struct BankAccount {
  std::string account_number;   ///< IBAN or other; spaces are removed.
  std::string bic;              ///< 8 or 11 characters, or empty.
  std::string holder_name;
  Currency currency;            ///< May be none.
};

struct Partner {
  std::string reference;        ///< The source's own id of the partner; 1 to 64.
  std::string name;
  bool is_company = true;
  std::string vat;
  std::string email;
  std::string phone;
  std::string street;
  std::string street2;
  std::string city;
  std::string zip;
  std::string country_code;     ///< ISO 3166-1 alpha-2.
  std::string language;         ///< Odoo's code, such as de_DE.
  std::string customer_payment_term;
  std::string supplier_payment_term;
  std::vector<BankAccount> bank_accounts;
};

/// In the order of DocumentType.
using Content = std::variant<Partner, Invoice, Payment, JournalEntry, ExpenseClaim>;

/// A document with where it goes.
struct Document {
  std::string id;      ///< Typed ULID; made at acceptance.
  std::string entity;  ///< Name of the legal entity; 1 to 64.
  Content content;
  DocumentType type() const { return static_cast<DocumentType>(content.index()); }
};

/// "PARTNER", "INVOICE" …; stable, stored.
std::string_view NameOf(DocumentType type);
std::optional<DocumentType> ParseDocumentType(std::string_view name);
std::string_view NameOf(InvoiceKind kind);
std::optional<InvoiceKind> ParseInvoiceKind(std::string_view name);
std::string_view NameOf(PaymentDirection direction);
std::optional<PaymentDirection> ParsePaymentDirection(std::string_view name);
std::string_view NameOf(PartnerRole role);
std::optional<PartnerRole> ParsePartnerRole(std::string_view name);
/// Prefix of the document's id: inv_, bil_, crn_, pay_, jrn_, prt_, clm_.
std::string_view IdPrefixOf(const Content& content);
bool IsCreditNote(InvoiceKind kind);
bool IsPurchase(InvoiceKind kind);
/// The files of a document; nullptr for one that takes none.
std::vector<Attachment>* AttachmentsOf(Document& document);
const std::vector<Attachment>* AttachmentsOf(const Document& document);

}  // namespace kontor::model
