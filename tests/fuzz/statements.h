// SPDX-License-Identifier: Apache-2.0
// What every statement parser is held to, whatever the bytes: it ends, keeps to its limits, and
// what it says of lines is consistent with its own proof.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "server/formats/streams.h"
#include "server/model/statement_prover.h"

namespace kontor::fuzz {

using Reader =
    std::function<absl::Status(ports::ByteSource&, ports::StatementSink&, ports::ReadReport&)>;

inline void Require(bool condition) {
  if (!condition) std::abort();
}

/// Proves each statement again from what the sink was told.
class Auditor final : public ports::StatementSink {
 public:
  absl::Status OnStatement(const model::Statement&) override {
    Require(!open_);
    open_ = true;
    prover_.Reset();
    return absl::OkStatus();
  }
  absl::Status OnDetails(std::span<const model::EntryDetail>) override {
    Require(open_);
    return absl::OkStatus();
  }
  absl::Status OnLine(const model::StatementLine& line) override {
    Require(open_);
    prover_.Add(line);
    ++lines_;
    return absl::OkStatus();
  }
  absl::Status OnStatementEnd(const model::Statement& statement) override {
    Require(open_);
    open_ = false;
    ++ends_;
    if (statement.proof.verdict != model::StatementProof::Verdict::kProven) {
      return absl::OkStatus();
    }
    const model::StatementProof again = prover_.Prove(statement);
    Require(again.verdict == model::StatementProof::Verdict::kProven);
    Require(again.booked_credits == statement.proof.booked_credits);
    Require(again.booked_debits == statement.proof.booked_debits);
    return absl::OkStatus();
  }
  bool open() const { return open_; }
  int64_t lines() const { return lines_; }
  int64_t ends() const { return ends_; }

 private:
  bool open_ = false;
  int64_t lines_ = 0;
  int64_t ends_ = 0;
  model::StatementProver prover_;
};

inline int ReadStatements(const Reader& reader, const uint8_t* bytes, size_t size) {
  // The first byte says how the others arrive.
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  formats::TextSource source(text, bytes[0]);
  Auditor auditor;
  ports::ReadReport report;
  const absl::Status status = reader(source, auditor, report);
  if (!status.ok()) return 0;
  Require(!auditor.open());
  Require(auditor.ends() == report.statement_count);
  Require(report.proven_count + report.unproven_count + report.refused_count ==
          report.statement_count);
  Require(auditor.lines() <= report.line_count);
  return 0;
}

}  // namespace kontor::fuzz
