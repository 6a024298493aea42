// SPDX-License-Identifier: Apache-2.0
#include "server/model/statement.h"

#include <algorithm>

namespace kontor::model {

bool PostalAddress::IsEmpty() const { return *this == PostalAddress(); }

bool BankParty::IsEmpty() const { return *this == BankParty(); }

bool IsBic(std::string_view text) {
  constexpr size_t kShort = 8;
  constexpr size_t kLong = 11;
  constexpr size_t kCountryAt = 4;
  constexpr size_t kCountryEnd = 6;
  if (text.size() != kShort && text.size() != kLong) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool capital = text[i] >= 'A' && text[i] <= 'Z';
    const bool digit = text[i] >= '0' && text[i] <= '9';
    const bool in_country = i >= kCountryAt && i < kCountryEnd;
    if (!capital && (!digit || in_country)) return false;
  }
  return true;
}

const Balance* Statement::FindBalance(BalanceType type) const {
  const auto it = std::find_if(balances.begin(), balances.end(),
                               [type](const Balance& b) { return b.type == type; });
  return it == balances.end() ? nullptr : &*it;
}

Money BookedAmount(const StatementLine& line, const StatementProof& proof) {
  return line.reversal && proof.reversals_flipped ? -line.amount : line.amount;
}

std::string_view NameOf(StatementKind kind) {
  switch (kind) {
    case StatementKind::kEndOfDay: return "END_OF_DAY";
    case StatementKind::kIntraday: return "INTRADAY";
    case StatementKind::kNotification: return "NOTIFICATION";
    case StatementKind::kClearingFile: return "CLEARING_FILE";
  }
  return "";
}

std::string_view NameOf(BalanceType type) {
  switch (type) {
    case BalanceType::kOpeningBooked: return "OPENING_BOOKED";
    case BalanceType::kClosingBooked: return "CLOSING_BOOKED";
    case BalanceType::kPreviouslyClosedBooked: return "PREVIOUSLY_CLOSED_BOOKED";
    case BalanceType::kInterimBooked: return "INTERIM_BOOKED";
    case BalanceType::kOpeningAvailable: return "OPENING_AVAILABLE";
    case BalanceType::kClosingAvailable: return "CLOSING_AVAILABLE";
    case BalanceType::kInterimAvailable: return "INTERIM_AVAILABLE";
    case BalanceType::kForwardAvailable: return "FORWARD_AVAILABLE";
    case BalanceType::kExpected: return "EXPECTED";
    case BalanceType::kInformation: return "INFORMATION";
    case BalanceType::kOther: return "OTHER";
  }
  return "";
}

std::string_view NameOf(LineStatus status) {
  switch (status) {
    case LineStatus::kBooked: return "BOOKED";
    case LineStatus::kPending: return "PENDING";
    case LineStatus::kInformation: return "INFORMATION";
    case LineStatus::kFuture: return "FUTURE";
    case LineStatus::kOther: return "OTHER";
  }
  return "";
}

std::string_view NameOf(StatementProof::Verdict verdict) {
  switch (verdict) {
    case StatementProof::Verdict::kProven: return "PROVEN";
    case StatementProof::Verdict::kUnproven: return "UNPROVEN";
    case StatementProof::Verdict::kRefused: return "REFUSED";
  }
  return "";
}

std::string_view NameOf(StatementProof::Basis basis) {
  switch (basis) {
    case StatementProof::Basis::kNone: return "NONE";
    case StatementProof::Basis::kBalances: return "BALANCES";
    case StatementProof::Basis::kTotals: return "TOTALS";
    case StatementProof::Basis::kRunningBalances: return "RUNNING_BALANCES";
  }
  return "";
}

}  // namespace kontor::model
