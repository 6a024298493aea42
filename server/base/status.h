// SPDX-License-Identifier: Apache-2.0
// The one vocabulary of errors: absl::Status carrying a reason from errors.def, a field path,
// metadata and, for calls that change another system, what is known of their outcome.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace kontor::base {

/// Every reason of errors.def, in its order.
enum class Reason {
#define KONTOR_ERROR(name, reason, code, who, todo) k##name,
#include "server/base/errors.def"
#undef KONTOR_ERROR
};

/// What is known of a call that changes another system (DESIGN 5.7). A status that does not say
/// is kUnknown: only a closed table may claim that nothing happened.
enum class Outcome {
  kUnknown,     ///< The answer was lost: it may have happened.
  kNotApplied,  ///< It certainly did not happen; the same call may be sent again.
  kRefused,     ///< The other side read it and refused it; nothing happened.
};

struct ReasonEntry {
  Reason reason;
  std::string_view name;  ///< UPPER_SNAKE, stable.
  absl::StatusCode code;
  std::string_view who;   ///< caller, accountant, administrator, operator or nobody.
  std::string_view todo;  ///< One sentence: what to do next.
};

/// The catalogue in order. Thread-safe, constant.
const std::vector<ReasonEntry>& ReasonCatalogue();
const ReasonEntry& EntryOf(Reason reason);
/// Looks a reason up by its stable name; nullptr when there is none.
const ReasonEntry* FindReason(std::string_view name);

/// What a status carries beside code and message.
struct ErrorInfo {
  std::string reason;  ///< Stable name; "INTERNAL" for a status made elsewhere.
  std::string field;   ///< Path such as `invoice.lines[2].unit_price`; empty when none.
  std::map<std::string, std::string> metadata;
  Outcome outcome = Outcome::kUnknown;
  absl::Duration retry_after = absl::ZeroDuration();  ///< Zero: the other side named none.
};

/// Builds a status: `Error(Reason::kFieldMissing).Field("invoice.partner").Says("no partner")`.
/// The sentence of the catalogue is appended, so `Says` only tells what is wrong.
class Error {
 public:
  explicit Error(Reason reason) : reason_(reason) {}
  Error&& Field(std::string_view path) &&;
  Error&& With(std::string_view key, std::string_view value) &&;
  Error&& Says(std::string_view what) &&;
  Error&& Happened(Outcome outcome) &&;
  Error&& RetryAfter(absl::Duration wait) &&;
  operator absl::Status() const;  // NOLINT: converts on purpose, so that `return Error(...)` reads.
  template <typename T>
  operator absl::StatusOr<T>() const {  // NOLINT
    return static_cast<absl::Status>(*this);
  }

 private:
  Reason reason_;
  std::string what_;
  ErrorInfo info_;
};

/// The details of a status; for one without details, reason is INTERNAL (or by its code
/// NOT_FOUND, DEADLINE_EXCEEDED …) and outcome kUnknown.
ErrorInfo InfoOf(const absl::Status& status);
bool Is(const absl::Status& status, Reason reason);
Outcome OutcomeOf(const absl::Status& status);
/// The same status with `prefix` before its field path: `lines[0]` + `account` →
/// `lines[0].account`.
absl::Status AtField(const absl::Status& status, std::string_view prefix);

}  // namespace kontor::base

#define KONTOR_CONCAT_INNER(a, b) a##b
#define KONTOR_CONCAT(a, b) KONTOR_CONCAT_INNER(a, b)
// Each use has a name of its own (__COUNTER__, not __LINE__: a lambda inside `expr` is the same
// line), so that uses may nest without shadowing.
#define KONTOR_RETURN_IF_ERROR(expr) \
  KONTOR_RETURN_IF_ERROR_INNER(KONTOR_CONCAT(kontor_status_, __COUNTER__), expr)
#define KONTOR_RETURN_IF_ERROR_INNER(var, expr)           \
  do {                                                    \
    if (absl::Status var = (expr); !var.ok()) return var; \
  } while (false)
#define KONTOR_ASSIGN_OR_RETURN(lhs, expr) \
  KONTOR_ASSIGN_OR_RETURN_INNER(KONTOR_CONCAT(kontor_statusor_, __COUNTER__), lhs, expr)
#define KONTOR_ASSIGN_OR_RETURN_INNER(var, lhs, expr) \
  auto var = (expr);                                  \
  if (!var.ok()) return std::move(var).status();      \
  lhs = *std::move(var)

/// Ends the program when an invariant of our own is broken; never for outside input.
#define KONTOR_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::kontor::base::CheckFailed(#condition, __FILE__, __LINE__))

namespace kontor::base {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}
