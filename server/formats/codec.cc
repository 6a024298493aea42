// SPDX-License-Identifier: Apache-2.0
#include "server/formats/codec.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/bai2.h"
#include "server/formats/camt.h"
#include "server/formats/csv.h"
#include "server/formats/detect.h"
#include "server/formats/dialect.h"
#include "server/formats/internal/peek_source.h"
#include "server/formats/mt.h"
#include "server/formats/nacha.h"
#include "server/formats/ofx.h"
#include "server/formats/pain001.h"
#include "server/formats/pain002.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;

/// A pack by name, or read from its JSON and proven.
absl::StatusOr<Dialect> DialectOf(std::string_view text) {
  if (const Dialect* const known = FindDialect(text); known != nullptr) return *known;
  if (!base::Trim(text).starts_with('{')) {
    return Error(Reason::kDialectInvalid).Says("there is no pack of this name");
  }
  KONTOR_ASSIGN_OR_RETURN(Dialect dialect, ParseDialect(text));
  KONTOR_RETURN_IF_ERROR(ProveDialect(dialect));
  return dialect;
}

/// Keeps the dialect alive for the writer that goes by it.
class OwningWriter final : public ports::PaymentOrderWriter {
 public:
  explicit OwningWriter(Dialect dialect) : dialect_(std::move(dialect)) {}
  absl::Status Begin(const model::PaymentOrderHeader& header, ports::ByteSink& out,
                     ports::ByteSink* canonical) {
    KONTOR_ASSIGN_OR_RETURN(writer_, BeginPain001(dialect_, header, out, canonical));
    return absl::OkStatus();
  }
  absl::Status BeginInstruction(const model::PaymentInstruction& instruction) override {
    return writer_->BeginInstruction(instruction);
  }
  absl::Status Add(const model::CreditTransfer& transfer) override {
    return writer_->Add(transfer);
  }
  absl::Status EndInstruction() override { return writer_->EndInstruction(); }
  absl::Status Finish() override { return writer_->Finish(); }

 private:
  Dialect dialect_;
  std::unique_ptr<ports::PaymentOrderWriter> writer_;
};

class Codec final : public ports::BankCodec {
 public:
  absl::Status ReadStatements(ports::ByteSource& source, std::string_view csv_mapping,
                              ports::StatementSink& sink,
                              ports::ReadReport& report) const override {
    internal::PeekSource peek(source);
    KONTOR_ASSIGN_OR_RETURN(const std::string_view head, peek.Peek(kDetectBytes));
    switch (Detect(head).format) {
      case FileFormat::kCamt: return ReadCamt(peek, sink, report);
      case FileFormat::kMt: return ReadMt(peek, sink, report);
      case FileFormat::kBai2: return ReadBai2(peek, sink, report);
      case FileFormat::kNacha: return ReadNacha(peek, sink, report);
      case FileFormat::kOfx: return ReadOfx(peek, sink, report);
      case FileFormat::kPain001:
      case FileFormat::kPain002:
      case FileFormat::kOtherIso:
        return Error(Reason::kFormatUnknown).Says("the file holds no statement");
      case FileFormat::kTable:
      case FileFormat::kUnknown: break;
    }
    if (csv_mapping.empty()) {
      return Error(Reason::kFormatUnknown).Says("the file is of no statement format");
    }
    KONTOR_ASSIGN_OR_RETURN(const CsvMapping mapping, ParseCsvMapping(csv_mapping));
    return ReadCsv(peek, mapping, sink, report);
  }

  absl::Status ReadStatuses(ports::ByteSource& source, ports::PaymentStatusSink& sink,
                            ports::ReadReport& report) const override {
    return ReadPain002(source, sink, report);
  }

  absl::StatusOr<std::vector<model::Finding>> CheckOrder(
      std::string_view dialect, const model::PaymentOrder& order) const override {
    KONTOR_ASSIGN_OR_RETURN(const Dialect pack, DialectOf(dialect));
    return formats::CheckOrder(pack, order);
  }

  absl::StatusOr<std::unique_ptr<ports::PaymentOrderWriter>> BeginOrder(
      std::string_view dialect, const model::PaymentOrderHeader& header, ports::ByteSink& out,
      ports::ByteSink* canonical) const override {
    KONTOR_ASSIGN_OR_RETURN(Dialect pack, DialectOf(dialect));
    auto writer = std::make_unique<OwningWriter>(std::move(pack));
    KONTOR_RETURN_IF_ERROR(writer->Begin(header, out, canonical));
    return std::unique_ptr<ports::PaymentOrderWriter>(std::move(writer));
  }

  absl::Status ReadOrder(ports::ByteSource& source, ports::PaymentOrderSink& sink,
                         ports::ByteSink* canonical) const override {
    return ReadPain001(source, sink, canonical);
  }
};

}  // namespace

std::unique_ptr<ports::BankCodec> MakeBankCodec() { return std::make_unique<Codec>(); }

}  // namespace kontor::formats
