// SPDX-License-Identifier: Apache-2.0
// What a bank says of an account (DESIGN 3): statements, balances, lines. Every bank format is read
// into these and nothing else. Amounts are exact and signed: money that comes in is positive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/date.h"
#include "server/base/decimal.h"
#include "server/model/bank_party.h"
#include "server/model/finding.h"
#include "server/model/money.h"

namespace kontor::model {

enum class StatementKind {
  kEndOfDay,      ///< camt.053, MT940, BAI2 prior day, OFX, CSV: what is booked.
  kIntraday,      ///< camt.052, MT942, BAI2 current day: a view that may change.
  kNotification,  ///< camt.054: details of single bookings, without balances.
  kClearingFile,  ///< NACHA: entries of a clearing house, without balances.
};

enum class BalanceType {
  kOpeningBooked,
  kClosingBooked,
  kPreviouslyClosedBooked,
  kInterimBooked,
  kOpeningAvailable,
  kClosingAvailable,
  kInterimAvailable,
  kForwardAvailable,
  kExpected,
  kInformation,
  kOther,
};

struct Balance {
  BalanceType type = BalanceType::kOther;
  std::string code;          ///< The bank's own: OPBD, 60F, 015 …
  std::string sub_code;      ///< INTM: the balance of a page, not of a day.
  Money amount;              ///< Credit positive, debit negative.
  std::optional<Date> date;  ///< The bank's own calendar.
  std::string time;          ///< As the bank wrote it; empty when it gave none.
  friend bool operator==(const Balance&, const Balance&) = default;
};

enum class LineStatus {
  kBooked,
  kPending,
  kInformation,  ///< Told, neither booked nor going to be.
  kFuture,       ///< Accepted for a later day.
  kOther,        ///< A word of the bank's own: never counted as booked.
};

/// What kind of booking it is, in the words that the bank used.
struct BankTransactionCode {
  std::string domain;              ///< ISO 20022: PMNT …
  std::string family;              ///< ICDT …
  std::string sub_family;          ///< ESCT …
  std::string proprietary;         ///< SWIFT's NTRF, ZKA's 166, BAI's 142, NACHA's 22 …
  std::string proprietary_issuer;  ///< SWIFT, ZKA, BAI, NACHA, OFX or the bank.
  std::string text;                ///< Booking text, such as GUTSCHRIFT; may be empty.
  bool IsEmpty() const { return domain.empty() && proprietary.empty() && text.empty(); }
  friend bool operator==(const BankTransactionCode&, const BankTransactionCode&) = default;
};

struct ProprietaryReference {
  std::string type;
  std::string reference;
  friend bool operator==(const ProprietaryReference&, const ProprietaryReference&) = default;
};

/// The names under which a payment travelled. Empty where the bank gave none; "NOTPROVIDED" and
/// "NONREF" are no names and are read as empty.
struct PaymentReferences {
  std::string message_id;              ///< MsgId of the order's file.
  std::string payment_information_id;  ///< PmtInfId of the batch.
  std::string instruction_id;
  std::string end_to_end_id;
  std::string uetr;
  std::string transaction_id;        ///< Of the clearing.
  std::string account_servicer_ref;  ///< Of the bank that keeps the account.
  std::string account_owner_ref;     ///< MT :61: reference for the account owner, BAI2 customer's.
  std::string mandate_id;
  std::string creditor_id;  ///< Direct debit creditor's.
  std::string cheque_number;
  std::string clearing_system_ref;
  std::string processing_id;
  std::vector<ProprietaryReference> proprietary;
  friend bool operator==(const PaymentReferences&, const PaymentReferences&) = default;
};

struct ExchangeInfo {
  std::string source_currency;
  std::string target_currency;
  std::string unit_currency;
  base::Decimal rate;  ///< 0: the bank gave none.
  std::string contract_id;
  std::string quoted_at;  ///< As the bank wrote it.
  friend bool operator==(const ExchangeInfo&, const ExchangeInfo&) = default;
};

/// The amounts behind an amount.
struct AmountDetails {
  std::optional<Money> instructed;     ///< As ordered, unsigned.
  std::optional<Money> transaction;    ///< As executed between the banks, unsigned.
  std::optional<Money> counter_value;  ///< In the account's currency before charges, unsigned.
  std::optional<ExchangeInfo> exchange;
  bool IsEmpty() const { return !instructed && !transaction && !counter_value && !exchange; }
  friend bool operator==(const AmountDetails&, const AmountDetails&) = default;
};

struct Charge {
  Money amount;           ///< Negative: taken from the account.
  std::string type;       ///< Code or the bank's word.
  std::string bearer;     ///< DEBT, CRED, SHAR, SLEV.
  bool included = false;  ///< Already part of the line's amount.
  friend bool operator==(const Charge&, const Charge&) = default;
};

/// Why money came back.
struct ReturnInfo {
  std::string reason;  ///< Code such as AC06, R01, or the bank's word.
  std::string additional;
  BankTransactionCode original_code;
  std::string original_trace;     ///< NACHA: trace number of the entry that came back.
  std::string corrected_data;     ///< NACHA: what a notification of change wants changed.
  bool is_change_notice = false;  ///< No money moved: the data must be corrected next time.
  friend bool operator==(const ReturnInfo&, const ReturnInfo&) = default;
};

/// One payment of a line. A line has none, one, or, when the bank booked a batch, many.
struct EntryDetail {
  PaymentReferences references;
  std::optional<Money> amount;  ///< Signed as the line's amounts are; none: the bank didn't say.
  AmountDetails amounts;
  BankTransactionCode code;
  std::vector<Charge> charges;
  BankParty debtor;
  BankParty creditor;
  std::optional<BankParty> ultimate_debtor;
  std::optional<BankParty> ultimate_creditor;
  std::string purpose;
  Remittance remittance;
  std::string accepted_at;             ///< As the bank wrote it.
  std::optional<Date> interbank_date;  ///< Interbank settlement.
  std::optional<ReturnInfo> return_info;
  std::string additional;
  friend bool operator==(const EntryDetail&, const EntryDetail&) = default;
};

/// A batch that the bank booked in one sum.
struct BatchInfo {
  std::string message_id;
  std::string payment_information_id;
  int64_t transaction_count = 0;  ///< 0: not said.
  std::optional<Money> total;     ///< Signed.
  friend bool operator==(const BatchInfo&, const BatchInfo&) = default;
};

struct StatementLine {
  int64_t number = 0;     ///< In its statement, from 1; not the bank's.
  std::string reference;  ///< The bank's name of the entry (NtryRef, FITID); may be empty.
  Money amount;           ///< As written; see `reversal` and BookedAmount().
  bool reversal = false;
  LineStatus status = LineStatus::kOther;
  std::string status_code;  ///< The bank's own word.
  std::optional<Date> booking_date;
  std::optional<Date> value_date;
  std::string account_servicer_ref;
  std::string account_owner_ref;
  BankTransactionCode code;
  AmountDetails amounts;
  std::vector<Charge> charges;
  std::vector<BatchInfo> batches;
  std::vector<EntryDetail> details;  ///< The last ones of the line; see `detail_count`.
  int64_t detail_count =
      0;  ///< All; those before the last `details.size()` were handed out before.
  std::string additional;
  friend bool operator==(const StatementLine&, const StatementLine&) = default;
};

/// Totals that the bank gives beside the lines; unsigned sums.
struct StatementTotals {
  std::optional<int64_t> count;
  std::optional<base::Decimal> net;  ///< Signed.
  std::optional<int64_t> credit_count;
  std::optional<base::Decimal> credit_sum;
  std::optional<int64_t> debit_count;
  std::optional<base::Decimal> debit_sum;
  bool IsEmpty() const {
    return !count && !net && !credit_count && !credit_sum && !debit_count && !debit_sum;
  }
  friend bool operator==(const StatementTotals&, const StatementTotals&) = default;
};

/// Whether a statement may be believed.
struct StatementProof {
  enum class Verdict {
    kProven,    ///< Everything that can be compared was compared and is equal.
    kUnproven,  ///< Nothing contradicts it, and nothing proves it.
    kRefused,   ///< It contradicts itself, or part of it cannot be read; `findings` say what.
  };
  enum class Basis {
    kNone,
    kBalances,         ///< Opening balance + lines = closing balance.
    kTotals,           ///< The bank's own counts and sums.
    kRunningBalances,  ///< A balance after each line; the end of the file is not proven by it.
  };
  Verdict verdict = Verdict::kUnproven;
  Basis basis = Basis::kNone;
  int64_t line_count = 0;  ///< Lines of any status.
  int64_t booked_count = 0;
  base::Decimal booked_credits;             ///< Unsigned sum.
  base::Decimal booked_debits;              ///< Unsigned sum.
  std::optional<base::Decimal> difference;  ///< Closing − (opening + lines), when it is not 0.
  /// The bank writes reversals with the direction of what they reverse, so that reversal lines
  /// count with the opposite sign; seen from the sums.
  bool reversals_flipped = false;
  std::vector<Finding> findings;
  friend bool operator==(const StatementProof&, const StatementProof&) = default;
};

struct Statement {
  StatementKind kind = StatementKind::kEndOfDay;
  std::string format;      ///< "camt.053.001.08", "MT940", "BAI2" …
  std::string message_id;  ///< Of the file or message.
  std::string id;          ///< The bank's name of the statement.
  std::string created_at;  ///< As the bank wrote it.
  std::optional<int64_t> electronic_number;
  std::optional<int64_t> legal_number;  ///< MT940's statement number.
  int64_t page = 0;                     ///< From 1; 0: the bank doesn't number pages.
  bool last_page = true;
  std::string copy_code;  ///< COPY, DUPL, CODU, or empty.
  std::string from;       ///< Date or instant as the bank wrote it.
  std::string to;
  BankAccountNumber account;
  std::string owner_name;
  BankAgent servicer;
  std::vector<Balance> balances;
  StatementTotals totals;
  std::string additional;
  StatementProof proof;  ///< Set when its end was read.

  /// The first balance of the type; nullptr when there is none.
  const Balance* FindBalance(BalanceType type) const;
};

/// The line's amount as it was booked, once the statement's end told how the bank signs reversals.
Money BookedAmount(const StatementLine& line, const StatementProof& proof);

std::string_view NameOf(StatementKind kind);
std::string_view NameOf(BalanceType type);
std::string_view NameOf(LineStatus status);
std::string_view NameOf(StatementProof::Verdict verdict);
std::string_view NameOf(StatementProof::Basis basis);

}  // namespace kontor::model
