// SPDX-License-Identifier: Apache-2.0
// How bank files pass in and out: bytes come from a source and go to a sink, what they say goes to
// a sink of its kind, piece by piece, so that a file of any size takes the memory of one line.
//
// What a sink is told is provisional. It becomes final only when the reading function answers OK
// (the end of the file was seen) and the statement's proof allows it; whoever stores lines stages
// them until then and throws them away otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/finding.h"
#include "server/model/payment_order.h"
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

/// Told of a payment order in the file's order. Objects are lent for the call only.
class PaymentOrderSink {
 public:
  virtual ~PaymentOrderSink() = default;
  virtual absl::Status OnOrder(const model::PaymentOrderHeader& header) = 0;
  virtual absl::Status OnInstruction(const model::PaymentInstruction& instruction) = 0;
  virtual absl::Status OnTransfer(const model::CreditTransfer& transfer) = 0;
};

/// Told of statuses in the file's order: the order, then each instruction and its transfers.
/// Objects are lent for the call only. Provisional until the reading function answers OK.
class PaymentStatusSink {
 public:
  virtual ~PaymentStatusSink() = default;
  virtual absl::Status OnOrder(const model::OrderStatus& order) = 0;
  virtual absl::Status OnInstruction(const model::InstructionStatus& instruction) = 0;
  virtual absl::Status OnTransfer(const model::TransferStatus& transfer) = 0;
};

/// Writes the file of one payment order, transfer by transfer: constant memory but for 16 bytes an
/// id. Counts and sums are stated by the caller beforehand, since they stand at the file's head,
/// and held against what came at the end. Nothing is changed, shortened or left out: what the
/// dialect does not take is refused with all findings (model::FindingsOf), and what was written
/// until then is worthless. After an error the writer only repeats it. Not thread-safe.
class PaymentOrderWriter {
 public:
  virtual ~PaymentOrderWriter() = default;
  virtual absl::Status BeginInstruction(const model::PaymentInstruction& instruction) = 0;
  virtual absl::Status Add(const model::CreditTransfer& transfer) = 0;
  /// TOTALS_MISMATCH when the batch's transfers are not what its head says.
  virtual absl::Status EndInstruction() = 0;
  /// TOTALS_MISMATCH as above. Only when it answers OK the file is one.
  virtual absl::Status Finish() = 0;
};

/// All bank formats behind one door. Implementations are stateless and thread-safe; reading takes
/// the memory of one line, writing that of one transfer. The errors of each format are told where
/// server/formats describes it; all say FORMAT_UNKNOWN for a file of another kind.
class BankCodec {
 public:
  virtual ~BankCodec() = default;
  /// Reads a file of any statement format, recognised by its content. `csv_mapping` is the JSON of
  /// a mapping for tables; empty: tables are FORMAT_UNKNOWN.
  virtual absl::Status ReadStatements(ByteSource& source, std::string_view csv_mapping,
                                      StatementSink& sink, ReadReport& report) const = 0;
  virtual absl::Status ReadStatuses(ByteSource& source, PaymentStatusSink& sink,
                                    ReadReport& report) const = 0;
  /// `dialect`: the name of a pack that kontor brings along, or the JSON of one. DIALECT_INVALID
  /// when it is neither, or when its own examples disprove it.
  virtual absl::StatusOr<std::vector<model::Finding>> CheckOrder(
      std::string_view dialect, const model::PaymentOrder& order) const = 0;
  /// Begins a file; `canonical` (may be null) is given the order's normal form
  /// (model/payment_canon.h). The sinks outlive the writer.
  virtual absl::StatusOr<std::unique_ptr<PaymentOrderWriter>> BeginOrder(
      std::string_view dialect, const model::PaymentOrderHeader& header, ByteSink& out,
      ByteSink* canonical) const = 0;
  /// Reads a file that BeginOrder's writer wrote: the same normal form, or another order.
  virtual absl::Status ReadOrder(ByteSource& source, PaymentOrderSink& sink,
                                 ByteSink* canonical) const = 0;
};

}  // namespace kontor::ports
