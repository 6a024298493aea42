// SPDX-License-Identifier: Apache-2.0
// Codes of ISO 20022's external code sets ExternalPaymentGroupStatus1Code,
// ExternalPaymentTransactionStatus1Code and ExternalStatusReason1Code.
#include "server/model/payment_order.h"

#include <iterator>

#include "server/base/status.h"

namespace kontor::model {
namespace {

struct BearerRow {
  ChargeBearer bearer;
  std::string_view code;
};
constexpr BearerRow kBearers[] = {
    {ChargeBearer::kDebtor, "DEBT"},
    {ChargeBearer::kCreditor, "CRED"},
    {ChargeBearer::kShared, "SHAR"},
    {ChargeBearer::kServiceLevel, "SLEV"},
};

struct StatusRow {
  std::string_view code;
  StatusClass meaning;
  std::string_view words;
};
constexpr StatusRow kStatuses[] = {
    {"RCVD", StatusClass::kReceived, "received"},
    {"ACTC", StatusClass::kReceived, "well-formed and authentic"},
    {"ACCP", StatusClass::kAccepted, "accepted by the customer checks"},
    {"ACSP", StatusClass::kAccepted, "accepted for execution"},
    {"ACSC", StatusClass::kAccepted, "settled on the debtor's side, says the status"},
    {"ACCC", StatusClass::kAccepted, "credited to the creditor, says the status"},
    {"ACWC", StatusClass::kAccepted, "accepted with a change"},
    {"ACWP", StatusClass::kAccepted, "accepted, not yet credited"},
    {"ACFC", StatusClass::kAccepted, "accepted, funds checked"},
    {"ACIS", StatusClass::kAccepted, "accepted, cheque issued"},
    {"ACPD", StatusClass::kAccepted, "accepted for clearing"},
    {"ACFW", StatusClass::kPending, "accepted, waiting for confirmation"},
    {"CPUC", StatusClass::kPending, "cash to be picked up"},
    {"PATC", StatusClass::kPending, "partly signed, more signatures needed"},
    {"PDNG", StatusClass::kPending, "pending"},
    {"PRES", StatusClass::kPending, "presented"},
    {"BLCK", StatusClass::kPending, "blocked"},
    {"RCVC", StatusClass::kPending, "payee verification done"},
    {"RVCM", StatusClass::kPending, "payee verification partly done"},
    {"RVNC", StatusClass::kPending, "payee verification not done"},
    {"RVMC", StatusClass::kPending, "payee's name nearly matches"},
    {"RVNM", StatusClass::kPending, "payee's name does not match"},
    {"RVNA", StatusClass::kPending, "payee verification not possible"},
    {"PART", StatusClass::kPartial, "partly accepted"},
    {"RJCT", StatusClass::kRejected, "rejected"},
    {"CANC", StatusClass::kCancelled, "cancelled"},
};

struct ReasonRow {
  std::string_view code;
  std::string_view words;
};
constexpr ReasonRow kReasons[] = {
    {"0000", "no error"},
    {"AB05", "time ran out at the creditor's bank"},
    {"AB06", "time ran out in the clearing"},
    {"AC01", "the account number is invalid"},
    {"AC02", "the debtor's account number is invalid"},
    {"AC03", "the creditor's account number is invalid"},
    {"AC04", "the account is closed"},
    {"AC05", "the debtor's account is closed"},
    {"AC06", "the account is blocked"},
    {"AC07", "the creditor's account is closed"},
    {"AC13", "the debtor's account is a consumer's"},
    {"AG01", "the account does not allow this kind of payment"},
    {"AG02", "the bank does not know this operation"},
    {"AG07", "the debtor's account cannot be debited"},
    {"AM01", "the amount is zero"},
    {"AM02", "the amount is higher than allowed"},
    {"AM03", "the bank does not process this currency"},
    {"AM04", "the account has not enough funds"},
    {"AM05", "this is a duplicate"},
    {"AM07", "the amount is blocked by authorities"},
    {"AM09", "the amount is not as agreed"},
    {"AM10", "the control sum does not match"},
    {"AM12", "the amount is invalid"},
    {"AM16", "the control sum of the group does not match"},
    {"AM17", "the control sum of the batch does not match"},
    {"AM18", "the number of payments does not match"},
    {"AM19", "the number of payments of the group does not match"},
    {"AM20", "the number of payments of the batch does not match"},
    {"BE01", "name and account do not belong together"},
    {"BE04", "the creditor's address is missing or wrong"},
    {"BE05", "the initiator is unknown to the creditor"},
    {"BE06", "the creditor is unknown at this account"},
    {"BE07", "the debtor's address is missing or wrong"},
    {"BE09", "a country is missing or wrong"},
    {"BE10", "the debtor's country is missing or wrong"},
    {"BE11", "the creditor's country is missing or wrong"},
    {"CH03", "the execution date is too far in the future"},
    {"CH04", "the execution date is too far in the past"},
    {"CH11", "the creditor's identification is wrong"},
    {"CH15", "the structured remittance is longer than 140 characters"},
    {"CH16", "the content is wrong"},
    {"CH17", "an element is not allowed here"},
    {"CH20", "the number of decimals does not fit the currency"},
    {"CH21", "a mandatory element is missing"},
    {"CNOR", "the creditor's bank cannot be reached this way"},
    {"CURR", "the currency is wrong"},
    {"CUST", "cancelled at the customer's request"},
    {"DNOR", "the debtor's bank cannot be reached this way"},
    {"DS0H", "the signer is not allowed to sign for this account"},
    {"DS17", "the signature does not match"},
    {"DS19", "the signer lacks the right for this"},
    {"DS24", "the wait for more signatures ran out"},
    {"DS26", "one user signed twice"},
    {"DT01", "a date is invalid"},
    {"DT06", "the execution date was changed to the next possible day"},
    {"DU01", "the message id was used before"},
    {"DU02", "the batch id was used before"},
    {"DU03", "the payment was sent before"},
    {"DU04", "the end-to-end id was used before"},
    {"DU05", "the instruction id was used before"},
    {"DUPL", "this is a duplicate"},
    {"ED05", "the settlement failed"},
    {"FF01", "the file's format is wrong"},
    {"FOCR", "returned after a request to cancel"},
    {"MD01", "there is no mandate"},
    {"MD06", "refunded at the debtor's request"},
    {"MD07", "the holder of the account has died"},
    {"MS02", "refused by the customer, who gave no reason"},
    {"MS03", "refused by the bank, which gave no reason"},
    {"RC01", "the bank's identifier is wrong"},
    {"RC07", "the creditor's BIC is wrong"},
    {"RR01", "the debtor's account or identification is missing, say regulations"},
    {"RR02", "the debtor's name or address is missing, say regulations"},
    {"RR03", "the creditor's name or address is missing, say regulations"},
    {"RR04", "for regulatory reasons"},
    {"TM01", "it came after the cut-off time"},
};

}  // namespace

absl::Status SumUp(PaymentOrder& order) {
  order.header.transfer_count = 0;
  order.header.control_sum = {};
  for (PaymentBatch& batch : order.batches) {
    batch.instruction.transfer_count = static_cast<int64_t>(batch.transfers.size());
    batch.instruction.control_sum = {};
    for (const CreditTransfer& transfer : batch.transfers) {
      KONTOR_ASSIGN_OR_RETURN(batch.instruction.control_sum,
                              batch.instruction.control_sum.Add(transfer.amount.ToDecimal()));
    }
    order.header.transfer_count += batch.instruction.transfer_count;
    KONTOR_ASSIGN_OR_RETURN(order.header.control_sum,
                            order.header.control_sum.Add(batch.instruction.control_sum));
  }
  return absl::OkStatus();
}

std::string_view CodeOf(ChargeBearer bearer) {
  for (const BearerRow& row : kBearers) {
    if (row.bearer == bearer) return row.code;
  }
  return "";
}

std::optional<ChargeBearer> ParseChargeBearer(std::string_view code) {
  for (const BearerRow& row : kBearers) {
    if (row.code == code) return row.bearer;
  }
  return std::nullopt;
}

StatusClass ClassOf(std::string_view status_code) {
  for (const StatusRow& row : kStatuses) {
    if (row.code == status_code) return row.meaning;
  }
  return StatusClass::kPending;
}

std::string_view WordsOfStatus(std::string_view status_code) {
  for (const StatusRow& row : kStatuses) {
    if (row.code == status_code) return row.words;
  }
  return status_code;
}

std::string_view WordsOfReason(std::string_view reason_code) {
  for (const ReasonRow& row : kReasons) {
    if (row.code == reason_code) return row.words;
  }
  return "";
}

}  // namespace kontor::model
