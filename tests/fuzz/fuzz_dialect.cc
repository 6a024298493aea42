// SPDX-License-Identifier: Apache-2.0
// Packs, mappings and orders from JSON.
#include "server/formats/csv.h"
#include "server/formats/dialect.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto dialect = kontor::formats::ParseDialect(text);
  if (dialect.ok()) kontor::formats::ProveDialect(*dialect).IgnoreError();
  kontor::formats::ParseCsvMapping(text).status().IgnoreError();
  const auto order = kontor::formats::ReadOrderJson(text);
  if (!order.ok()) return 0;
  for (const kontor::formats::Dialect& pack : kontor::formats::BuiltInDialects()) {
    kontor::formats::CheckOrder(pack, *order);
  }
  return 0;
}
