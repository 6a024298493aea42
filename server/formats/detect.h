// SPDX-License-Identifier: Apache-2.0
// What kind of bank file this is, from its first bytes.
#pragma once

#include <string>
#include <string_view>

namespace kontor::formats {

enum class FileFormat {
  kUnknown,
  kCamt,  ///< camt.052, .053, .054
  kPain001,
  kPain002,
  kOtherIso,  ///< Another message of ISO 20022, which kontor does not read.
  kMt,        ///< MT940, MT942
  kBai2,
  kNacha,
  kOfx,
  kTable,  ///< Looks like CSV: a mapping must say what its columns mean.
};

struct Detected {
  FileFormat format = FileFormat::kUnknown;
  std::string name;  ///< "camt.053.001.08", "MT942", "BAI2" …; empty when unknown.
};

/// How many bytes of a file Detect wants to see; fewer are fine for shorter files.
inline constexpr size_t kDetectBytes = 8 * 1024;

/// Judges by what the formats themselves begin with, never by a file's name. Says what the file
/// claims to be, not that it is well-formed. Pure.
Detected Detect(std::string_view head);

/// "CAMT", "PAIN001" …
std::string_view NameOf(FileFormat format);

}  // namespace kontor::formats
