// SPDX-License-Identifier: Apache-2.0
// Normal form → documents. Reads what canon_write.cc wrote and refuses everything else: an unknown
// key would be content that is lost without a word.
#include <set>

#include "absl/strings/escaping.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/canon.h"
#include "server/model/internal/canon_json.h"

namespace kontor::model {
namespace {

using internal::Json;

/// Reads one object key by key; the first thing that is wrong stays in `status`, shared by all
/// readers of a document. Absent keys leave the default.
class Reader {
 public:
  Reader(const Json& object, std::string path, absl::Status& status)
      : object_(object), path_(std::move(path)), status_(status) {
    if (!object.is_object()) Fail("", "is not an object");
  }

  void Get(const char* key, std::string& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_string()) return Fail(key, "is not a text");
    out = value->get<std::string>();
  }
  void Get(const char* key, int64_t& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_number_integer()) return Fail(key, "is not a whole number");
    out = value->get<int64_t>();
  }
  void Get(const char* key, bool& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return Fail(key, "is not true or false");
    out = value->get<bool>();
  }
  void Get(const char* key, Decimal& out) { GetAs(key, out, Decimal::Parse); }
  void Get(const char* key, std::optional<Decimal>& out) { GetOptional(key, out, Decimal::Parse); }
  void Get(const char* key, std::optional<Date>& out) { GetOptional(key, out, Date::Parse); }
  void Get(const char* key, Currency& out) { GetAs(key, out, Currency::Parse); }
  void Get(const char* key, Money& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    Reader reader(*value, PathOf(key), status_);
    std::string code;
    std::string text;
    reader.Get("currency_code", code);
    reader.Get("value", text);
    reader.Finish();
    if (!status_.ok() || (code.empty() && text == "0")) return;  // the default, no currency
    absl::StatusOr<Money> money = Money::Parse(code, text);
    if (!money.ok()) return Fail(key, "is not an amount");
    out = *std::move(money);
  }
  void Get(const char* key, std::optional<Money>& out) {
    if (!object_.is_object() || !object_.contains(key)) return;
    Get(key, out.emplace());
  }
  void Get(const char* key, PartnerRef& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    Reader reader(*value, PathOf(key), status_);
    reader.Get("reference", out.reference);
    reader.Get("odoo_id", out.odoo_id);
    reader.Get("vat", out.vat);
    reader.Finish();
  }
  void Get(const char* key, std::vector<std::string>& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return Fail(key, "is not a list");
    for (const Json& item : *value) {
      if (!item.is_string()) return Fail(key, "has something other than texts");
      out.push_back(item.get<std::string>());
    }
  }
  template <typename T, typename Read>
  void GetList(const char* key, std::vector<T>& out, Read read) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return Fail(key, "is not a list");
    for (size_t i = 0; i < value->size(); ++i) {
      Reader reader((*value)[i], base::StrCat(PathOf(key), "[", i, "]"), status_);
      if (!status_.ok()) return;
      read(reader, out.emplace_back());
      reader.Finish();
    }
  }
  template <typename Enum, typename Parse>
  void GetName(const char* key, Enum& out, Parse parse) {
    std::string name;
    Get(key, name);
    const std::optional<Enum> value = parse(name);
    if (!value.has_value()) return Fail(key, "is not a known name");
    out = *value;
  }
  void GetBase64(const char* key, std::string& out) {
    std::string text;
    Get(key, text);
    if (!absl::Base64Unescape(base::Absl(text), &out)) Fail(key, "is not base64");
  }

  /// To be called last: keys that nobody asked for are refused.
  void Finish() {
    if (!status_.ok() || seen_.size() == object_.size()) return;
    for (const auto& [key, value] : object_.items()) {
      if (!seen_.contains(key)) return Fail(key.c_str(), "is not known");
    }
  }
  void Fail(const char* key, std::string_view what) {
    if (!status_.ok()) return;
    status_ = base::Error(base::Reason::kFieldInvalid).Field(PathOf(key)).Says(what);
  }

 private:
  std::string PathOf(const char* key) const {
    return path_.empty() || *key == '\0' ? base::StrCat(path_, key) : base::StrCat(path_, ".", key);
  }
  const Json* Find(const char* key) {
    if (!status_.ok()) return nullptr;
    const auto it = object_.find(key);
    if (it == object_.end()) return nullptr;
    seen_.insert(key);
    return &*it;
  }
  template <typename T, typename Parse>
  void GetAs(const char* key, T& out, Parse parse) {
    std::string text;
    Get(key, text);
    if (!status_.ok() || text.empty()) return;
    absl::StatusOr<T> value = parse(text);
    if (!value.ok()) return Fail(key, "is not readable");
    out = *std::move(value);
  }
  template <typename T, typename Parse>
  void GetOptional(const char* key, std::optional<T>& out, Parse parse) {
    if (object_.is_object() && object_.contains(key)) GetAs(key, out.emplace(), parse);
  }

  const Json& object_;
  const std::string path_;
  absl::Status& status_;
  std::set<std::string> seen_;
};

void ReadShare(Reader& in, AnalyticShare& share) {
  in.Get("account_code", share.account_code);
  in.Get("percentage", share.percentage);
}

void ReadAttachment(Reader& in, Attachment& attachment) {
  in.Get("name", attachment.name);
  in.Get("media_type", attachment.media_type);
  in.Get("sha256", attachment.sha256);
  in.GetBase64("content", attachment.content);
}

void Read(Reader& in, Partner& partner) {
  in.Get("reference", partner.reference);
  in.Get("name", partner.name);
  in.Get("is_company", partner.is_company);
  in.Get("vat", partner.vat);
  in.Get("email", partner.email);
  in.Get("phone", partner.phone);
  in.Get("street", partner.street);
  in.Get("street2", partner.street2);
  in.Get("city", partner.city);
  in.Get("zip", partner.zip);
  in.Get("country_code", partner.country_code);
  in.Get("language", partner.language);
  in.Get("customer_payment_term", partner.customer_payment_term);
  in.Get("vendor_payment_term", partner.supplier_payment_term);
  in.GetList("bank_accounts", partner.bank_accounts, [](Reader& item, BankAccount& bank) {
    item.Get("account_number", bank.account_number);
    item.Get("bic", bank.bic);
    item.Get("holder_name", bank.holder_name);
    item.Get("currency_code", bank.currency);
  });
}

void ReadLine(Reader& in, InvoiceLine& line) {
  in.Get("description", line.description);
  in.Get("quantity", line.quantity);
  in.Get("unit_price", line.unit_price);
  in.Get("discount_percent", line.discount_percent);
  in.Get("account_code", line.account_code);
  in.Get("tax_names", line.tax_names);
  in.Get("product_code", line.product_code);
  in.GetList("analytic", line.analytic, ReadShare);
}

void Read(Reader& in, Invoice& invoice) {
  in.GetName("kind", invoice.kind, ParseInvoiceKind);
  in.Get("partner", invoice.partner);
  in.Get("invoice_date", invoice.invoice_date);
  in.Get("accounting_date", invoice.accounting_date);
  in.Get("due_date", invoice.due_date);
  in.Get("payment_term", invoice.payment_term);
  in.Get("currency_code", invoice.currency);
  in.Get("exchange_rate", invoice.exchange_rate);
  in.Get("journal_code", invoice.journal_code);
  in.Get("reference", invoice.reference);
  in.Get("payment_reference", invoice.payment_reference);
  in.Get("narration", invoice.narration);
  in.GetList("lines", invoice.lines, ReadLine);
  in.Get("expected_total", invoice.expected_total);
  in.Get("expected_tax", invoice.expected_tax);
  in.GetList("attachments", invoice.attachments, ReadAttachment);
  in.Get("reversed_invoice_id", invoice.reversed_invoice_id);
}

void Read(Reader& in, Payment& payment) {
  in.GetName("direction", payment.direction, ParsePaymentDirection);
  in.GetName("partner_type", payment.partner_role, ParsePartnerRole);
  in.Get("partner", payment.partner);
  in.Get("amount", payment.amount);
  in.Get("date", payment.date);
  in.Get("journal_code", payment.journal_code);
  in.Get("memo", payment.memo);
  in.Get("partner_bank_account", payment.partner_bank_account);
  in.Get("outstanding_account_code", payment.outstanding_account_code);
  in.GetList("allocations", payment.allocations, [](Reader& item, Allocation& allocation) {
    item.Get("invoice_id", allocation.invoice_id);
    item.Get("odoo_move_id", allocation.odoo_move_id);
    item.Get("amount", allocation.amount);
  });
}

void Read(Reader& in, JournalEntry& entry) {
  in.Get("date", entry.date);
  in.Get("journal_code", entry.journal_code);
  in.Get("reference", entry.reference);
  in.Get("narration", entry.narration);
  in.Get("reversed_entry_id", entry.reversed_entry_id);
  in.GetList("lines", entry.lines, [](Reader& item, JournalEntryLine& line) {
    item.Get("account_code", line.account_code);
    item.Get("partner", line.partner);
    item.Get("description", line.description);
    item.Get("debit", line.debit);
    item.Get("credit", line.credit);
    item.Get("amount_currency", line.amount_currency);
    item.GetList("analytic", line.analytic, ReadShare);
    item.Get("tax_names", line.tax_names);
  });
  in.GetList("attachments", entry.attachments, ReadAttachment);
}

void Read(Reader& in, ExpenseClaim& claim) {
  in.Get("employee_email", claim.employee_email);
  in.Get("title", claim.title);
  in.Get("date", claim.date);
  in.Get("currency_code", claim.currency);
  in.Get("exchange_rate", claim.exchange_rate);
  in.Get("journal_code", claim.journal_code);
  in.Get("reference", claim.reference);
  in.GetList("lines", claim.lines, [](Reader& item, ExpenseClaimLine& line) {
    item.Get("description", line.description);
    item.Get("date", line.date);
    item.Get("product_code", line.product_code);
    item.Get("account_code", line.account_code);
    item.Get("amount", line.amount);
    item.Get("unit_price", line.unit_price);
    item.Get("tax_names", line.tax_names);
    item.GetList("analytic", line.analytic, ReadShare);
  });
  in.Get("expected_total", claim.expected_total);
  in.Get("expected_tax", claim.expected_tax);
  in.GetList("attachments", claim.attachments, ReadAttachment);
}

Content EmptyContent(DocumentType type) {
  switch (type) {
    case DocumentType::kPartner: return Partner{};
    case DocumentType::kInvoice: return Invoice{};
    case DocumentType::kPayment: return Payment{};
    case DocumentType::kJournalEntry: return JournalEntry{};
    case DocumentType::kExpenseClaim: return ExpenseClaim{};
  }
  return Partner{};
}

}  // namespace

absl::StatusOr<Document> FromCanonicalJson(std::string_view json) {
  try {
    const Json root = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
    if (root.is_discarded()) {
      return base::Error(base::Reason::kFieldInvalid).Says("not the JSON of a document");
    }
    absl::Status status;
    Reader in(root, "", status);
    DocumentType type = DocumentType::kPartner;
    in.GetName("type", type, ParseDocumentType);
    Document document;
    document.content = EmptyContent(type);
    in.Get("id", document.id);
    in.Get("entity", document.entity);
    std::visit([&in](auto& content) { Read(in, content); }, document.content);
    in.Finish();
    KONTOR_RETURN_IF_ERROR(status);
    return document;
  } catch (const std::exception&) {
    return base::Error(base::Reason::kFieldInvalid).Says("not the JSON of a document");
  }
}

}  // namespace kontor::model
