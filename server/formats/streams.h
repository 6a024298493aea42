// SPDX-License-Identifier: Apache-2.0
// Sources, sinks and collectors for what is in memory anyway: tests, small files, simulations.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "server/ports/codec.h"

namespace kontor::formats {

/// The bytes of a text that outlives it; at most `chunk_bytes_max` a time, 0: as many as asked for.
class TextSource final : public ports::ByteSource {
 public:
  explicit TextSource(std::string_view text, size_t chunk_bytes_max = 0)
      : text_(text), chunk_bytes_max_(chunk_bytes_max) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    size_t count = std::min(into.size(), text_.size());
    if (chunk_bytes_max_ > 0) count = std::min(count, chunk_bytes_max_);
    if (count > 0) std::memcpy(into.data(), text_.data(), count);
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
  size_t chunk_bytes_max_;
};

class TextSink final : public ports::ByteSink {
 public:
  absl::Status Write(std::string_view bytes) override {
    text_.append(bytes);
    return absl::OkStatus();
  }
  const std::string& text() const { return text_; }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

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
