// SPDX-License-Identifier: Apache-2.0
// What is known of the balances of one of our accounts, and how a statement stands to that. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/engine/statements/internal/flow.h"
#include "server/model/bank.h"

namespace kontor::statements {

/// ObjectRow::kind; its name is the account's id.
inline constexpr char kBalanceKind[] = "bank_balance";

/// Between two statements one is missing.
struct Gap {
  std::string before;          ///< stm_… that the gap comes before.
  model::Money had;            ///< Closing balance of the statement behind the gap …
  std::string had_date;        ///< … and its day.
  model::Money found;          ///< Opening balance of the one before which it is.
  std::string found_date;
};

struct AccountState {
  std::optional<model::Money> booked;   ///< Closing balance of the newest end-of-day statement.
  std::string booked_date;
  std::string booked_statement;
  std::string booked_at;                ///< When kontor had it, an instant.
  std::optional<model::Money> first;    ///< Opening balance of our first statement.
  std::string first_date;
  std::optional<model::Money> intraday; ///< Of the newest intraday report.
  std::string intraday_date;
  std::string intraday_time;
  std::string intraday_at;
  model::Money pending;                 ///< Signed sum of what that report says is pending.
  std::vector<Gap> gaps;                ///< By day.
};
std::string ToJson(const AccountState& state);
absl::StatusOr<AccountState> AccountStateOf(const std::string& json);

/// What a statement says of its place in time.
struct Place {
  std::optional<model::Money> opening;
  std::optional<model::Money> closing;
  std::string date;        ///< Of the closing balance, or of the newest line.
  std::string from;        ///< Day of the oldest line, or what the bank said; empty: unknown.
};

/// How it stands to what is known, and for kFillsGap which gap it fills.
struct Placed {
  Standing standing = Standing::kUnordered;
  size_t gap = 0;
  std::string explanation;  ///< In a sentence for a finance person.
};
Placed PlaceStatement(const AccountState& state, const Place& place);
/// What is known once the statement is imported. Answers the ids of statements whose gap is closed.
std::vector<std::string> TakeStatement(AccountState& state, const Place& place,
                                       const Placed& placed, const std::string& statement_id,
                                       const std::string& at);

/// Whether a number as a bank writes it is that of our account: with spaces, a currency behind it,
/// a branch before it, or the IBAN's own last part.
bool IsNumberOf(std::string_view number, const model::OwnAccount& account);

}  // namespace kontor::statements
