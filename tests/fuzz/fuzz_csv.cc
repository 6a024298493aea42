// SPDX-License-Identifier: Apache-2.0
// The first byte chooses among mappings.
#include "server/formats/csv.h"
#include "tests/fuzz/statements.h"

namespace {

const std::vector<kontor::formats::CsvMapping>& Mappings() {
  static const auto* const kMappings = [] {
    auto* const mappings = new std::vector<kontor::formats::CsvMapping>();
    for (const char* const json :
         {R"({"account":"1","booking_date":"#1","amount":"#2","balance":"#3","currency":"EUR",
              "has_head":false,"text":["#4"]})",
          R"({"account":"1","booking_date":"Date","credit":"In","debit":"Out","balance":"Balance",
              "currency":"JPY","delimiter":";","decimal_mark":",","thousands_mark":".",
              "date_format":"DD.MM.YY"})",
          R"({"account":"1","booking_date":"Date","amount":"Amount","direction":"D/C",
              "credit_words":["C"],"debit_words":["D"],"currency_column":"Currency",
              "date_format":"MM/DD/YYYY","thousands_mark":","})"}) {
      mappings->push_back(kontor::formats::ParseCsvMapping(json).value());
    }
    return mappings;
  }();
  return *kMappings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  const auto& mapping = Mappings()[bytes[0] % Mappings().size()];
  return kontor::fuzz::ReadStatements(
      [&](kontor::ports::ByteSource& source, kontor::ports::StatementSink& sink,
          kontor::ports::ReadReport& report) {
        return kontor::formats::ReadCsv(source, mapping, sink, report);
      },
      bytes, size);
}
