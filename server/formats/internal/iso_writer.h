// SPDX-License-Identifier: Apache-2.0
// The parts that ISO 20022 messages share, as pain.001.001.03 and .09 write them; iso_parts.h reads
// them back. Elements come in the order of the schemas.
#pragma once

#include "server/formats/internal/xml_writer.h"
#include "server/model/bank_party.h"
#include "server/model/payment_order.h"

namespace kontor::formats::internal {

/// Stands for a debtor's bank that has no BIC.
inline constexpr const char* kNotProvided = "NOTPROVIDED";

class IsoWriter {
 public:
  IsoWriter(XmlWriter& xml, int version) : xml_(xml), version_(version) {}

  void Party(const char* name, const model::BankParty& party);
  void Account(const char* name, const model::BankAccountNumber& account);
  /// Nothing for an unknown bank, unless it is `required`: then NOTPROVIDED.
  void Agent(const char* name, const model::BankAgent& agent, bool required);
  void Remittance(const model::Remittance& remittance);
  /// <name><Cd>…</Cd></name>, or Prtry when the code is none of ISO's shape (up to 4 capitals and
  /// digits); nothing when it is empty.
  void Choice(const char* name, std::string_view code);

 private:
  bool IsOld() const { return version_ < 9; }
  void Address(const model::PostalAddress& address);
  void PartyId(const model::BankParty& party);
  void OtherId(std::string_view id, std::string_view scheme);
  void Structured(const model::StructuredRemittance& part);

  XmlWriter& xml_;
  int version_;
};

}  // namespace kontor::formats::internal
