// SPDX-License-Identifier: Apache-2.0
// Documents → normal form. What is added here changes digests: a new field must be left out when it
// has its default, else kCanonVersion grows.
#include "absl/strings/escaping.h"
#include "server/base/strings.h"
#include "server/model/canon.h"
#include "server/model/internal/canon_json.h"
#include "server/model/validate.h"

namespace kontor::model {
namespace {

using internal::Json;

void Put(Json& out, const char* key, std::string_view text) {
  if (!text.empty()) out[key] = std::string(text);
}
void Put(Json& out, const char* key, int64_t number) {
  if (number != 0) out[key] = number;
}
void Put(Json& out, const char* key, const Decimal& value) {
  if (!value.IsZero()) out[key] = value.ToString();
}
void Put(Json& out, const char* key, const std::optional<Date>& date) {
  if (date.has_value()) out[key] = date->ToString();
}
void Put(Json& out, const char* key, const Money& money) {
  out[key] = Json{{"currency_code", money.currency().code()}, {"value", money.ValueText()}};
}
void Put(Json& out, const char* key, const std::optional<Money>& money) {
  if (money.has_value()) Put(out, key, *money);
}
void Put(Json& out, const char* key, const PartnerRef& partner) {
  Json object = Json::object();
  Put(object, "reference", partner.reference);
  Put(object, "odoo_id", partner.odoo_id);
  Put(object, "vat", partner.vat);
  if (!object.empty()) out[key] = std::move(object);
}
void Put(Json& out, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) out[key] = texts;
}
template <typename T, typename Write>
void PutList(Json& out, const char* key, const std::vector<T>& list, Write write) {
  if (list.empty()) return;
  Json array = Json::array();
  for (const T& item : list) {
    Json object = Json::object();
    write(object, item);
    array.push_back(std::move(object));
  }
  out[key] = std::move(array);
}

void PutAnalytic(Json& out, const std::vector<AnalyticShare>& shares) {
  PutList(out, "analytic", shares, [](Json& object, const AnalyticShare& share) {
    Put(object, "account_code", share.account_code);
    Put(object, "percentage", share.percentage);
  });
}

void Write(Json& out, const Partner& partner, bool /*with_bytes*/) {
  Put(out, "reference", partner.reference);
  Put(out, "name", partner.name);
  if (!partner.is_company) out["is_company"] = false;
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
  PutList(out, "bank_accounts", partner.bank_accounts, [](Json& object, const BankAccount& bank) {
    Put(object, "account_number", NormalAccountNumber(bank.account_number));
    Put(object, "bic", bank.bic);
    Put(object, "holder_name", bank.holder_name);
    Put(object, "currency_code", bank.currency.code());
  });
}

void WriteLine(Json& out, const InvoiceLine& line) {
  Put(out, "description", line.description);
  Put(out, "quantity", line.quantity);
  Put(out, "unit_price", line.unit_price);
  Put(out, "discount_percent", line.discount_percent);
  Put(out, "account_code", line.account_code);
  Put(out, "tax_names", line.tax_names);
  Put(out, "product_code", line.product_code);
  PutAnalytic(out, line.analytic);
}

void Write(Json& out, const Invoice& invoice, bool with_bytes) {
  out["kind"] = std::string(NameOf(invoice.kind));
  Put(out, "partner", invoice.partner);
  Put(out, "invoice_date", invoice.invoice_date);
  Put(out, "accounting_date", invoice.accounting_date);
  Put(out, "due_date", invoice.due_date);
  Put(out, "payment_term", invoice.payment_term);
  Put(out, "currency_code", invoice.currency.code());
  if (invoice.exchange_rate.has_value()) out["exchange_rate"] = invoice.exchange_rate->ToString();
  Put(out, "journal_code", invoice.journal_code);
  Put(out, "reference", invoice.reference);
  Put(out, "payment_reference", invoice.payment_reference);
  Put(out, "narration", invoice.narration);
  PutList(out, "lines", invoice.lines, WriteLine);
  Put(out, "expected_total", invoice.expected_total);
  Put(out, "expected_tax", invoice.expected_tax);
  PutList(out, "attachments", invoice.attachments,
          [with_bytes](Json& object, const Attachment& attachment) {
            Put(object, "name", attachment.name);
            Put(object, "media_type", attachment.media_type);
            Put(object, "sha256", attachment.sha256);
            if (with_bytes) {
              Put(object, "content", absl::Base64Escape(base::Absl(attachment.content)));
            }
          });
  Put(out, "reversed_invoice_id", invoice.reversed_invoice_id);
}

void Write(Json& out, const Payment& payment, bool /*with_bytes*/) {
  out["direction"] = std::string(NameOf(payment.direction));
  out["partner_type"] = std::string(NameOf(payment.partner_role));
  Put(out, "partner", payment.partner);
  Put(out, "amount", payment.amount);
  Put(out, "date", payment.date);
  Put(out, "journal_code", payment.journal_code);
  Put(out, "memo", payment.memo);
  Put(out, "partner_bank_account", NormalAccountNumber(payment.partner_bank_account));
  PutList(out, "allocations", payment.allocations, [](Json& object, const Allocation& allocation) {
    Put(object, "invoice_id", allocation.invoice_id);
    Put(object, "odoo_move_id", allocation.odoo_move_id);
    Put(object, "amount", allocation.amount);
  });
}

void Write(Json& out, const JournalEntry& entry, bool /*with_bytes*/) {
  Put(out, "date", entry.date);
  Put(out, "journal_code", entry.journal_code);
  Put(out, "reference", entry.reference);
  Put(out, "narration", entry.narration);
  Put(out, "reversed_entry_id", entry.reversed_entry_id);
  PutList(out, "lines", entry.lines, [](Json& object, const JournalEntryLine& line) {
    Put(object, "account_code", line.account_code);
    Put(object, "partner", line.partner);
    Put(object, "description", line.description);
    Put(object, "debit", line.debit);
    Put(object, "credit", line.credit);
    Put(object, "amount_currency", line.amount_currency);
    PutAnalytic(object, line.analytic);
    Put(object, "tax_names", line.tax_names);
  });
}

}  // namespace

std::string ToCanonicalJson(const Document& document, bool with_attachment_bytes) {
  Json out = Json::object();
  out["type"] = std::string(NameOf(document.type()));
  out["entity"] = document.entity;
  if (with_attachment_bytes) Put(out, "id", document.id);
  std::visit([&](const auto& content) { Write(out, content, with_attachment_bytes); },
             document.content);
  // Replacing keeps the promise not to throw; texts were found to be valid UTF-8 before.
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kontor::model
