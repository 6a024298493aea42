// SPDX-License-Identifier: Apache-2.0
// What a bank takes of pain.001, as data: a pack is one JSON file, no code. Each pack brings
// examples of what it accepts and what it refuses, and is not believed until they come out so.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/finding.h"
#include "server/model/payment_order.h"

namespace kontor::formats {

/// Which characters texts may have.
enum class CharacterSet {
  kSepa,   ///< a-z A-Z 0-9 / - ? : ( ) . , ' + and space: what every bank takes.
  kLatin,  ///< Printable ASCII, Latin-1, Latin Extended-A, Ș ș Ț ț €: what Swiss banks take.
  kAny,    ///< Whatever XML can carry, without control characters.
};

/// What addresses must be like, once the dialect's `address_from` has come.
enum class AddressRule {
  kAny,
  kHybrid,      ///< Town and country in fields of their own; lines besides are fine.
  kStructured,  ///< No lines at all.
};

/// A change to the base order, and what the pack says to the result.
struct DialectExample {
  std::string name;
  std::string change;  ///< JSON object: pointer (RFC 6901) into the base order → value.
  bool accept = true;
  std::string reason;  ///< For refusals: the reason and the field of the first finding.
  std::string field;
};

/// One pack. Empty lists mean "any".
struct Dialect {
  std::string name;  ///< Such as "sepa-09".
  std::string description;
  int version = 9;         ///< Of pain.001.001: 3 or 9.
  std::string name_space;  ///< Of the Document; empty: ISO's own.
  CharacterSet characters = CharacterSet::kSepa;
  int name_length_max = 70;
  int remittance_length_max = 140;
  bool remittance_exclusive = true;          ///< Either a text or a reference, not both.
  std::vector<std::string> reference_types;  ///< SCOR, QRR …
  std::vector<std::string> currencies;
  std::vector<std::string> service_levels;  ///< "" stands for none.
  std::vector<std::string> local_instruments;
  std::vector<std::string> charge_bearers;      ///< Codes; "" stands for none.
  std::vector<std::string> creditor_countries;  ///< Of the IBAN.
  bool iban_only = true;                        ///< Creditor's account.
  bool creditor_bank_required = false;
  bool uetr_required = false;
  bool qr_reference_needs_qr_iban = false;  ///< Swiss: QRR and an IBAN with a QR-IID go together.
  AddressRule address_rule = AddressRule::kAny;
  std::optional<model::Date> address_from;  ///< Of execution; none: always.
  bool address_required = false;            ///< Of the creditor.
  int address_lines_max = 2;
  base::Decimal amount_max;        ///< Of one transfer; 0: none.
  int64_t transfers_max = 100000;  ///< Of one file.
  std::string base_order;          ///< JSON; see ReadOrderJson.
  std::vector<DialectExample> examples;

  /// ISO's or the pack's own.
  std::string NameSpace() const;
};

/// Reads a pack. Unknown keys are refused: a misspelt rule is no rule. Errors: DIALECT_INVALID
/// with the key.
absl::StatusOr<Dialect> ParseDialect(std::string_view json);
/// The pack's own examples, tried: DIALECT_INVALID names the first that does not come out so, or
/// says that it has no accepting or no refusing one.
absl::Status ProveDialect(const Dialect& dialect);

/// The packs that kontor brings along, by name. Thread-safe, constant.
const std::vector<Dialect>& BuiltInDialects();
/// nullptr when there is none of that name.
const Dialect* FindDialect(std::string_view name);

/// Everything that the dialect's bank would refuse, in the order's order; empty: nothing. Pure.
/// Ids are checked for shape here and for uniqueness by the writer, which sees all of them.
std::vector<model::Finding> CheckHeader(const Dialect& dialect,
                                        const model::PaymentOrderHeader& header);
std::vector<model::Finding> CheckInstruction(const Dialect& dialect,
                                             const model::PaymentInstruction& instruction);
std::vector<model::Finding> CheckTransfer(const Dialect& dialect,
                                          const model::PaymentInstruction& instruction,
                                          const model::CreditTransfer& transfer);
/// All of an order in memory, uniqueness and sums too; fields by `batches[0].transfers[2].amount`.
std::vector<model::Finding> CheckOrder(const Dialect& dialect, const model::PaymentOrder& order);

/// An order as JSON, for packs, tests and tools: names as in model/payment_order.h, amounts as
/// {"currency":"EUR","value":"1.00"}; counts and sums are computed. FIELD_INVALID with the path.
absl::StatusOr<model::PaymentOrder> ReadOrderJson(std::string_view json);

}  // namespace kontor::formats
