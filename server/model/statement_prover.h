// SPDX-License-Identifier: Apache-2.0
// Proves that a statement adds up: opening balance + booked lines = closing balance, and the bank's
// own totals besides. Lines pass by once; nothing of them is kept but sums.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "server/base/decimal.h"
#include "server/model/statement.h"

namespace kontor::model {

/// One statement each. Not thread-safe.
class StatementProver {
 public:
  static constexpr size_t kFindingsMax = 50;  ///< More are counted, not kept.

  void Reset() { *this = StatementProver(); }
  /// Counts a line, in the order of the file.
  void Add(const StatementLine& line);
  /// Keeps what is wrong with a part of the statement: with an error it can't be proven any more.
  void Blame(Finding finding);
  /// Compares and answers; `statement` has all its balances and totals. Repeatable.
  StatementProof Prove(const Statement& statement) const;
  int64_t line_count() const { return all_.credit_count + all_.debit_count; }

 private:
  struct Sums {
    base::Int128 credits = 0;  ///< Minor units, unsigned.
    base::Int128 debits = 0;
    int64_t credit_count = 0;
    int64_t debit_count = 0;
    void Add(int64_t minor);
    base::Int128 Net() const { return credits - debits; }
  };
  void ProveBalances(const Statement& statement, StatementProof& proof) const;
  void ProveTotals(const Statement& statement, StatementProof& proof) const;
  bool TotalsMatch(const StatementTotals& totals, const Sums& sums) const;
  base::Decimal ToDecimal(base::Int128 minor) const;
  std::string Hint(const Balance& closing, base::Int128 difference) const;

  Sums booked_;
  Sums flipped_;  ///< Booked, with reversals the other way round.
  Sums all_;
  std::vector<std::pair<Date, base::Int128>> by_value_date_;  ///< Net of booked lines, bounded.
  Currency currency_;                                         ///< Of the lines.
  bool mixed_currencies_ = false;
  bool has_reversals_ = false;
  int64_t findings_dropped_ = 0;
  bool dropped_error_ = false;
  std::vector<Finding> findings_;
};

/// Proves the pages of one statement together: the first page's opening balance, the lines of all
/// and the last page's closing balance. Pages are in order, each with its own proof. Pure.
StatementProof ProvePages(std::span<const Statement> pages);

/// The balance before all lines and the one after them; nullptr where the statement has none.
struct BalancePair {
  const Balance* opening = nullptr;
  const Balance* closing = nullptr;
};
BalancePair BalancePairOf(const Statement& statement);

}  // namespace kontor::model
