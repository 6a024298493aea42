// SPDX-License-Identifier: Apache-2.0
// Reads only what the writer writes; whatever else stands in a file makes it another order.
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/id_register.h"
#include "server/formats/internal/iso_parts.h"
#include "server/formats/internal/iso_writer.h"
#include "server/formats/internal/xml_parser.h"
#include "server/formats/pain001.h"
#include "server/model/payment_canon.h"

namespace kontor::formats {
namespace {

using base::Decimal;
using base::Error;
using base::Reason;
using base::StrCat;
using internal::IsoParts;
using internal::XmlId;
using internal::XmlTree;

enum PainId : XmlId {
  kMessage = internal::kIsoEnd,
  kMessageId,
  kCreatedAt,
  kCount,
  kSum,
  kInitiator,
  kHeader,
  kBatch,
  kBatchId,
  kMethod,
  kBatchBooking,
  kBatchCount,
  kBatchSum,
  kPriority,
  kServiceLevel,
  kLocalInstrument,
  kCategoryPurpose,
  kExecutionDate,
  kDebtor,
  kDebtorAccount,
  kDebtorAgent,
  kBatchUltimateDebtor,
  kBatchBearer,
  kTransfer,
  kInstructionId,
  kEndToEndId,
  kUetr,
  kAmount,
  kBearer,
  kUltimateDebtor,
  kCreditorAgent,
  kCreditor,
  kCreditorAccount,
  kUltimateCreditor,
  kPurpose,
  kRemittance,
};

void AddHeader(XmlTree& tree, const std::string& at) {
  tree.Group(at, kMessage);
  tree.Group(at + "/GrpHdr", kHeader);
  tree.Text(at + "/GrpHdr/MsgId", kMessageId);
  tree.Text(at + "/GrpHdr/CreDtTm", kCreatedAt);
  tree.Text(at + "/GrpHdr/NbOfTxs", kCount);
  tree.Text(at + "/GrpHdr/CtrlSum", kSum);
  tree.Group(at + "/GrpHdr/InitgPty", kInitiator);
  AddParty(tree, at + "/GrpHdr/InitgPty");
}

void AddBatch(XmlTree& tree, const std::string& at) {
  tree.Group(at, kBatch);
  tree.Text(at + "/PmtInfId", kBatchId);
  tree.Text(at + "/PmtMtd", kMethod);
  tree.Text(at + "/BtchBookg", kBatchBooking);
  tree.Text(at + "/NbOfTxs", kBatchCount);
  tree.Text(at + "/CtrlSum", kBatchSum);
  tree.Text(at + "/PmtTpInf/InstrPrty", kPriority);
  tree.Text(at + "/PmtTpInf/SvcLvl/Cd|Prtry", kServiceLevel);
  tree.Text(at + "/PmtTpInf/LclInstrm/Cd|Prtry", kLocalInstrument);
  tree.Text(at + "/PmtTpInf/CtgyPurp/Cd|Prtry", kCategoryPurpose);
  tree.Text(at + "/ReqdExctnDt", kExecutionDate);
  tree.Text(at + "/ReqdExctnDt/Dt", kExecutionDate);
  tree.Group(at + "/Dbtr", kDebtor);
  AddParty(tree, at + "/Dbtr");
  tree.Group(at + "/DbtrAcct", kDebtorAccount);
  AddAccount(tree, at + "/DbtrAcct");
  tree.Group(at + "/DbtrAgt", kDebtorAgent);
  AddAgent(tree, at + "/DbtrAgt");
  tree.Group(at + "/UltmtDbtr", kBatchUltimateDebtor);
  AddParty(tree, at + "/UltmtDbtr");
  tree.Text(at + "/ChrgBr", kBatchBearer);
}

void AddTransfer(XmlTree& tree, const std::string& at) {
  tree.Group(at, kTransfer);
  tree.Text(at + "/PmtId/InstrId", kInstructionId);
  tree.Text(at + "/PmtId/EndToEndId", kEndToEndId);
  tree.Text(at + "/PmtId/UETR", kUetr);
  tree.Text(at + "/Amt/InstdAmt", kAmount);
  tree.Text(at + "/ChrgBr", kBearer);
  tree.Group(at + "/UltmtDbtr", kUltimateDebtor);
  AddParty(tree, at + "/UltmtDbtr");
  tree.Group(at + "/CdtrAgt", kCreditorAgent);
  AddAgent(tree, at + "/CdtrAgt");
  tree.Group(at + "/Cdtr", kCreditor);
  AddParty(tree, at + "/Cdtr");
  tree.Group(at + "/CdtrAcct", kCreditorAccount);
  AddAccount(tree, at + "/CdtrAcct");
  tree.Group(at + "/UltmtCdtr", kUltimateCreditor);
  AddParty(tree, at + "/UltmtCdtr");
  tree.Text(at + "/Purp/Cd|Prtry", kPurpose);
  tree.Group(at + "/RmtInf", kRemittance);
  AddRemittance(tree, at + "/RmtInf");
}

const XmlTree& PainTree() {
  static const auto* const kTree = [] {
    auto* const tree = new XmlTree();
    const std::string message = "CstmrCdtTrfInitn";
    AddHeader(*tree, message);
    AddBatch(*tree, message + "/PmtInf");
    AddTransfer(*tree, message + "/PmtInf/CdtTrfTxInf");
    return tree;
  }();
  return *kTree;
}

class Reader final : public internal::XmlHandler {
 public:
  Reader(ports::PaymentOrderSink& sink, ports::ByteSink* canonical)
      : sink_(sink), canonical_(canonical) {
    parts_.strict = true;
  }

  absl::Status OnRoot(std::string_view name, std::string_view space) override;
  void OnStart(XmlId id, std::string_view name) override;
  void OnEnd(XmlId id, std::string_view text, std::string_view currency) override;
  void OnUnknown(std::string_view name) override {
    Fail(Error(Reason::kFormatInvalid)
             .Says(StrCat("element ", name.substr(0, 40), " is none that kontor writes")));
  }
  absl::Status status() const override { return status_; }
  absl::Status Finish();

 private:
  void Fail(absl::Status status) {
    if (status_.ok() && !status.ok()) {
      status_ = std::move(status);
      failed_ = true;
    }
  }
  /// Whatever may stand once stands once, and a batch's head before its transfers: anything else
  /// would be read by one program so and by another one differently.
  void OnlyOne(XmlId id);
  void StartPart(XmlId id);
  void EndHeaderText(XmlId id, std::string_view text);
  void EndBatchText(XmlId id, std::string_view text);
  void EndTransferText(XmlId id, std::string_view text, std::string_view currency);
  void EndHeader();
  void SendInstruction();
  void EndBatch();
  void EndTransfer();
  int64_t Count(std::string_view text);
  Decimal Sum(std::string_view text);
  model::ChargeBearer Bearer(std::string_view text);
  void Canonical(const std::string& text) {
    if (canonical_ != nullptr) Fail(canonical_->Write(text));
  }
  void Unique(internal::IdRegister& seen, std::string_view id, std::string_view field) {
    if (!seen.Add(id)) {
      Fail(Error(Reason::kIdNotUnique).Field(field).Says("the id stands in this file twice"));
    }
  }

  ports::PaymentOrderSink& sink_;
  ports::ByteSink* canonical_;
  absl::Status status_;
  IsoParts parts_;
  internal::AmountReader amounts_;
  model::PaymentOrderHeader header_;
  model::PaymentInstruction instruction_;
  model::CreditTransfer transfer_;
  bool header_sent_ = false;
  bool instruction_sent_ = false;
  bool amount_seen_ = false;
  uint64_t header_seen_ = 0;  ///< One bit an id.
  uint64_t batch_seen_ = 0;
  uint64_t transfer_seen_ = 0;
  int64_t batch_count_ = 0;
  Decimal batch_sum_;
  int64_t count_ = 0;
  Decimal sum_;
  internal::IdRegister batch_ids_;
  internal::IdRegister instruction_ids_;
  internal::IdRegister end_to_end_ids_;
  internal::IdRegister uetrs_;
};

absl::Status Reader::OnRoot(std::string_view name, std::string_view space) {
  const bool known = space.ends_with("pain.001.001.03") || space.ends_with("pain.001.001.09") ||
                     space.find("pain.001.001.03.ch.02") != std::string_view::npos;
  if (name == "Document" && known) return absl::OkStatus();
  return Error(Reason::kFormatUnknown).Says("this is no pain.001.001.03 and no .09");
}

void Reader::OnlyOne(XmlId id) {
  if (id == kBatch || id == kTransfer) return;
  static_assert(kRemittance - kMessage < 64);
  const uint64_t bit = uint64_t{1} << (id - kMessage);
  const bool of_batch = id > kBatch && id < kTransfer;
  uint64_t& seen = id > kTransfer ? transfer_seen_ : of_batch ? batch_seen_ : header_seen_;
  if ((seen & bit) != 0) {
    return Fail(Error(Reason::kFormatInvalid).Says("an element stands twice where one is allowed"));
  }
  if (of_batch && instruction_sent_) {
    return Fail(Error(Reason::kFormatInvalid).Says("a batch's head goes on behind its transfers"));
  }
  seen |= bit;
}

void Reader::OnStart(XmlId id, std::string_view /*name*/) {
  if (id < internal::kIsoEnd) return Fail(parts_.Start(id));
  if (id == kBatch) {
    instruction_ = {};
    instruction_sent_ = false;
    batch_seen_ = 0;
    batch_count_ = 0;
    batch_sum_ = {};
  }
  if (id == kTransfer) {
    SendInstruction();
    transfer_ = {};
    amount_seen_ = false;
    transfer_seen_ = 0;
  }
  OnlyOne(id);
  StartPart(id);
}

void Reader::StartPart(XmlId id) {
  switch (id) {
    case kInitiator: parts_.party = &header_.initiator; break;
    case kDebtor: parts_.party = &instruction_.debtor; break;
    case kDebtorAccount: parts_.account = &instruction_.debtor.account; break;
    case kDebtorAgent: parts_.agent = &instruction_.debtor.agent; break;
    case kBatchUltimateDebtor: parts_.party = &instruction_.ultimate_debtor.emplace(); break;
    case kUltimateDebtor: parts_.party = &transfer_.ultimate_debtor.emplace(); break;
    case kCreditorAgent: parts_.agent = &transfer_.creditor.agent; break;
    case kCreditor: parts_.party = &transfer_.creditor; break;
    case kCreditorAccount: parts_.account = &transfer_.creditor.account; break;
    case kUltimateCreditor: parts_.party = &transfer_.ultimate_creditor.emplace(); break;
    case kRemittance: parts_.remittance = &transfer_.remittance; break;
    default: break;
  }
}

void Reader::OnEnd(XmlId id, std::string_view text, std::string_view currency) {
  if (id < internal::kIsoEnd) return Fail(parts_.End(id, text, currency));
  switch (id) {
    case kHeader: return EndHeader();
    case kBatch: return EndBatch();
    case kTransfer: return EndTransfer();
    default: break;
  }
  if (text.empty()) return;
  if (id > kTransfer) return EndTransferText(id, text, currency);
  if (id > kBatch) return EndBatchText(id, text);
  EndHeaderText(id, text);
}

int64_t Reader::Count(std::string_view text) {
  const std::optional<int64_t> count = internal::ReadCount(text);
  if (!count.has_value()) Fail(Error(Reason::kFormatInvalid).Says("a count is not a number"));
  return count.value_or(0);
}

Decimal Reader::Sum(std::string_view text) {
  const absl::StatusOr<Decimal> sum = internal::ReadDecimal(text);
  Fail(sum.status());
  return sum.ok() ? *sum : Decimal();
}

model::ChargeBearer Reader::Bearer(std::string_view text) {
  const auto bearer = model::ParseChargeBearer(text);
  if (!bearer.has_value()) {
    Fail(Error(Reason::kFormatInvalid).Says("ChrgBr is none of DEBT, CRED, SHAR and SLEV"));
  }
  return bearer.value_or(model::ChargeBearer::kUnset);
}

void Reader::EndHeaderText(XmlId id, std::string_view text) {
  OnlyOne(id);
  switch (id) {
    case kMessageId: header_.message_id = text; break;
    case kCreatedAt: header_.created_at = text; break;
    case kCount: header_.transfer_count = Count(text); break;
    case kSum: header_.control_sum = Sum(text); break;
    default: break;
  }
}

void Reader::EndBatchText(XmlId id, std::string_view text) {
  OnlyOne(id);
  switch (id) {
    case kBatchId: instruction_.payment_information_id = text; break;
    case kMethod:
      if (text != "TRF") Fail(Error(Reason::kFormatInvalid).Says("PmtMtd is not TRF"));
      break;
    case kBatchBooking: instruction_.batch_booking = internal::ReadBool(text); break;
    case kBatchCount: instruction_.transfer_count = Count(text); break;
    case kBatchSum: instruction_.control_sum = Sum(text); break;
    case kPriority: instruction_.priority = text; break;
    case kServiceLevel: instruction_.service_level = text; break;
    case kLocalInstrument: instruction_.local_instrument = text; break;
    case kCategoryPurpose: instruction_.category_purpose = text; break;
    case kExecutionDate: {
      const auto date = base::Date::Parse(text);
      Fail(date.status());
      if (date.ok()) instruction_.execution_date = *date;
      break;
    }
    case kBatchBearer: instruction_.charge_bearer = Bearer(text); break;
    default: break;
  }
}

void Reader::EndTransferText(XmlId id, std::string_view text, std::string_view currency) {
  OnlyOne(id);
  switch (id) {
    case kInstructionId: transfer_.instruction_id = text; break;
    case kEndToEndId: transfer_.end_to_end_id = text; break;
    case kUetr: transfer_.uetr = text; break;
    case kAmount: {
      const auto amount = amounts_.Read(text, currency);
      Fail(amount.status());
      if (amount.ok()) transfer_.amount = *amount;
      amount_seen_ = true;
      break;
    }
    case kBearer: transfer_.charge_bearer = Bearer(text); break;
    case kPurpose: transfer_.purpose = text; break;
    default: break;
  }
}

void Reader::EndHeader() {
  header_sent_ = true;
  Canonical(model::CanonicalText(header_));
  Fail(sink_.OnOrder(header_));
}

void Reader::SendInstruction() {
  if (instruction_sent_) return;
  if (!header_sent_) return Fail(Error(Reason::kFormatInvalid).Says("there is no GrpHdr"));
  instruction_sent_ = true;
  model::BankAgent& agent = instruction_.debtor.agent;
  if (agent.other_id == internal::kNotProvided) agent.other_id.clear();
  Unique(batch_ids_, instruction_.payment_information_id, "payment_information_id");
  Canonical(model::CanonicalText(instruction_));
  Fail(sink_.OnInstruction(instruction_));
}

void Reader::EndTransfer() {
  if (!amount_seen_ || transfer_.end_to_end_id.empty()) {
    return Fail(Error(Reason::kFieldMissing).Says("a transfer without InstdAmt or EndToEndId"));
  }
  Unique(instruction_ids_, transfer_.instruction_id, "instruction_id");
  Unique(end_to_end_ids_, transfer_.end_to_end_id, "end_to_end_id");
  Unique(uetrs_, transfer_.uetr, "uetr");
  ++batch_count_;
  const auto sum = batch_sum_.Add(transfer_.amount.ToDecimal());
  Fail(sum.status());
  if (sum.ok()) batch_sum_ = *sum;
  Canonical(model::CanonicalText(transfer_));
  Fail(sink_.OnTransfer(transfer_));
}

void Reader::EndBatch() {
  SendInstruction();
  if (batch_count_ != instruction_.transfer_count || batch_sum_ != instruction_.control_sum) {
    return Fail(
        Error(Reason::kTotalsMismatch)
            .Field("control_sum")
            .Says(StrCat("batch ", instruction_.payment_information_id, " states ",
                         instruction_.transfer_count, " of ", instruction_.control_sum.ToString(),
                         " and holds ", batch_count_, " of ", batch_sum_.ToString())));
  }
  count_ += batch_count_;
  const auto sum = sum_.Add(batch_sum_);
  Fail(sum.status());
  if (sum.ok()) sum_ = *sum;
}

absl::Status Reader::Finish() {
  if (!header_sent_) {
    return Error(Reason::kFormatUnknown).Says("the document holds no order");
  }
  if (count_ == header_.transfer_count && sum_ == header_.control_sum) return absl::OkStatus();
  return Error(Reason::kTotalsMismatch)
      .Field("control_sum")
      .Says(StrCat("the file states ", header_.transfer_count, " transfers of ",
                   header_.control_sum.ToString(), " and holds ", count_, " of ", sum_.ToString()));
}

}  // namespace

absl::Status ReadPain001(ports::ByteSource& source, ports::PaymentOrderSink& sink,
                         ports::ByteSink* canonical) {
  Reader reader(sink, canonical);
  KONTOR_RETURN_IF_ERROR(internal::ParseXml(source, PainTree(), reader, nullptr));
  return reader.Finish();
}

}  // namespace kontor::formats
