// SPDX-License-Identifier: Apache-2.0
// Packs: read, proven by their own examples, and those that kontor brings along.
#include "server/formats/dialect.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/embedded_dialects.h"
#include "server/formats/internal/json_fields.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using internal::JsonFields;

constexpr int kVersionOld = 3;
constexpr int kVersionNew = 9;

template <typename T>
struct Word {
  std::string_view word;
  T value;
};
constexpr Word<CharacterSet> kCharacterSets[] = {
    {"sepa", CharacterSet::kSepa}, {"latin", CharacterSet::kLatin}, {"any", CharacterSet::kAny}};
constexpr Word<AddressRule> kAddressRules[] = {{"any", AddressRule::kAny},
                                               {"hybrid", AddressRule::kHybrid},
                                               {"structured", AddressRule::kStructured}};

template <typename T, size_t kSize>
T ReadWord(JsonFields& in, const char* key, const Word<T> (&words)[kSize], T otherwise) {
  const std::string text = in.Text(key);
  if (text.empty()) return otherwise;
  for (const Word<T>& row : words) {
    if (row.word == text) return row.value;
  }
  in.Fail(key, Error(Reason::kFieldInvalid).Says(StrCat("\"", text, "\" is no word for this")));
  return otherwise;
}

DialectExample ReadExample(JsonFields& in) {
  DialectExample example;
  example.name = in.Text("name");
  example.change = in.Raw("change");
  if (example.change.empty()) example.change = "{}";
  example.accept = in.Bool("accept", true);
  example.reason = in.Text("reason");
  example.field = in.Text("field");
  return example;
}

void ReadLimits(JsonFields& in, Dialect& dialect) {
  dialect.name_length_max = static_cast<int>(in.Integer("name_length_max", 70, 1, 140));
  dialect.remittance_length_max =
      static_cast<int>(in.Integer("remittance_length_max", 140, 1, 140));
  dialect.address_lines_max = static_cast<int>(in.Integer("address_lines_max", 2, 0, 7));
  dialect.transfers_max = in.Integer("transfers_max", 100000, 1, 10000000);
  if (const std::string text = in.Text("amount_max"); !text.empty()) {
    const auto amount = base::Decimal::Parse(text);
    in.Fail("amount_max", amount.status());
    if (amount.ok()) dialect.amount_max = *amount;
  }
  if (const std::string text = in.Text("address_from"); !text.empty()) {
    const auto date = model::Date::Parse(text);
    in.Fail("address_from", date.status());
    if (date.ok()) dialect.address_from = *date;
  }
}

void ReadRules(JsonFields& in, Dialect& dialect) {
  dialect.characters = ReadWord(in, "characters", kCharacterSets, CharacterSet::kSepa);
  dialect.address_rule = ReadWord(in, "address_rule", kAddressRules, AddressRule::kAny);
  dialect.remittance_exclusive = in.Bool("remittance_exclusive", true);
  dialect.reference_types = in.Texts("reference_types");
  dialect.currencies = in.Texts("currencies");
  dialect.service_levels = in.Texts("service_levels");
  dialect.local_instruments = in.Texts("local_instruments");
  dialect.charge_bearers = in.Texts("charge_bearers");
  dialect.creditor_countries = in.Texts("creditor_countries");
  dialect.iban_only = in.Bool("iban_only", true);
  dialect.creditor_bank_required = in.Bool("creditor_bank_required", false);
  dialect.uetr_required = in.Bool("uetr_required", false);
  dialect.qr_reference_needs_qr_iban = in.Bool("qr_reference_needs_qr_iban", false);
  dialect.address_required = in.Bool("address_required", false);
}

absl::Status InPack(std::string_view pack, const absl::Status& status) {
  const std::string field = base::InfoOf(status).field;
  return Error(Reason::kDialectInvalid)
      .Field(field)
      .With("pack", pack)
      .Says(StrCat("pack \"", pack, "\": ", model::FindingOf(status).message));
}

absl::Status Unexpected(const Dialect& dialect, const DialectExample& example,
                        std::string_view what) {
  return Error(Reason::kDialectInvalid)
      .Field("examples")
      .With("pack", dialect.name)
      .Says(StrCat("pack \"", dialect.name, "\", example \"", example.name, "\": ", what));
}

/// Sets each pointer's place to its value; null stands for "not there".
bool Apply(const nlohmann::json& change, nlohmann::json& order) {
  if (!change.is_object()) return false;
  try {
    for (const auto& [pointer, value] : change.items()) {
      order[nlohmann::json::json_pointer(pointer)] = value;
    }
  } catch (const nlohmann::json::exception&) {
    return false;
  }
  return true;
}

absl::Status ProveExample(const Dialect& dialect, const DialectExample& example) {
  KONTOR_ASSIGN_OR_RETURN(nlohmann::json order_json, internal::ParseJson(dialect.base_order));
  KONTOR_ASSIGN_OR_RETURN(const nlohmann::json change, internal::ParseJson(example.change));
  if (!Apply(change, order_json)) {
    return Unexpected(dialect, example, "its change names no place of the base order");
  }
  const absl::StatusOr<model::PaymentOrder> order = ReadOrderJson(order_json.dump());
  if (!order.ok()) return Unexpected(dialect, example, model::FindingOf(order.status()).message);
  const std::vector<model::Finding> findings = CheckOrder(dialect, *order);
  if (example.accept) {
    if (findings.empty()) return absl::OkStatus();
    return Unexpected(dialect, example,
                      StrCat("is refused: ", findings[0].reason, " at ", findings[0].field, ", ",
                             findings[0].message));
  }
  if (findings.empty()) return Unexpected(dialect, example, "is accepted");
  if (findings[0].reason == example.reason && findings[0].field == example.field) {
    return absl::OkStatus();
  }
  return Unexpected(dialect, example,
                    StrCat("is refused for ", findings[0].reason, " at ", findings[0].field));
}

}  // namespace

std::string Dialect::NameSpace() const {
  if (!name_space.empty()) return name_space;
  return StrCat("urn:iso:std:iso:20022:tech:xsd:pain.001.001.0", version);
}

absl::StatusOr<Dialect> ParseDialect(std::string_view json) {
  const absl::StatusOr<nlohmann::json> parsed = internal::ParseJson(json);
  if (!parsed.ok()) return InPack("?", parsed.status());
  absl::Status status;
  JsonFields in(*parsed, "", status);
  Dialect dialect;
  dialect.name = in.Text("name");
  dialect.description = in.Text("description");
  dialect.version = static_cast<int>(in.Integer("version", kVersionNew, kVersionOld, kVersionNew));
  dialect.name_space = in.Text("namespace");
  ReadRules(in, dialect);
  ReadLimits(in, dialect);
  dialect.base_order = in.Raw("base_order");
  in.Objects("examples", [&](JsonFields& at) { dialect.examples.push_back(ReadExample(at)); });
  in.Close();
  if (!status.ok()) return InPack(dialect.name, status);
  if (dialect.name.empty() || dialect.base_order.empty()) {
    return InPack(dialect.name,
                  Error(Reason::kFieldMissing).Says("name and base_order are needed"));
  }
  if (dialect.version != kVersionOld && dialect.version != kVersionNew) {
    return InPack(dialect.name,
                  Error(Reason::kFieldInvalid).Field("version").Says("3 or 9 is wanted here"));
  }
  return dialect;
}

absl::Status ProveDialect(const Dialect& dialect) {
  const auto accepts = [](const DialectExample& example) { return example.accept; };
  const auto& examples = dialect.examples;
  if (std::none_of(examples.begin(), examples.end(), accepts) ||
      std::all_of(examples.begin(), examples.end(), accepts)) {
    return Error(Reason::kDialectInvalid)
        .Field("examples")
        .With("pack", dialect.name)
        .Says(StrCat("pack \"", dialect.name,
                     "\" needs an example that it accepts and one that it refuses"));
  }
  for (const DialectExample& example : examples) {
    KONTOR_RETURN_IF_ERROR(ProveExample(dialect, example));
  }
  return absl::OkStatus();
}

const std::vector<Dialect>& BuiltInDialects() {
  static const auto* const kDialects = [] {
    auto* const dialects = new std::vector<Dialect>();
    for (const internal::EmbeddedDialect& embedded : internal::EmbeddedDialects()) {
      absl::StatusOr<Dialect> dialect = ParseDialect(embedded.json);
      KONTOR_CHECK(dialect.ok());  // a test reads all of them
      dialects->push_back(*std::move(dialect));
    }
    return dialects;
  }();
  return *kDialects;
}

const Dialect* FindDialect(std::string_view name) {
  for (const Dialect& dialect : BuiltInDialects()) {
    if (dialect.name == name) return &dialect;
  }
  return nullptr;
}

}  // namespace kontor::formats
