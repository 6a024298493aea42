// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/iso_writer.h"

#include <algorithm>
#include <iterator>

#include "server/model/validate.h"

namespace kontor::formats::internal {
namespace {

/// DocumentType3Code: other words for a reference's type are the scheme's own.
constexpr std::string_view kReferenceCodes[] = {"RADM", "RPIN", "FXDR", "DISP", "PUOR", "SCOR"};

bool IsIsoCode(std::string_view code) {
  constexpr size_t kCodeMax = 4;
  const auto plain = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return code.size() <= kCodeMax && std::all_of(code.begin(), code.end(), plain);
}

}  // namespace

void IsoWriter::Choice(const char* name, std::string_view code) {
  if (code.empty()) return;
  xml_.Open(name);
  xml_.Text(IsIsoCode(code) ? "Cd" : "Prtry", code);
  xml_.Close();
}

void IsoWriter::Address(const model::PostalAddress& address) {
  if (address.IsEmpty()) return;
  xml_.Open("PstlAdr");
  xml_.Text("Dept", address.department);
  xml_.Text("SubDept", address.sub_department);
  xml_.Text("StrtNm", address.street);
  xml_.Text("BldgNb", address.building_number);
  xml_.Text("BldgNm", address.building_name);
  xml_.Text("Flr", address.floor);
  xml_.Text("PstBx", address.post_box);
  xml_.Text("Room", address.room);
  xml_.Text("PstCd", address.post_code);
  xml_.Text("TwnNm", address.town);
  xml_.Text("TwnLctnNm", address.town_location);
  xml_.Text("DstrctNm", address.district);
  xml_.Text("CtrySubDvsn", address.country_subdivision);
  xml_.Text("Ctry", address.country_code);
  for (const std::string& line : address.lines) xml_.Text("AdrLine", line);
  xml_.Close();
}

void IsoWriter::OtherId(std::string_view id, std::string_view scheme) {
  if (id.empty()) return;
  xml_.Open("Othr");
  xml_.Text("Id", id);
  Choice("SchmeNm", scheme);
  xml_.Close();
}

void IsoWriter::PartyId(const model::BankParty& party) {
  if (party.id.empty() && party.bic.empty() && party.lei.empty()) return;
  xml_.Open("Id");
  xml_.Open(party.id_is_private ? "PrvtId" : "OrgId");
  xml_.Text(IsOld() ? "BICOrBEI" : "AnyBIC", party.bic);
  xml_.Text("LEI", party.lei);
  OtherId(party.id, party.id_scheme);
  xml_.Close();
  xml_.Close();
}

void IsoWriter::Party(const char* name, const model::BankParty& party) {
  xml_.Open(name);
  xml_.Text("Nm", party.name);
  Address(party.address);
  PartyId(party);
  xml_.Text("CtryOfRes", party.country_of_residence);
  xml_.Close();
}

void IsoWriter::Account(const char* name, const model::BankAccountNumber& account) {
  const bool iban =
      account.scheme == "IBAN" || (account.scheme.empty() && model::LooksLikeIban(account.number));
  xml_.Open(name);
  xml_.Open("Id");
  if (iban) {
    xml_.Text("IBAN", account.number);
  } else {
    OtherId(account.number, account.scheme);
  }
  xml_.Close();
  xml_.Text("Ccy", account.currency.code());
  xml_.Text("Nm", account.name);
  xml_.Close();
}

void IsoWriter::Agent(const char* name, const model::BankAgent& agent, bool required) {
  if (agent.IsEmpty() && !required) return;
  xml_.Open(name);
  xml_.Open("FinInstnId");
  xml_.Text(IsOld() ? "BIC" : "BICFI", agent.bic);
  if (!agent.member_id.empty()) {
    xml_.Open("ClrSysMmbId");
    if (!agent.clearing_system.empty()) {
      xml_.Open("ClrSysId");
      xml_.Text("Cd", agent.clearing_system);
      xml_.Close();
    }
    xml_.Text("MmbId", agent.member_id);
    xml_.Close();
  }
  xml_.Text("Nm", agent.name);
  if (agent.address.has_value()) Address(*agent.address);
  OtherId(agent.IsEmpty() ? std::string_view(kNotProvided) : agent.other_id, "");
  xml_.Close();
  xml_.Close();
}

void IsoWriter::Structured(const model::StructuredRemittance& part) {
  xml_.Open("Strd");
  xml_.Open("CdtrRefInf");
  if (!part.reference_type.empty()) {
    const bool code = std::find(std::begin(kReferenceCodes), std::end(kReferenceCodes),
                                part.reference_type) != std::end(kReferenceCodes);
    xml_.Open("Tp");
    xml_.Open("CdOrPrtry");
    xml_.Text(code ? "Cd" : "Prtry", part.reference_type);
    xml_.Close();
    xml_.Text("Issr", part.reference_issuer);
    xml_.Close();
  }
  xml_.Text("Ref", part.reference);
  xml_.Close();
  xml_.Close();
}

void IsoWriter::Remittance(const model::Remittance& remittance) {
  if (remittance.IsEmpty()) return;
  xml_.Open("RmtInf");
  for (const std::string& text : remittance.unstructured) xml_.Text("Ustrd", text);
  for (const model::StructuredRemittance& part : remittance.structured) Structured(part);
  xml_.Close();
}

}  // namespace kontor::formats::internal
