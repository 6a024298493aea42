// SPDX-License-Identifier: Apache-2.0
// Lengths are those of the message schemas pain.001.001.03 and .09; the dialect may be narrower.
#include "server/formats/internal/payment_rules.h"

#include <algorithm>

#include "server/base/text.h"
#include "server/formats/internal/characters.h"
#include "server/formats/internal/references.h"
#include "server/model/validate.h"

namespace kontor::formats::internal {
namespace {

using base::Reason;
using base::StrCat;

constexpr int kVersionOld = 3;
constexpr int kNameMax = 140;
constexpr int kIdMax = 35;
constexpr int kAccountMax = 34;
constexpr int kAddressLineMax = 70;

struct AddressPart {
  std::string model::PostalAddress::*part;
  const char* name;
  int length_max;
  bool since_nine;  ///< Not in version 3.
};
constexpr AddressPart kAddressParts[] = {
    {&model::PostalAddress::department, "department", 70, false},
    {&model::PostalAddress::sub_department, "sub_department", 70, false},
    {&model::PostalAddress::street, "street", 70, false},
    {&model::PostalAddress::building_number, "building_number", 16, false},
    {&model::PostalAddress::building_name, "building_name", 35, true},
    {&model::PostalAddress::floor, "floor", 70, true},
    {&model::PostalAddress::post_box, "post_box", 16, true},
    {&model::PostalAddress::room, "room", 70, true},
    {&model::PostalAddress::post_code, "post_code", 16, false},
    {&model::PostalAddress::town, "town", 35, false},
    {&model::PostalAddress::town_location, "town_location", 35, true},
    {&model::PostalAddress::district, "district", 35, true},
    {&model::PostalAddress::country_subdivision, "country_subdivision", 35, false},
};

bool IsCapitalOrDigit(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool IsCountry(std::string_view code) {
  return code.size() == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z';
}

/// Version 3's pattern: letters first, and no 0 or 1, no O where they are easily mistaken.
bool IsOldBic(std::string_view bic) {
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  return std::all_of(bic.begin(), bic.begin() + 6, letter) && bic[6] != '0' && bic[6] != '1' &&
         bic[7] != 'O';
}

}  // namespace

void PaymentRules::Id(std::string_view id, bool required, const std::string& field) const {
  if (id.empty()) {
    if (required) findings_.Add(Reason::kFieldMissing, field, "no id is given");
    return;
  }
  if (IsWireId(id)) return;
  findings_.Add(Reason::kFieldInvalid, field,
                StrCat("ids have 1 to ", kIdMax,
                       " of the characters a-z A-Z 0-9 / - ? : ( ) . , ' +, no slash at either "
                       "end and no two in a row"));
}

void PaymentRules::Text(std::string_view text, int length_max, const std::string& field) const {
  const std::string foreign = FirstForeign(text, dialect_.characters);
  if (!foreign.empty()) {
    findings_.Add(Reason::kCharacterRefused, field,
                  StrCat("\"", foreign, "\" is not in the character set of ", dialect_.name));
    return;
  }
  const int length = base::CountCodePoints(text);
  if (length > length_max) {
    findings_.Add(Reason::kFieldTooLong, field,
                  StrCat("has ", length, " characters, ", length_max, " are allowed"));
  }
}

void PaymentRules::Code(std::string_view code, size_t length_max, const std::string& field) const {
  if (code.size() <= length_max && std::all_of(code.begin(), code.end(), IsCapitalOrDigit)) return;
  findings_.Add(
      Reason::kFieldInvalid, field,
      StrCat("codes have up to ", static_cast<int64_t>(length_max), " capitals and digits"));
}

void PaymentRules::OneOf(std::string_view code, const std::vector<std::string>& allowed,
                         const std::string& field) const {
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), code) != allowed.end()) return;
  findings_.Add(
      Reason::kDialectRefused, field,
      StrCat(dialect_.name, " takes ", base::StrJoin(allowed, ", "), ", not \"", code, "\""));
}

void PaymentRules::Bic(std::string_view bic, const std::string& field) const {
  if (bic.empty()) return;
  if (model::IsBic(bic) && (dialect_.version > kVersionOld || IsOldBic(bic))) return;
  findings_.Add(Reason::kFieldInvalid, field, "this is not a BIC");
}

void PaymentRules::Party(const model::BankParty& party, bool name_required,
                         const std::string& field) const {
  if (name_required && party.name.empty()) {
    findings_.Add(Reason::kFieldMissing, At(field, "name"), "no name is given");
  }
  Text(party.name, std::min(dialect_.name_length_max, kNameMax), At(field, "name"));
  Text(party.id, kIdMax, At(field, "id"));
  Text(party.id_scheme, kIdMax, At(field, "id_scheme"));
  Bic(party.bic, At(field, "bic"));
  if (!party.id_scheme.empty() && party.id.empty()) {
    findings_.Add(Reason::kFieldMissing, At(field, "id"), "an id's scheme is given, but no id");
  }
  if (!party.lei.empty()) {
    if (dialect_.version <= kVersionOld) {
      findings_.Add(Reason::kDialectRefused, At(field, "lei"), "version 3 has no LEI");
    } else if (!IsLei(party.lei)) {
      findings_.Add(Reason::kFieldInvalid, At(field, "lei"), "this is not an LEI");
    }
  }
  const bool organisation = !party.bic.empty() || !party.lei.empty();
  if (party.id_is_private && organisation) {
    findings_.Add(Reason::kFieldConflict, At(field, "id"),
                  "a party is a person or an organisation, not both");
  }
  if (!party.country_of_residence.empty() && !IsCountry(party.country_of_residence)) {
    findings_.Add(Reason::kFieldInvalid, At(field, "country_of_residence"),
                  "countries are two capitals");
  }
}

void PaymentRules::AddressParts(const model::PostalAddress& address,
                                const std::string& field) const {
  for (const AddressPart& row : kAddressParts) {
    const std::string& text = address.*row.part;
    if (text.empty()) continue;
    if (row.since_nine && dialect_.version <= kVersionOld) {
      findings_.Add(Reason::kDialectRefused, At(field, row.name), "version 3 has no such field");
    }
    Text(text, row.length_max, At(field, row.name));
  }
  if (!address.country_code.empty() && !IsCountry(address.country_code)) {
    findings_.Add(Reason::kFieldInvalid, At(field, "country_code"), "countries are two capitals");
  }
  for (size_t i = 0; i < address.lines.size(); ++i) {
    const std::string at = StrCat(field, ".lines[", static_cast<int64_t>(i), "]");
    if (address.lines[i].empty()) findings_.Add(Reason::kFieldMissing, at, "the line is empty");
    Text(address.lines[i], kAddressLineMax, at);
  }
  if (address.lines.size() > static_cast<size_t>(dialect_.address_lines_max)) {
    findings_.Add(Reason::kDialectRefused, At(field, "lines"),
                  StrCat(dialect_.name, " takes ", dialect_.address_lines_max, " lines"));
  }
}

void PaymentRules::Address(const model::PostalAddress& address, const model::Date& execution,
                           const std::string& field) const {
  AddressParts(address, field);
  const bool in_force = !dialect_.address_from.has_value() || execution >= *dialect_.address_from;
  if (address.IsEmpty() || !in_force || dialect_.address_rule == AddressRule::kAny) return;
  if (!address.HasTownAndCountry()) {
    findings_.Add(Reason::kAddressUnstructured, field,
                  "town and country do not stand in fields of their own");
  }
  if (dialect_.address_rule == AddressRule::kStructured && !address.lines.empty()) {
    findings_.Add(Reason::kAddressUnstructured, At(field, "lines"),
                  StrCat(dialect_.name, " takes structured addresses only"));
  }
}

void PaymentRules::Agent(const model::BankAgent& agent, const std::string& field) const {
  Bic(agent.bic, At(field, "bic"));
  Text(agent.name, kNameMax, At(field, "name"));
  Text(agent.member_id, kIdMax, At(field, "member_id"));
  Text(agent.other_id, kIdMax, At(field, "other_id"));
  Code(agent.clearing_system, 5, At(field, "clearing_system"));
  if (!agent.clearing_system.empty() && agent.member_id.empty()) {
    findings_.Add(Reason::kFieldMissing, At(field, "member_id"),
                  "a clearing system is named, but no number in it");
  }
  if (!agent.address.has_value()) return;
  AddressParts(*agent.address, At(field, "address"));
  if (agent.IsEmpty()) {
    findings_.Add(Reason::kFieldMissing, field, "an address is given, but not whose");
  }
}

void PaymentRules::Account(const model::BankAccountNumber& account,
                           const std::string& field) const {
  const std::string at = At(field, "number");
  if (account.number.empty()) {
    findings_.Add(Reason::kFieldMissing, at, "no account is given");
    return;
  }
  if (account.scheme == "IBAN" ||
      (account.scheme.empty() && model::LooksLikeIban(account.number))) {
    findings_.Add(base::AtField(model::CheckIban(account.number), at));
    return;
  }
  if (dialect_.iban_only) {
    findings_.Add(Reason::kDialectRefused, at, StrCat(dialect_.name, " takes IBANs only"));
    return;
  }
  Text(account.number, kAccountMax, at);
  Code(account.scheme, 4, At(field, "scheme"));
}

void PaymentRules::Amount(const model::Money& amount) const {
  if (amount.currency().IsNone()) {
    findings_.Add(Reason::kFieldMissing, "amount", "no amount is given");
    return;
  }
  if (amount.IsZero() || amount.IsNegative()) {
    findings_.Add(Reason::kAmountInvalid, "amount", "a payment is above 0");
  }
  OneOf(amount.currency().code(), dialect_.currencies, "amount");
  if (!dialect_.amount_max.IsZero() && amount.ToDecimal() > dialect_.amount_max) {
    findings_.Add(Reason::kDialectRefused, "amount",
                  StrCat(dialect_.name, " takes at most ", dialect_.amount_max.ToString()));
  }
}

void PaymentRules::Reference(const model::StructuredRemittance& part, std::string_view iban,
                             const std::string& field) const {
  const std::string at = At(field, "reference");
  if (part.reference.empty()) {
    findings_.Add(Reason::kFieldMissing, at, "no reference is given");
    return;
  }
  OneOf(part.reference_type, dialect_.reference_types, At(field, "reference_type"));
  Text(part.reference, kIdMax, at);
  Text(part.reference_type, kIdMax, At(field, "reference_type"));
  if (!part.reference_issuer.empty() && part.reference_type.empty()) {
    findings_.Add(Reason::kFieldMissing, At(field, "reference_type"),
                  "an issuer is given, but no type of reference");
  }
  Text(part.reference_issuer, kIdMax, At(field, "reference_issuer"));
  const bool rf = part.reference_type == "SCOR" && part.reference.starts_with("RF");
  if (rf && !IsCreditorReference(part.reference)) {
    findings_.Add(Reason::kFieldInvalid, at, "the check digits of the reference are wrong");
  }
  const bool qr = part.reference_type == "QRR";
  if (qr && !IsQrReference(part.reference)) {
    findings_.Add(Reason::kFieldInvalid, at, "this is not a QR reference of 27 digits");
  }
  if (dialect_.qr_reference_needs_qr_iban && qr && !IsQrIban(iban)) {
    findings_.Add(Reason::kDialectRefused, at, "a QR reference needs a QR-IBAN");
  }
}

void PaymentRules::Structured(const model::CreditTransfer& transfer) const {
  const auto& parts = transfer.remittance.structured;
  const std::string field = "remittance.structured[0]";
  if (parts.size() > 1) {
    findings_.Add(Reason::kDialectRefused, "remittance.structured",
                  "one reference a payment; more would be cut off on the way");
  }
  Reference(parts[0], transfer.creditor.account.number, field);
  const model::StructuredRemittance& part = parts[0];
  if (!part.documents.empty() || part.due_amount || part.credit_note_amount ||
      part.remitted_amount || !part.additional.empty()) {
    findings_.Add(Reason::kDialectRefused, field,
                  "documents and their amounts would be cut off on the way");
  }
}

void PaymentRules::Remittance(const model::CreditTransfer& transfer) const {
  const model::Remittance& remittance = transfer.remittance;
  if (remittance.unstructured.size() > 1) {
    findings_.Add(Reason::kDialectRefused, "remittance.unstructured",
                  "one text a payment; more would be cut off on the way");
  }
  for (const std::string& text : remittance.unstructured) {
    if (text.empty()) {
      findings_.Add(Reason::kFieldMissing, "remittance.unstructured[0]", "the text is empty");
    }
    Text(text, std::min(dialect_.remittance_length_max, kNameMax), "remittance.unstructured[0]");
  }
  if (dialect_.remittance_exclusive && !remittance.unstructured.empty() &&
      !remittance.structured.empty()) {
    findings_.Add(Reason::kDialectRefused, "remittance", "either a text or a reference, not both");
  }
  if (!remittance.structured.empty()) Structured(transfer);
  const bool qr =
      !remittance.structured.empty() && remittance.structured[0].reference_type == "QRR";
  if (dialect_.qr_reference_needs_qr_iban && IsQrIban(transfer.creditor.account.number) && !qr) {
    findings_.Add(Reason::kDialectRefused, "remittance", "a QR-IBAN needs a QR reference");
  }
}

}  // namespace kontor::formats::internal
