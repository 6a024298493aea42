// SPDX-License-Identifier: Apache-2.0
// A camt.053 of any size that adds up, the same for the same size.
#pragma once

#include <cstdint>
#include <string>

namespace kontor::bench {

struct StatementFile {
  int64_t bytes = 0;
  int64_t entries = 0;
};

/// Writes a statement of at least `bytes_min` bytes; every entry has one detail with parties,
/// references and remittance, as banks send them. Ends the program when the disk doesn't take it.
StatementFile WriteStatementFile(const std::string& path, int64_t bytes_min);

}  // namespace kontor::bench
