// SPDX-License-Identifier: Apache-2.0
// Payments on their way to a bank, and the bank's word on them. The order itself comes in three
// levels, as banks book and answer them: the order (one file), its instructions (one debtor account
// and date each) and their transfers. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/date.h"
#include "server/base/decimal.h"
#include "server/model/bank_party.h"
#include "server/model/money.h"

namespace kontor::model {

/// Who pays the banks' charges.
enum class ChargeBearer {
  kUnset,         ///< Left to the level above, or to the bank.
  kDebtor,        ///< DEBT
  kCreditor,      ///< CRED
  kShared,        ///< SHAR
  kServiceLevel,  ///< SLEV: as the scheme says; the only one in SEPA.
};

struct CreditTransfer {
  std::string instruction_id;  ///< Between debtor and bank; may be empty; <= 35.
  std::string end_to_end_id;   ///< Goes all the way; required; <= 35.
  std::string uetr;            ///< UUID version 4 in lower case; may be empty.
  Money amount;                ///< > 0.
  ChargeBearer charge_bearer = ChargeBearer::kUnset;
  BankParty creditor;  ///< With account and bank.
  std::optional<BankParty> ultimate_debtor;
  std::optional<BankParty> ultimate_creditor;
  std::string purpose;  ///< ISO external code, up to 4 characters; may be empty.
  Remittance remittance;
  friend bool operator==(const CreditTransfer&, const CreditTransfer&) = default;
};

/// What the transfers of one batch have in common.
struct PaymentInstruction {
  std::string payment_information_id;  ///< <= 35.
  Date execution_date;
  BankParty debtor;  ///< With account and bank.
  std::optional<BankParty> ultimate_debtor;
  std::optional<bool> batch_booking;  ///< One booking for all, or one each; none: as agreed.
  std::string priority;               ///< NORM, HIGH or empty.
  std::string service_level;          ///< SEPA, URGP, NURG … or empty.
  std::string local_instrument;       ///< INST … or empty.
  std::string category_purpose;       ///< SALA … or empty.
  ChargeBearer charge_bearer = ChargeBearer::kUnset;
  int64_t transfer_count = 0;
  base::Decimal control_sum;  ///< Of the amounts, whatever their currencies.
  friend bool operator==(const PaymentInstruction&, const PaymentInstruction&) = default;
};

/// What heads the file.
struct PaymentOrderHeader {
  std::string message_id;  ///< <= 35.
  std::string created_at;  ///< xs:dateTime.
  BankParty initiator;     ///< Name or identification.
  int64_t transfer_count = 0;
  base::Decimal control_sum;
  friend bool operator==(const PaymentOrderHeader&, const PaymentOrderHeader&) = default;
};

struct PaymentBatch {
  PaymentInstruction instruction;
  std::vector<CreditTransfer> transfers;
  friend bool operator==(const PaymentBatch&, const PaymentBatch&) = default;
};

/// A whole order in memory; large ones pass by piece by piece instead.
struct PaymentOrder {
  PaymentOrderHeader header;
  std::vector<PaymentBatch> batches;
  friend bool operator==(const PaymentOrder&, const PaymentOrder&) = default;
};

/// Sets counts and control sums of all levels from the transfers. AMOUNT_TOO_LARGE.
absl::Status SumUp(PaymentOrder& order);

std::string_view CodeOf(ChargeBearer bearer);  ///< "" for kUnset.
std::optional<ChargeBearer> ParseChargeBearer(std::string_view code);

// The bank's word on an order: status, in its vocabulary.

/// What a status means for us. A code that is not in the table is pending: only explicit success
/// or failure is final, and even success is no booking.
enum class StatusClass {
  kReceived,   ///< RCVD, ACTC: it is there and well-formed.
  kPending,    ///< PDNG, PATC … and any unknown code.
  kAccepted,   ///< ACCP, ACSP, ACSC …: it will be, or says it was, executed.
  kPartial,    ///< PART: look at the level below.
  kRejected,   ///< RJCT
  kCancelled,  ///< CANC
};
StatusClass ClassOf(std::string_view status_code);
/// "accepted for execution"; the code itself when it is unknown.
std::string_view WordsOfStatus(std::string_view status_code);
/// What a reason code says, in words for a finance person; empty when it is unknown or NARR, and
/// the bank's own text tells.
std::string_view WordsOfReason(std::string_view reason_code);

struct StatusReason {
  std::string code;        ///< AC01 … or empty.
  std::string word;        ///< The bank's own, where it has no code.
  std::string originator;  ///< Name or BIC of who says so.
  std::vector<std::string> texts;
  friend bool operator==(const StatusReason&, const StatusReason&) = default;
};

/// Status of the whole order.
struct OrderStatus {
  std::string format;      ///< "pain.002.001.03" …
  std::string message_id;  ///< Of the report.
  std::string created_at;
  std::string original_message_id;
  std::string original_message_name;  ///< "pain.001.001.03" …
  std::optional<int64_t> original_count;
  std::optional<base::Decimal> original_sum;
  std::string status;  ///< Empty: only the levels below have one.
  std::vector<StatusReason> reasons;
  friend bool operator==(const OrderStatus&, const OrderStatus&) = default;
};

/// Status of an instruction.
struct InstructionStatus {
  std::string original_payment_information_id;
  std::optional<int64_t> original_count;
  std::optional<base::Decimal> original_sum;
  std::string status;
  std::vector<StatusReason> reasons;
  friend bool operator==(const InstructionStatus&, const InstructionStatus&) = default;
};

/// Status of a transfer.
struct TransferStatus {
  std::string status_id;
  std::string original_payment_information_id;  ///< Of the instruction it stands in.
  std::string original_instruction_id;
  std::string original_end_to_end_id;
  std::string original_uetr;
  std::string status;
  std::vector<StatusReason> reasons;
  std::string accepted_at;
  std::string account_servicer_ref;
  std::string clearing_system_ref;
  std::optional<Money> original_amount;
  std::optional<Date> original_date;  ///< Execution, collection or settlement date.
  std::string creditor_name;
  std::string creditor_account;
  friend bool operator==(const TransferStatus&, const TransferStatus&) = default;
};

}  // namespace kontor::model
