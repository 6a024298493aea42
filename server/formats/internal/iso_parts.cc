// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/iso_parts.h"

#include <iterator>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::formats::internal {
namespace {

using model::BankAccountNumber;
using model::PostalAddress;

constexpr std::string PostalAddress::*kAddressFields[] = {
    &PostalAddress::department,
    &PostalAddress::sub_department,
    &PostalAddress::street,
    &PostalAddress::building_number,
    &PostalAddress::building_name,
    &PostalAddress::floor,
    &PostalAddress::post_box,
    &PostalAddress::room,
    &PostalAddress::post_code,
    &PostalAddress::town,
    &PostalAddress::town_location,
    &PostalAddress::district,
    &PostalAddress::country_subdivision,
    &PostalAddress::country_code,
};
constexpr const char* kAddressNames[] = {"Dept",      "SubDept",  "StrtNm",      "BldgNb", "BldgNm",
                                         "Flr",       "PstBx",    "Room",        "PstCd",  "TwnNm",
                                         "TwnLctnNm", "DstrctNm", "CtrySubDvsn", "Ctry"};
static_assert(std::size(kAddressFields) == std::size(kAddressNames));
static_assert(kIsoDepartment + std::size(kAddressFields) == kIsoAddressLine);

absl::Status TooMany() {
  return base::Error(base::Reason::kFormatLimit)
      .Says(base::StrCat("more than ", static_cast<int64_t>(IsoParts::kListMax),
                         " repetitions of one element"));
}

template <typename T>
absl::Status Append(std::vector<T>& list, T value) {
  if (list.size() >= IsoParts::kListMax) return TooMany();
  list.push_back(std::move(value));
  return absl::OkStatus();
}

}  // namespace

void AddAddress(XmlTree& tree, const std::string& path, XmlId group) {
  const std::string at = path + "/PstlAdr";
  tree.Group(at, group);
  for (size_t i = 0; i < std::size(kAddressNames); ++i) {
    tree.Text(at + "/" + kAddressNames[i], static_cast<XmlId>(kIsoDepartment + i));
  }
  tree.Text(at + "/AdrLine", kIsoAddressLine);
}

void AddParty(XmlTree& tree, const std::string& path) {
  // Version 4 and later wrap a party in Pty, for the alternative Agt.
  tree.Text(path + "/~Pty/Nm", kIsoPartyName);
  AddAddress(tree, path, kIsoPartyAddress);
  tree.Text(path + "/CtryOfRes", kIsoPartyCountry);
  tree.Text(path + "/Id/OrgId/BIC|BICOrBEI|AnyBIC", kIsoPartyBic);
  tree.Text(path + "/Id/OrgId/LEI", kIsoPartyLei);
  tree.Text(path + "/Id/OrgId/Othr/Id", kIsoPartyOrganisationId);
  tree.Text(path + "/Id/OrgId/Othr/SchmeNm/Cd|Prtry", kIsoPartyIdScheme);
  tree.Text(path + "/Id/PrvtId/Othr/Id", kIsoPartyPrivateId);
  tree.Text(path + "/Id/PrvtId/Othr/SchmeNm/Cd|Prtry", kIsoPartyIdScheme);
  tree.Group(path + "/Agt", kIsoPartyAgent);
  AddAgent(tree, path + "/Agt");
}

void AddAgent(XmlTree& tree, const std::string& path) {
  const std::string at = path + "/FinInstnId";
  tree.Text(at + "/BIC|BICFI", kIsoAgentBic);
  tree.Text(at + "/ClrSysMmbId/ClrSysId/Cd|Prtry", kIsoAgentClearing);
  tree.Text(at + "/ClrSysMmbId/MmbId", kIsoAgentMember);
  tree.Text(at + "/Nm", kIsoAgentName);
  tree.Text(at + "/Othr/Id", kIsoAgentOther);
  AddAddress(tree, at, kIsoAgentAddress);
}

void AddAccount(XmlTree& tree, const std::string& path) {
  tree.Text(path + "/Id/IBAN", kIsoIban);
  tree.Text(path + "/Id/Othr/Id", kIsoAccountOther);
  tree.Text(path + "/Id/Othr/SchmeNm/Cd|Prtry", kIsoAccountScheme);
  tree.Text(path + "/Nm", kIsoAccountName);
  tree.Text(path + "/Ccy", kIsoAccountCurrency);
}

void AddRemittance(XmlTree& tree, const std::string& path) {
  tree.Text(path + "/Ustrd", kIsoUnstructured);
  const std::string at = path + "/Strd";
  tree.Group(at, kIsoStructured);
  tree.Text(at + "/CdtrRefInf/Tp/CdOrPrtry/Cd|Prtry", kIsoReferenceType);
  tree.Text(at + "/CdtrRefInf/Tp/Issr", kIsoReferenceIssuer);
  tree.Text(at + "/CdtrRefInf/Ref", kIsoReference);
  tree.Group(at + "/RfrdDocInf", kIsoDocument);
  tree.Text(at + "/RfrdDocInf/Tp/CdOrPrtry/Cd|Prtry", kIsoDocumentType);
  tree.Text(at + "/RfrdDocInf/Nb", kIsoDocumentNumber);
  tree.Text(at + "/RfrdDocInf/RltdDt", kIsoDocumentDate);
  tree.Text(at + "/RfrdDocAmt/DuePyblAmt", kIsoDueAmount);
  tree.Text(at + "/RfrdDocAmt/CdtNoteAmt", kIsoCreditNoteAmount);
  tree.Text(at + "/RfrdDocAmt/RmtdAmt", kIsoRemittedAmount);
  tree.Text(at + "/AddtlRmtInf", kIsoRemittanceNote);
}

absl::Status IsoParts::Put(std::string& slot, std::string_view text) const {
  if (strict && !slot.empty()) {
    return base::Error(base::Reason::kFormatInvalid)
        .Says("an element stands twice where one is allowed");
  }
  slot = text;
  return absl::OkStatus();
}

absl::Status IsoParts::Start(XmlId id) {
  switch (id) {
    case kIsoPartyAddress: address_ = party == nullptr ? nullptr : &party->address; break;
    case kIsoAgentAddress: address_ = agent == nullptr ? nullptr : &agent->address.emplace(); break;
    case kIsoPartyAgent:
      party_agent_ = {};
      agent = &party_agent_;
      break;
    case kIsoStructured:
      if (remittance != nullptr) return Append(remittance->structured, {});
      break;
    case kIsoDocument:
      if (remittance != nullptr) return Append(remittance->structured.back().documents, {});
      break;
    default: break;
  }
  return absl::OkStatus();
}

absl::Status IsoParts::End(XmlId id, std::string_view text, std::string_view currency) {
  if (id >= kIsoDepartment && id < kIsoAddressLine) {
    return address_ == nullptr ? absl::OkStatus()
                               : Put(address_->*kAddressFields[id - kIsoDepartment], text);
  }
  if (id == kIsoAddressLine) {
    return address_ == nullptr ? absl::OkStatus() : Append(address_->lines, std::string(text));
  }
  if (id >= kIsoPartyName && id < kIsoAgentBic) return EndParty(id, text);
  if (id >= kIsoAgentBic && id < kIsoIban) return EndAgent(id, text);
  if (id >= kIsoIban && id < kIsoStructured) return EndAccount(id, text);
  if (id >= kIsoStructured && id < kIsoEnd) return EndRemittance(id, text, currency);
  if (id == kIsoPartyAgent && party != nullptr) {
    party->name = party_agent_.name;
    party->bic = party_agent_.bic;
    agent = nullptr;
  }
  return absl::OkStatus();
}

absl::Status IsoParts::EndParty(XmlId id, std::string_view text) {
  if (party == nullptr) return absl::OkStatus();
  switch (id) {
    case kIsoPartyName: return Put(party->name, text);
    case kIsoPartyCountry: return Put(party->country_of_residence, text);
    case kIsoPartyBic: return Put(party->bic, text);
    case kIsoPartyLei: return Put(party->lei, text);
    case kIsoPartyIdScheme:
      // Only the first identification is kept where several are allowed.
      return party->id_scheme.empty() || strict ? Put(party->id_scheme, text) : absl::OkStatus();
    default:
      if (!party->id.empty() && !strict) return absl::OkStatus();
      party->id_is_private = id == kIsoPartyPrivateId;
      return Put(party->id, text);
  }
}

absl::Status IsoParts::EndAgent(XmlId id, std::string_view text) {
  if (agent == nullptr) return absl::OkStatus();
  switch (id) {
    case kIsoAgentBic: return Put(agent->bic, text);
    case kIsoAgentClearing: return Put(agent->clearing_system, text);
    case kIsoAgentMember: return Put(agent->member_id, text);
    case kIsoAgentName: return Put(agent->name, text);
    default: return Put(agent->other_id, text);
  }
}

absl::Status IsoParts::EndAccount(XmlId id, std::string_view text) {
  if (account == nullptr) return absl::OkStatus();
  switch (id) {
    case kIsoIban: account->scheme = "IBAN"; return Put(account->number, text);
    case kIsoAccountOther: return Put(account->number, text);
    case kIsoAccountScheme: return Put(account->scheme, text);
    case kIsoAccountName: return Put(account->name, text);
    default: {
      KONTOR_ASSIGN_OR_RETURN(account->currency, model::Currency::Parse(text));
      break;
    }
  }
  return absl::OkStatus();
}

absl::Status IsoParts::EndDocument(XmlId id, std::string_view text) {
  model::ReferredDocument& document = remittance->structured.back().documents.back();
  switch (id) {
    case kIsoDocumentType: return Put(document.type, text);
    case kIsoDocumentNumber: return Put(document.number, text);
    case kIsoDocumentDate: {
      KONTOR_ASSIGN_OR_RETURN(document.date, ReadDay(text));
      break;
    }
    default: break;
  }
  return absl::OkStatus();
}

absl::Status IsoParts::EndRemittance(XmlId id, std::string_view text, std::string_view currency) {
  if (remittance == nullptr) return absl::OkStatus();
  if (id == kIsoUnstructured) return Append(remittance->unstructured, std::string(text));
  if (remittance->structured.empty()) return absl::OkStatus();
  model::StructuredRemittance& part = remittance->structured.back();
  switch (id) {
    case kIsoReferenceType: return Put(part.reference_type, text);
    case kIsoReferenceIssuer: return Put(part.reference_issuer, text);
    case kIsoReference: return Put(part.reference, text);
    case kIsoRemittanceNote: return Append(part.additional, std::string(text));
    case kIsoDueAmount: {
      KONTOR_ASSIGN_OR_RETURN(part.due_amount, amounts_.Read(text, currency));
      break;
    }
    case kIsoCreditNoteAmount: {
      KONTOR_ASSIGN_OR_RETURN(part.credit_note_amount, amounts_.Read(text, currency));
      break;
    }
    case kIsoRemittedAmount: {
      KONTOR_ASSIGN_OR_RETURN(part.remitted_amount, amounts_.Read(text, currency));
      break;
    }
    default:
      if (!part.documents.empty()) return EndDocument(id, text);
      break;
  }
  return absl::OkStatus();
}

}  // namespace kontor::formats::internal
