// SPDX-License-Identifier: Apache-2.0
// How bank files pass in and out: bytes come from a source and go to a sink, what they say goes to
// a sink of its kind, piece by piece, so that a file of any size takes the memory of one line.
//
// What a sink is told is provisional. It becomes final only when the reading function answers OK
// (the end of the file was seen) and the statement's proof allows it; whoever stores lines stages
// them until then and throws them away otherwise.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/finding.h"
#include "server/model/statement.h"

namespace kontor::ports {

/// Bytes, once, in order. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the front of `into` and answers how many bytes; 0 at the end only. An error ends the
  /// reading and is what its caller gets.
  virtual absl::StatusOr<size_t> Read(std::span<char> into) = 0;
};

/// Takes bytes in order. Not thread-safe.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// An error ends the writing and is what its caller gets.
  virtual absl::Status Write(std::string_view bytes) = 0;
};

/// Told of statements in the file's order. Objects are lent for the call only.
class StatementSink {
 public:
  virtual ~StatementSink() = default;
  /// A statement begins; what its format says behind the lines is not there yet.
  virtual absl::Status OnStatement(const model::Statement& statement) = 0;
  /// The first details of a large batch, before its line; most lines bring their details along.
  virtual absl::Status OnDetails(std::span<const model::EntryDetail> details) = 0;
  virtual absl::Status OnLine(const model::StatementLine& line) = 0;
  /// The statement ends, complete and with its proof.
  virtual absl::Status OnStatementEnd(const model::Statement& statement) = 0;
};

/// What a file held, beside what the sink was told.
struct ReadReport {
  static constexpr size_t kFindingsMax = 100;
  std::string format;         ///< "camt.053.001.08", "MT940" …; empty until it was recognised.
  bool version_known = true;  ///< Else it was read as far as it is like a known version.
  int64_t statement_count = 0;
  int64_t line_count = 0;
  int64_t proven_count = 0;  ///< Statements by verdict.
  int64_t unproven_count = 0;
  int64_t refused_count = 0;
  std::vector<model::Finding> findings;  ///< Of the file as a whole; statements carry their own.
};

}  // namespace kontor::ports
