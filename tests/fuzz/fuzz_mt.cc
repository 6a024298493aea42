// SPDX-License-Identifier: Apache-2.0
#include "server/formats/mt.h"
#include "tests/fuzz/statements.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  return kontor::fuzz::ReadStatements(kontor::formats::ReadMt, bytes, size);
}
