// SPDX-License-Identifier: Apache-2.0
// The parts that ISO 20022 messages share: addresses, parties, agents, accounts, remittance. A
// message's reader points this at the object that is being filled; elements end, texts land.
#pragma once

#include <string>
#include <string_view>

#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/xml_tree.h"
#include "server/model/bank_party.h"

namespace kontor::formats::internal {

/// Ids of the shared elements; messages number their own from kIsoEnd.
enum IsoId : XmlId {
  kIsoNone = 0,
  kIsoPartyAddress,
  kIsoAgentAddress,
  kIsoPartyAgent,  ///< A party that is a bank (Party40Choice/Agt).
  // Address texts, in the order of kAddressFields.
  kIsoDepartment,
  kIsoSubDepartment,
  kIsoStreet,
  kIsoBuildingNumber,
  kIsoBuildingName,
  kIsoFloor,
  kIsoPostBox,
  kIsoRoom,
  kIsoPostCode,
  kIsoTown,
  kIsoTownLocation,
  kIsoDistrict,
  kIsoSubdivision,
  kIsoCountry,
  kIsoAddressLine,
  // Party texts.
  kIsoPartyName,
  kIsoPartyCountry,
  kIsoPartyBic,
  kIsoPartyLei,
  kIsoPartyOrganisationId,
  kIsoPartyPrivateId,
  kIsoPartyIdScheme,
  // Agent texts.
  kIsoAgentBic,
  kIsoAgentClearing,
  kIsoAgentMember,
  kIsoAgentName,
  kIsoAgentOther,
  // Account texts.
  kIsoIban,
  kIsoAccountOther,
  kIsoAccountScheme,
  kIsoAccountName,
  kIsoAccountCurrency,
  // Remittance.
  kIsoStructured,
  kIsoDocument,
  kIsoUnstructured,
  kIsoReferenceType,
  kIsoReferenceIssuer,
  kIsoReference,
  kIsoDocumentType,
  kIsoDocumentNumber,
  kIsoDocumentDate,
  kIsoDueAmount,
  kIsoCreditNoteAmount,
  kIsoRemittedAmount,
  kIsoRemittanceNote,
  kIsoEnd,
};

// Each adds the shared elements below `path`, which the message itself has added.
void AddAddress(XmlTree& tree, const std::string& path, XmlId group);
void AddParty(XmlTree& tree, const std::string& path);
void AddAgent(XmlTree& tree, const std::string& path);
void AddAccount(XmlTree& tree, const std::string& path);
void AddRemittance(XmlTree& tree, const std::string& path);

class IsoParts {
 public:
  static constexpr size_t kListMax =
      10000;  ///< Of repeated elements of one part; more is an error.

  /// Where the texts of the next part go; the object outlives it.
  model::BankParty* party = nullptr;
  model::BankAgent* agent = nullptr;
  model::BankAccountNumber* account = nullptr;
  model::Remittance* remittance = nullptr;
  /// A text that comes twice is an error instead of the last one counting.
  bool strict = false;

  /// Takes a shared element; OK also for values that only inform and cannot be read. Errors: a
  /// list too long (FORMAT_LIMIT), an amount or a date that cannot be read.
  absl::Status Start(XmlId id);
  absl::Status End(XmlId id, std::string_view text, std::string_view currency);

 private:
  absl::Status Put(std::string& slot, std::string_view text) const;
  absl::Status EndParty(XmlId id, std::string_view text);
  absl::Status EndAgent(XmlId id, std::string_view text);
  absl::Status EndAccount(XmlId id, std::string_view text);
  absl::Status EndRemittance(XmlId id, std::string_view text, std::string_view currency);
  absl::Status EndDocument(XmlId id, std::string_view text);

  model::PostalAddress* address_ = nullptr;
  model::BankAgent party_agent_;
  AmountReader amounts_;
};

}  // namespace kontor::formats::internal
