// SPDX-License-Identifier: Apache-2.0
// Reading a mapping file; every place of it is checked before it is used.
#include <algorithm>
#include <array>

#include "adapters/expense/exact_json.h"
#include "adapters/expense/mapping.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::expense {
namespace {

using base::StrCat;
using nlohmann::json;

constexpr int kVersion = 1;
constexpr size_t kValuesMax = 500;

constexpr std::array<std::string_view, 14> kReportFields = {
    "external_id",     "revision",       "title",         "report_date",
    "currency_code",   "exchange_rate",  "total",         "employee.external_id",
    "employee.email",  "employee.name",  "approver.external_id", "approver.email",
    "approver.name",   "total_currency_code"};
constexpr std::array<std::string_view, 16> kLineFields = {
    "external_id",  "date",          "description",     "merchant",
    "category",     "amount",        "currency_code",   "original_amount",
    "original_currency_code",        "exchange_rate",   "tax.treatment",
    "tax.code",     "tax.tax_amount", "cost_centre",    "payment_type",
    "card"};
constexpr std::array<std::string_view, 3> kReceiptFields = {"name", "media_type", "content"};

absl::Status Invalid(std::string_view at, std::string_view what) {
  return base::Error(base::Reason::kMappingInvalid)
      .Field(at.empty() ? "mapping" : StrCat("mapping.", at))
      .Says(what);
}

absl::Status CheckPointer(const std::string& pointer, std::string_view at) {
  if (pointer.empty()) return absl::OkStatus();
  try {
    const json::json_pointer parsed(pointer);
    return absl::OkStatus();
  } catch (const json::exception&) {
    return Invalid(at, StrCat("'", pointer, "' is no JSON Pointer such as /report/id"));
  }
}

absl::StatusOr<std::string> TextOf(const json& value, std::string_view at) {
  if (value.is_string()) return value.get<std::string>();
  return Invalid(at, "a text is expected");
}

absl::StatusOr<Place> ReadPlace(const json& value, const std::string& at) {
  Place place;
  if (value.is_string()) {
    place.pointer = value.get<std::string>();
    KONTOR_RETURN_IF_ERROR(CheckPointer(place.pointer, at));
    if (place.pointer.empty()) return Invalid(at, "an empty pointer is the whole object");
    return place;
  }
  if (!value.is_object()) return Invalid(at, "a pointer, or an object with from, is expected");
  for (const auto& [key, item] : value.items()) {
    const std::string below = StrCat(at, ".", key);
    if (key == "from") {
      KONTOR_ASSIGN_OR_RETURN(place.pointer, TextOf(item, below));
      KONTOR_RETURN_IF_ERROR(CheckPointer(place.pointer, below));
    } else if (key == "is") {
      KONTOR_ASSIGN_OR_RETURN(place.constant, TextOf(item, below));
    } else if (key == "else") {
      KONTOR_ASSIGN_OR_RETURN(place.otherwise, TextOf(item, below));
    } else if (key == "cut") {
      if (!item.is_number_unsigned() || item.get<uint64_t>() == 0) {
        return Invalid(below, "a number of characters above zero is expected");
      }
      place.cut = item.get<size_t>();
    } else if (key == "values") {
      if (!item.is_object() || item.size() > kValuesMax) {
        return Invalid(below, "an object of at most 500 texts is expected");
      }
      for (const auto& [from, to] : item.items()) {
        KONTOR_ASSIGN_OR_RETURN(place.values[from], TextOf(to, below));
      }
    } else {
      return Invalid(below, "is not known; from, is, values, else and cut are");
    }
  }
  if (place.pointer.empty() == place.constant.empty()) {
    return Invalid(at, "exactly one of from and is belongs here");
  }
  return place;
}

/// `employee: {email: …}` and `tax: {code: …}` are written nested and kept flat.
template <size_t N>
absl::Status ReadFields(const json& value, const std::string& at, const std::string& prefix,
                        const std::array<std::string_view, N>& known,
                        std::map<std::string, Place>* out) {
  if (!value.is_object()) return Invalid(at, "an object of fields is expected");
  for (const auto& [key, item] : value.items()) {
    const std::string field = StrCat(prefix, key);
    const bool group = prefix.empty() && item.is_object() &&
                       (key == "employee" || key == "approver" || key == "tax");
    if (group) {
      KONTOR_RETURN_IF_ERROR(ReadFields(item, StrCat(at, ".", key), StrCat(key, "."), known, out));
      continue;
    }
    if (std::find(known.begin(), known.end(), field) == known.end()) {
      return Invalid(StrCat(at, ".", key), "is no field of an expense report");
    }
    KONTOR_ASSIGN_OR_RETURN((*out)[field], ReadPlace(item, StrCat(at, ".", key)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Condition> ReadCondition(const json& value, const std::string& at) {
  Condition condition;
  if (!value.is_object() || value.empty()) {
    return Invalid(at, "an object from pointers to texts is expected");
  }
  for (const auto& [pointer, wanted] : value.items()) {
    KONTOR_RETURN_IF_ERROR(CheckPointer(pointer, at));
    std::vector<std::string> texts;
    if (wanted.is_array()) {
      for (const json& item : wanted) {
        KONTOR_ASSIGN_OR_RETURN(texts.emplace_back(), TextOf(item, at));
      }
    } else {
      KONTOR_ASSIGN_OR_RETURN(texts.emplace_back(), TextOf(wanted, at));
    }
    condition.emplace_back(pointer, std::move(texts));
  }
  return condition;
}

absl::StatusOr<std::string> ReadPointer(const json& value, const std::string& at) {
  KONTOR_ASSIGN_OR_RETURN(const std::string pointer, TextOf(value, at));
  KONTOR_RETURN_IF_ERROR(CheckPointer(pointer, at));
  return pointer;
}

absl::Status ReadMember(const std::string& key, const json& value, Mapping& out) {
  if (key == "version") {
    if (value == kVersion) return absl::OkStatus();
    return Invalid(key, "this kontor reads version 1");
  }
  if (key == "when") {
    KONTOR_ASSIGN_OR_RETURN(out.when, ReadCondition(value, key));
  } else if (key == "ready") {
    KONTOR_ASSIGN_OR_RETURN(out.ready, ReadCondition(value, key));
  } else if (key == "recalled") {
    if (!value.is_object() || !value.contains("when") || !value.contains("external_id") ||
        value.size() != 2) {
      return Invalid(key, "an object with when and external_id is expected");
    }
    KONTOR_ASSIGN_OR_RETURN(out.recalled, ReadCondition(value["when"], "recalled.when"));
    KONTOR_ASSIGN_OR_RETURN(out.recalled_id,
                            ReadPointer(value["external_id"], "recalled.external_id"));
  } else if (key == "amounts") {
    if (value != "decimal" && value != "minor") return Invalid(key, "decimal or minor");
    out.minor_amounts = value == "minor";
  } else if (key == "reports") {
    KONTOR_ASSIGN_OR_RETURN(out.reports, ReadPointer(value, key));
  } else if (key == "ref") {
    KONTOR_ASSIGN_OR_RETURN(out.ref, ReadPointer(value, key));
  } else if (key == "lines") {
    KONTOR_ASSIGN_OR_RETURN(out.lines, ReadPointer(value, key));
  } else if (key == "receipts") {
    KONTOR_ASSIGN_OR_RETURN(out.receipts, ReadPointer(value, key));
  } else if (key == "report") {
    return ReadFields(value, key, "", kReportFields, &out.report);
  } else if (key == "line") {
    return ReadFields(value, key, "", kLineFields, &out.line);
  } else if (key == "receipt") {
    return ReadFields(value, key, "", kReceiptFields, &out.receipt);
  } else if (key != "comment") {
    return Invalid(key, "is not known");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Mapping> ReadMapping(std::string_view text) {
  const auto file = ParseExact(text);
  if (!file.ok()) return Invalid("", base::Std(file.status().message()));
  if (!file->is_object()) return Invalid("", "one JSON object is expected");
  Mapping mapping;
  if (!file->contains("version")) return Invalid("version", "is missing");
  for (const auto& [key, value] : file->items()) {
    KONTOR_RETURN_IF_ERROR(ReadMember(key, value, mapping));
  }
  for (const char* field : {"external_id", "currency_code", "report_date", "total"}) {
    if (!mapping.report.contains(field)) {
      return Invalid(StrCat("report.", field), "is missing; every report has it");
    }
  }
  for (const char* field : {"amount", "category", "description", "date"}) {
    if (!mapping.line.contains(field)) {
      return Invalid(StrCat("line.", field), "is missing; every line has it");
    }
  }
  if (!mapping.receipts.empty() && !mapping.receipt.contains("content")) {
    return Invalid("receipt.content", "is missing");
  }
  return mapping;
}

}  // namespace kontor::expense
