// SPDX-License-Identifier: Apache-2.0
// Who stands at either end of a payment, and what the payment is for: shared by what goes to banks
// (payment_order.h) and what comes back (statement.h). Plain values, all texts UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/date.h"
#include "server/model/money.h"

namespace kontor::model {

using base::Date;

/// An address as ISO 20022 knows it, the fields of all versions together. Structured, hybrid
/// (structured plus up to two lines) or unstructured (lines only).
struct PostalAddress {
  std::string department;
  std::string sub_department;
  std::string street;
  std::string building_number;
  std::string building_name;
  std::string floor;
  std::string post_box;
  std::string room;
  std::string post_code;
  std::string town;
  std::string town_location;
  std::string district;
  std::string country_subdivision;
  std::string country_code;        ///< ISO 3166-1 alpha-2.
  std::vector<std::string> lines;  ///< At most 7 of 70 characters.
  bool IsEmpty() const;
  /// Town and country stand in fields of their own: what the rules of November 2026 ask for.
  bool HasTownAndCountry() const { return !town.empty() && !country_code.empty(); }
  friend bool operator==(const PostalAddress&, const PostalAddress&) = default;
};

/// An account by its number.
struct BankAccountNumber {
  std::string number;  ///< IBAN without spaces, or the bank's own number.
  std::string scheme;  ///< IBAN, BBAN, or what the bank says; empty when it says nothing.
  std::string name;    ///< Name of the account; may be empty.
  Currency currency;   ///< May be none.
  bool IsEmpty() const { return number.empty(); }
  friend bool operator==(const BankAccountNumber&, const BankAccountNumber&) = default;
};

/// A bank: by BIC, by membership of a clearing system, or by name only.
struct BankAgent {
  std::string bic;              ///< 8 or 11 characters.
  std::string clearing_system;  ///< Such as USABA, CHBCC.
  std::string member_id;        ///< The bank's number in that system.
  std::string name;
  std::string other_id;
  std::optional<PostalAddress> address;
  bool IsEmpty() const {
    return bic.empty() && member_id.empty() && name.empty() && other_id.empty();
  }
  friend bool operator==(const BankAgent&, const BankAgent&) = default;
};

/// A person or an organisation with account and bank.
struct BankParty {
  std::string name;
  PostalAddress address;
  std::string country_of_residence;
  std::string bic;  ///< The party's own BIC or BEI.
  std::string lei;
  std::string id;              ///< First other identification: tax number, creditor id …
  std::string id_scheme;       ///< Code or text saying what `id` is; may be empty.
  bool id_is_private = false;  ///< `id` identifies a natural person.
  BankAccountNumber account;
  BankAgent agent;
  bool IsEmpty() const;
  friend bool operator==(const BankParty&, const BankParty&) = default;
};

/// A document that a payment refers to, with the amount paid for it.
struct ReferredDocument {
  std::string type;  ///< CINV, CREN …, or the bank's own word.
  std::string number;
  std::optional<Date> date;
  friend bool operator==(const ReferredDocument&, const ReferredDocument&) = default;
};

/// Remittance that machines can read: one creditor reference or one set of documents.
struct StructuredRemittance {
  std::string reference_type;  ///< SCOR (ISO 11649), QRR, NON, or the bank's own word.
  std::string reference_issuer;
  std::string reference;
  std::vector<ReferredDocument> documents;
  std::optional<Money> due_amount;
  std::optional<Money> credit_note_amount;
  std::optional<Money> remitted_amount;
  std::vector<std::string> additional;
  friend bool operator==(const StructuredRemittance&, const StructuredRemittance&) = default;
};

struct Remittance {
  std::vector<std::string> unstructured;
  std::vector<StructuredRemittance> structured;
  bool IsEmpty() const { return unstructured.empty() && structured.empty(); }
  friend bool operator==(const Remittance&, const Remittance&) = default;
};

/// Whether the text is a BIC by ISO 9362: 8 or 11 capitals and digits, the country at the fifth.
bool IsBic(std::string_view text);

}  // namespace kontor::model
