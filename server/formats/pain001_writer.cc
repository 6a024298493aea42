// SPDX-License-Identifier: Apache-2.0
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/id_register.h"
#include "server/formats/internal/iso_writer.h"
#include "server/formats/internal/xml_writer.h"
#include "server/formats/pain001.h"
#include "server/model/payment_canon.h"

namespace kontor::formats {
namespace {

using base::Decimal;
using base::Error;
using base::Reason;
using base::StrCat;

/// What was stated of transfers, and what came.
class Tally {
 public:
  Tally() = default;
  Tally(int64_t count, Decimal sum) : stated_count_(count), stated_sum_(sum) {}
  absl::Status Add(const model::Money& amount) {
    ++count_;
    KONTOR_ASSIGN_OR_RETURN(sum_, sum_.Add(amount.ToDecimal()));
    return absl::OkStatus();
  }
  absl::Status Compare(std::string_view field) const {
    if (count_ == stated_count_ && sum_ == stated_sum_) return absl::OkStatus();
    return Error(Reason::kTotalsMismatch)
        .Field(field)
        .Says(StrCat(stated_count_, " transfers of ", stated_sum_.ToString(), " are stated, ",
                     count_, " of ", sum_.ToString(), " came"));
  }

 private:
  int64_t stated_count_ = 0;
  Decimal stated_sum_;
  int64_t count_ = 0;
  Decimal sum_;
};

class Writer final : public ports::PaymentOrderWriter {
 public:
  Writer(const Dialect& dialect, ports::ByteSink& out, ports::ByteSink* canonical)
      : dialect_(dialect), canonical_(canonical), xml_(out), iso_(xml_, dialect.version) {}

  absl::Status BeginOrder(const model::PaymentOrderHeader& header);
  absl::Status BeginInstruction(const model::PaymentInstruction& instruction) override;
  absl::Status Add(const model::CreditTransfer& transfer) override;
  absl::Status EndInstruction() override;
  absl::Status Finish() override;

 private:
  enum class Stage { kOrder, kInstruction, kFinished };

  /// Keeps the first error: a file with a hole in it is never finished.
  absl::Status Keep(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
    if (status_.ok()) status_ = xml_.status();
    return status_;
  }
  absl::Status WrongCall(std::string_view what) {
    return Keep(Error(Reason::kStateConflict).Says(what));
  }
  absl::Status Canonical(const std::string& text) {
    return canonical_ == nullptr ? absl::OkStatus() : canonical_->Write(text);
  }
  absl::Status Unique(internal::IdRegister& seen, std::string_view id, std::string_view field) {
    if (seen.Add(id)) return absl::OkStatus();
    return Error(Reason::kIdNotUnique).Field(field).Says("the id stands in this file twice");
  }
  absl::Status CheckIds(const model::CreditTransfer& transfer);
  void WriteType(const model::PaymentInstruction& instruction);
  void WriteTransfer(const model::CreditTransfer& transfer);

  const Dialect& dialect_;
  ports::ByteSink* canonical_;
  internal::XmlWriter xml_;
  internal::IsoWriter iso_;
  absl::Status status_;
  Stage stage_ = Stage::kOrder;
  Tally order_;
  Tally batch_;
  model::PaymentInstruction instruction_;
  internal::IdRegister batch_ids_;
  internal::IdRegister instruction_ids_;
  internal::IdRegister end_to_end_ids_;
  internal::IdRegister uetrs_;
};

absl::Status Writer::BeginOrder(const model::PaymentOrderHeader& header) {
  KONTOR_RETURN_IF_ERROR(Keep(model::StatusOf(CheckHeader(dialect_, header))));
  order_ = Tally(header.transfer_count, header.control_sum);
  xml_.BeginDocument("Document", dialect_.NameSpace());
  xml_.Open("CstmrCdtTrfInitn");
  xml_.Open("GrpHdr");
  xml_.Text("MsgId", header.message_id);
  xml_.Text("CreDtTm", header.created_at);
  xml_.Text("NbOfTxs", StrCat(header.transfer_count));
  xml_.Text("CtrlSum", header.control_sum.ToString());
  iso_.Party("InitgPty", header.initiator);
  xml_.Close();
  return Keep(Canonical(model::CanonicalText(header)));
}

void Writer::WriteType(const model::PaymentInstruction& instruction) {
  if (instruction.priority.empty() && instruction.service_level.empty() &&
      instruction.local_instrument.empty() && instruction.category_purpose.empty()) {
    return;
  }
  xml_.Open("PmtTpInf");
  xml_.Text("InstrPrty", instruction.priority);
  iso_.Choice("SvcLvl", instruction.service_level);
  iso_.Choice("LclInstrm", instruction.local_instrument);
  iso_.Choice("CtgyPurp", instruction.category_purpose);
  xml_.Close();
}

absl::Status Writer::BeginInstruction(const model::PaymentInstruction& instruction) {
  if (stage_ != Stage::kOrder) return WrongCall("a batch begins within a batch");
  KONTOR_RETURN_IF_ERROR(Keep(model::StatusOf(CheckInstruction(dialect_, instruction))));
  KONTOR_RETURN_IF_ERROR(
      Keep(Unique(batch_ids_, instruction.payment_information_id, "payment_information_id")));
  instruction_ = instruction;
  batch_ = Tally(instruction.transfer_count, instruction.control_sum);
  stage_ = Stage::kInstruction;
  xml_.Open("PmtInf");
  xml_.Text("PmtInfId", instruction.payment_information_id);
  xml_.Text("PmtMtd", "TRF");
  if (instruction.batch_booking.has_value()) {
    xml_.Text("BtchBookg", *instruction.batch_booking ? "true" : "false");
  }
  xml_.Text("NbOfTxs", StrCat(instruction.transfer_count));
  xml_.Text("CtrlSum", instruction.control_sum.ToString());
  WriteType(instruction);
  if (dialect_.version < 9) {
    xml_.Text("ReqdExctnDt", instruction.execution_date.ToString());
  } else {
    xml_.Open("ReqdExctnDt");
    xml_.Text("Dt", instruction.execution_date.ToString());
    xml_.Close();
  }
  iso_.Party("Dbtr", instruction.debtor);
  iso_.Account("DbtrAcct", instruction.debtor.account);
  iso_.Agent("DbtrAgt", instruction.debtor.agent, /*required=*/true);
  if (instruction.ultimate_debtor.has_value()) {
    iso_.Party("UltmtDbtr", *instruction.ultimate_debtor);
  }
  xml_.Text("ChrgBr", model::CodeOf(instruction.charge_bearer));
  return Keep(Canonical(model::CanonicalText(instruction)));
}

absl::Status Writer::CheckIds(const model::CreditTransfer& transfer) {
  KONTOR_RETURN_IF_ERROR(Unique(instruction_ids_, transfer.instruction_id, "instruction_id"));
  KONTOR_RETURN_IF_ERROR(Unique(end_to_end_ids_, transfer.end_to_end_id, "end_to_end_id"));
  return Unique(uetrs_, transfer.uetr, "uetr");
}

void Writer::WriteTransfer(const model::CreditTransfer& transfer) {
  xml_.Open("CdtTrfTxInf");
  xml_.Open("PmtId");
  xml_.Text("InstrId", transfer.instruction_id);
  xml_.Text("EndToEndId", transfer.end_to_end_id);
  xml_.Text("UETR", transfer.uetr);
  xml_.Close();
  xml_.Open("Amt");
  xml_.Amount("InstdAmt", transfer.amount.ValueText(), transfer.amount.currency().code());
  xml_.Close();
  xml_.Text("ChrgBr", model::CodeOf(transfer.charge_bearer));
  if (transfer.ultimate_debtor.has_value()) iso_.Party("UltmtDbtr", *transfer.ultimate_debtor);
  iso_.Agent("CdtrAgt", transfer.creditor.agent, /*required=*/false);
  iso_.Party("Cdtr", transfer.creditor);
  iso_.Account("CdtrAcct", transfer.creditor.account);
  if (transfer.ultimate_creditor.has_value()) {
    iso_.Party("UltmtCdtr", *transfer.ultimate_creditor);
  }
  iso_.Choice("Purp", transfer.purpose);
  iso_.Remittance(transfer.remittance);
  xml_.Close();
}

absl::Status Writer::Add(const model::CreditTransfer& transfer) {
  if (stage_ != Stage::kInstruction) return WrongCall("a transfer stands outside of a batch");
  KONTOR_RETURN_IF_ERROR(status_);
  KONTOR_RETURN_IF_ERROR(Keep(model::StatusOf(CheckTransfer(dialect_, instruction_, transfer))));
  KONTOR_RETURN_IF_ERROR(Keep(CheckIds(transfer)));
  KONTOR_RETURN_IF_ERROR(Keep(batch_.Add(transfer.amount)));
  KONTOR_RETURN_IF_ERROR(Keep(order_.Add(transfer.amount)));
  WriteTransfer(transfer);
  return Keep(Canonical(model::CanonicalText(transfer)));
}

absl::Status Writer::EndInstruction() {
  if (stage_ != Stage::kInstruction) return WrongCall("no batch is open");
  stage_ = Stage::kOrder;
  xml_.Close();
  return Keep(batch_.Compare("control_sum"));
}

absl::Status Writer::Finish() {
  if (stage_ != Stage::kOrder) return WrongCall("a batch is open, or the file is finished");
  stage_ = Stage::kFinished;
  KONTOR_RETURN_IF_ERROR(Keep(order_.Compare("control_sum")));
  xml_.EndDocument();
  return Keep(absl::OkStatus());
}

/// The status with its field, and those of all its findings, below a path.
absl::Status Below(const absl::Status& status, const std::string& path) {
  std::vector<model::Finding> findings = model::FindingsOf(status);
  if (findings.empty()) return base::AtField(status, path);
  for (model::Finding& finding : findings) finding.field = StrCat(path, ".", finding.field);
  return model::StatusOf(findings);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ports::PaymentOrderWriter>> BeginPain001(
    const Dialect& dialect, const model::PaymentOrderHeader& header, ports::ByteSink& out,
    ports::ByteSink* canonical) {
  auto writer = std::make_unique<Writer>(dialect, out, canonical);
  KONTOR_RETURN_IF_ERROR(writer->BeginOrder(header));
  return std::unique_ptr<ports::PaymentOrderWriter>(std::move(writer));
}

absl::Status WritePain001(const Dialect& dialect, const model::PaymentOrder& order,
                          ports::ByteSink& out, ports::ByteSink* canonical) {
  KONTOR_ASSIGN_OR_RETURN(const std::unique_ptr<ports::PaymentOrderWriter> writer,
                          BeginPain001(dialect, order.header, out, canonical));
  for (size_t b = 0; b < order.batches.size(); ++b) {
    const model::PaymentBatch& batch = order.batches[b];
    const std::string at = StrCat("batches[", static_cast<int64_t>(b), "].");
    if (absl::Status status = writer->BeginInstruction(batch.instruction); !status.ok()) {
      return Below(status, at + "instruction");
    }
    for (size_t t = 0; t < batch.transfers.size(); ++t) {
      if (absl::Status status = writer->Add(batch.transfers[t]); !status.ok()) {
        return Below(status, StrCat(at, "transfers[", static_cast<int64_t>(t), "]"));
      }
    }
    if (absl::Status status = writer->EndInstruction(); !status.ok()) {
      return Below(status, at + "instruction");
    }
  }
  return writer->Finish();
}

}  // namespace kontor::formats
