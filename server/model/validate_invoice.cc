// SPDX-License-Identifier: Apache-2.0
// Invoices, bills and credit notes, as far as they can be judged without Odoo.
#include "server/base/ids.h"
#include "server/base/strings.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;

void ValidateDates(const Invoice& invoice, Findings& findings) {
  if (IsPurchase(invoice.kind) && !invoice.invoice_date.has_value()) {
    findings.Add(Reason::kFieldMissing, "invoice.invoice_date",
                 "A vendor's document needs the date that stands on it");
  }
  if (invoice.due_date.has_value() && !invoice.payment_term.empty()) {
    findings.Add(Reason::kFieldConflict, "invoice.due_date",
                 "Both due_date and payment_term are given");
  }
  if (invoice.due_date.has_value() && invoice.invoice_date.has_value() &&
      *invoice.due_date < *invoice.invoice_date) {
    findings.Add(Reason::kFieldInvalid, "invoice.due_date",
                 base::StrCat("The due date ", invoice.due_date->ToString(),
                              " is before the invoice date ", invoice.invoice_date->ToString()));
  }
}

void ValidateHead(const Invoice& invoice, Findings& findings) {
  ValidatePartnerRef(invoice.partner, /*required=*/true, "invoice.partner", findings);
  ValidateDates(invoice, findings);
  if (invoice.currency.IsNone()) {
    findings.Add(Reason::kFieldMissing, "invoice.currency_code", "No currency is named");
  }
  if (invoice.exchange_rate.has_value()) {
    if (invoice.exchange_rate->IsNegative() || invoice.exchange_rate->IsZero()) {
      findings.Add(Reason::kFieldInvalid, "invoice.exchange_rate",
                   "An exchange rate is greater than 0");
    }
    ValidateDigits(*invoice.exchange_rate, "invoice.exchange_rate", findings);
  }
  findings.Text(invoice.payment_term, kNameMax, "invoice.payment_term");
  findings.Text(invoice.journal_code, kReferenceMax, "invoice.journal_code");
  if (IsPurchase(invoice.kind)) {
    findings.RequiredText(invoice.reference, kReferenceMax, "invoice.reference");
  } else {
    findings.Text(invoice.reference, kReferenceMax, "invoice.reference");
  }
  findings.Text(invoice.payment_reference, kPaymentReferenceMax, "invoice.payment_reference");
  findings.Text(invoice.narration, kNarrationMax, "invoice.narration", /*multiline=*/true);
}

void ValidateReversed(const Invoice& invoice, Findings& findings) {
  const std::string& id = invoice.reversed_invoice_id;
  if (id.empty()) return;
  constexpr const char* kField = "invoice.reversed_invoice_id";
  if (!IsCreditNote(invoice.kind)) {
    findings.Add(Reason::kFieldConflict, kField, "Only a credit note answers another document");
    return;
  }
  const std::string_view prefix =
      IsPurchase(invoice.kind) ? base::kBillPrefix : base::kInvoicePrefix;
  // Expenses of an employee's own are owed as a bill is, and taken back as one.
  const bool of_claim = IsPurchase(invoice.kind) && base::IsId(id, base::kClaimPrefix);
  if (!base::IsId(id, prefix) && !of_claim) {
    findings.Add(Reason::kFieldInvalid, kField,
                 base::StrCat("This credit note answers a document whose id begins with ", prefix));
  }
}

void ValidateLine(const InvoiceLine& line, const std::string& at, Findings& findings) {
  const std::string description = base::StrCat(at, ".description");
  if (line.product_code.empty()) {
    findings.RequiredText(line.description, kDescriptionMax, description, /*multiline=*/true);
  } else {
    findings.Text(line.description, kDescriptionMax, description, /*multiline=*/true);
  }
  if (line.quantity.IsZero()) {
    findings.Add(Reason::kFieldInvalid, base::StrCat(at, ".quantity"), "The quantity is 0");
  }
  ValidateDigits(line.quantity, base::StrCat(at, ".quantity"), findings);
  ValidateDigits(line.unit_price, base::StrCat(at, ".unit_price"), findings);
  if (line.discount_percent.IsNegative() || line.discount_percent > Decimal::FromInt(100)) {
    findings.Add(Reason::kFieldInvalid, base::StrCat(at, ".discount_percent"),
                 base::StrCat("A discount of ", line.discount_percent.ToString(),
                              " percent is not between 0 and 100"));
  }
  findings.Text(line.account_code, kReferenceMax, base::StrCat(at, ".account_code"));
  findings.Text(line.product_code, kReferenceMax, base::StrCat(at, ".product_code"));
  ValidateTaxNames(line.tax_names, base::StrCat(at, ".tax_names"), findings);
  ValidateAnalytic(line.analytic, base::StrCat(at, ".analytic"), findings);
}

/// Before tax (or with, as the taxes say): enough to see the size and the sign.
absl::StatusOr<Decimal> LineSum(const std::vector<InvoiceLine>& lines) {
  constexpr Decimal::Rounding kHalfUp = Decimal::Rounding::kHalfUp;
  Decimal sum;
  for (const InvoiceLine& line : lines) {
    KONTOR_ASSIGN_OR_RETURN(const Decimal gross, line.quantity.Multiply(line.unit_price, kHalfUp));
    KONTOR_ASSIGN_OR_RETURN(const Decimal left,
                            Decimal::FromInt(100).Subtract(line.discount_percent));
    // Percent, as hundredths: two more decimals, within the scale that Multiply keeps.
    KONTOR_ASSIGN_OR_RETURN(const Decimal factor,
                            left.Multiply(Decimal::FromUnscaled(1, 2), kHalfUp));
    KONTOR_ASSIGN_OR_RETURN(const Decimal net, gross.Multiply(factor, kHalfUp));
    KONTOR_ASSIGN_OR_RETURN(sum, sum.Add(net));
  }
  return sum;
}

void ValidateLineSum(const Invoice& invoice, Findings& findings) {
  const absl::StatusOr<Decimal> sum = LineSum(invoice.lines);
  const bool fits =
      sum.ok() && (invoice.currency.IsNone() ||
                   Money::FromDecimal(invoice.currency, sum->Round(invoice.currency.scale(),
                                                                   Decimal::Rounding::kHalfUp))
                       .ok());
  if (!fits) {
    findings.Add(Reason::kAmountTooLarge, "invoice.lines", "The lines add up to too large a sum");
  } else if (sum->IsNegative()) {
    findings.Add(Reason::kAmountInvalid, "invoice.lines",
                 base::StrCat("The lines add up to ", sum->ToString(),
                              "; a document below 0 is a credit note (or an invoice) with positive "
                              "amounts"));
  }
}

void ValidateLines(const Invoice& invoice, Findings& findings) {
  if (invoice.lines.empty()) {
    findings.Add(Reason::kLinesMissing, "invoice.lines", "The document has no lines");
    return;
  }
  if (invoice.lines.size() > kLinesMax) {
    findings.Add(Reason::kFieldTooLong, "invoice.lines",
                 base::StrCat(invoice.lines.size(), " lines, ", kLinesMax, " are allowed"));
    return;
  }
  for (size_t i = 0; i < invoice.lines.size(); ++i) {
    ValidateLine(invoice.lines[i], FieldAt("invoice.lines", i), findings);
  }
  ValidateLineSum(invoice, findings);
}

void ValidateExpected(const std::optional<Money>& amount, const Currency& currency,
                      const std::string& field, Findings& findings) {
  if (!amount.has_value()) return;
  if (amount->currency() != currency) {
    findings.Add(Reason::kFieldConflict, field,
                 base::StrCat("The amount is in ", amount->currency().code(),
                              ", the document in ", currency.code()));
  }
  if (amount->IsNegative()) {
    findings.Add(Reason::kAmountInvalid, field,
                 "Amounts of invoices and credit notes are positive");
  }
}

}  // namespace

void ValidateAttachments(const std::vector<Attachment>& attachments, std::string_view field,
                         Findings& findings) {
  constexpr int kMediaTypeMax = 127;  // RFC 6838, section 4.2: restricted names of 127 at most
  const std::string at(field);
  if (attachments.size() > kAttachmentsMax) {
    findings.Add(Reason::kFieldTooLong, at,
                 base::StrCat(attachments.size(), " attachments, ", kAttachmentsMax,
                              " are allowed"));
    return;
  }
  size_t bytes = 0;
  for (size_t i = 0; i < attachments.size(); ++i) {
    const Attachment& attachment = attachments[i];
    findings.RequiredText(attachment.name, kNameMax, FieldAt(at, i, "name"));
    if (attachment.name.find_first_of("/\\") != std::string::npos) {
      findings.Add(Reason::kFieldInvalid, FieldAt(at, i, "name"),
                   "A file name has no path in it");
    }
    findings.RequiredText(attachment.media_type, kMediaTypeMax, FieldAt(at, i, "media_type"));
    const size_t slash = attachment.media_type.find('/');
    if (!attachment.media_type.empty() &&
        (slash == 0 || slash == std::string::npos || slash + 1 == attachment.media_type.size())) {
      findings.Add(Reason::kFieldInvalid, FieldAt(at, i, "media_type"),
                   "A media type has the form type/subtype");
    }
    if (attachment.content.empty()) {
      findings.Add(Reason::kFieldMissing, FieldAt(at, i, "content"), "The file is empty");
    }
    bytes += attachment.content.size();
  }
  if (bytes > kAttachmentBytesMax) {
    findings.Add(Reason::kFieldTooLong, at,
                 base::StrCat("The files have ", bytes, " bytes, ", kAttachmentBytesMax,
                              " are allowed"));
  }
}

void ValidateInvoice(const Invoice& invoice, Findings& findings) {
  ValidateHead(invoice, findings);
  ValidateLines(invoice, findings);
  ValidateExpected(invoice.expected_total, invoice.currency, "invoice.expected_total", findings);
  ValidateExpected(invoice.expected_tax, invoice.currency, "invoice.expected_tax", findings);
  ValidateAttachments(invoice.attachments, "invoice.attachments", findings);
  ValidateReversed(invoice, findings);
}

}  // namespace kontor::model::internal
