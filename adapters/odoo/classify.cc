// SPDX-License-Identifier: Apache-2.0
// Source of the classes: odoo/exceptions.py, odoo/http.py and odoo/service/model.py of 17.0 to
// 19.0, psycopg2.errors; recorded answers in the conformance recordings.
#include "adapters/odoo/classify.h"

#include <algorithm>
#include <array>

#include "adapters/odoo/value.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;

struct ClassRule {
  std::string_view exception_class;
  Reason reason;
  Outcome outcome;
};

constexpr std::array kClassRules{
    ClassRule{"odoo.exceptions.UserError", Reason::kOdooRefused, Outcome::kRefused},
    ClassRule{"odoo.exceptions.ValidationError", Reason::kOdooRefused, Outcome::kRefused},
    ClassRule{"odoo.exceptions.RedirectWarning", Reason::kOdooRefused, Outcome::kRefused},
    ClassRule{"odoo.exceptions.MissingError", Reason::kOdooRefused, Outcome::kRefused},
    ClassRule{"odoo.exceptions.Warning", Reason::kOdooRefused, Outcome::kRefused},
    ClassRule{"odoo.exceptions.AccessError", Reason::kOdooRightMissing, Outcome::kRefused},
    ClassRule{"odoo.exceptions.AccessDenied", Reason::kOdooLoginFailed, Outcome::kNotApplied},
    ClassRule{"odoo.http.SessionExpiredException", Reason::kOdooLoginFailed,
              Outcome::kNotApplied},
    ClassRule{"odoo.exceptions.LockError", Reason::kOdooBusy, Outcome::kNotApplied},
    ClassRule{"odoo.exceptions.ConcurrencyError", Reason::kOdooBusy, Outcome::kNotApplied},
    ClassRule{"psycopg2.errors.SerializationFailure", Reason::kOdooBusy, Outcome::kNotApplied},
    ClassRule{"psycopg2.errors.DeadlockDetected", Reason::kOdooBusy, Outcome::kNotApplied},
    ClassRule{"psycopg2.errors.LockNotAvailable", Reason::kOdooBusy, Outcome::kNotApplied},
    // A transaction in this state can only be rolled back.
    ClassRule{"psycopg2.errors.InFailedSqlTransaction", Reason::kOdooBusy, Outcome::kNotApplied},
    ClassRule{"psycopg2.extensions.TransactionRollbackError", Reason::kOdooBusy,
              Outcome::kNotApplied},
    ClassRule{"psycopg2.errors.UniqueViolation", Reason::kOdooBusy, Outcome::kNotApplied},
    ClassRule{"werkzeug.exceptions.Unauthorized", Reason::kOdooLoginFailed, Outcome::kNotApplied},
    ClassRule{"werkzeug.exceptions.Forbidden", Reason::kOdooRightMissing, Outcome::kRefused},
    ClassRule{"werkzeug.exceptions.NotFound", Reason::kOdooRefused, Outcome::kRefused},
    ClassRule{"werkzeug.exceptions.BadRequest", Reason::kOdooRefused, Outcome::kRefused},
    ClassRule{"werkzeug.exceptions.UnprocessableEntity", Reason::kOdooRefused, Outcome::kRefused},
    ClassRule{"werkzeug.exceptions.TooManyRequests", Reason::kOdooRateLimited,
              Outcome::kNotApplied},
};

constexpr int kHttpTooManyRequests = 429;
constexpr int kHttpServerErrors = 500;

absl::Duration RetryAfterOf(const ports::HttpResponse& response) {
  constexpr int64_t kSecondsMax = 3600;
  for (const auto& [name, value] : response.headers) {
    if (name != "retry-after") continue;
    const auto seconds = base::ParseInt64(base::Trim(value));
    if (seconds.ok() && *seconds >= 0) return absl::Seconds(std::min(*seconds, kSecondsMax));
  }
  return absl::ZeroDuration();
}

bool LooksLikeClass(std::string_view text) {
  if (text.empty()) return false;
  const bool word = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.';
  });
  return word && !(text.front() >= '0' && text.front() <= '9');
}

/// "psycopg2.errors.X: text", first line after the last indented one.
std::string ClassOfTraceback(std::string_view text) {
  std::string found;
  bool after_code = false;
  for (const std::string& line : base::StrSplit(text, '\n')) {
    if (line.starts_with(" ")) {
      after_code = true;
      continue;
    }
    if (!after_code || line.empty()) continue;
    const std::string_view head = std::string_view(line).substr(0, line.find(':'));
    if (LooksLikeClass(head)) found = std::string(head);
    after_code = false;
  }
  return found;
}

/// The same reason and words with other details.
absl::Status Rebuilt(const absl::Status& status, const base::ErrorInfo& info) {
  if (status.ok()) return status;
  const base::ReasonEntry* const entry = base::FindReason(info.reason);
  if (entry == nullptr) {
    return Error(Reason::kInternal).Says(base::Std(status.message())).Happened(info.outcome);
  }
  std::string_view says = base::Std(status.message());
  if (const std::string prefix = base::StrCat(info.field, ": ");
      !info.field.empty() && says.starts_with(prefix)) {
    says.remove_prefix(prefix.size());
  }
  if (says.ends_with(entry->todo)) says.remove_suffix(entry->todo.size());
  Error error(entry->reason);
  for (const auto& [key, value] : info.metadata) {
    static_cast<void>(std::move(error).With(key, value));  // changes it in place
  }
  return std::move(error)
      .Field(info.field)
      .Says(base::Trim(says))
      .RetryAfter(info.retry_after)
      .Happened(info.outcome);
}

}  // namespace

absl::Status StatusOfServerError(const ServerError& error) {
  const std::string shown = Presentable(error.message);
  for (const ClassRule& rule : kClassRules) {
    if (rule.exception_class != error.exception_class) continue;
    return Error(rule.reason)
        .With("exception", error.exception_class)
        .Says(shown.empty() ? "Odoo gave no words for it" : shown)
        .Happened(rule.outcome);
  }
  const std::string name =
      LooksLikeClass(error.exception_class) ? error.exception_class : "an unnamed failure";
  return Error(Reason::kOdooFailed)
      .With("exception", name)
      .Says(base::StrCat("Odoo answered with ", name))
      .Happened(Outcome::kUnknown);
}

ServerError ServerErrorOfFault(int code, std::string_view fault_text) {
  constexpr int kWarning = 2;
  constexpr int kAccessDenied = 3;
  constexpr int kAccessError = 4;
  switch (code) {
    case kWarning: return {"odoo.exceptions.UserError", std::string(fault_text)};
    case kAccessDenied: return {"odoo.exceptions.AccessDenied", std::string(fault_text)};
    case kAccessError: return {"odoo.exceptions.AccessError", std::string(fault_text)};
    default: return {ClassOfTraceback(fault_text), std::string(fault_text)};
  }
}

bool IsNoneFault(std::string_view fault_text) {
  return fault_text.find("cannot marshal None unless allow_none is enabled") !=
         std::string_view::npos;
}

absl::Status NoneAnswerStatus() {
  return Error(Reason::kOdooAnswerLost)
      .With("answer", "none")
      .Says("XML-RPC cannot carry the answer of a method that returns nothing")
      .Happened(Outcome::kUnknown);
}

bool IsNoneAnswer(const absl::Status& status) {
  if (status.ok()) return false;
  const base::ErrorInfo info = base::InfoOf(status);
  const auto it = info.metadata.find("answer");
  return it != info.metadata.end() && it->second == "none";
}

absl::Status StatusOfHttp(const ports::HttpResponse& response) {
  if (!response.status.ok()) {
    const Outcome outcome = base::OutcomeOf(response.status);
    if (outcome == Outcome::kUnknown) {
      return Error(Reason::kOdooAnswerLost)
          .With("cause", base::InfoOf(response.status).reason)
          .Says("the connection ended before the answer was whole")
          .Happened(Outcome::kUnknown);
    }
    return Error(Reason::kOdooUnreachable)
        .With("cause", base::InfoOf(response.status).reason)
        .Says("no request could be sent")
        .Happened(Outcome::kNotApplied);
  }
  if (response.http_status == kHttpTooManyRequests) {
    return Error(Reason::kOdooRateLimited)
        .RetryAfter(RetryAfterOf(response))
        .Says("HTTP 429")
        .Happened(Outcome::kNotApplied);
  }
  const std::string status_text = base::StrCat("HTTP ", response.http_status);
  if (response.http_status >= kHttpServerErrors) {
    return Error(Reason::kOdooAnswerLost)
        .With("http_status", std::to_string(response.http_status))
        .RetryAfter(RetryAfterOf(response))
        .Says(base::StrCat(status_text, " without an answer of Odoo's"))
        .Happened(Outcome::kUnknown);
  }
  return Error(Reason::kOdooAnswerUnreadable)
      .With("http_status", std::to_string(response.http_status))
      .Says(base::StrCat(status_text, " with something that is not Odoo's answer"))
      .Happened(Outcome::kUnknown);
}

bool SaysTryAgain(std::string_view message) {
  constexpr std::array<std::string_view, 4> kWords{
      "could not serialize access", "deadlock detected", "could not obtain lock",
      "current transaction is aborted"};
  return std::ranges::any_of(kWords, [message](std::string_view words) {
    return message.find(words) != std::string_view::npos;
  });
}

absl::Status WithOutcome(const absl::Status& status, base::Outcome outcome) {
  base::ErrorInfo info = base::InfoOf(status);
  info.outcome = outcome;
  return Rebuilt(status, info);
}

absl::Status WithDetail(const absl::Status& status, std::string_view key, std::string_view value) {
  base::ErrorInfo info = base::InfoOf(status);
  info.metadata[std::string(key)] = std::string(value);
  return Rebuilt(status, info);
}

}  // namespace kontor::odoo
