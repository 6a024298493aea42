// SPDX-License-Identifier: Apache-2.0
// Recognising and judging, whatever comes.
#include <cstdlib>

#include "server/formats/lint.h"
#include "server/formats/streams.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  kontor::formats::TextSource source(text);
  const auto result = kontor::formats::Lint(source, {});
  if (result.findings.size() > kontor::formats::LintResult::kFindingsMax) std::abort();
  if (!result.end.ok() && result.grade == kontor::formats::LintGrade::kFine) std::abort();
  return 0;
}
