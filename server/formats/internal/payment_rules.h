// SPDX-License-Identifier: Apache-2.0
// The rules that a dialect's data switches: one function a kind of value, each adds findings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/formats/dialect.h"
#include "server/formats/internal/finding_list.h"

namespace kontor::formats::internal {

class PaymentRules {
 public:
  PaymentRules(const Dialect& dialect, FindingList& findings)
      : dialect_(dialect), findings_(findings) {}

  void Id(std::string_view id, bool required, const std::string& field) const;
  /// Characters and length; empty is fine.
  void Text(std::string_view text, int length_max, const std::string& field) const;
  /// An external code of up to `length_max` capitals and digits; empty is fine.
  void Code(std::string_view code, size_t length_max, const std::string& field) const;
  /// `code` is one of the pack's list; an empty list takes everything.
  void OneOf(std::string_view code, const std::vector<std::string>& allowed,
             const std::string& field) const;
  void Bic(std::string_view bic, const std::string& field) const;
  void Party(const model::BankParty& party, bool name_required, const std::string& field) const;
  /// `execution`: the day from which the dialect's address rule may count.
  void Address(const model::PostalAddress& address, const model::Date& execution,
               const std::string& field) const;
  void Agent(const model::BankAgent& agent, const std::string& field) const;
  void Account(const model::BankAccountNumber& account, const std::string& field) const;
  void Remittance(const model::CreditTransfer& transfer) const;
  void Amount(const model::Money& amount) const;

 private:
  void AddressParts(const model::PostalAddress& address, const std::string& field) const;
  void Structured(const model::CreditTransfer& transfer) const;
  void Reference(const model::StructuredRemittance& part, std::string_view iban,
                 const std::string& field) const;

  const Dialect& dialect_;
  FindingList& findings_;
};

}  // namespace kontor::formats::internal
