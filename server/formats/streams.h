// SPDX-License-Identifier: Apache-2.0
// Sources, sinks and collectors for what is in memory anyway: tests, small files, simulations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/ports/codec.h"
#include "server/ports/texts.h"

namespace kontor::formats {

using ports::TextSink;
using ports::TextSource;

/// A statement with all its lines: for files that fit into memory.
struct WholeStatement {
  model::Statement statement;
  std::vector<model::StatementLine> lines;  ///< Each with all its details.
};

class StatementCollector final : public ports::StatementSink {
 public:
  absl::Status OnStatement(const model::Statement& statement) override {
    statements_.push_back({statement, {}});
    return absl::OkStatus();
  }
  absl::Status OnDetails(std::span<const model::EntryDetail> details) override {
    early_.insert(early_.end(), details.begin(), details.end());
    return absl::OkStatus();
  }
  absl::Status OnLine(const model::StatementLine& line) override {
    std::vector<model::StatementLine>& lines = statements_.back().lines;
    lines.push_back(line);
    std::vector<model::EntryDetail>& details = lines.back().details;
    details.insert(details.begin(), early_.begin(), early_.end());
    early_.clear();
    return absl::OkStatus();
  }
  absl::Status OnStatementEnd(const model::Statement& statement) override {
    statements_.back().statement = statement;
    return absl::OkStatus();
  }
  const std::vector<WholeStatement>& statements() const { return statements_; }

 private:
  std::vector<WholeStatement> statements_;
  std::vector<model::EntryDetail> early_;
};

}  // namespace kontor::formats
