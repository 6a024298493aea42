// SPDX-License-Identifier: Apache-2.0
// Reverse, never erase (DESIGN 5.9): the document that answers a posted one, as kontor's own model,
// so that it goes the way of every other document.
#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/codec.h"
#include "server/engine/documents.h"
#include "server/model/expense.h"
#include "server/model/validate.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using model::InvoiceKind;

/// At most `most` bytes, cut between code points.
std::string Shortened(std::string text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  text.resize(most);
  return text;
}

absl::StatusOr<model::Invoice> CreditNoteFor(const model::Invoice& original,
                                             const ports::DocumentRow& row,
                                             const model::Date& date, const std::string& reason) {
  if (model::IsCreditNote(original.kind)) {
    return Error(Reason::kFieldInvalid)
        .Field("id")
        .Says("a credit note cannot be reversed; send a new invoice");
  }
  model::Invoice note = original;
  note.kind = model::IsPurchase(original.kind) ? InvoiceKind::kVendorCreditNote
                                               : InvoiceKind::kCustomerCreditNote;
  note.invoice_date = date;
  note.accounting_date.reset();
  note.due_date.reset();
  note.payment_term.clear();
  note.payment_reference.clear();
  note.attachments.clear();
  note.expected_tax.reset();
  note.reversed_invoice_id = row.id;
  note.narration = Shortened(reason, model::kNarrationMax);
  const std::string answered = row.record.name.empty() ? original.reference : row.record.name;
  note.reference = Shortened(base::StrCat("Reversal of ", answered), model::kReferenceMax);
  // What was booked is what is taken back, whatever the taxes say by now.
  if (const auto booked = SnapshotFromJson(row.booked); booked.ok()) {
    const auto total = model::Money::FromDecimal(original.currency, booked->total);
    if (total.ok()) note.expected_total = *total;
  }
  return note;
}

/// The credit note that takes a booked claim back. Odoo booked it in the company's currency, so a
/// claim in another is converted line by line by what was booked for the whole.
absl::StatusOr<model::Invoice> CreditNoteFor(const model::ExpenseClaim& claim,
                                             const ports::DocumentRow& row,
                                             const model::Date& date, const std::string& reason) {
  KONTOR_ASSIGN_OR_RETURN(const auto booked, SnapshotFromJson(row.booked));
  KONTOR_ASSIGN_OR_RETURN(const model::Currency currency,
                          model::Currency::Parse(booked.currency_code));
  model::Decimal factor = model::Decimal::FromInt(1);
  if (currency != claim.currency) {
    int64_t sum = 0;
    for (const model::ExpenseClaimLine& line : claim.lines) sum += line.amount.minor();
    KONTOR_ASSIGN_OR_RETURN(const model::Money total,
                            model::Money::FromDecimal(currency, booked.total));
    KONTOR_ASSIGN_OR_RETURN(
        factor, model::DivideByRate(total, model::Money(claim.currency, sum).ToDecimal(),
                                    model::Decimal::kScaleMax));
  }
  model::Invoice note;
  note.kind = InvoiceKind::kVendorCreditNote;
  note.partner.odoo_id = booked.partner_id;
  note.invoice_date = date;
  note.currency = currency;
  note.journal_code = claim.journal_code;
  note.reversed_invoice_id = row.id;
  note.narration = Shortened(reason, model::kNarrationMax);
  const std::string answered = row.record.name.empty() ? claim.reference : row.record.name;
  note.reference = Shortened(base::StrCat("Reversal of ", answered), model::kReferenceMax);
  for (const model::ExpenseClaimLine& line : claim.lines) {
    model::InvoiceLine& out = note.lines.emplace_back();
    out.description = line.description;
    out.quantity = model::Decimal::FromInt(1);
    KONTOR_ASSIGN_OR_RETURN(
        const model::Decimal price,
        line.unit_price.Multiply(factor, model::Decimal::Rounding::kHalfUp));
    out.unit_price = price.Round(currency.scale(), model::Decimal::Rounding::kHalfUp);
    out.product_code = line.product_code;
    out.account_code = line.account_code;
    out.tax_names = line.tax_names;
    out.analytic = line.analytic;
  }
  KONTOR_ASSIGN_OR_RETURN(note.expected_total, model::Money::FromDecimal(currency, booked.total));
  return note;
}

model::JournalEntry MirroredEntry(const model::JournalEntry& original,
                                  const ports::DocumentRow& row, const model::Date& date,
                                  const std::string& reason) {
  model::JournalEntry entry = original;
  entry.date = date;
  entry.reversed_entry_id = row.id;
  entry.attachments.clear();
  entry.narration = Shortened(reason, model::kNarrationMax);
  const std::string answered = row.record.name.empty() ? original.reference : row.record.name;
  entry.reference = Shortened(base::StrCat("Reversal of ", answered), model::kReferenceMax);
  for (model::JournalEntryLine& line : entry.lines) {
    std::swap(line.debit, line.credit);
    if (line.amount_currency) line.amount_currency = -*line.amount_currency;
  }
  return entry;
}

}  // namespace

std::string ReversalKey(const std::string& original_id) {
  return base::StrCat("reversal/", original_id);
}

absl::StatusOr<model::Document> MirrorOf(const model::Document& original,
                                         const ports::DocumentRow& row, const model::Date& date,
                                         const std::string& reason,
                                         const std::string& journal_code) {
  model::Document mirror;
  mirror.entity = original.entity;
  if (original.type() == model::DocumentType::kInvoice) {
    KONTOR_ASSIGN_OR_RETURN(model::Invoice note,
                            CreditNoteFor(std::get<model::Invoice>(original.content), row, date,
                                          reason));
    if (!journal_code.empty()) note.journal_code = journal_code;
    mirror.content = std::move(note);
    return mirror;
  }
  if (original.type() == model::DocumentType::kJournalEntry) {
    model::JournalEntry entry =
        MirroredEntry(std::get<model::JournalEntry>(original.content), row, date, reason);
    if (!journal_code.empty()) entry.journal_code = journal_code;
    mirror.content = std::move(entry);
    return mirror;
  }
  if (const auto* const claim = std::get_if<model::ExpenseClaim>(&original.content)) {
    KONTOR_ASSIGN_OR_RETURN(model::Invoice note, CreditNoteFor(*claim, row, date, reason));
    if (!journal_code.empty()) note.journal_code = journal_code;
    mirror.content = std::move(note);
    return mirror;
  }
  return Error(Reason::kFieldInvalid)
      .Field("id")
      .Says("only invoices, bills and journal entries are reversed; cancel a payment instead");
}

}  // namespace kontor::engine
