// SPDX-License-Identifier: Apache-2.0
// From a platform's JSON to the contract's, which the model then reads: there is one reader of
// reports, and it tells everything that is wrong.
#include "adapters/expense/mapping.h"

#include <algorithm>

#include "adapters/expense/exact_json.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::expense {
namespace {

using base::StrCat;
using nlohmann::json;

const json* Find(const json& value, const std::string& pointer) {
  if (pointer.empty()) return &value;
  const json::json_pointer at(pointer);
  if (!value.contains(at)) return nullptr;
  const json& found = value.at(at);
  return found.is_null() ? nullptr : &found;
}

/// Texts, numbers and truths as text; empty for everything else.
std::string TextOf(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer() || value.is_boolean()) return value.dump();
  return "";
}

std::string TextAt(const json& value, const std::string& pointer) {
  const json* const found = Find(value, pointer);
  return found == nullptr ? "" : TextOf(*found);
}

std::string Value(const std::map<std::string, Place>& fields, const std::string& field,
                  const json& from) {
  const auto it = fields.find(field);
  if (it == fields.end()) return "";
  const Place& place = it->second;
  if (place.pointer.empty()) return place.constant;
  std::string text = TextAt(from, place.pointer);
  if (place.cut > 0 && text.size() > place.cut) text.resize(place.cut);
  if (place.values.empty() && !place.otherwise) return text;
  const auto meant = place.values.find(text);
  if (meant != place.values.end()) return meant->second;
  return place.otherwise.value_or(text);
}

bool Meets(const Condition& condition, const json& message) {
  return std::all_of(condition.begin(), condition.end(), [&](const auto& one) {
    const std::string text = TextAt(message, one.first);
    return std::find(one.second.begin(), one.second.end(), text) != one.second.end();
  });
}

/// "1250" of minor units of a two-decimal currency → "12.50".
std::string FromMinor(const std::string& digits, const std::string& currency) {
  const auto known = model::Currency::Parse(currency);
  const auto minor = base::ParseInt64(digits);
  if (!known.ok() || !minor.ok()) return digits;  // the reader says what is wrong with it
  return model::Money(*known, *minor).ValueText();
}

void PutText(json& out, const char* key, std::string text) {
  if (!text.empty()) out[key] = std::move(text);
}

void PutAmount(json& out, const char* key, const std::string& value, const std::string& currency,
               bool minor) {
  if (value.empty()) return;
  out[key] = {{"currency_code", currency}, {"value", minor ? FromMinor(value, currency) : value}};
}

json PersonOf(const Mapping& mapping, const std::string& who, const json& from) {
  json person = json::object();
  for (const char* field : {"external_id", "email", "name"}) {
    PutText(person, field, Value(mapping.report, StrCat(who, ".", field), from));
  }
  return person;
}

json LineOf(const Mapping& mapping, const json& from, const std::string& report_currency) {
  const auto value = [&](const char* field) { return Value(mapping.line, field, from); };
  json line = json::object();
  for (const char* field : {"external_id", "date", "description", "merchant", "category",
                            "exchange_rate", "cost_centre", "payment_type", "card"}) {
    PutText(line, field, value(field));
  }
  const std::string own = value("currency_code");
  const std::string& currency = own.empty() ? report_currency : own;
  PutAmount(line, "amount", value("amount"), currency, mapping.minor_amounts);
  PutAmount(line, "original_amount", value("original_amount"), value("original_currency_code"),
            mapping.minor_amounts);
  json tax = json::object();
  PutText(tax, "treatment", value("tax.treatment"));
  PutText(tax, "code", value("tax.code"));
  PutAmount(tax, "tax_amount", value("tax.tax_amount"), currency, mapping.minor_amounts);
  if (!tax.empty()) line["tax"] = std::move(tax);
  const json* const receipts = mapping.receipts.empty() ? nullptr : Find(from, mapping.receipts);
  if (receipts != nullptr && receipts->is_array()) {
    for (const json& file : *receipts) {
      json receipt = json::object();
      for (const char* field : {"name", "media_type", "content"}) {
        PutText(receipt, field, Value(mapping.receipt, field, file));
      }
      line["receipts"].push_back(std::move(receipt));
    }
  }
  return line;
}

}  // namespace

ports::PlatformReport ReadReport(const Mapping& mapping, const json& from) {
  const auto value = [&](const char* field) { return Value(mapping.report, field, from); };
  const std::string currency = value("currency_code");
  json report = json::object();
  for (const char* field : {"external_id", "revision", "title", "report_date", "currency_code",
                            "exchange_rate"}) {
    PutText(report, field, value(field));
  }
  const std::string total_currency = value("total_currency_code");
  PutAmount(report, "total", value("total"), total_currency.empty() ? currency : total_currency,
            mapping.minor_amounts);
  for (const char* who : {"employee", "approver"}) {
    json person = PersonOf(mapping, who, from);
    if (!person.empty()) report[who] = std::move(person);
  }
  const json* const lines = Find(from, mapping.lines);
  if (lines != nullptr && lines->is_array()) {
    for (const json& line : *lines) report["lines"].push_back(LineOf(mapping, line, currency));
  } else if (lines != nullptr) {
    report["lines"].push_back(LineOf(mapping, *lines, currency));
  }
  ports::PlatformReport out;
  out.revised = !value("revision").empty();
  out.report = model::ReadExpenseReport(
      report.dump(-1, ' ', false, json::error_handler_t::replace), &out.problems);
  out.ref = mapping.ref.empty() ? out.report.external_id : TextAt(from, mapping.ref);
  if (out.report.external_id.empty()) {
    out.problems.push_back(model::FindingOf(base::Error(base::Reason::kFieldMissing)
                                                .Field("report.external_id")
                                                .Says("no id stands where the mapping says")));
  }
  return out;
}

absl::StatusOr<ports::HookReading> ReadMessage(const Mapping& mapping, std::string_view body) {
  KONTOR_ASSIGN_OR_RETURN(const json message, ParseExact(body));
  ports::HookReading reading;
  if (!mapping.recalled.empty() && Meets(mapping.recalled, message)) {
    const std::string id = TextAt(message, mapping.recalled_id);
    if (id.empty()) {
      return base::Error(base::Reason::kMessageUnreadable)
          .Says("a report is taken back, but its id does not stand where the mapping says");
    }
    reading.recalled.push_back(id);
    return reading;
  }
  if (!mapping.ready.empty() && Meets(mapping.ready, message)) {
    reading.ready = true;
    return reading;
  }
  if (!Meets(mapping.when, message)) return reading;
  const json* const found = Find(message, mapping.reports);
  if (found == nullptr || !found->is_structured()) {
    return base::Error(base::Reason::kMessageUnreadable)
        .Says(StrCat("no report stands at '", mapping.reports, "'"));
  }
  if (found->is_array()) {
    for (const json& report : *found) reading.reports.push_back(ReadReport(mapping, report));
  } else {
    reading.reports.push_back(ReadReport(mapping, *found));
  }
  return reading;
}

}  // namespace kontor::expense
