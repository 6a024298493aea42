// SPDX-License-Identifier: Apache-2.0
// The rules that need no Odoo: entry point, and what several document types share.
#include "server/model/validate.h"

#include <map>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/internal/rules.h"

namespace kontor::model {
namespace internal {

void Findings::Add(const absl::Status& status) {
  if (!status.ok()) findings_.push_back(FindingOf(status));
}

void Findings::Add(base::Reason reason, std::string field, std::string_view what,
                   std::string asked, std::string got) {
  findings_.push_back(MakeFinding(reason, std::move(field), base::StrCat(what, "."),
                                  std::move(asked), std::move(got)));
}

void Findings::RequiredText(std::string_view text, int length_max, std::string_view field,
                            bool multiline) {
  if (base::Trim(text).empty()) {
    Add(base::Reason::kFieldMissing, std::string(field), "The field is empty");
  } else {
    Text(text, length_max, field, multiline);
  }
}

void Findings::Text(std::string_view text, int length_max, std::string_view field,
                    bool multiline) {
  if (!text.empty()) Add(base::CheckText(text, length_max, field, multiline));
}

std::string FieldAt(std::string_view list, size_t index, std::string_view member) {
  return base::StrCat(list, "[", index, "]", member.empty() ? "" : ".", member);
}

void ValidatePartnerRef(const PartnerRef& partner, bool required, const std::string& field,
                        Findings& findings) {
  constexpr int kVatMax = 32;
  const int given = (partner.reference.empty() ? 0 : 1) + (partner.odoo_id == 0 ? 0 : 1) +
                    (partner.vat.empty() ? 0 : 1);
  if (given == 0 && required) {
    findings.Add(base::Reason::kFieldMissing, field, "No partner is named");
  }
  if (given > 1) {
    findings.Add(base::Reason::kFieldConflict, field,
                 "The partner is named in more than one way: reference, odoo_id, vat");
  }
  if (partner.odoo_id < 0) {
    findings.Add(base::Reason::kFieldInvalid, base::StrCat(field, ".odoo_id"),
                 "Database ids are greater than 0");
  }
  findings.Text(partner.reference, kReferenceMax, base::StrCat(field, ".reference"));
  findings.Text(partner.vat, kVatMax, base::StrCat(field, ".vat"));
}

void ValidateAnalytic(const std::vector<AnalyticShare>& shares, const std::string& field,
                      Findings& findings) {
  if (shares.size() > kSharesPerLineMax) {
    findings.Add(base::Reason::kFieldTooLong, field,
                 base::StrCat(shares.size(), " analytic shares, ", kSharesPerLineMax,
                              " are allowed"));
    return;
  }
  const Decimal hundred = Decimal::FromInt(100);
  std::map<std::string_view, size_t> first_of;
  for (size_t i = 0; i < shares.size(); ++i) {
    const AnalyticShare& share = shares[i];
    findings.RequiredText(share.account_code, kReferenceMax, FieldAt(field, i, "account_code"));
    if (share.percentage.IsNegative() || share.percentage.IsZero() || share.percentage > hundred) {
      findings.Add(base::Reason::kFieldInvalid, FieldAt(field, i, "percentage"),
                   base::StrCat("A share of ", share.percentage.ToString(),
                                " percent is not above 0 and at most 100"));
    }
    if (!first_of.emplace(share.account_code, i).second) {
      findings.Add(base::Reason::kFieldConflict, FieldAt(field, i, "account_code"),
                   "The analytic account is named twice on this line");
    }
  }
}

void ValidateTaxNames(const std::vector<std::string>& names, const std::string& field,
                      Findings& findings) {
  if (names.size() > kTaxesPerLineMax) {
    findings.Add(base::Reason::kFieldTooLong, field,
                 base::StrCat(names.size(), " taxes, ", kTaxesPerLineMax, " are allowed"));
    return;
  }
  std::map<std::string_view, size_t> first_of;
  for (size_t i = 0; i < names.size(); ++i) {
    findings.RequiredText(names[i], kNameMax, FieldAt(field, i));
    if (!first_of.emplace(names[i], i).second) {
      findings.Add(base::Reason::kFieldConflict, FieldAt(field, i),
                   "The tax is named twice on this line");
    }
  }
}

void ValidateDigits(const Decimal& value, const std::string& field, Findings& findings) {
  if (value.SignificantDigits() > Money::kDigitsMax) {
    findings.Add(base::Reason::kAmountTooLarge, field,
                 base::StrCat(value.ToString(), " has more than ", Money::kDigitsMax,
                              " significant digits"));
  }
}

}  // namespace internal

namespace {

std::string_view RootOf(DocumentType type) {
  switch (type) {
    case DocumentType::kPartner: return "partner";
    case DocumentType::kInvoice: return "invoice";
    case DocumentType::kPayment: return "payment";
    case DocumentType::kJournalEntry: return "journal_entry";
    case DocumentType::kExpenseClaim: return "expense_claim";
  }
  return "document";
}

}  // namespace

std::vector<Finding> ValidateDocument(const Document& document) {
  internal::Findings findings;
  findings.RequiredText(document.entity, kReferenceMax,
                        base::StrCat(RootOf(document.type()), ".entity"));
  switch (document.type()) {
    case DocumentType::kPartner:
      internal::ValidatePartner(std::get<Partner>(document.content), findings);
      break;
    case DocumentType::kInvoice:
      internal::ValidateInvoice(std::get<Invoice>(document.content), findings);
      break;
    case DocumentType::kPayment:
      internal::ValidatePayment(std::get<Payment>(document.content), findings);
      break;
    case DocumentType::kJournalEntry:
      internal::ValidateEntry(std::get<JournalEntry>(document.content), findings);
      break;
    case DocumentType::kExpenseClaim:
      internal::ValidateClaim(std::get<ExpenseClaim>(document.content), findings);
      break;
  }
  return findings.Take();
}

}  // namespace kontor::model
