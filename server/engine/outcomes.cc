// SPDX-License-Identifier: Apache-2.0
#include "server/engine/outcomes.h"

#include <algorithm>

#include "server/base/status.h"

namespace kontor::engine {
namespace {

using base::Outcome;
using base::Reason;

bool IsAny(const absl::Status& failure, std::initializer_list<Reason> reasons) {
  return std::any_of(reasons.begin(), reasons.end(),
                     [&](Reason reason) { return base::Is(failure, reason); });
}

Verdict Retry(const absl::Status& failure) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::kRetry;
  verdict.status = failure;
  verdict.retry_after = base::InfoOf(failure).retry_after;
  return verdict;
}

Verdict Refused(const absl::Status& failure) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::kException;
  verdict.status = failure;
  verdict.findings = {model::FindingOf(failure)};
  return verdict;
}

}  // namespace

bool ChangesErp(model::StepKind kind) {
  return kind != model::StepKind::kCompareDraft && kind != model::StepKind::kVerify;
}

Verdict VerdictOn(const absl::Status& failure, model::StepKind kind) {
  // A wrong key or an unsupported series is the connection's matter; nothing was done to the
  // documents, and all of them would meet the same.
  if (IsAny(failure, {Reason::kOdooLoginFailed, Reason::kOdooSeriesUnsupported}) &&
      base::OutcomeOf(failure) != Outcome::kUnknown) {
    return Retry(failure);
  }
  switch (base::OutcomeOf(failure)) {
    case Outcome::kNotApplied: return Retry(failure);
    case Outcome::kRefused: return Refused(failure);
    case Outcome::kUnknown: break;
  }
  if (!ChangesErp(kind)) return Retry(failure);
  Verdict verdict;
  verdict.kind = Verdict::Kind::kUnknown;
  verdict.status = failure;
  return verdict;
}

bool IsAboutConnection(const absl::Status& failure) {
  return IsAny(failure, {Reason::kOdooUnreachable, Reason::kOdooRateLimited,
                         Reason::kOdooLoginFailed, Reason::kOdooAnswerLost,
                         Reason::kOdooAnswerUnreadable, Reason::kOdooSeriesUnsupported,
                         Reason::kDeadlineExceeded});
}

bool IsPatient(const absl::Status& failure) {
  return IsAny(failure, {Reason::kOdooUnreachable, Reason::kOdooRateLimited});
}

absl::Duration BackoffFor(int attempt, absl::Duration first, absl::Duration most) {
  constexpr int kDoublingsMax = 20;
  const int doublings = std::clamp(attempt - 1, 0, kDoublingsMax);
  return std::min(first * (1 << doublings), most);
}

}  // namespace kontor::engine
