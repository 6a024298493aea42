// SPDX-License-Identifier: Apache-2.0
// Which documents are suspected to be one. From Odoo 18 on nobody but kontor looks (ODOO: a second
// bill with the same reference is posted there without a word).
#include "server/base/strings.h"
#include "server/model/catalogue.h"
#include "server/model/validate.h"

namespace kontor::model {
namespace {

constexpr char kBetween = '\x1f';  // no text of a document has it

/// "RE 2026-001" and "re2026-001" are typed from one bill.
std::string Squeezed(std::string_view reference) {
  std::string out;
  for (const char c : base::ToLower(reference)) {
    if (c != ' ') out.push_back(c);
  }
  return out;
}

std::string DateText(const std::optional<Date>& date) {
  return date.has_value() ? date->ToString() : std::string();
}

/// The stated total, else the sum of the lines.
std::string TotalText(const Invoice& invoice) {
  if (invoice.expected_total.has_value()) return invoice.expected_total->ValueText();
  constexpr Decimal::Rounding kHalfUp = Decimal::Rounding::kHalfUp;
  Decimal sum;
  for (const InvoiceLine& line : invoice.lines) {
    const absl::StatusOr<Decimal> gross = line.quantity.Multiply(line.unit_price, kHalfUp);
    const absl::StatusOr<Decimal> next = gross.ok() ? sum.Add(*gross) : gross;
    if (!next.ok()) return "";
    sum = *next;
  }
  return base::StrCat("lines ", sum.ToString());
}

/// An upsert may come as often as it likes.
std::string Key(const Partner& /*partner*/) { return ""; }

std::string Key(const Invoice& invoice) {
  const std::string partner = KeyOf(invoice.partner);
  if (partner.empty()) return "";
  const std::string reference = Squeezed(invoice.reference);
  if (IsPurchase(invoice.kind) && !reference.empty()) {
    return base::StrCat(NameOf(invoice.kind), kBetween, partner, kBetween, reference);
  }
  const std::string total = TotalText(invoice);
  if (total.empty() || !invoice.invoice_date.has_value()) return "";
  return base::StrCat(NameOf(invoice.kind), kBetween, partner, kBetween, invoice.currency.code(),
                      kBetween, total, kBetween, DateText(invoice.invoice_date), kBetween,
                      reference);
}

std::string Key(const Payment& payment) {
  const std::string partner = KeyOf(payment.partner);
  if (partner.empty() || !payment.date.has_value()) return "";
  std::string key = base::StrCat("PAYMENT ", NameOf(payment.direction), kBetween, partner, kBetween,
                                 payment.amount.currency().code(), kBetween,
                                 payment.amount.ValueText(), kBetween, DateText(payment.date),
                                 kBetween, Squeezed(payment.memo));
  for (const Allocation& allocation : payment.allocations) {
    base::StrAppend(&key, kBetween, allocation.invoice_id, "#", allocation.odoo_move_id);
  }
  return key;
}

std::string Key(const ExpenseClaim& claim) {
  const std::string reference = Squeezed(claim.reference);
  if (reference.empty()) return "";
  return base::StrCat("EXPENSE_CLAIM", kBetween, base::ToLower(claim.employee_email), kBetween,
                      reference);
}

std::string Key(const JournalEntry& entry) {
  const std::string reference = Squeezed(entry.reference);
  if (reference.empty() || !entry.date.has_value()) return "";
  Decimal debit;
  for (const JournalEntryLine& line : entry.lines) {
    const absl::StatusOr<Decimal> next = debit.Add(line.debit);
    if (!next.ok()) return "";
    debit = *next;
  }
  return base::StrCat("JOURNAL_ENTRY", kBetween, reference, kBetween, debit.ToString(), kBetween,
                      DateText(entry.date), kBetween, entry.journal_code);
}

}  // namespace

std::string DuplicateKey(const Document& document) {
  return std::visit([](const auto& content) { return Key(content); }, document.content);
}

}  // namespace kontor::model
