// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/camt_reader.h"

#include "server/base/strings.h"
#include "server/formats/camt.h"
#include "server/model/validate.h"

namespace kontor::formats::internal {

using base::Error;
using base::Reason;
using base::StrCat;
using model::BalanceType;
using model::Severity;
using model::StatementKind;

namespace {

struct BalanceCode {
  std::string_view code;
  BalanceType type;
};
constexpr BalanceCode kBalanceCodes[] = {
    {"OPBD", BalanceType::kOpeningBooked},
    {"CLBD", BalanceType::kClosingBooked},
    {"PRCD", BalanceType::kPreviouslyClosedBooked},
    {"ITBD", BalanceType::kInterimBooked},
    {"OPAV", BalanceType::kOpeningAvailable},
    {"CLAV", BalanceType::kClosingAvailable},
    {"ITAV", BalanceType::kInterimAvailable},
    {"FWAV", BalanceType::kForwardAvailable},
    {"XPCD", BalanceType::kExpected},
    {"INFO", BalanceType::kInformation},
};

BalanceType BalanceTypeOf(std::string_view code) {
  for (const BalanceCode& row : kBalanceCodes) {
    if (row.code == code) return row.type;
  }
  return BalanceType::kOther;
}

/// The version at the end of `…camt.053.001.08`; 0 when there is none.
int VersionOf(std::string_view space) {
  constexpr std::string_view kMark = "camt.05";
  constexpr size_t kVersionAt = 13;  // from the beginning of the mark
  const size_t at = space.find(kMark);
  if (at == std::string_view::npos || space.size() < at + kVersionAt + 2) return 0;
  const std::optional<int64_t> version = ReadCount(space.substr(at + kVersionAt, 2));
  return static_cast<int>(version.value_or(0));
}

std::string_view NameOfMessage(StatementKind kind) {
  switch (kind) {
    case StatementKind::kIntraday: return "camt.052";
    case StatementKind::kNotification: return "camt.054";
    default: return "camt.053";
  }
}

}  // namespace

void CamtReader::Fail(absl::Status status) {
  if (status_.ok() && !status.ok()) {
    status_ = std::move(status);
    failed_ = true;
  }
}

void CamtReader::Blame(const absl::Status& status, std::string_view field, Severity severity) {
  model::Finding finding = model::FindingOf(status);
  finding.severity = severity;
  finding.field = StrCat("statements[", report_.statement_count - 1, "].");
  if (in_entry_) base::StrAppend(&finding.field, "lines[", line_number_ - 1, "].");
  base::StrAppend(&finding.field, field);
  if (place_ != nullptr) base::StrAppend(&finding.message, " (line ", place_->Line(), ")");
  prover_.Blame(std::move(finding));
}

/// Shared parts inform only: what cannot be read of them is a warning, but a limit is a limit.
void CamtReader::Shared(absl::Status status) {
  if (status.ok()) return;
  if (base::Is(status, Reason::kFormatLimit)) return Fail(std::move(status));
  Blame(status, detail_ != nullptr ? "details" : "parties", Severity::kWarning);
}

std::optional<model::Money> CamtReader::ReadAmount(std::string_view text, std::string_view currency,
                                                   std::string_view field, Severity severity) {
  const absl::StatusOr<model::Money> amount = amounts_.Read(text, currency);
  if (amount.ok()) return *amount;
  Blame(amount.status(), field, severity);
  return std::nullopt;
}

std::optional<model::Date> CamtReader::ReadDate(std::string_view text, std::string_view field,
                                                Severity severity) {
  const absl::StatusOr<model::Date> day = ReadDay(text);
  if (day.ok()) return *day;
  Blame(day.status(), field, severity);
  return std::nullopt;
}

CamtReader::Direction CamtReader::ReadDirection(std::string_view text, std::string_view field) {
  if (text == "CRDT") return Direction::kCredit;
  if (text == "DBIT") return Direction::kDebit;
  Blame(Error(Reason::kFormatInvalid)
            .Says(StrCat("\"", text.substr(0, kCurrencyBytesMax), "\" is not CRDT or DBIT")),
        field);
  return Direction::kNone;
}

absl::Status CamtReader::OnRoot(std::string_view name, std::string_view space) {
  if (name != "Document") {
    return Error(Reason::kFormatUnknown)
        .Says("the document element is not the Document of ISO 20022");
  }
  TakeVersion(space);
  return absl::OkStatus();
}

void CamtReader::TakeVersion(std::string_view space) {
  const int version = VersionOf(space);
  report_.version_known = version >= kCamtVersionMin && version <= kCamtVersionMax;
  report_.format = space.substr(
      space.find("camt.05") == std::string_view::npos ? space.size() : space.find("camt.05"));
  if (report_.version_known) return;
  model::Finding finding = model::FindingOf(
      Error(Reason::kFormatVersionUnknown)
          .Says(report_.format.empty() ? std::string("the namespace names no version")
                                       : StrCat("version ", version, " is not one of ",
                                                kCamtVersionMin, " to ", kCamtVersionMax)));
  finding.severity = Severity::kWarning;
  report_.findings.push_back(std::move(finding));
}

void CamtReader::StartMessage(std::string_view name) {
  saw_message_ = true;
  if (name == "BkToCstmrAcctRpt") kind_ = StatementKind::kIntraday;
  if (name == "BkToCstmrDbtCdtNtfctn") kind_ = StatementKind::kNotification;
  const std::string_view message = NameOfMessage(kind_);
  if (report_.format.empty()) report_.format = message;
  if (!report_.format.starts_with(message)) {
    Fail(Error(Reason::kFormatInvalid)
             .Says(StrCat("the namespace says ", report_.format, ", but the message is a ",
                          message)));
  }
}

void CamtReader::StartStatement() {
  ++report_.statement_count;
  prover_.Reset();
  statement_ = {};
  owner_ = {};
  total_net_.reset();
  total_direction_ = Direction::kNone;
  statement_.kind = kind_;
  statement_.format = report_.format;
  statement_.message_id = message_id_;
  statement_.page = group_page_;
  statement_.last_page = group_last_page_;
  line_number_ = 0;
  header_sent_ = false;
  in_statement_ = true;
}

void CamtReader::SendHeader() {
  if (header_sent_) return;
  header_sent_ = true;
  statement_.owner_name = owner_.name;
  statement_.account.number = model::NormalAccountNumber(statement_.account.number);
  Fail(sink_.OnStatement(statement_));
}

void CamtReader::EndStatement() {
  SendHeader();
  if (statement_.account.number.empty()) {
    Blame(Error(Reason::kFieldMissing).Says("the statement names no account"), "account");
  }
  statement_.proof = prover_.Prove(statement_);
  switch (statement_.proof.verdict) {
    case model::StatementProof::Verdict::kProven: ++report_.proven_count; break;
    case model::StatementProof::Verdict::kUnproven: ++report_.unproven_count; break;
    case model::StatementProof::Verdict::kRefused: ++report_.refused_count; break;
  }
  in_statement_ = false;
  Fail(sink_.OnStatementEnd(statement_));
}

void CamtReader::OnStart(XmlId id, std::string_view name) {
  if (id < kIsoEnd) return Shared(parts_.Start(id));
  if (id >= kCamtDetail && in_entry_) return StartDetailPart(id);
  switch (id) {
    case kCamtMessage: StartMessage(name); break;
    case kCamtStatement: StartStatement(); break;
    case kCamtAccount: parts_.account = &statement_.account; break;
    case kCamtAccountOwner: parts_.party = &owner_; break;
    case kCamtAccountServicer: parts_.agent = &statement_.servicer; break;
    case kCamtBalance:
      balance_ = {};
      balance_direction_ = Direction::kNone;
      balance_amount_ = false;
      break;
    case kCamtEntry: StartEntry(); break;
    case kCamtEntryCode: code_ = &line_.code; break;
    case kCamtEntryAmounts: amounts_of_ = &line_.amounts; break;
    case kCamtEntryCharge:
      charge_ = {};
      charge_amount_ = false;
      charge_direction_ = Direction::kNone;
      break;
    case kCamtBatch:
      batch_ = {};
      batch_direction_ = Direction::kNone;
      break;
    default: break;
  }
}

void CamtReader::OnEnd(XmlId id, std::string_view text, std::string_view currency) {
  if (id < kIsoEnd) return Shared(parts_.End(id, text, currency));
  switch (id) {
    case kCamtStatement: return EndStatement();
    case kCamtBalance: return EndBalance();
    case kCamtEntry: return EndEntry();
    case kCamtEntryCharge: return EndCharge(line_.charges);
    case kCamtDetailCharge: return EndCharge(detail_->charges);
    case kCamtBatch: return EndBatch();
    case kCamtDetail: return EndDetail();
    default: break;
  }
  if (text.empty()) return;
  if (id >= kCamtDomain) return EndSharedText(id, text, currency);
  if (id >= kCamtDetail) return EndDetailText(id, text, currency);
  if (id >= kCamtBatch) return EndBatchText(id, text, currency);
  if (id >= kCamtEntry) return EndEntryText(id, text, currency);
  if (id >= kCamtBalance) return EndBalanceText(id, text, currency);
  if (id >= kCamtTotalCount) return EndTotalsText(id, text);
  EndStatementText(id, text);
}

void CamtReader::EndStatementText(XmlId id, std::string_view text) {
  switch (id) {
    case kCamtMessageId: message_id_ = text; break;
    case kCamtGroupPage: group_page_ = ReadCount(text).value_or(0); break;
    case kCamtGroupLastPage: group_last_page_ = ReadBool(text).value_or(true); break;
    case kCamtStatementId: statement_.id = text; break;
    case kCamtElectronicNumber: statement_.electronic_number = ReadCount(text); break;
    case kCamtLegalNumber: statement_.legal_number = ReadCount(text); break;
    case kCamtCreatedAt: statement_.created_at = text; break;
    case kCamtPage: statement_.page = ReadCount(text).value_or(0); break;
    case kCamtLastPage: statement_.last_page = ReadBool(text).value_or(true); break;
    case kCamtFrom: statement_.from = text; break;
    case kCamtTo: statement_.to = text; break;
    case kCamtCopyCode: statement_.copy_code = text; break;
    case kCamtStatementNote: statement_.additional = text; break;
    default: break;
  }
}

void CamtReader::EndTotalsText(XmlId id, std::string_view text) {
  model::StatementTotals& totals = statement_.totals;
  switch (id) {
    case kCamtTotalCount: totals.count = ReadCount(text); return;
    case kCamtCreditCount: totals.credit_count = ReadCount(text); return;
    case kCamtDebitCount: totals.debit_count = ReadCount(text); return;
    case kCamtTotalDirection: total_direction_ = ReadDirection(text, "totals"); break;
    default: {
      const absl::StatusOr<base::Decimal> sum = ReadDecimal(text);
      if (!sum.ok()) return Blame(sum.status(), "totals");
      if (id == kCamtCreditSum) totals.credit_sum = *sum;
      if (id == kCamtDebitSum) totals.debit_sum = *sum;
      if (id == kCamtTotalNet) total_net_ = *sum;
      break;
    }
  }
  // Amount and direction come in an order that depends on the version.
  if (total_net_.has_value() && total_direction_ != Direction::kNone) {
    totals.net = total_direction_ == Direction::kDebit ? -*total_net_ : *total_net_;
  }
}

void CamtReader::EndBalanceText(XmlId id, std::string_view text, std::string_view currency) {
  switch (id) {
    case kCamtBalanceCode:
      balance_.code = text;
      balance_.type = BalanceTypeOf(text);
      break;
    case kCamtBalanceSubCode: balance_.sub_code = text; break;
    case kCamtBalanceDirection: balance_direction_ = ReadDirection(text, "balances"); break;
    case kCamtBalanceTime:
      balance_.date = ReadDate(text, "balances");
      if (text.find('T') != std::string_view::npos) balance_.time = text;
      break;
    case kCamtBalanceAmount:
      if (const auto amount = ReadAmount(text, currency, "balances"); amount.has_value()) {
        balance_.amount = *amount;
        balance_amount_ = true;
      }
      break;
    default: break;
  }
}

void CamtReader::EndBalance() {
  constexpr size_t kBalancesMax = 1000;
  if (!balance_amount_ || balance_direction_ == Direction::kNone || balance_.code.empty()) {
    return Blame(Error(Reason::kFieldMissing).Says("a balance without amount, direction or type"),
                 "balances");
  }
  if (statement_.balances.size() >= kBalancesMax) {
    return Fail(Error(Reason::kFormatLimit).Says("more balances than a statement can have"));
  }
  if (balance_direction_ == Direction::kDebit) balance_.amount = -balance_.amount;
  statement_.balances.push_back(std::move(balance_));
}

}  // namespace kontor::formats::internal
