// SPDX-License-Identifier: Apache-2.0
#include "server/formats/pain002.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/xml_parser.h"
#include "server/model/validate.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using internal::XmlId;
using internal::XmlTree;
using model::Severity;

enum PainId : XmlId {
  kMessage = 1,
  kMessageId,
  kCreatedAt,
  // The order.
  kOrder,
  kOrderMessageId,
  kOrderMessageName,
  kOrderCount,
  kOrderSum,
  kOrderStatus,
  // Instructions.
  kInstruction,
  kInstructionId,
  kInstructionCount,
  kInstructionSum,
  kInstructionStatus,
  // Transfers.
  kTransfer,
  kStatusId,
  kTransferInstructionId,
  kTransferEndToEndId,
  kTransferUetr,
  kTransferStatus,
  kAcceptedAt,
  kServicerRef,
  kClearingRef,
  kAmount,
  kDate,
  kCreditorName,
  kCreditorAccount,
  // Reasons, of all three.
  kReason,
  kReasonCode,
  kReasonWord,
  kReasonOriginator,
  kReasonText,
};

void AddReasons(XmlTree& tree, const std::string& path) {
  const std::string at = path + "/StsRsnInf";
  tree.Group(at, kReason);
  tree.Text(at + "/Rsn/Cd", kReasonCode);
  tree.Text(at + "/Rsn/Prtry", kReasonWord);
  tree.Text(at + "/Orgtr/Nm", kReasonOriginator);
  tree.Text(at + "/Orgtr/Id/OrgId/BIC|BICOrBEI|AnyBIC", kReasonOriginator);
  tree.Text(at + "/AddtlInf", kReasonText);
}

void AddTransfer(XmlTree& tree, const std::string& at) {
  tree.Group(at, kTransfer);
  tree.Text(at + "/StsId", kStatusId);
  tree.Text(at + "/OrgnlInstrId", kTransferInstructionId);
  tree.Text(at + "/OrgnlEndToEndId", kTransferEndToEndId);
  tree.Text(at + "/OrgnlUETR", kTransferUetr);
  tree.Text(at + "/TxSts", kTransferStatus);
  AddReasons(tree, at);
  tree.Text(at + "/AccptncDtTm", kAcceptedAt);
  tree.Text(at + "/AcctSvcrRef", kServicerRef);
  tree.Text(at + "/ClrSysRef", kClearingRef);
  const std::string original = at + "/OrgnlTxRef";
  tree.Text(original + "/Amt/InstdAmt", kAmount);
  tree.Text(original + "/ReqdExctnDt|ReqdColltnDt|IntrBkSttlmDt", kDate);
  tree.Text(original + "/ReqdExctnDt/Dt|DtTm", kDate);
  tree.Text(original + "/Cdtr/~Pty/Nm", kCreditorName);
  tree.Text(original + "/CdtrAcct/Id/IBAN", kCreditorAccount);
  tree.Text(original + "/CdtrAcct/Id/Othr/Id", kCreditorAccount);
}

const XmlTree& StatusTree() {
  static const auto* const kTree = [] {
    auto* const tree = new XmlTree();
    const std::string at = "CstmrPmtStsRpt";
    tree->Group(at, kMessage);
    tree->Text(at + "/GrpHdr/MsgId", kMessageId);
    tree->Text(at + "/GrpHdr/CreDtTm", kCreatedAt);
    const std::string order = at + "/OrgnlGrpInfAndSts";
    tree->Group(order, kOrder);
    tree->Text(order + "/OrgnlMsgId", kOrderMessageId);
    tree->Text(order + "/OrgnlMsgNmId", kOrderMessageName);
    tree->Text(order + "/OrgnlNbOfTxs", kOrderCount);
    tree->Text(order + "/OrgnlCtrlSum", kOrderSum);
    tree->Text(order + "/GrpSts", kOrderStatus);
    AddReasons(*tree, order);
    const std::string instruction = at + "/OrgnlPmtInfAndSts";
    tree->Group(instruction, kInstruction);
    tree->Text(instruction + "/OrgnlPmtInfId", kInstructionId);
    tree->Text(instruction + "/OrgnlNbOfTxs", kInstructionCount);
    tree->Text(instruction + "/OrgnlCtrlSum", kInstructionSum);
    tree->Text(instruction + "/PmtInfSts", kInstructionStatus);
    AddReasons(*tree, instruction);
    AddTransfer(*tree, instruction + "/TxInfAndSts");
    return tree;
  }();
  return *kTree;
}

/// The version in `…pain.002.001.NN…`; 0 when there is none.
int VersionOf(std::string_view space) {
  constexpr std::string_view kMark = "pain.002.001.";
  const size_t at = space.find(kMark);
  if (at == std::string_view::npos) return 0;
  return static_cast<int>(internal::ReadCount(space.substr(at + kMark.size(), 2)).value_or(0));
}

class Reader final : public internal::XmlHandler {
 public:
  Reader(ports::PaymentStatusSink& sink, ports::ReadReport& report)
      : sink_(sink), report_(report) {}

  absl::Status OnRoot(std::string_view name, std::string_view space) override;
  void OnStart(XmlId id, std::string_view name) override;
  void OnEnd(XmlId id, std::string_view text, std::string_view currency) override;
  absl::Status status() const override { return status_; }
  const internal::XmlPlace** place() { return &place_; }
  absl::Status Finish();

 private:
  static constexpr size_t kReasonsMax = 1000;

  void Fail(absl::Status status) {
    if (status_.ok() && !status.ok()) {
      status_ = std::move(status);
      failed_ = true;
    }
  }
  void Note(const absl::Status& status, std::string_view field, Severity severity);
  void SendOrder();
  void SendInstruction();
  void EndTransfer();
  void EndOrderText(XmlId id, std::string_view text);
  void EndInstructionText(XmlId id, std::string_view text);
  void EndTransferText(XmlId id, std::string_view text, std::string_view currency);
  void EndReasonText(XmlId id, std::string_view text);
  std::optional<base::Decimal> Sum(std::string_view text);

  ports::PaymentStatusSink& sink_;
  ports::ReadReport& report_;
  const internal::XmlPlace* place_ = nullptr;
  absl::Status status_;
  internal::AmountReader amounts_;
  model::OrderStatus order_;
  model::InstructionStatus instruction_;
  model::TransferStatus transfer_;
  std::vector<model::StatusReason>* reasons_ = nullptr;
  bool saw_order_ = false;
  bool instruction_sent_ = true;
  int64_t instruction_count_ = 0;
};

void Reader::Note(const absl::Status& status, std::string_view field, Severity severity) {
  if (report_.findings.size() >= ports::ReadReport::kFindingsMax) return;
  model::Finding finding = model::FindingOf(status);
  finding.severity = severity;
  finding.field = field;
  if (place_ != nullptr) base::StrAppend(&finding.message, " (line ", place_->Line(), ")");
  report_.findings.push_back(std::move(finding));
}

absl::Status Reader::OnRoot(std::string_view name, std::string_view space) {
  if (name != "Document") {
    return Error(Reason::kFormatUnknown)
        .Says("the document element is not the Document of ISO 20022");
  }
  const int version = VersionOf(space);
  report_.version_known = version >= kPain002VersionMin && version <= kPain002VersionMax;
  const size_t at = space.find("pain.002");
  if (at != std::string_view::npos) report_.format = space.substr(at);
  if (report_.format.ends_with(".xsd")) report_.format.resize(report_.format.size() - 4);
  if (report_.format.empty()) report_.format = "pain.002";
  if (!report_.version_known) {
    Note(Error(Reason::kFormatVersionUnknown)
             .Says(StrCat("version ", version, " is not one of ", kPain002VersionMin, " to ",
                          kPain002VersionMax)),
         "version", Severity::kWarning);
  }
  return absl::OkStatus();
}

void Reader::OnStart(XmlId id, std::string_view /*name*/) {
  switch (id) {
    case kOrder:
      if (saw_order_) return Fail(Error(Reason::kFormatInvalid).Says("two orders in one report"));
      saw_order_ = true;
      reasons_ = &order_.reasons;
      break;
    case kInstruction:
      instruction_ = {};
      instruction_sent_ = false;
      reasons_ = &instruction_.reasons;
      break;
    case kTransfer:
      SendInstruction();
      transfer_ = {};
      transfer_.original_payment_information_id = instruction_.original_payment_information_id;
      reasons_ = &transfer_.reasons;
      break;
    case kReason:
      if (reasons_ == nullptr) return;
      if (reasons_->size() >= kReasonsMax) {
        return Fail(Error(Reason::kFormatLimit).Says("a status has too many reasons"));
      }
      reasons_->emplace_back();
      break;
    default: break;
  }
}

void Reader::OnEnd(XmlId id, std::string_view text, std::string_view currency) {
  switch (id) {
    case kOrder: return SendOrder();
    case kInstruction: return SendInstruction();
    case kTransfer: return EndTransfer();
    default: break;
  }
  if (text.empty()) return;
  if (id >= kReason) return EndReasonText(id, text);
  if (id >= kTransfer) return EndTransferText(id, text, currency);
  if (id >= kInstruction) return EndInstructionText(id, text);
  EndOrderText(id, text);
}

void Reader::SendOrder() {
  order_.format = report_.format;
  if (order_.original_message_id.empty()) {
    Note(Error(Reason::kFieldMissing).Says("the report does not say which order it is about"),
         "original_message_id", Severity::kError);
  }
  Fail(sink_.OnOrder(order_));
}

void Reader::SendInstruction() {
  if (instruction_sent_) return;
  instruction_sent_ = true;
  ++instruction_count_;
  if (!saw_order_) {
    return Fail(Error(Reason::kFormatInvalid).Says("an instruction before its order"));
  }
  if (instruction_.original_payment_information_id.empty()) {
    Note(Error(Reason::kFieldMissing).Says("an instruction without its id"),
         StrCat("instructions[", instruction_count_ - 1, "]"), Severity::kError);
  }
  Fail(sink_.OnInstruction(instruction_));
}

void Reader::EndTransfer() {
  ++report_.line_count;
  if (transfer_.original_end_to_end_id.empty() && transfer_.original_instruction_id.empty() &&
      transfer_.original_uetr.empty()) {
    Note(Error(Reason::kFieldMissing).Says("a transfer's status names no transfer"),
         StrCat("transfers[", report_.line_count - 1, "]"), Severity::kError);
  }
  transfer_.creditor_account = model::NormalAccountNumber(transfer_.creditor_account);
  Fail(sink_.OnTransfer(transfer_));
  reasons_ = &instruction_.reasons;
}

std::optional<base::Decimal> Reader::Sum(std::string_view text) {
  const absl::StatusOr<base::Decimal> sum = internal::ReadDecimal(text);
  if (sum.ok()) return *sum;
  Note(sum.status(), "original_sum", Severity::kWarning);
  return std::nullopt;
}

void Reader::EndOrderText(XmlId id, std::string_view text) {
  switch (id) {
    case kMessageId: order_.message_id = text; break;
    case kCreatedAt: order_.created_at = text; break;
    case kOrderMessageId: order_.original_message_id = text; break;
    case kOrderMessageName: order_.original_message_name = text; break;
    case kOrderCount: order_.original_count = internal::ReadCount(text); break;
    case kOrderSum: order_.original_sum = Sum(text); break;
    case kOrderStatus: order_.status = text; break;
    default: break;
  }
}

void Reader::EndInstructionText(XmlId id, std::string_view text) {
  switch (id) {
    case kInstructionId: instruction_.original_payment_information_id = text; break;
    case kInstructionCount: instruction_.original_count = internal::ReadCount(text); break;
    case kInstructionSum: instruction_.original_sum = Sum(text); break;
    case kInstructionStatus: instruction_.status = text; break;
    default: break;
  }
}

void Reader::EndTransferText(XmlId id, std::string_view text, std::string_view currency) {
  switch (id) {
    case kStatusId: transfer_.status_id = text; break;
    case kTransferInstructionId: transfer_.original_instruction_id = text; break;
    case kTransferEndToEndId: transfer_.original_end_to_end_id = text; break;
    case kTransferUetr: transfer_.original_uetr = text; break;
    case kTransferStatus: transfer_.status = text; break;
    case kAcceptedAt: transfer_.accepted_at = text; break;
    case kServicerRef: transfer_.account_servicer_ref = text; break;
    case kClearingRef: transfer_.clearing_system_ref = text; break;
    case kCreditorName: transfer_.creditor_name = text; break;
    case kCreditorAccount: transfer_.creditor_account = text; break;
    case kAmount: {
      const auto amount = amounts_.Read(text, currency);
      if (amount.ok()) {
        transfer_.original_amount = *amount;
      } else {
        Note(amount.status(), "original_amount", Severity::kWarning);
      }
      break;
    }
    case kDate: {
      const auto date = internal::ReadDay(text);
      if (date.ok()) {
        transfer_.original_date = *date;
      } else {
        Note(date.status(), "original_date", Severity::kWarning);
      }
      break;
    }
    default: break;
  }
}

void Reader::EndReasonText(XmlId id, std::string_view text) {
  if (reasons_ == nullptr || reasons_->empty()) return;
  model::StatusReason& reason = reasons_->back();
  switch (id) {
    case kReasonCode: reason.code = text; break;
    case kReasonWord: reason.word = text; break;
    case kReasonOriginator: reason.originator = text; break;
    default:
      if (reason.texts.size() >= kReasonsMax) {
        return Fail(Error(Reason::kFormatLimit).Says("a reason has too many texts"));
      }
      reason.texts.emplace_back(text);
      break;
  }
}

absl::Status Reader::Finish() {
  if (saw_order_) return absl::OkStatus();
  return Error(Reason::kFormatUnknown).Says("the document holds no payment status report");
}

}  // namespace

absl::Status ReadPain002(ports::ByteSource& source, ports::PaymentStatusSink& sink,
                         ports::ReadReport& report) {
  Reader reader(sink, report);
  KONTOR_RETURN_IF_ERROR(internal::ParseXml(source, StatusTree(), reader, reader.place()));
  return reader.Finish();
}

}  // namespace kontor::formats
