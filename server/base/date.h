// SPDX-License-Identifier: Apache-2.0
// Calendar dates: no time, no zone. Accounting lives by these.
#pragma once

#include <chrono>
#include <compare>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace kontor::base {

/// An existing day of the proleptic Gregorian calendar, 1900-01-01 to 2199-12-31.
class Date {
 public:
  Date() = default;  ///< 1970-01-01; use std::optional<Date> for "none".
  explicit Date(std::chrono::sys_days days) : days_(days) {}
  /// Reads `YYYY-MM-DD` and nothing else. Errors: DATE_INVALID.
  static absl::StatusOr<Date> Parse(std::string_view text);
  /// The day of an instant in UTC.
  static Date Of(absl::Time time);

  std::string ToString() const;
  Date PlusDays(int days) const { return Date(days_ + std::chrono::days(days)); }
  /// Days from `other` to this one.
  int DaysSince(const Date& other) const {
    return static_cast<int>((days_ - other.days_).count());
  }
  std::chrono::sys_days days() const { return days_; }
  friend auto operator<=>(const Date& a, const Date& b) = default;

 private:
  std::chrono::sys_days days_{};
};

}  // namespace kontor::base
