// SPDX-License-Identifier: Apache-2.0
// Sums are 128 bits wide: no number of lines of 15 digits overflows them.
#include "server/model/statement_prover.h"

#include <algorithm>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::model {
namespace {

using base::Int128;
using base::Reason;
using base::StrCat;
using Basis = StatementProof::Basis;
using Verdict = StatementProof::Verdict;

constexpr size_t kValueDatesMax = 64;

Finding Found(Reason reason, std::string_view field, std::string_view what,
              Severity severity = Severity::kError) {
  Finding finding = FindingOf(base::Error(reason).Field(field).Says(what));
  finding.severity = severity;
  return finding;
}

const Balance* Last(const Statement& statement, BalanceType type) {
  const auto it = std::find_if(statement.balances.rbegin(), statement.balances.rend(),
                               [type](const Balance& b) { return b.type == type; });
  return it == statement.balances.rend() ? nullptr : &*it;
}

void Refuse(StatementProof& proof, Finding finding) {
  proof.verdict = Verdict::kRefused;
  proof.findings.push_back(std::move(finding));
}

/// Whether opening and closing balance can be compared at all; says why not.
bool Comparable(const BalancePair& pair, const Currency& lines, bool has_lines,
                StatementProof& proof) {
  const Currency& opening = pair.opening->amount.currency();
  const Currency& closing = pair.closing->amount.currency();
  if (opening != closing) {
    Refuse(proof, Found(Reason::kStatementUnbalanced, "balances",
                        StrCat("the opening balance is in ", opening.code(),
                               ", the closing balance in ", closing.code())));
    return false;
  }
  if (has_lines && lines != opening) {
    Refuse(proof,
           Found(Reason::kStatementUnbalanced, "lines",
                 StrCat("the lines are in ", lines.code(), ", the balances in ", opening.code())));
    return false;
  }
  return true;
}

/// An intraday report may hold only what is new since the last one: that its lines don't lead from
/// the day's opening balance to the present one contradicts nothing.
bool MayBeIncremental(const Statement& statement, const BalancePair& pair) {
  return statement.kind == StatementKind::kIntraday &&
         pair.opening->type != BalanceType::kInterimBooked;
}

void ProveMissing(const Statement& statement, const BalancePair& pair, StatementProof& proof) {
  if (statement.kind != StatementKind::kEndOfDay) return;
  if (pair.opening != nullptr && pair.closing != nullptr) return;
  std::string what = "no opening and no closing balance";
  if (pair.opening != nullptr) what = "no closing balance";
  if (pair.closing != nullptr) what = "no opening balance";
  if (!statement.last_page || statement.page > 1) {
    base::StrAppend(&what, " on page ", statement.page, "; the pages prove each other together");
  }
  proof.findings.push_back(Found(Reason::kFieldMissing, "balances", what, Severity::kWarning));
}

}  // namespace

BalancePair BalancePairOf(const Statement& statement) {
  BalancePair pair;
  pair.opening = statement.FindBalance(BalanceType::kOpeningBooked);
  if (pair.opening == nullptr) {
    pair.opening = statement.FindBalance(BalanceType::kPreviouslyClosedBooked);
  }
  pair.closing = Last(statement, BalanceType::kClosingBooked);
  if (statement.kind != StatementKind::kIntraday) return pair;
  if (pair.opening == nullptr) pair.opening = statement.FindBalance(BalanceType::kInterimBooked);
  if (pair.closing == nullptr) pair.closing = Last(statement, BalanceType::kInterimBooked);
  if (pair.opening == pair.closing) pair.closing = nullptr;
  return pair;
}

void StatementProver::Sums::Add(int64_t minor) {
  if (minor < 0) {
    debits += -static_cast<Int128>(minor);
    ++debit_count;
  } else {
    credits += minor;
    ++credit_count;
  }
}

void StatementProver::Add(const StatementLine& line) {
  const int64_t minor = line.amount.minor();
  if (line_count() == 0) {
    currency_ = line.amount.currency();
  } else if (line.amount.currency() != currency_) {
    mixed_currencies_ = true;
  }
  all_.Add(minor);
  if (line.status != LineStatus::kBooked) return;
  booked_.Add(minor);
  flipped_.Add(line.reversal ? -minor : minor);
  has_reversals_ = has_reversals_ || line.reversal;
  if (!line.value_date.has_value()) return;
  const auto it = std::find_if(by_value_date_.begin(), by_value_date_.end(),
                               [&](const auto& row) { return row.first == *line.value_date; });
  if (it != by_value_date_.end()) {
    it->second += minor;
  } else if (by_value_date_.size() < kValueDatesMax) {
    by_value_date_.emplace_back(*line.value_date, minor);
  }
}

void StatementProver::Blame(Finding finding) {
  if (findings_.size() < kFindingsMax) {
    findings_.push_back(std::move(finding));
    return;
  }
  ++findings_dropped_;
  dropped_error_ = dropped_error_ || finding.severity == Severity::kError;
}

base::Decimal StatementProver::ToDecimal(Int128 minor) const {
  return base::Decimal::FromUnscaled(minor, currency_.scale());
}

/// What may be behind a difference, when the sums give it away; empty otherwise.
std::string StatementProver::Hint(const Balance& closing, Int128 difference) const {
  if (closing.date.has_value()) {
    Int128 later = 0;
    for (const auto& [date, net] : by_value_date_) {
      if (date > *closing.date) later += net;
    }
    if (later != 0 && difference == -later) {
      return "; that is what the lines with a value date after the closing balance add up to";
    }
  }
  if (difference == all_.Net() - booked_.Net() && difference != 0) {
    return "; that is what the lines that are not booked add up to";
  }
  return "";
}

void StatementProver::ProveBalances(const Statement& statement, StatementProof& proof) const {
  const BalancePair pair = BalancePairOf(statement);
  if (pair.opening == nullptr || pair.closing == nullptr) {
    return ProveMissing(statement, pair, proof);
  }
  if (!Comparable(pair, currency_, line_count() > 0, proof)) return;
  const Int128 distance =
      static_cast<Int128>(pair.closing->amount.minor()) - pair.opening->amount.minor();
  if (distance == booked_.Net()) {
    proof.verdict = Verdict::kProven;
    proof.basis = Basis::kBalances;
    return;
  }
  if (has_reversals_ && distance == flipped_.Net()) {
    proof.verdict = Verdict::kProven;
    proof.basis = Basis::kBalances;
    proof.reversals_flipped = true;
    return;
  }
  const int scale = pair.opening->amount.currency().scale();
  const Int128 difference = distance - booked_.Net();
  proof.difference = base::Decimal::FromUnscaled(difference, scale);
  const base::Decimal lines = base::Decimal::FromUnscaled(booked_.Net(), scale);
  const std::string what = StrCat(
      "opening balance ", pair.opening->amount.ValueText(), " and booked lines of ",
      lines.ToFixed(scale), " do not give the closing balance ", pair.closing->amount.ToString(),
      "; ", proof.difference->ToFixed(scale), " apart", Hint(*pair.closing, difference));
  if (MayBeIncremental(statement, pair)) {
    proof.findings.push_back(Found(Reason::kStatementUnbalanced, "balances",
                                   what + "; an intraday report may hold only what is new",
                                   Severity::kWarning));
    return;
  }
  proof.basis = Basis::kBalances;
  Refuse(proof, Found(Reason::kStatementUnbalanced, "balances", what));
}

bool StatementProver::TotalsMatch(const StatementTotals& totals, const Sums& sums) const {
  const auto same = [this](const std::optional<base::Decimal>& said, Int128 counted) {
    return !said.has_value() || *said == ToDecimal(counted);
  };
  const auto same_count = [](const std::optional<int64_t>& said, int64_t counted) {
    return !said.has_value() || *said == counted;
  };
  return same_count(totals.count, sums.credit_count + sums.debit_count) &&
         same_count(totals.credit_count, sums.credit_count) &&
         same_count(totals.debit_count, sums.debit_count) && same(totals.net, sums.Net()) &&
         same(totals.credit_sum, sums.credits) && same(totals.debit_sum, sums.debits);
}

void StatementProver::ProveTotals(const Statement& statement, StatementProof& proof) const {
  const StatementTotals& totals = statement.totals;
  if (totals.IsEmpty()) return;
  const bool all = TotalsMatch(totals, all_);
  const bool booked = TotalsMatch(totals, booked_);
  const bool flipped = has_reversals_ && TotalsMatch(totals, flipped_);
  if (all || booked || flipped) {
    const bool sums =
        totals.net.has_value() || totals.credit_sum.has_value() || totals.debit_sum.has_value();
    if (proof.verdict == Verdict::kUnproven && sums && !mixed_currencies_) {
      proof.verdict = Verdict::kProven;
      proof.basis = Basis::kTotals;
      proof.reversals_flipped = flipped && !booked && !all;
    }
    return;
  }
  const auto side = [this](const std::optional<int64_t>& count,
                           const std::optional<base::Decimal>& sum) {
    return StrCat(count.has_value() ? std::to_string(*count) : std::string("?"), " of ",
                  sum.has_value() ? sum->ToString() : std::string("?"));
  };
  const std::string what =
      StrCat("the totals say credits ", side(totals.credit_count, totals.credit_sum), ", debits ",
             side(totals.debit_count, totals.debit_sum), "; the lines give credits ",
             side(all_.credit_count, ToDecimal(all_.credits)), ", debits ",
             side(all_.debit_count, ToDecimal(all_.debits)));
  // Banks count by rules of their own; what the balances prove, wrong totals don't take away.
  const bool proven = proof.verdict == Verdict::kProven;
  Finding finding = Found(Reason::kTotalsMismatch, "totals", what,
                          proven ? Severity::kWarning : Severity::kError);
  if (proven) {
    proof.findings.push_back(std::move(finding));
  } else {
    Refuse(proof, std::move(finding));
  }
}

StatementProof StatementProver::Prove(const Statement& statement) const {
  StatementProof proof;
  proof.line_count = line_count();
  proof.booked_count = booked_.credit_count + booked_.debit_count;
  proof.booked_credits = ToDecimal(booked_.credits);
  proof.booked_debits = ToDecimal(booked_.debits);
  proof.findings = findings_;
  if (findings_dropped_ > 0) {
    Finding more = Found(Reason::kFormatInvalid, "lines",
                         StrCat(findings_dropped_, " more findings of this statement"),
                         dropped_error_ ? Severity::kError : Severity::kWarning);
    proof.findings.push_back(std::move(more));
  }
  const bool blamed = HasErrors(proof.findings);
  if (mixed_currencies_) {
    Refuse(proof,
           Found(Reason::kStatementUnbalanced, "lines", "the lines are in more than one currency"));
  } else {
    ProveBalances(statement, proof);
    ProveTotals(statement, proof);
  }
  if (blamed) proof.verdict = Verdict::kRefused;
  if (proof.reversals_flipped) {
    proof.booked_credits = ToDecimal(flipped_.credits);
    proof.booked_debits = ToDecimal(flipped_.debits);
  }
  return proof;
}

StatementProof ProvePages(std::span<const Statement> pages) {
  StatementProof proof;
  proof.basis = Basis::kBalances;
  if (pages.empty()) {
    proof.basis = Basis::kNone;
    return proof;
  }
  const BalancePair first = BalancePairOf(pages.front());
  const BalancePair last = BalancePairOf(pages.back());
  for (size_t i = 0; i < pages.size(); ++i) {
    const Statement& page = pages[i];
    const StatementProof& own = page.proof;
    proof.line_count += own.line_count;
    proof.booked_count += own.booked_count;
    const auto credits = proof.booked_credits.Add(own.booked_credits);
    const auto debits = proof.booked_debits.Add(own.booked_debits);
    if (!credits.ok() || !debits.ok()) {
      Refuse(proof, FindingOf(credits.ok() ? debits.status() : credits.status()));
      return proof;
    }
    proof.booked_credits = *credits;
    proof.booked_debits = *debits;
    const std::string field = StrCat("pages[", static_cast<int64_t>(i), "]");
    if (own.verdict == Verdict::kRefused) {
      Refuse(proof, Found(Reason::kStatementUnbalanced, field, "the page is refused for itself"));
    }
    if (page.account.number != pages.front().account.number ||
        page.electronic_number != pages.front().electronic_number ||
        (i > 0 && page.page != pages[i - 1].page + 1)) {
      Refuse(proof, Found(Reason::kFormatInvalid, field, "not the next page of this statement"));
    }
    if (page.last_page != (i + 1 == pages.size())) {
      Refuse(proof,
             Found(Reason::kFormatTruncated, field,
                   page.last_page ? "pages follow the last one" : "the last page is missing"));
    }
  }
  if (first.opening == nullptr || last.closing == nullptr) {
    Refuse(proof, Found(Reason::kFieldMissing, "balances",
                        "the first page has no opening or the last no closing balance"));
  }
  if (proof.verdict == Verdict::kRefused) return proof;
  const auto lines = proof.booked_credits.Subtract(proof.booked_debits);
  const auto end = lines.ok() ? first.opening->amount.ToDecimal().Add(*lines) : lines;
  if (!end.ok()) {
    Refuse(proof, FindingOf(end.status()));
    return proof;
  }
  const auto difference = last.closing->amount.ToDecimal().Subtract(*end);
  if (difference.ok() && difference->IsZero() &&
      first.opening->amount.currency() == last.closing->amount.currency()) {
    proof.verdict = Verdict::kProven;
    return proof;
  }
  if (difference.ok()) proof.difference = *difference;
  Refuse(proof,
         Found(Reason::kStatementUnbalanced, "balances",
               StrCat("the pages' lines lead to ", end->ToString(),
                      ", the last page's closing balance is ", last.closing->amount.ToString())));
  return proof;
}

}  // namespace kontor::model
