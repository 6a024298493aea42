// SPDX-License-Identifier: Apache-2.0
// Reads whole texts and tells what came of it in a few words.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/formats/streams.h"

namespace kontor::formats::testing {

using Reader =
    std::function<absl::Status(ports::ByteSource&, ports::StatementSink&, ports::ReadReport&)>;

struct Outcome {
  absl::Status status;
  ports::ReadReport report;
  std::vector<WholeStatement> statements;
};

/// `chunk_bytes_max` bytes a time; 0: as many as the reader asks for.
Outcome ReadAll(const Reader& reader, std::string_view text, size_t chunk_bytes_max = 0);

/// "STATEMENT_UNBALANCED@balances TOTALS_MISMATCH@totals" of a statement, errors only.
std::string ErrorsText(const model::StatementProof& proof);
/// The same for warnings.
std::string WarningsText(const model::StatementProof& proof);
/// "PROVEN BALANCES", or the status' reason when reading failed; of all statements, by comma.
std::string Verdicts(const Outcome& outcome);
/// Every line that may be booked: reading ended well and its statement is proven.
std::string BookedText(const Outcome& outcome);
/// "2020-01-02 -5.00 EUR BOOKED" of a line.
std::string LineText(const model::StatementLine& line);

/// Cuts the text at every byte and answers the first cut after which lines are booked that differ
/// from those of the whole; empty when there is none.
std::string FirstUnprovenCut(const Reader& reader, std::string_view text);

}  // namespace kontor::formats::testing
