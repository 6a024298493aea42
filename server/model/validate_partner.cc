// SPDX-License-Identifier: Apache-2.0
// Partners and their bank accounts, as far as they can be judged without Odoo.
#include <algorithm>
#include <set>

#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {
namespace {

using base::Reason;

bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

/// ISO 9362: four letters or digits of the party, country, two of the place, three of the branch.
bool IsBic(std::string_view bic) {
  const auto plain = [](char c) { return IsCapital(c) || IsDigit(c); };
  return (bic.size() == 8 || bic.size() == 11) && std::all_of(bic.begin(), bic.end(), plain) &&
         IsCapital(bic[4]) && IsCapital(bic[5]);
}

/// Odoo's language codes: ll, ll_CC, lll, with an optional @script.
bool IsLanguage(std::string_view code) {
  const std::string_view whole = code.substr(0, code.find('@'));
  const size_t underscore = whole.find('_');
  const std::string_view language = whole.substr(0, underscore);
  const bool language_fits = (language.size() == 2 || language.size() == 3) &&
                             std::all_of(language.begin(), language.end(), IsLower);
  if (underscore == std::string_view::npos) return language_fits;
  const std::string_view region = whole.substr(underscore + 1);
  const auto plain = [](char c) { return IsCapital(c) || IsDigit(c); };
  return language_fits && (region.size() == 2 || region.size() == 3) &&
         std::all_of(region.begin(), region.end(), plain);
}

/// Enough to catch a name or a number in the wrong field; only sending mail proves an address.
bool IsEmail(std::string_view email) {
  const size_t at = email.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
         email.find('@', at + 1) == std::string_view::npos &&
         email.find(' ') == std::string_view::npos;
}

void ValidateTexts(const Partner& partner, Findings& findings) {
  constexpr int kStreetMax = 200;
  constexpr int kCityMax = 100;
  constexpr int kZipMax = 24;
  constexpr int kVatMax = 32;
  constexpr int kEmailMax = 254;  // RFC 5321, section 4.5.3.1.3, without the angle brackets
  constexpr int kPhoneMax = 64;
  findings.RequiredText(partner.reference, kReferenceMax, "partner.reference");
  findings.RequiredText(partner.name, kPartnerNameMax, "partner.name");
  findings.Text(partner.vat, kVatMax, "partner.vat");
  findings.Text(partner.email, kEmailMax, "partner.email");
  findings.Text(partner.phone, kPhoneMax, "partner.phone");
  findings.Text(partner.street, kStreetMax, "partner.street");
  findings.Text(partner.street2, kStreetMax, "partner.street2");
  findings.Text(partner.city, kCityMax, "partner.city");
  findings.Text(partner.zip, kZipMax, "partner.zip");
  findings.Text(partner.customer_payment_term, kNameMax, "partner.customer_payment_term");
  findings.Text(partner.supplier_payment_term, kNameMax, "partner.vendor_payment_term");
}

void ValidateCodes(const Partner& partner, Findings& findings) {
  const std::string& country = partner.country_code;
  const bool two_capitals = country.size() == 2 && IsCapital(country[0]) && IsCapital(country[1]);
  if (!country.empty() && !two_capitals) {
    findings.Add(Reason::kFieldInvalid, "partner.country_code",
                 "A country is two capitals of ISO 3166-1, such as DE");
  }
  if (!partner.language.empty() && !IsLanguage(partner.language)) {
    findings.Add(Reason::kFieldInvalid, "partner.language",
                 "A language is a code of Odoo, such as de_DE");
  }
  if (!partner.email.empty() && !IsEmail(partner.email)) {
    findings.Add(Reason::kFieldInvalid, "partner.email", "This is not an email address");
  }
}

void ValidateBank(const BankAccount& bank, const std::string& at, Findings& findings) {
  const std::string field = base::StrCat(at, ".account_number");
  const std::string number = NormalAccountNumber(bank.account_number);
  findings.RequiredText(number, kAccountNumberMax, field);
  if (LooksLikeIban(number)) findings.Add(base::AtField(CheckIban(number), field));
  if (!bank.bic.empty() && !IsBic(bank.bic)) {
    findings.Add(Reason::kFieldInvalid, base::StrCat(at, ".bic"),
                 "A BIC has 8 or 11 capitals and digits, with the country in the middle");
  }
  findings.Text(bank.holder_name, kPartnerNameMax, base::StrCat(at, ".holder_name"));
}

}  // namespace

void ValidatePartner(const Partner& partner, Findings& findings) {
  constexpr const char* kField = "partner.bank_accounts";
  ValidateTexts(partner, findings);
  ValidateCodes(partner, findings);
  if (partner.bank_accounts.size() > kBankAccountsMax) {
    findings.Add(Reason::kFieldTooLong, kField,
                 base::StrCat(partner.bank_accounts.size(), " bank accounts, ", kBankAccountsMax,
                              " are allowed"));
    return;
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < partner.bank_accounts.size(); ++i) {
    const BankAccount& bank = partner.bank_accounts[i];
    ValidateBank(bank, FieldAt(kField, i), findings);
    if (!seen.insert(NormalAccountNumber(bank.account_number)).second) {
      findings.Add(Reason::kFieldConflict, FieldAt(kField, i, "account_number"),
                   "The account number is given twice");
    }
  }
}

}  // namespace kontor::model::internal
