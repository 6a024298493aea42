// SPDX-License-Identifier: Apache-2.0
// Mappings from JSON.
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/csv.h"
#include "server/formats/internal/json_fields.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;
using internal::JsonFields;

/// A single ASCII character, "tab" for a tabulator; 0 for an empty text where that is allowed.
char ReadMark(JsonFields& in, const char* key, char otherwise) {
  if (!in.Has(key)) return otherwise;
  const std::string text = in.Text(key);
  if (text == "tab") return '\t';
  if (text.empty()) return 0;
  if (text.size() == 1 && text[0] >= 0x20 && text[0] < 0x7F) return text[0];
  in.Fail(key, Error(Reason::kFieldInvalid).Says("one character, \"tab\" or nothing is wanted"));
  return otherwise;
}

absl::Status Missing(const char* key, std::string_view what) {
  return Error(Reason::kFieldMissing).Field(key).Says(what);
}

absl::Status CheckMapping(const CsvMapping& mapping) {
  if (mapping.account.empty()) return Missing("account", "the table's account is not given");
  if (mapping.booking_date.empty()) return Missing("booking_date", "no column for the date");
  const bool two = !mapping.credit.empty() && !mapping.debit.empty();
  if (mapping.amount.empty() == !two) {
    return Missing("amount", "either amount, or both credit and debit are wanted");
  }
  if (!mapping.direction.empty() &&
      (mapping.credit_words.empty() || mapping.debit_words.empty() || two)) {
    return Missing("direction", "a direction needs its words for credit and debit, and an amount");
  }
  if (mapping.currency.empty() && mapping.currency_column.empty()) {
    return Missing("currency", "neither a currency nor a column for it");
  }
  const std::string& format = mapping.date_format;
  if (format.find("MM") == std::string::npos || format.find("DD") == std::string::npos ||
      format.find("YY") == std::string::npos) {
    return Error(Reason::kFieldInvalid)
        .Field("date_format")
        .Says("YYYY or YY, MM and DD are wanted");
  }
  if (mapping.delimiter == 0 || mapping.delimiter == mapping.quote || mapping.decimal_mark == 0 ||
      mapping.decimal_mark == mapping.thousands_mark) {
    return Error(Reason::kFieldConflict)
        .Field("delimiter")
        .Says("the marks of a table must differ from each other");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CsvMapping> ParseCsvMapping(std::string_view json) {
  KONTOR_ASSIGN_OR_RETURN(const nlohmann::json parsed, internal::ParseJson(json));
  absl::Status status;
  JsonFields in(parsed, "", status);
  CsvMapping mapping;
  constexpr int64_t kLinesBeforeMax = 1000;
  mapping.name = in.Text("name");
  mapping.delimiter = ReadMark(in, "delimiter", mapping.delimiter);
  mapping.quote = ReadMark(in, "quote", mapping.quote);
  mapping.has_head = in.Bool("has_head", true);
  mapping.lines_before = static_cast<int>(in.Integer("lines_before", 0, 0, kLinesBeforeMax));
  if (std::string format = in.Text("date_format"); !format.empty()) mapping.date_format = format;
  mapping.decimal_mark = ReadMark(in, "decimal_mark", mapping.decimal_mark);
  mapping.thousands_mark = ReadMark(in, "thousands_mark", mapping.thousands_mark);
  mapping.booking_date = in.Text("booking_date");
  mapping.value_date = in.Text("value_date");
  mapping.amount = in.Text("amount");
  mapping.credit = in.Text("credit");
  mapping.debit = in.Text("debit");
  mapping.direction = in.Text("direction");
  mapping.credit_words = in.Texts("credit_words");
  mapping.debit_words = in.Texts("debit_words");
  mapping.currency_column = in.Text("currency_column");
  mapping.balance = in.Text("balance");
  mapping.reference = in.Text("reference");
  mapping.end_to_end_id = in.Text("end_to_end_id");
  mapping.other_name = in.Text("other_name");
  mapping.other_account = in.Text("other_account");
  mapping.other_bank = in.Text("other_bank");
  mapping.text = in.Texts("text");
  mapping.code = in.Text("code");
  mapping.account = in.Text("account");
  mapping.currency = in.Text("currency");
  in.Close();
  KONTOR_RETURN_IF_ERROR(status);
  KONTOR_RETURN_IF_ERROR(CheckMapping(mapping));
  return mapping;
}

}  // namespace kontor::formats
