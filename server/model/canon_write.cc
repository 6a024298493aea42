// SPDX-License-Identifier: Apache-2.0
// Documents → normal form. What is added here changes digests: a new field must be left out when it
// has its default, else kCanonVersion grows.
#include "absl/strings/escaping.h"
#include "server/base/json_text.h"
#include "server/base/strings.h"
#include "server/model/canon.h"
#include "server/model/validate.h"

namespace kontor::model {
namespace {

using base::JsonObject;

void Put(JsonObject& out, const char* key, std::string_view text) {
  if (!text.empty()) out.Text(key, text);
}
void Put(JsonObject& out, const char* key, int64_t number) {
  if (number != 0) out.Number(key, number);
}
void Put(JsonObject& out, const char* key, const Decimal& value) {
  if (!value.IsZero()) out.Text(key, value.ToString());
}
void Put(JsonObject& out, const char* key, const std::optional<Date>& date) {
  if (date.has_value()) out.Text(key, date->ToString());
}
void Put(JsonObject& out, const char* key, const Money& money) {
  JsonObject object;
  object.Text("currency_code", money.currency().code());
  object.Text("value", money.ValueText());
  out.Raw(key, object.ToText());
}
void Put(JsonObject& out, const char* key, const std::optional<Money>& money) {
  if (money.has_value()) Put(out, key, *money);
}
void Put(JsonObject& out, const char* key, const PartnerRef& partner) {
  JsonObject object;
  Put(object, "reference", partner.reference);
  Put(object, "odoo_id", partner.odoo_id);
  Put(object, "vat", partner.vat);
  if (!object.empty()) out.Raw(key, object.ToText());
}
void Put(JsonObject& out, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) out.Texts(key, texts);
}
template <typename T, typename Write>
void PutList(JsonObject& out, const char* key, const std::vector<T>& list, Write write) {
  if (list.empty()) return;
  std::vector<std::string> items;
  items.reserve(list.size());
  for (const T& item : list) {
    JsonObject object;
    write(object, item);
    items.push_back(object.ToText());
  }
  out.Raw(key, base::JsonArray(items));
}

void PutAnalytic(JsonObject& out, const std::vector<AnalyticShare>& shares) {
  PutList(out, "analytic", shares, [](JsonObject& object, const AnalyticShare& share) {
    Put(object, "account_code", share.account_code);
    Put(object, "percentage", share.percentage);
  });
}

void PutAttachments(JsonObject& out, const std::vector<Attachment>& files, bool with_bytes) {
  PutList(out, "attachments", files,
          [with_bytes](JsonObject& object, const Attachment& attachment) {
            Put(object, "name", attachment.name);
            Put(object, "media_type", attachment.media_type);
            Put(object, "sha256", attachment.sha256);
            if (with_bytes) {
              Put(object, "content", absl::Base64Escape(base::Absl(attachment.content)));
            }
          });
}

void Write(JsonObject& out, const Partner& partner, bool /*with_bytes*/) {
  Put(out, "reference", partner.reference);
  Put(out, "name", partner.name);
  if (!partner.is_company) out.Flag("is_company", false);
  Put(out, "vat", partner.vat);
  Put(out, "email", partner.email);
  Put(out, "phone", partner.phone);
  Put(out, "street", partner.street);
  Put(out, "street2", partner.street2);
  Put(out, "city", partner.city);
  Put(out, "zip", partner.zip);
  Put(out, "country_code", partner.country_code);
  Put(out, "language", partner.language);
  Put(out, "customer_payment_term", partner.customer_payment_term);
  Put(out, "vendor_payment_term", partner.supplier_payment_term);
  PutList(out, "bank_accounts", partner.bank_accounts,
          [](JsonObject& object, const BankAccount& bank) {
            Put(object, "account_number", NormalAccountNumber(bank.account_number));
            Put(object, "bic", bank.bic);
            Put(object, "holder_name", bank.holder_name);
            Put(object, "currency_code", bank.currency.code());
          });
}

void WriteLine(JsonObject& out, const InvoiceLine& line) {
  Put(out, "description", line.description);
  Put(out, "quantity", line.quantity);
  Put(out, "unit_price", line.unit_price);
  Put(out, "discount_percent", line.discount_percent);
  Put(out, "account_code", line.account_code);
  Put(out, "tax_names", line.tax_names);
  Put(out, "product_code", line.product_code);
  PutAnalytic(out, line.analytic);
}

void Write(JsonObject& out, const Invoice& invoice, bool with_bytes) {
  out.Text("kind", NameOf(invoice.kind));
  Put(out, "partner", invoice.partner);
  Put(out, "invoice_date", invoice.invoice_date);
  Put(out, "accounting_date", invoice.accounting_date);
  Put(out, "due_date", invoice.due_date);
  Put(out, "payment_term", invoice.payment_term);
  Put(out, "currency_code", invoice.currency.code());
  if (invoice.exchange_rate.has_value()) {
    out.Text("exchange_rate", invoice.exchange_rate->ToString());
  }
  Put(out, "journal_code", invoice.journal_code);
  Put(out, "reference", invoice.reference);
  Put(out, "payment_reference", invoice.payment_reference);
  Put(out, "narration", invoice.narration);
  PutList(out, "lines", invoice.lines, WriteLine);
  Put(out, "expected_total", invoice.expected_total);
  Put(out, "expected_tax", invoice.expected_tax);
  PutAttachments(out, invoice.attachments, with_bytes);
  Put(out, "reversed_invoice_id", invoice.reversed_invoice_id);
}

void Write(JsonObject& out, const Payment& payment, bool /*with_bytes*/) {
  out.Text("direction", NameOf(payment.direction));
  out.Text("partner_type", NameOf(payment.partner_role));
  Put(out, "partner", payment.partner);
  Put(out, "amount", payment.amount);
  Put(out, "date", payment.date);
  Put(out, "journal_code", payment.journal_code);
  Put(out, "memo", payment.memo);
  Put(out, "partner_bank_account", NormalAccountNumber(payment.partner_bank_account));
  Put(out, "outstanding_account_code", payment.outstanding_account_code);
  PutList(out, "allocations", payment.allocations,
          [](JsonObject& object, const Allocation& allocation) {
            Put(object, "invoice_id", allocation.invoice_id);
            Put(object, "odoo_move_id", allocation.odoo_move_id);
            Put(object, "amount", allocation.amount);
          });
}

void Write(JsonObject& out, const JournalEntry& entry, bool with_bytes) {
  Put(out, "date", entry.date);
  Put(out, "journal_code", entry.journal_code);
  Put(out, "reference", entry.reference);
  Put(out, "narration", entry.narration);
  Put(out, "reversed_entry_id", entry.reversed_entry_id);
  PutList(out, "lines", entry.lines, [](JsonObject& object, const JournalEntryLine& line) {
    Put(object, "account_code", line.account_code);
    Put(object, "partner", line.partner);
    Put(object, "description", line.description);
    Put(object, "debit", line.debit);
    Put(object, "credit", line.credit);
    Put(object, "amount_currency", line.amount_currency);
    PutAnalytic(object, line.analytic);
    Put(object, "tax_names", line.tax_names);
  });
  PutAttachments(out, entry.attachments, with_bytes);
}

void Write(JsonObject& out, const ExpenseClaim& claim, bool with_bytes) {
  Put(out, "employee_email", claim.employee_email);
  Put(out, "title", claim.title);
  Put(out, "date", claim.date);
  Put(out, "currency_code", claim.currency.code());
  if (claim.exchange_rate.has_value()) {
    out.Text("exchange_rate", claim.exchange_rate->ToString());
  }
  Put(out, "journal_code", claim.journal_code);
  Put(out, "reference", claim.reference);
  PutList(out, "lines", claim.lines, [](JsonObject& object, const ExpenseClaimLine& line) {
    Put(object, "description", line.description);
    Put(object, "date", line.date);
    Put(object, "product_code", line.product_code);
    Put(object, "account_code", line.account_code);
    Put(object, "amount", line.amount);
    Put(object, "unit_price", line.unit_price);
    Put(object, "tax_names", line.tax_names);
    PutAnalytic(object, line.analytic);
  });
  Put(out, "expected_total", claim.expected_total);
  Put(out, "expected_tax", claim.expected_tax);
  PutAttachments(out, claim.attachments, with_bytes);
}

}  // namespace

std::string ToCanonicalJson(const Document& document, bool with_attachment_bytes) {
  JsonObject out;
  out.Text("type", NameOf(document.type()));
  out.Text("entity", document.entity);
  if (with_attachment_bytes) Put(out, "id", document.id);
  std::visit([&](const auto& content) { Write(out, content, with_attachment_bytes); },
             document.content);
  return out.ToText();
}

}  // namespace kontor::model
