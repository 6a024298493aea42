// SPDX-License-Identifier: Apache-2.0
// Entries and their details.
#include <iterator>

#include "server/base/strings.h"
#include "server/formats/camt.h"
#include "server/formats/internal/camt_reader.h"

namespace kontor::formats::internal {

using base::Error;
using base::Reason;
using base::StrCat;
using model::LineStatus;
using model::PaymentReferences;
using model::Severity;

namespace {

constexpr std::string PaymentReferences::*kReferenceFields[] = {
    &PaymentReferences::message_id,
    &PaymentReferences::payment_information_id,
    &PaymentReferences::instruction_id,
    &PaymentReferences::end_to_end_id,
    &PaymentReferences::uetr,
    &PaymentReferences::transaction_id,
    &PaymentReferences::account_servicer_ref,
    &PaymentReferences::account_owner_ref,
    &PaymentReferences::mandate_id,
    &PaymentReferences::cheque_number,
    &PaymentReferences::clearing_system_ref,
    &PaymentReferences::processing_id,
};
static_assert(kCamtRefMessage + std::size(kReferenceFields) == kCamtRefProprietaryType);

constexpr size_t kPartsMax = 10000;  ///< Charges, batches or proprietary references of one object.

LineStatus StatusOf(std::string_view code) {
  if (code == "BOOK") return LineStatus::kBooked;
  if (code == "PDNG") return LineStatus::kPending;
  if (code == "INFO") return LineStatus::kInformation;
  if (code == "FUTR") return LineStatus::kFuture;
  return LineStatus::kOther;
}

/// Words for "there is none".
bool IsNoReference(std::string_view text) { return text == "NOTPROVIDED" || text == "NONREF"; }

absl::Status Missing(std::string_view what) { return Error(Reason::kFieldMissing).Says(what); }

absl::Status TooMany(std::string_view what) {
  return Error(Reason::kFormatLimit).Says(StrCat("an entry has too many ", what));
}

}  // namespace

void CamtReader::StartEntry() {
  SendHeader();
  ++line_number_;
  ++report_.line_count;
  in_entry_ = true;
  std::vector<model::EntryDetail> details = std::move(line_.details);
  details.clear();  // its room serves the next line
  line_ = {};
  line_.details = std::move(details);
  line_.number = line_number_;
  line_broken_ = false;
  line_contradicts_ = false;
  line_amounts_ = 0;
  line_direction_ = Direction::kNone;
  detail_sum_ = 0;
  detail_sum_count_ = 0;
}

void CamtReader::EndEntryText(XmlId id, std::string_view text, std::string_view currency) {
  switch (id) {
    case kCamtEntryReference: line_.reference = text; break;
    case kCamtEntryDirection: {
      const Direction direction = ReadDirection(text, "direction");
      line_contradicts_ = line_contradicts_ || line_direction_ != Direction::kNone;
      line_direction_ = direction;
      break;
    }
    case kCamtEntryReversal: line_.reversal = ReadBool(text).value_or(false); break;
    case kCamtEntryStatus:
      line_.status_code = text;
      line_.status = StatusOf(text);
      break;
    case kCamtBookingDay: line_.booking_date = ReadDate(text, "booking_date"); break;
    case kCamtValueDay: line_.value_date = ReadDate(text, "value_date"); break;
    case kCamtEntryServicerRef: line_.account_servicer_ref = text; break;
    case kCamtEntryNote: line_.additional = text; break;
    case kCamtEntryAmount:
      ++line_amounts_;
      if (const auto amount = ReadAmount(text, currency, "amount"); amount.has_value()) {
        line_.amount = *amount;
      } else {
        line_broken_ = true;
      }
      break;
    default: break;
  }
}

void CamtReader::CheckDetails() {
  if (detail_sum_count_ == 0 || detail_sum_count_ != line_.detail_count) return;
  int64_t announced = 0;
  for (const model::BatchInfo& batch : line_.batches) announced += batch.transaction_count;
  if (announced > line_.detail_count) return;  // the bank shows some of them only
  const base::Int128 amount = line_.amount.minor();
  if (detail_sum_ == amount) return;
  const int scale = line_.amount.currency().scale();
  Blame(Error(Reason::kTotalsMismatch)
            .Says(StrCat("the details add up to ",
                         base::Decimal::FromUnscaled(detail_sum_, scale).ToFixed(scale),
                         ", the line is ", line_.amount.ValueText())),
        "details", Severity::kWarning);
}

void CamtReader::EndEntry() {
  if (line_amounts_ == 0) Blame(Missing("the entry has no amount"), "amount");
  if (line_amounts_ > 1) {
    Blame(Error(Reason::kFormatInvalid).Says("the entry has two amounts"), "amount");
  }
  if (line_direction_ == Direction::kNone) {
    Blame(Missing("the entry is neither credit nor debit"), "direction");
  }
  if (line_.status_code.empty()) Blame(Missing("the entry has no status"), "status");
  if (line_.status == LineStatus::kOther && !line_.status_code.empty()) {
    Blame(Error(Reason::kFormatInvalid)
              .Says(StrCat("status \"", line_.status_code.substr(0, 10),
                           "\" is unknown and not counted as booked")),
          "status", Severity::kWarning);
  }
  if (line_contradicts_) {
    Blame(Error(Reason::kFormatInvalid).Says("the entry has two directions"), "direction");
  }
  line_broken_ = line_broken_ || line_contradicts_ || line_amounts_ != 1 ||
                 line_direction_ == Direction::kNone || line_.status_code.empty();
  if (!line_broken_) {
    if (line_direction_ == Direction::kDebit) line_.amount = -line_.amount;
    CheckDetails();
    prover_.Add(line_);
    Fail(sink_.OnLine(line_));
  }
  in_entry_ = false;
}

void CamtReader::EndBatchText(XmlId id, std::string_view text, std::string_view currency) {
  switch (id) {
    case kCamtBatchMessageId: batch_.message_id = text; break;
    case kCamtBatchPaymentInformation: batch_.payment_information_id = text; break;
    case kCamtBatchCount: batch_.transaction_count = ReadCount(text).value_or(0); break;
    case kCamtBatchAmount:
      batch_.total = ReadAmount(text, currency, "batches", Severity::kWarning);
      break;
    case kCamtBatchDirection: batch_direction_ = ReadDirection(text, "batches"); break;
    default: break;
  }
}

void CamtReader::EndBatch() {
  if (line_.batches.size() >= kPartsMax) return Fail(TooMany("batches"));
  if (batch_direction_ == Direction::kNone) batch_direction_ = line_direction_;
  if (batch_.total.has_value() && batch_direction_ == Direction::kDebit) {
    batch_.total = -*batch_.total;
  }
  line_.batches.push_back(std::move(batch_));
}

void CamtReader::StartDetail() {
  if (line_.details.size() >= kCamtDetailsHeld) {
    Fail(sink_.OnDetails(line_.details));
    line_.details.clear();
  }
  detail_ = &line_.details.emplace_back();
  detail_direction_ = Direction::kNone;
}

void CamtReader::StartDetailPart(XmlId id) {
  switch (id) {
    case kCamtDetail: StartDetail(); break;
    case kCamtDetailCode: code_ = &detail_->code; break;
    case kCamtDetailAmounts: amounts_of_ = &detail_->amounts; break;
    case kCamtDetailCharge:
      charge_ = {};
      charge_amount_ = false;
      charge_direction_ = Direction::kNone;
      break;
    case kCamtDebtor: parts_.party = &detail_->debtor; break;
    case kCamtCreditor: parts_.party = &detail_->creditor; break;
    case kCamtUltimateDebtor: parts_.party = &detail_->ultimate_debtor.emplace(); break;
    case kCamtUltimateCreditor: parts_.party = &detail_->ultimate_creditor.emplace(); break;
    case kCamtDebtorAccount: parts_.account = &detail_->debtor.account; break;
    case kCamtCreditorAccount: parts_.account = &detail_->creditor.account; break;
    case kCamtDebtorAgent: parts_.agent = &detail_->debtor.agent; break;
    case kCamtCreditorAgent: parts_.agent = &detail_->creditor.agent; break;
    case kCamtRemittance: parts_.remittance = &detail_->remittance; break;
    case kCamtReturn: detail_->return_info.emplace(); break;
    case kCamtOriginalCode:
      if (detail_->return_info.has_value()) code_ = &detail_->return_info->original_code;
      break;
    case kCamtProprietaryRef:
      if (detail_->references.proprietary.size() >= kPartsMax) return Fail(TooMany("references"));
      detail_->references.proprietary.emplace_back();
      break;
    case kCamtExchange:
      if (amounts_of_ != nullptr) amounts_of_->exchange.emplace();
      break;
    default: break;
  }
}

void CamtReader::EndDetail() {
  ++line_.detail_count;
  if (detail_direction_ == Direction::kNone) detail_direction_ = line_direction_;
  // Version 2 has no amount of the detail itself; the one between the banks stands for it where it
  // is in the account's currency.
  if (!detail_->amount.has_value() && detail_->amounts.transaction.has_value() &&
      detail_->amounts.transaction->currency() == line_.amount.currency()) {
    detail_->amount = detail_->amounts.transaction;
  }
  if (detail_->amount.has_value()) {
    if (detail_direction_ == Direction::kDebit) detail_->amount = -*detail_->amount;
    if (detail_->amount->currency() == line_.amount.currency()) {
      detail_sum_ += detail_->amount->minor();
      ++detail_sum_count_;
    }
  }
  detail_ = nullptr;
}

void CamtReader::EndReference(XmlId id, std::string_view text) {
  PaymentReferences& references = detail_->references;
  if (id < kCamtRefProprietaryType) {
    if (!IsNoReference(text)) references.*kReferenceFields[id - kCamtRefMessage] = text;
    return;
  }
  if (references.proprietary.empty()) return;
  model::ProprietaryReference& last = references.proprietary.back();
  (id == kCamtRefProprietaryType ? last.type : last.reference) = text;
}

void CamtReader::EndReturnText(XmlId id, std::string_view text) {
  if (!detail_->return_info.has_value()) return;
  model::ReturnInfo& info = *detail_->return_info;
  if (id == kCamtReturnReason) {
    info.reason = text;
    return;
  }
  if (!info.additional.empty()) info.additional.push_back(' ');
  info.additional.append(text);
  if (info.additional.size() > kXmlTextBytesMax) Fail(TooMany("return texts"));
}

void CamtReader::EndDetailText(XmlId id, std::string_view text, std::string_view currency) {
  if (id >= kCamtRefMessage && id <= kCamtRefProprietary) return EndReference(id, text);
  switch (id) {
    case kCamtDetailAmount:
      detail_->amount = ReadAmount(text, currency, "details.amount", Severity::kWarning);
      break;
    case kCamtDetailDirection: detail_direction_ = ReadDirection(text, "details"); break;
    case kCamtPurpose: detail_->purpose = text; break;
    case kCamtAcceptedAt: detail_->accepted_at = text; break;
    case kCamtInterbankDay:
      detail_->interbank_date = ReadDate(text, "details.interbank_date", Severity::kWarning);
      break;
    case kCamtReturnReason:
    case kCamtReturnNote: EndReturnText(id, text); break;
    case kCamtDetailNote: detail_->additional = text; break;
    default: break;
  }
}

void CamtReader::EndExchangeText(XmlId id, std::string_view text) {
  if (amounts_of_ == nullptr || !amounts_of_->exchange.has_value()) return;
  model::ExchangeInfo& exchange = *amounts_of_->exchange;
  switch (id) {
    case kCamtSourceCurrency: exchange.source_currency = text; break;
    case kCamtTargetCurrency: exchange.target_currency = text; break;
    case kCamtUnitCurrency: exchange.unit_currency = text; break;
    case kCamtContract: exchange.contract_id = text; break;
    case kCamtQuotedAt: exchange.quoted_at = text; break;
    case kCamtRate: {
      const absl::StatusOr<base::Decimal> rate = ReadDecimal(text);
      if (rate.ok()) {
        exchange.rate = *rate;
      } else {
        Blame(rate.status(), "exchange.rate", Severity::kWarning);
      }
      break;
    }
    default: break;
  }
}

void CamtReader::EndChargeText(XmlId id, std::string_view text, std::string_view currency) {
  switch (id) {
    case kCamtChargeAmount:
      if (const auto amount = ReadAmount(text, currency, "charges", Severity::kWarning);
          amount.has_value()) {
        charge_.amount = *amount;
        charge_amount_ = true;
      }
      break;
    case kCamtChargeDirection: charge_direction_ = ReadDirection(text, "charges"); break;
    case kCamtChargeType: charge_.type = text; break;
    case kCamtChargeBearer: charge_.bearer = text; break;
    default: charge_.included = ReadBool(text).value_or(false); break;
  }
}

void CamtReader::EndCharge(std::vector<model::Charge>& charges) {
  if (!charge_amount_) return;  // the group of version 4 and later around its records
  charge_amount_ = false;
  if (charges.size() >= kPartsMax) return Fail(TooMany("charges"));
  if (charge_direction_ != Direction::kCredit) charge_.amount = -charge_.amount;
  charges.push_back(std::move(charge_));
}

void CamtReader::EndSharedText(XmlId id, std::string_view text, std::string_view currency) {
  if (id >= kCamtChargeAmount) return EndChargeText(id, text, currency);
  if (id >= kCamtExchange) return EndExchangeText(id, text);
  if (id >= kCamtInstructed) {
    if (amounts_of_ == nullptr) return;
    const auto amount = ReadAmount(text, currency, "amounts", Severity::kWarning);
    if (id == kCamtInstructed) amounts_of_->instructed = amount;
    if (id == kCamtTransaction) amounts_of_->transaction = amount;
    if (id == kCamtCounterValue) amounts_of_->counter_value = amount;
    return;
  }
  if (code_ == nullptr) return;
  switch (id) {
    case kCamtDomain: code_->domain = text; break;
    case kCamtFamily: code_->family = text; break;
    case kCamtSubFamily: code_->sub_family = text; break;
    case kCamtProprietaryCode: code_->proprietary = text; break;
    default: code_->proprietary_issuer = text; break;
  }
}

}  // namespace kontor::formats::internal
