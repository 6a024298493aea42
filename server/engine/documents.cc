// SPDX-License-Identifier: Apache-2.0
// Reversals are in mirror.cc.
#include "server/engine/documents.h"

#include <algorithm>

#include "server/base/strings.h"
#include "server/model/canon.h"

namespace kontor::engine {
namespace {

using base::StrCat;
using model::Decimal;
using model::Document;
using model::DocumentType;

constexpr char kProvisional = '~';

std::string_view JournalTypeNameOf(const Document& document) {
  if (document.type() == DocumentType::kInvoice) {
    return model::IsPurchase(std::get<model::Invoice>(document.content).kind) ? "purchase" : "sale";
  }
  if (document.type() == DocumentType::kExpenseClaim) return "purchase";
  return document.type() == DocumentType::kPayment ? "bank" : "general";
}

/// Sums are of checked documents, so an overflow cannot come up; zero stands for one.
Decimal SumOfLines(const model::Invoice& invoice) {
  constexpr int kPercentScale = 2;
  Decimal sum;
  for (const model::InvoiceLine& line : invoice.lines) {
    auto amount = line.quantity.Multiply(line.unit_price, Decimal::Rounding::kHalfUp);
    if (!amount.ok()) return {};
    if (!line.discount_percent.IsZero()) {
      const auto left = Decimal::FromInt(100).Subtract(line.discount_percent);
      if (!left.ok()) return {};
      const auto share = left->Multiply(Decimal::FromUnscaled(1, kPercentScale),
                                        Decimal::Rounding::kHalfUp);
      if (!share.ok()) return {};
      amount = amount->Multiply(*share, Decimal::Rounding::kHalfUp);
      if (!amount.ok()) return {};
    }
    const auto next = sum.Add(amount->Round(invoice.currency.scale(), Decimal::Rounding::kHalfUp));
    if (!next.ok()) return {};
    sum = *next;
  }
  return sum.Abs();
}

Decimal SumOfDebits(const model::JournalEntry& entry) {
  Decimal sum;
  for (const model::JournalEntryLine& line : entry.lines) {
    const auto next = sum.Add(line.debit);
    if (!next.ok()) return {};
    sum = *next;
  }
  return sum;
}

Decimal SumOfAmounts(const model::ExpenseClaim& claim) {
  int64_t sum = 0;
  for (const model::ExpenseClaimLine& line : claim.lines) sum += line.amount.minor();
  return model::Money(claim.currency, sum).ToDecimal();
}

void AddReference(const model::PartnerRef& ref, std::vector<std::string>& out) {
  if (ref.reference.empty()) return;
  if (std::find(out.begin(), out.end(), ref.reference) == out.end()) out.push_back(ref.reference);
}

}  // namespace

std::string JournalCodeOf(const Document& document) {
  switch (document.type()) {
    case DocumentType::kPartner: return "";
    case DocumentType::kInvoice: return std::get<model::Invoice>(document.content).journal_code;
    case DocumentType::kPayment: return std::get<model::Payment>(document.content).journal_code;
    case DocumentType::kJournalEntry:
      return std::get<model::JournalEntry>(document.content).journal_code;
    case DocumentType::kExpenseClaim:
      return std::get<model::ExpenseClaim>(document.content).journal_code;
  }
  return "";
}

std::string LaneOf(const Document& document, const Entity& entity,
                   const model::Catalogue* catalogue) {
  const std::string prefix = StrCat(entity.connection, "/", entity.company_id, "/");
  if (document.type() == DocumentType::kPartner) return prefix + "partners";
  if (const std::string code = JournalCodeOf(document); !code.empty()) return prefix + code;
  if (catalogue != nullptr) {
    const model::Journal* const journal = model::JournalOf(document, *catalogue);
    if (journal != nullptr) return prefix + journal->code;
  }
  return StrCat(prefix, kProvisional, JournalTypeNameOf(document));
}

bool IsProvisionalLane(const std::string& lane) {
  const size_t slash = lane.rfind('/');
  return slash != std::string::npos && slash + 1 < lane.size() && lane[slash + 1] == kProvisional;
}

std::optional<model::Date> AskedDate(const Document& document) {
  switch (document.type()) {
    case DocumentType::kPartner: return std::nullopt;
    case DocumentType::kInvoice: {
      const auto& invoice = std::get<model::Invoice>(document.content);
      return invoice.accounting_date ? invoice.accounting_date : invoice.invoice_date;
    }
    case DocumentType::kPayment: return std::get<model::Payment>(document.content).date;
    case DocumentType::kJournalEntry: return std::get<model::JournalEntry>(document.content).date;
    case DocumentType::kExpenseClaim: return std::get<model::ExpenseClaim>(document.content).date;
  }
  return std::nullopt;
}

Decimal AskedTotal(const Document& document) {
  switch (document.type()) {
    case DocumentType::kPartner: return {};
    case DocumentType::kInvoice: {
      const auto& invoice = std::get<model::Invoice>(document.content);
      return invoice.expected_total ? invoice.expected_total->ToDecimal() : SumOfLines(invoice);
    }
    case DocumentType::kPayment:
      return std::get<model::Payment>(document.content).amount.ToDecimal();
    case DocumentType::kJournalEntry:
      return SumOfDebits(std::get<model::JournalEntry>(document.content));
    case DocumentType::kExpenseClaim:
      return SumOfAmounts(std::get<model::ExpenseClaim>(document.content));
  }
  return {};
}

std::string CurrencyCodeOf(const Document& document, const Entity& entity) {
  switch (document.type()) {
    case DocumentType::kPartner: return "";
    case DocumentType::kInvoice: return std::get<model::Invoice>(document.content).currency.code();
    case DocumentType::kPayment:
      return std::get<model::Payment>(document.content).amount.currency().code();
    case DocumentType::kJournalEntry: return entity.currency_code;
    case DocumentType::kExpenseClaim:
      return std::get<model::ExpenseClaim>(document.content).currency.code();
  }
  return "";
}

std::vector<std::string> PartnerReferencesOf(const Document& document) {
  std::vector<std::string> references;
  switch (document.type()) {
    case DocumentType::kPartner: break;
    case DocumentType::kInvoice:
      AddReference(std::get<model::Invoice>(document.content).partner, references);
      break;
    case DocumentType::kPayment:
      AddReference(std::get<model::Payment>(document.content).partner, references);
      break;
    case DocumentType::kJournalEntry:
      for (const auto& line : std::get<model::JournalEntry>(document.content).lines) {
        AddReference(line.partner, references);
      }
      break;
    case DocumentType::kExpenseClaim: break;
  }
  return references;
}

std::string_view FieldRootOf(const Document& document) {
  switch (document.type()) {
    case DocumentType::kPartner: return "partner";
    case DocumentType::kInvoice: return "invoice";
    case DocumentType::kPayment: return "payment";
    case DocumentType::kJournalEntry: return "journal_entry";
    case DocumentType::kExpenseClaim: return "expense_claim";
  }
  return "document";
}

void DescribeRow(const Document& document, const Entity& entity, ports::DocumentRow& row) {
  row.id = document.id;
  row.type = document.type();
  row.entity = document.entity;
  row.connection = entity.connection;
  row.content = model::ToCanonicalJson(document, true);
  row.date = AskedDate(document);
  row.journal_code = JournalCodeOf(document);
  row.currency_code = CurrencyCodeOf(document, entity);
  row.subtype.clear();
  row.lookup.clear();
  if (document.type() == DocumentType::kInvoice) {
    const auto& invoice = std::get<model::Invoice>(document.content);
    row.subtype = std::string(model::NameOf(invoice.kind));
    row.lookup = invoice.reference;
  } else if (document.type() == DocumentType::kPartner) {
    row.lookup = std::get<model::Partner>(document.content).reference;
  } else if (document.type() == DocumentType::kJournalEntry) {
    row.lookup = std::get<model::JournalEntry>(document.content).reference;
  } else if (document.type() == DocumentType::kExpenseClaim) {
    row.lookup = std::get<model::ExpenseClaim>(document.content).reference;
  }
  row.total_minor = 0;
  if (const auto currency = model::Currency::Parse(row.currency_code); currency.ok()) {
    const Decimal total =
        AskedTotal(document).Round(currency->scale(), Decimal::Rounding::kHalfUp);
    if (const auto minor = total.ToMinor(currency->scale()); minor.ok()) row.total_minor = *minor;
  }
}

void DigestAttachments(Document& document, const ports::Crypto& crypto) {
  std::vector<model::Attachment>* const files = model::AttachmentsOf(document);
  if (files == nullptr) return;
  for (model::Attachment& file : *files) {
    if (!file.content.empty()) file.sha256 = crypto.Sha256Hex(file.content);
  }
}

void KeepAttachments(const Document& old, Document& document) {
  std::vector<model::Attachment>* const files = model::AttachmentsOf(document);
  const std::vector<model::Attachment>* const before = model::AttachmentsOf(old);
  if (files == nullptr || before == nullptr) return;
  for (model::Attachment& file : *files) {
    if (!file.content.empty()) continue;
    for (const model::Attachment& kept : *before) {
      if (kept.sha256 == file.sha256 && kept.name == file.name) file.content = kept.content;
    }
  }
}

}  // namespace kontor::engine
