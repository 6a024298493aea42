// SPDX-License-Identifier: Apache-2.0
// Allocations are in allocations.cc.
#include "server/engine/compare.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/documents.h"
#include "server/engine/transitions.h"

namespace kontor::engine {
namespace {

using base::Reason;
using base::StrCat;
using model::Decimal;
using model::Document;
using model::DocumentType;
using model::Finding;
using ports::ErpSnapshot;

std::string DateText(const std::optional<model::Date>& date) {
  return date ? date->ToString() : std::string();
}

/// As people write it: "345.58 EUR".
std::string AmountText(const Decimal& amount, const std::string& currency_code) {
  return StrCat(model::AmountText(currency_code, amount), " ", currency_code);
}

/// Collects differences of one document with the right field paths.
class Differences {
 public:
  Differences(const Document& document, const ErpSnapshot& got)
      : root_(FieldRootOf(document)), got_(got) {}

  void Date(std::string_view field, const std::optional<model::Date>& asked,
            const std::optional<model::Date>& found) {
    if (!asked || asked == found) return;
    Add(Reason::kBookedDifferently, field,
        StrCat("The document asks for ", DateText(asked), ", Odoo has ",
               found ? DateText(found) : "no date"),
        DateText(asked), DateText(found));
  }
  void Amount(Reason reason, std::string_view field, const Decimal& asked, const Decimal& found,
              const std::string& currency_code) {
    if (asked == found) return;
    Add(reason, field,
        StrCat("The document asks for ", AmountText(asked, currency_code), ", Odoo has ",
               AmountText(found, got_.currency_code)),
        AmountText(asked, currency_code), AmountText(found, got_.currency_code));
  }
  void Text(std::string_view field, const std::string& asked, const std::string& found) {
    if (asked.empty() || asked == found) return;
    Add(Reason::kBookedDifferently, field, StrCat("Odoo has another ", field), asked, found);
  }
  void Add(Reason reason, std::string_view field, std::string message, std::string asked,
           std::string found) {
    findings.push_back(model::MakeFinding(reason, StrCat(root_, ".", field), std::move(message),
                                          std::move(asked), std::move(found)));
  }

  std::vector<Finding> findings;

 private:
  std::string_view root_;
  const ErpSnapshot& got_;
};

/// |a - b|; zero stands for an overflow, which checked amounts cannot make.
Decimal Distance(const Decimal& a, const Decimal& b) {
  const auto difference = a.Subtract(b);
  return difference.ok() ? difference->Abs() : Decimal();
}

/// The rate that was used shows in the company's currency: total = company total × rate, but for
/// the rounding of each line to a cent of the company.
void CompareRate(const model::Invoice& invoice, const ErpSnapshot& got, Differences& out) {
  if (!invoice.exchange_rate || got.company_total.IsZero()) return;
  constexpr int kCentScale = 2;
  const Decimal cents =
      Decimal::FromUnscaled(static_cast<int64_t>(invoice.lines.size()) + 2, kCentScale);
  const auto expected =
      got.company_total.Multiply(*invoice.exchange_rate, Decimal::Rounding::kHalfUp);
  const auto slack = cents.Multiply(*invoice.exchange_rate, Decimal::Rounding::kHalfUp);
  if (!expected.ok() || !slack.ok()) return;
  const auto tolerance = slack->Add(cents);
  if (!tolerance.ok() || Distance(*expected, got.total) <= *tolerance) return;
  out.Add(Reason::kBookedDifferently, "exchange_rate",
          "Odoo used another exchange rate than the document states",
          invoice.exchange_rate->ToString(),
          StrCat(AmountText(got.total, got.currency_code), " = ",
                 AmountText(got.company_total, got.company_currency_code)));
}

void CompareInvoice(const model::Invoice& invoice, const Document& document,
                    const ErpSnapshot& got, Differences& out) {
  out.Text("currency_code", invoice.currency.code(), got.currency_code);
  if (invoice.expected_total) {
    out.Amount(Reason::kTotalMismatch, "expected_total", invoice.expected_total->ToDecimal(),
               got.total, invoice.currency.code());
  }
  if (invoice.expected_tax) {
    out.Amount(Reason::kTotalMismatch, "expected_tax", invoice.expected_tax->ToDecimal(), got.tax,
               invoice.currency.code());
  }
  out.Date("invoice_date", invoice.invoice_date, got.invoice_date);
  const bool has_own = invoice.accounting_date.has_value();
  out.Date(has_own ? "accounting_date" : "invoice_date", AskedDate(document), got.date);
  out.Date("due_date", invoice.due_date, got.due_date);
  out.Text("reference", invoice.reference, got.reference);
  out.Text("payment_reference", invoice.payment_reference, got.payment_reference);
  out.Text("journal_code", invoice.journal_code, got.journal_code);
  CompareRate(invoice, got, out);
}

/// Odoo books claims in the company's currency, whatever they were paid in; and taxes each expense
/// by itself, so that the whole tax may miss by a cent a line.
void CompareClaim(const model::ExpenseClaim& claim, const ErpSnapshot& got, Differences& out) {
  if (got.date) out.Date("date", claim.date, got.date);
  if (got.currency_code != claim.currency.code()) return;
  if (claim.expected_total) {
    out.Amount(Reason::kTotalMismatch, "expected_total", claim.expected_total->ToDecimal(),
               got.total, claim.currency.code());
  }
  const Decimal slack = Decimal::FromUnscaled(static_cast<int64_t>(claim.lines.size()),
                                              claim.currency.scale());
  if (claim.expected_tax && Distance(claim.expected_tax->ToDecimal(), got.tax) > slack) {
    out.Amount(Reason::kTotalMismatch, "expected_tax", claim.expected_tax->ToDecimal(), got.tax,
               claim.currency.code());
  }
}

void CompareContent(const Document& document, const ErpSnapshot& got, Differences& out) {
  switch (document.type()) {
    case DocumentType::kPartner: return;
    case DocumentType::kInvoice:
      return CompareInvoice(std::get<model::Invoice>(document.content), document, got, out);
    case DocumentType::kPayment: {
      const auto& payment = std::get<model::Payment>(document.content);
      out.Text("currency_code", payment.amount.currency().code(), got.currency_code);
      out.Amount(Reason::kTotalMismatch, "amount", payment.amount.ToDecimal(), got.total,
                 payment.amount.currency().code());
      out.Date("date", payment.date, got.date);
      return;
    }
    case DocumentType::kJournalEntry: {
      const auto& entry = std::get<model::JournalEntry>(document.content);
      out.Amount(Reason::kTotalMismatch, "lines", AskedTotal(document), got.total,
                 got.currency_code);
      out.Date("date", entry.date, got.date);
      out.Text("reference", entry.reference, got.reference);
      return;
    }
    case DocumentType::kExpenseClaim:
      return CompareClaim(std::get<model::ExpenseClaim>(document.content), got, out);
  }
}

/// A supplier's bill whose stated total and tax miss Odoo's by the same few cents.
std::optional<model::Money> TaxCorrection(const Document& document, const ErpSnapshot& got) {
  if (document.type() != DocumentType::kInvoice) return std::nullopt;
  const auto& invoice = std::get<model::Invoice>(document.content);
  if (!model::IsPurchase(invoice.kind) || !invoice.expected_tax || got.tax.IsZero()) {
    return std::nullopt;
  }
  const Decimal tax = invoice.expected_tax->ToDecimal();
  const auto by_tax = tax.Subtract(got.tax);
  if (!by_tax.ok() || by_tax->IsZero()) return std::nullopt;
  const Decimal most =
      Decimal::FromUnscaled(kTaxCorrectionMinorMax, invoice.currency.scale());
  if (by_tax->Abs() > most) return std::nullopt;
  if (invoice.expected_total) {
    const auto by_total = invoice.expected_total->ToDecimal().Subtract(got.total);
    if (!by_total.ok() || *by_total != *by_tax) return std::nullopt;
  }
  return invoice.expected_tax;
}

bool OnlyTotals(const std::vector<Finding>& findings) {
  return !findings.empty() &&
         std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
           return finding.reason == base::EntryOf(Reason::kTotalMismatch).name;
         });
}

}  // namespace

bool IsPostedState(const ErpSnapshot& snapshot) {
  return snapshot.state == "posted" || snapshot.state == "in_process" || snapshot.state == "paid";
}

bool IsCancelledState(const ErpSnapshot& snapshot) {
  return snapshot.state == "cancel" || snapshot.state == "canceled";
}

DraftComparison CompareDraft(const Document& document, const ErpSnapshot& got, bool may_correct) {
  DraftComparison comparison;
  Differences differences(document, got);
  CompareContent(document, got, differences);
  comparison.findings = std::move(differences.findings);
  if (may_correct && OnlyTotals(comparison.findings)) {
    comparison.corrected_tax = TaxCorrection(document, got);
    if (comparison.corrected_tax) comparison.findings.clear();
  }
  return comparison;
}

std::vector<Finding> CompareBooked(const Document& document, const ErpSnapshot& got,
                                   model::Posting posting) {
  if (document.type() == DocumentType::kPartner) return {};
  Differences differences(document, got);
  const bool draft = posting == model::Posting::kDraft;
  const bool fits = draft ? got.state == "draft" || IsPostedState(got) : IsPostedState(got);
  if (!fits) {
    differences.Add(Reason::kBookedDifferently, "state",
                    StrCat("The document should be ", draft ? "a draft" : "posted",
                           ", in Odoo it is ", got.state),
                    draft ? "draft" : "posted", got.state);
  }
  CompareContent(document, got, differences);
  return std::move(differences.findings);
}

void DowngradeAccepted(const std::vector<std::string>& accepted, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (std::find(accepted.begin(), accepted.end(), finding.reason) != accepted.end()) {
      finding.severity = model::Severity::kWarning;
    }
  }
}

}  // namespace kontor::engine
