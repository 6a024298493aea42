// SPDX-License-Identifier: Apache-2.0
#include "server/base/date.h"

#include "server/base/strings.h"
#include "absl/strings/str_format.h"
#include "server/base/clock.h"
#include "server/base/status.h"

namespace kontor::base {
namespace {

constexpr int kYearMin = 1900;
constexpr int kYearMax = 2199;

absl::Status NotADate(std::string_view text) {
  constexpr size_t kShownMax = 20;
  return Error(Reason::kDateInvalid)
      .Says(StrCat("\"", text.substr(0, kShownMax), "\" is not a date"));
}

/// Of at most four digits.
int Number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool IsDigits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Date> Date::Parse(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return NotADate(text);
  const std::string_view year_text = text.substr(0, 4);
  const std::string_view month_text = text.substr(5, 2);
  const std::string_view day_text = text.substr(8, 2);
  if (!IsDigits(year_text) || !IsDigits(month_text) || !IsDigits(day_text)) {
    return NotADate(text);
  }
  const int year = Number(year_text);
  const int month = Number(month_text);
  const int day = Number(day_text);
  const std::chrono::year_month_day ymd{std::chrono::year(year),
                                        std::chrono::month(static_cast<unsigned>(month)),
                                        std::chrono::day(static_cast<unsigned>(day))};
  if (!ymd.ok() || year < kYearMin || year > kYearMax) return NotADate(text);
  return Date(std::chrono::sys_days(ymd));
}

Date Date::Of(absl::Time time) {
  const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
  return Date(std::chrono::sys_days(std::chrono::days(day - absl::CivilDay(1970, 1, 1))));
}

std::string Date::ToString() const {
  const std::chrono::year_month_day ymd(days_);
  return absl::StrFormat("%04d-%02d-%02d", static_cast<int>(ymd.year()),
                         static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
}

std::string FormatInstant(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseInstant(std::string_view text) {
  absl::Time time;
  std::string problem;
  if (!absl::ParseTime(absl::RFC3339_full, Absl(text), &time, &problem)) {
    return Error(Reason::kDateInvalid).Says("not an instant as RFC 3339 writes it");
  }
  return time;
}

}  // namespace kontor::base
